"""Update the weights of a model on a batch of rows, independently of the algorithm that made the rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..algorithms.framework.losses import (
    Clipping,
    PolicyLoss,
    Surrogate,
    TokenScores,
    cross_entropy,
    divergence_loss,
    policy_loss,
    sampler_divergence,
)
from ..errors import DivergedError, TrainingError
from ..packing.attention import packed_attention_in
from ..packing.layout import collate_packed, packed_parts
from ..packing.scoring import score
from ..rows import CE, KL, RL, Batch, Row, token_counts
from ..settings import Packing
from .ranks import ALONE, Ranks, local, share, whole


@dataclass(frozen=True, kw_only=True)
class UpdateSettings:
    """Settings of an update."""

    clipping: Clipping = field(default_factory=Clipping)
    surrogate: Surrogate = policy_loss
    """Objective of the component `rl`."""
    coefficients: Mapping[str, float] = field(default_factory=dict)
    """Factors of the components of the loss by name; 1 for a component that is not named."""
    grad_clip: float = 1.0
    """Largest norm of the gradient; a larger gradient is scaled down to it."""
    passes: int = 1
    """Number of optimizer steps per batch."""
    part_rows: int = 16
    """Largest number of rows that go through the model at a time; gradients are added up over the parts.
    Fewer rows need less padding; the number affects only rounding."""
    part_tokens: int | None = None
    """Largest number of tokens, with padding, that go through the model at a time; a longer row makes up a
    part alone. No limit if None."""
    packing: Packing = "off"
    """How the rows of a part go through the model; affects only rounding."""


@dataclass(frozen=True, kw_only=True)
class UpdateMetrics:
    """Metrics of an update; all are 0 when there was nothing to learn.

    Shares are shares of the tokens with a weight for the component `rl`.
    """

    tokens: int = 0
    """Number of tokens that were learned from."""
    loss: float = 0.0
    """Value of the loss. For reinforcement it does not measure progress; only its gradient matters."""
    grad_norm: float = 0.0
    """Norm of the gradient in the last pass, before clipping."""
    entropy: float = 0.0
    """Mean entropy per token, in nats."""
    clip_low: float = 0.0
    """Share of tokens whose ratio was below the lower bound; with one pass per batch, all ratios are 1."""
    clip_high: float = 0.0
    """Share of tokens whose ratio was above the upper bound."""
    importance_capped: float = 0.0
    """Share of tokens whose correction for the sampler was capped."""
    ratio_mean: float = 0.0
    """Mean of the trainer's probability over the sampler's; without staleness, a value far from 1 means a
    defect."""
    sampler_kl: float = 0.0
    """Mean estimate of the divergence between trainer and sampler, in nats."""


class _Sums:
    """Sums over the tokens that are learned from, added up over the parts of a batch."""

    def __init__(self) -> None:
        self.loss = self.entropy = self.ratio = self.divergence = 0.0
        self.tokens = self.clipped_low = self.clipped_high = self.capped = 0

    def add_scores(self, batch: Batch, scores: TokenScores) -> None:
        """Add the scores of a part under the weights before the first optimizer step."""
        learned = torch.stack([weights != 0 for weights in batch.weights.values()]).any(dim=0)
        self.tokens += int(learned.sum())
        self.entropy += float(scores.entropy[learned].sum())
        if RL not in batch.weights:
            return
        kept = batch.weights[RL] != 0
        log_probs = scores.log_probs.detach()
        self.ratio += float((log_probs - batch.sampler_log_probs)[kept].exp().sum())
        self.divergence += float(sampler_divergence(log_probs, batch.sampler_log_probs)[kept].sum())

    def over(self, ranks: Ranks) -> _Sums:
        """Return the sums over all ranks."""
        summed, names = _Sums(), list(vars(self))
        totals = ranks.total([getattr(self, name) for name in names])
        for name, total in zip(names, totals, strict=True):
            setattr(summed, name, type(getattr(self, name))(total))
        return summed

    def add_clipped(self, loss: PolicyLoss) -> None:
        """Add the numbers of clipped tokens of a part."""
        self.clipped_low += loss.clipped_low
        self.clipped_high += loss.clipped_high
        self.capped += loss.capped


def update(
    model: Any,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[Row],
    settings: UpdateSettings,
    *,
    ranks: Ranks = ALONE,
) -> UpdateMetrics:
    """Take the optimizer steps of a batch; a batch without tokens to learn from takes none.

    Args:
        model: Causal language model of transformers.
        optimizer: Optimizer of its weights.
        rows: The whole batch, also if several ranks share it.
        settings: Settings of the update.
        ranks: Ranks over which the model is sharded, each of which takes a share of the batch.

    Raises:
        DivergedError: The loss or the gradient is not finite; then that step was not taken. Or the weights or
            predictions after the steps are not finite; then the model is unusable.
    """
    if not any(token_counts(rows).values()):
        return UpdateMetrics()
    with packed_attention_in(model, settings.packing):
        return _update(model, optimizer, rows, settings, ranks)


def _update(
    model: Any,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[Row],
    settings: UpdateSettings,
    ranks: Ranks,
) -> UpdateMetrics:
    counts = token_counts(rows)
    model.train()
    split = parts(rows, settings.part_rows, tokens=settings.part_tokens, packing=settings.packing)
    shared = share(list(split), ranks)
    batches = [collate_packed(part, settings.packing, device=model.device) for part in shared]
    old: list[Tensor] = []  # log-probs of each part before the first step
    sums = _Sums()
    norm = 0.0
    for turn in range(settings.passes):
        optimizer.zero_grad(set_to_none=True)
        for number, batch in enumerate(batches):
            scores = score(model, batch)
            if turn == 0:
                old.append(scores.log_probs.detach())
                sums.add_scores(batch, scores)
            loss = _part_loss(scores, old[number], batch, counts, (settings, sums))
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
            sums.loss += loss.item() / settings.passes
        norm = _step(optimizer, settings.grad_clip, ranks.total([sums.loss])[0])
    one_row = collate_packed(shared[0][:1], settings.packing, device=model.device)
    _check_scores(model, optimizer, one_row, ranks)
    return _metrics(sums.over(ranks), counts.get(RL, 0), settings.passes, norm)


def _weights(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """Return the weights that an optimizer changes.

    They are the parameters of the model or, if the model computes in bfloat16, their float32 masters.
    """
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def _step(optimizer: torch.optim.Optimizer, grad_clip: float, loss: float) -> float:
    """Take a step unless gradient or loss is not finite; return the gradient's norm before clipping."""
    norm = float(whole(torch.nn.utils.clip_grad_norm_(_weights(optimizer), grad_clip)))
    if not math.isfinite(norm):
        optimizer.zero_grad(set_to_none=True)
        raise DivergedError("the gradient's norm", norm)
    if not math.isfinite(loss):
        optimizer.zero_grad(set_to_none=True)
        raise DivergedError("the loss", loss)
    optimizer.step()
    return norm


def _check_scores(model: Any, optimizer: torch.optim.Optimizer, batch: Batch, ranks: Ranks) -> None:
    """Raise DivergedError when the updated model cannot score a row of the batch.

    One row is enough: a weight that is not finite affects every prediction it takes part in. The gradient is
    checked as well, because normalisation layers can hide overflowing activations from the predictions.
    """
    weights = {f"a value of the weight {name}": weight for name, weight in model.named_parameters()}
    ranks.agree(_not_finite(weights))
    model.eval()  # no dropout, so that the check draws nothing from the generator of the process
    scores = score(model, batch)
    ranks.agree(
        _not_finite({"the log-prob of a token": scores.log_probs, "the entropy of a token": scores.entropy})
    )
    scores.log_probs.sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it so
    names = [f"the gradient of {name}" for name, weight in model.named_parameters() if weight.requires_grad]
    gradients = [weight.grad for weight in _weights(optimizer)]
    ranks.agree(_not_finite(dict(zip(names, gradients, strict=True))))
    optimizer.zero_grad(set_to_none=True)
    model.train()


def _not_finite(figures: Mapping[str, Tensor | None]) -> DivergedError | None:
    """Return the error about the first figure with a value that is not finite, of the shards of this rank."""
    for name, figure in figures.items():
        values = None if figure is None else local(figure)
        if values is not None and not bool(torch.isfinite(values).all()):
            return DivergedError(f"after the update, {name}", float(values[~torch.isfinite(values)][0]))
    return None


def parts(
    rows: Sequence[Row], size: int, *, tokens: int | None = None, packing: Packing = "off"
) -> Iterator[list[Row]]:
    """Split rows into parts of similar length, which need little padding; empty rows are left out.

    With shared prefixes, rows with the same prompt are in the same part where they fit.

    Args:
        rows: Rows of a batch.
        size: Largest number of rows in a part.
        tokens: Largest number of tokens in a part, with padding; a longer row makes up a part alone. With
            shared prefixes there is no padding, and a prompt counts once for the rows that share it.
        packing: How the rows of a part go through the model.
    """
    if packing == "prefixes":
        yield from packed_parts(rows, size, tokens=tokens)
        return
    # The id breaks ties, so that parts, and with them rounding, do not depend on the order of the rows.
    ordered = sorted((row for row in rows if len(row) > 1), key=lambda row: (len(row), row.episode_id))
    part: list[Row] = []
    for row in ordered:
        # The rows are sorted, so this row is the longest of its part.
        full = tokens is not None and (len(part) + 1) * len(row) > tokens
        if part and (full or len(part) == size):
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _part_loss(
    scores: TokenScores, old: Tensor, batch: Batch, counts: dict[str, int], how: tuple[UpdateSettings, _Sums]
) -> Tensor:
    """Return a part's share of the loss of the batch; each component is divided by its own token count."""
    settings, sums = how
    loss = scores.log_probs.new_zeros(())
    for name, weights in batch.weights.items():
        if not counts[name]:
            continue
        if name == RL:
            policy = settings.surrogate(
                scores.log_probs,
                old_log_probs=old,
                sampler_log_probs=batch.sampler_log_probs,
                advantages=batch.advantages,
                weights=weights,
                clipping=settings.clipping,
            )
            sums.add_clipped(policy)
            total = policy.total
        elif name == CE:
            total = cross_entropy(scores.log_probs, weights=weights)
        elif name == KL:
            if batch.reference_log_probs is None:
                raise TrainingError("the component 'kl' needs the log-probs of the reference policy")
            reference = batch.reference_log_probs
            total = divergence_loss(scores.log_probs, reference_log_probs=reference, weights=weights)
        else:
            raise TrainingError(f"unknown component {name!r} of the loss: must be {RL!r}, {CE!r} or {KL!r}")
        loss = loss + settings.coefficients.get(name, 1.0) * total / counts[name]
    return loss


def _metrics(sums: _Sums, reinforced: int, passes: int, norm: float) -> UpdateMetrics:
    count = max(reinforced, 1)
    return UpdateMetrics(
        tokens=sums.tokens,
        loss=sums.loss,
        grad_norm=norm,
        entropy=sums.entropy / max(sums.tokens, 1),
        clip_low=sums.clipped_low / (count * passes),
        clip_high=sums.clipped_high / (count * passes),
        importance_capped=sums.capped / (count * passes),
        ratio_mean=sums.ratio / count,
        sampler_kl=sums.divergence / count,
    )
