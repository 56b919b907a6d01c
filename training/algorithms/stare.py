"""STARE: weights on the most surprising tokens of a batch, switched by the entropy of the policy.

Paper: STARE, arXiv 2606.19236, with the authors' code (github.com/hp-luo/STARE). With the advantage A of a
token and its surprisal s = -log p(token):

    T+ = tokens with A > 0,  T- = tokens with A < 0
    L+ = the share P of T+ with the largest s,  L- = the share P of T- with the largest s
    omega = W on L+, M on L- (variant C2 only), 1 elsewhere;  all 1 while the gate is closed
    J = 1/N sum omega min(rho A, clip(rho, 1 - e_low, 1 + e_high) A)

The gate is open while the mean entropy is below a target. All weights are positive, so the gradient of no
token changes its direction.

Departures from the authors' code:
- The share P is taken of the whole batch. The authors take it of each micro-batch; `part_rows` does so.
- The surprisal comes from the log-probs of the sampler, which has the weights of the first update of the
  batch. The authors use the log-probs of the current policy; with one update per batch, both are equal up
  to rounding. With more updates the selection here does not change.
- The gate reads the entropy after each update, so it acts from the next step on. The authors measure the
  entropy before the update that it switches.
- The mean entropy is the trainer's: over the tokens that are learned from, not over all sampled tokens.
- Tokens of cut replies are in neither T+ nor T-, because GRPO here does not learn from them.
- Advantages are not divided by the standard deviation of the group. N is the number of tokens of the batch;
  the authors take the mean of each micro-batch and weight it by its rows.
- Tokens of equal surprisal are selected in their order in the batch, so that a run can be repeated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ..rows import RL, Row
from .algorithm import Group
from .grpo import GRPO

VARIANTS = ("O1", "C2")
"""O1 weights surprising tokens with positive advantage; C2 also those with negative advantage."""


@dataclass(frozen=True, kw_only=True)
class STARESettings:
    """Settings of STARE; the defaults are those of the authors for a model of 7 billion parameters."""

    target: float = 0.3
    """Entropy in nats per token below which the token weights apply."""
    share: float = 0.1
    """Share of the tokens of each sign of the advantage that is selected, in [0, 1]."""
    boost: float = 1.1
    """Weight of surprising tokens with positive advantage. It has little effect on tiny models."""
    damp: float = 0.9
    """Weight of surprising tokens with negative advantage; used by the variant C2 only."""
    variant: str = "O1"
    """Variant of the method: `O1` weights tokens with positive advantage, `C2` tokens of both signs."""
    adaptive: bool = False
    """Change `boost` and `damp` with each update, depending on the side of the target the entropy is on."""
    step: float = 0.01
    """Change of `boost` and `damp` per update, if adaptive."""
    boost_max: float = 1.5
    """Largest `boost`, if adaptive."""
    damp_min: float = 0.5
    """Smallest `damp`, if adaptive."""
    part_rows: int | None = None
    """Number of rows among which tokens are selected, as the authors do with micro-batches. The whole batch
    unless given."""

    def __post_init__(self) -> None:
        _check(share=self.share, boost=self.boost, damp=self.damp, variant=self.variant)
        if self.part_rows is not None and self.part_rows < 1:
            raise ValueError(f"part_rows must be at least 1, got {self.part_rows!r}")
        self.gate()

    def gate(self) -> EntropyGate:
        """Make the gate of a new run.

        Raises:
            ValueError: The settings of the gate make no sense.
        """
        return EntropyGate(
            self.target,
            adaptive=self.adaptive,
            step=self.step,
            boost=self.boost,
            damp=self.damp,
            boost_max=self.boost_max,
            damp_min=self.damp_min,
        )


def token_weights(  # noqa: PLR0913  # the settings of the formula, which callers pass one by one
    log_probs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    *,
    share: float = 0.1,
    boost: float = 1.1,
    damp: float = 0.9,
    variant: str = "O1",
    gate_open: bool = True,
) -> Tensor:
    """Weight the most surprising tokens of each sign of the advantage.

    Args:
        log_probs: float [B, T]: log-probs of the tokens.
        advantages: float [B, T].
        mask: bool [B, T]: tokens that are learned from. Values of other tokens are not looked at.
        share: Share P of the tokens with positive advantage, and of those with negative advantage, that is
            selected; rounded up, and at least one token unless `share` is 0.
        boost: Weight W of selected tokens with positive advantage.
        damp: Weight M of selected tokens with negative advantage; not used by the variant O1.
        variant: `O1` or `C2`, in any case.
        gate_open: Whether the weights apply.

    Returns:
        [B, T] in the dtype of `log_probs`, without gradient: positive weights, 1 for tokens that are not
        selected, which includes masked tokens and tokens with advantage 0.

    Raises:
        ValueError: The shapes differ or are not [B, T], a setting is out of range, or a log-prob or advantage
            that is not masked is NaN.

    References:
        arXiv 2606.19236; the number of selected tokens is that of the authors' code.
    """
    if log_probs.ndim != 2 or not log_probs.shape == advantages.shape == mask.shape:
        shapes = [list(tensor.shape) for tensor in (log_probs, advantages, mask)]
        raise ValueError(f"log_probs, advantages and mask must all be [B, T], got {shapes}")
    _check(share=share, boost=boost, damp=damp, variant=variant)
    kept = mask != 0
    if bool((kept & (log_probs.isnan() | advantages.isnan())).any()):
        raise ValueError("log_probs and advantages must not be NaN where the mask is set")
    surprisal = -log_probs.detach()
    weights = torch.ones_like(surprisal)
    if not gate_open:
        return weights
    weights[_most_surprising(surprisal, kept & (advantages > 0), share)] = boost
    if variant.upper() == "C2":
        weights[_most_surprising(surprisal, kept & (advantages < 0), share)] = damp
    return weights


def selected_count(tokens: int, share: float) -> int:
    """Return how many of a number of tokens are selected: the share of them, rounded up."""
    if tokens == 0 or share == 0:
        return 0
    # The authors' form of rounding up: products such as 100 * 0.07 = 7.000000000000001 give 7, not 8.
    return min(tokens, max(1, int(tokens * share + 0.999999)))


class EntropyGate:
    """Decides by the entropy of the policy whether the token weights apply, and adapts the weights.

    The gate is open at the start, and then while the last finite entropy was below the target. If adaptive,
    every update moves `boost` up and `damp` down by `step` when the entropy is below the target, and back
    towards 1 when it is above the target, also while the gate is closed.

    Args:
        target: Entropy in nats per token.
        adaptive: Whether updates change `boost` and `damp`.
        step: Change per update.
        boost: Weight of surprising tokens with positive advantage at the start.
        damp: Weight of surprising tokens with negative advantage at the start.
        boost_max: Largest `boost`; the smallest is 1. Used if adaptive.
        damp_min: Smallest `damp`; the largest is 1. Used if adaptive.

    Raises:
        ValueError: A value is out of range.
    """

    def __init__(
        self,
        target: float,
        *,
        adaptive: bool = False,
        step: float = 0.01,
        boost: float = 1.1,
        damp: float = 0.9,
        boost_max: float = 1.5,
        damp_min: float = 0.5,
    ) -> None:
        if not 0 <= target < math.inf:
            raise ValueError(f"target must be an entropy of at least 0, got {target!r}")
        if not 0 <= step < math.inf:
            raise ValueError(f"step must be at least 0, got {step!r}")
        _check(boost=boost, damp=damp)
        # Without adaptation the bounds mean nothing, so that a sweep of `boost` need not change them.
        if adaptive and not (1 <= boost <= boost_max < math.inf and 0 < damp_min <= damp <= 1):
            raise ValueError(
                "need 1 <= boost <= boost_max and 0 < damp_min <= damp <= 1, got "
                f"boost={boost!r}, boost_max={boost_max!r}, damp_min={damp_min!r}, damp={damp!r}"
            )
        self._target, self._adaptive, self._step = target, adaptive, step
        self._boost_max, self._damp_min = boost_max, damp_min
        self._open, self._boost, self._damp = True, boost, damp

    @property
    def open(self) -> bool:
        """Whether the token weights apply."""
        return self._open

    @property
    def boost(self) -> float:
        """The weight of surprising tokens with positive advantage while the gate is open."""
        return self._boost

    @property
    def damp(self) -> float:
        """The weight of surprising tokens with negative advantage while the gate is open."""
        return self._damp

    def update(self, entropy: float) -> None:
        """Take note of a mean entropy in nats per token; an entropy that is not finite changes nothing."""
        if not math.isfinite(entropy):
            return
        self._open = entropy < self._target
        if self._adaptive:
            move = self._step * ((entropy < self._target) - (entropy > self._target))
            self._boost = min(max(self._boost + move, 1.0), self._boost_max)
            self._damp = min(max(self._damp - move, self._damp_min), 1.0)

    def state_dict(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"open": self._open, "boost": self._boost, "damp": self._damp}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state that `state_dict` returned.

        Raises:
            ValueError: The state is not that of a gate.
        """
        if set(state) != {"open", "boost", "damp"}:
            raise ValueError(f"the state of a gate has open, boost and damp, got {sorted(state)}")
        boost, damp = float(state["boost"]), float(state["damp"])
        _check(boost=boost, damp=damp)
        self._open, self._boost, self._damp = bool(state["open"]), boost, damp


class STARE(GRPO):
    """GRPO with larger weights on surprising tokens of good replies while the entropy is below a target.

    The weights of the component `rl` are multiplied by the token weights. The number of tokens by which the
    loss is divided does not change.

    Args:
        group_size: Number of episodes per problem.
        settings: Settings of the method.

    References:
        arXiv 2606.19236. The module docstring lists the departures.
    """

    name = "stare"

    def __init__(self, *, group_size: int, settings: STARESettings | None = None) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or STARESettings()
        self.gate = self.settings.gate()

    def score_batch(self, groups: Sequence[Group]) -> Sequence[Group]:
        """Return the groups with the token weights multiplied into the weights of the component `rl`."""
        if not self.gate.open:
            return groups
        # Keyed by the object: ids of episodes are unique within a step only.
        weighted: dict[int, Row] = {}
        for part in self._parts([row for group in groups for row in group.rows]):
            for row, weights in zip(part, self._weights(part), strict=True):
                product = row.weights[RL] * weights[: len(row)]
                weighted[id(row)] = replace(row, weights={**row.weights, RL: product})
        return [group.with_rows([weighted.get(id(row), row) for row in group.rows]) for group in groups]

    def observe(self, metrics: Mapping[str, float]) -> None:
        """Take note of the metrics of an update; the gate reads `entropy`."""
        # An update without tokens to learn from reports an entropy of 0, which says nothing of the policy.
        if "entropy" in metrics and metrics.get("tokens", 1):
            self.gate.update(metrics["entropy"])

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the gate."""
        return self.gate.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the state of the gate.

        Raises:
            ValueError: The state belongs to another algorithm.
        """
        self.gate.load_state_dict(state)

    def _weights(self, rows: Sequence[Row]) -> Tensor:
        """Return the token weights [B, T] of rows, padded to the longest."""
        mask = pad_sequence([row.weights[RL] != 0 for row in rows], batch_first=True)
        mask[:, :1] = False  # nothing predicts the first token, so it is never learned from
        return token_weights(
            pad_sequence([row.sampler_log_probs for row in rows], batch_first=True),
            pad_sequence([row.advantages for row in rows], batch_first=True),
            mask,
            share=self.settings.share,
            boost=self.gate.boost,
            damp=self.gate.damp,
            variant=self.settings.variant,
        )

    def _parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Split rows into the parts among which tokens are selected."""
        rows = [row for row in rows if len(row) > 1]
        size = self.settings.part_rows or max(len(rows), 1)
        # The order in which the update splits a batch into parts, so that equal sizes give the same parts.
        ordered = sorted(rows, key=lambda row: (len(row), row.episode_id))
        for start in range(0, len(ordered), size):
            yield ordered[start : start + size]


def _most_surprising(surprisal: Tensor, among: Tensor, share: float) -> tuple[Tensor, ...]:
    """Return the indices of the share of the tokens of a mask with the largest surprisal."""
    places = among.nonzero()
    order = torch.sort(surprisal[among], descending=True, stable=True).indices
    return places[order[: selected_count(len(places), share)]].unbind(dim=1)


def _check(*, share: float = 0.0, boost: float = 1.0, damp: float = 1.0, variant: str = "O1") -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share!r}")
    for name, value in (("boost", boost), ("damp", damp)):
        # A weight of 0 would take the token out of the loss, a negative one would turn its gradient round.
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be a positive number, got {value!r}")
    if variant.upper() not in VARIANTS:
        raise ValueError(f"unknown variant {variant!r}: must be one of {', '.join(VARIANTS)}")
