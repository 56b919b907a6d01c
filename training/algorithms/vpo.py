"""Vector policy optimization: a reply holds several answers; the best for each mix of objectives counts.

For a group of G replies to a prompt, reply i holds m_i answers, and answer s has a vector of rewards r_s >= 0
with k objectives. N weight vectors w_j are drawn from a Dirichlet distribution, the same for all replies of
the group. The score of a reply and its advantage, which all of its sampled tokens get, are

    R_i = (1 / N) sum_j max_s w_j . r_s        A_i = (R_i - mean R) / (std R + 1e-6)

with the population standard deviation; A_i is 0 where the deviation is below 1e-6. A reply without answers
has R_i = 0 and takes part in the mean. The update is a clipped policy gradient.

Departures:
    - Rewards and weights below zero are refused. An empty reply scores 0, so it would win against an answer
      with negative rewards; in the released code it does.
    - The released code draws the weights of all groups from one persistent generator. `VPO` seeds a generator
      by seed, problem and step, so a resumed run needs no state and the order of groups does not matter.
    - `VPO` does not learn from replies that the token limit cut; they still take part in the mean.

With one answer per reply, the score tends to the mean of the objectives, so the method equals GRPO on that
mean: it needs an environment in which a reply may hold several answers. The paper's baselines GDPO,
multi-RLVR and max@k are here too.

References:
    Vector Policy Optimization, arXiv 2605.22817, and the code at github.com/ryanboldi/vpo.
"""

from __future__ import annotations

import ast
import hashlib
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from ...agents import EpisodeRecord
from .algorithm import Algorithm, Group, Wants
from .framework.groups import group_passes
from .framework.streams import write_advantages

EPS = 1e-6
"""Added to standard deviations; a smaller deviation counts as none."""


def set_scores(rewards: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Return the mean over scalarisations of the best answer of each reply.

    Args:
        rewards: G tensors [m, k]: k rewards for each of the m answers in a reply. m >= 0 may differ.
        weights: float [N, k]: scalarisations, shared by all replies of the group.

    Returns:
        [G] in the dtype of `weights`; 0 for a reply without answers.

    Raises:
        ValueError: There are no replies, a shape is wrong, or a value is negative or not finite.
    """
    _check_weights(weights)
    _check_rewards(rewards, objectives=weights.shape[1])
    columns = weights.to(torch.float64).T
    scores = [
        (answers.to(torch.float64) @ columns).amax(dim=0).mean() if len(answers) else columns.new_zeros(())
        for answers in rewards
    ]
    return torch.stack(scores).to(weights.dtype)


def group_advantages(scores: Tensor) -> Tensor:
    """Standardise the scores of a group by its mean and population standard deviation.

    Args:
        scores: float [G]. G >= 1.

    Returns:
        [G] in the dtype of `scores`, with sum 0; all 0 where the deviation is below 1e-6, as for one reply.

    Raises:
        ValueError: The scores are not a vector of at least one finite value.
    """
    _check_vector("scores", scores)
    values = scores.to(torch.float64)
    deviation = values.std(correction=0)
    if deviation < EPS:
        return torch.zeros_like(scores)
    return ((values - values.mean()) / (deviation + EPS)).to(scores.dtype)


def dirichlet_weights(n: int, k: int, generator: torch.Generator, concentration: float = 1.0) -> Tensor:
    """Draw scalarisations from a symmetric Dirichlet distribution.

    Args:
        n: Number of scalarisations, at least 1.
        k: Number of objectives, at least 1.
        generator: Source of randomness, on the CPU.
        concentration: Parameter of all k components; 1 is uniform on the simplex, less prefers its corners.

    Returns:
        float64 [n, k]; rows are at least 0 and sum to 1.

    Raises:
        ValueError: A number is out of range.
    """
    _check_counts(n, k)
    if not (math.isfinite(concentration) and concentration > 0):
        raise ValueError(f"concentration must be positive and finite, got {concentration!r}")
    shape = torch.full((n, k), concentration + 1.0, dtype=torch.float64)
    # Gamma(a) = Gamma(a + 1) U^(1/a), as logarithms: with a small concentration all k draws would underflow.
    # `torch.distributions` takes no generator, so this calls the function below it.
    larger = torch._standard_gamma(shape, generator=generator)
    uniform = 1 - torch.rand(
        n, k, dtype=torch.float64, generator=generator
    )  # in (0, 1], so the log is finite
    return torch.softmax(larger.log() + uniform.log() / concentration, dim=1)


def sobol_weights(n: int, k: int, seed: int) -> Tensor:
    """Return the gaps between sorted points of a scrambled Sobol sequence, which cover the simplex evenly.

    Shape and errors are those of `dirichlet_weights`. A power of 2 as n is covered most evenly.
    """
    _check_counts(n, k)
    if k == 1:
        return torch.ones(n, 1, dtype=torch.float64)
    engine = torch.quasirandom.SobolEngine(k - 1, scramble=True, seed=seed)  # type: ignore[no-untyped-call]
    inner = engine.draw(n, dtype=torch.float64).sort(dim=1).values
    return torch.cat([inner.new_zeros(n, 1), inner, inner.new_ones(n, 1)], dim=1).diff(dim=1)


def unique_indices(sources: Sequence[str]) -> list[int]:
    """Return the position of the first of each set of Python programs with equal syntax trees, in order.

    Layout and comments do not matter, names do. Text that is not Python is compared without white space at
    its ends.
    """
    first: dict[str, int] = {}
    for index, source in enumerate(sources):
        first.setdefault(_syntax_key(source), index)
    return list(first.values())


def unique_programs(sources: Sequence[str]) -> list[str]:
    """Return the programs at `unique_indices`."""
    return [sources[index] for index in unique_indices(sources)]


def gdpo_advantages(rewards: Tensor, objective_weights: Tensor | None = None) -> Tensor:
    """Return the weighted sum of the advantages of each objective: the baseline GDPO.

    Each objective is standardised alone by its mean and sample standard deviation; an objective on which all
    replies are equal adds 0. The sum follows the released code, which then whitens over the tokens of the
    whole batch; its description says average, a difference that `whitened` removes.

    Args:
        rewards: float [G, k]: rewards of one answer per reply.
        objective_weights: float [k]; all 1 by default.

    Returns:
        [G] in the dtype of `rewards`; 0 for one reply.

    Raises:
        ValueError: A shape is wrong or a value is not finite.
    """
    if rewards.ndim != 2 or 0 in rewards.shape or not rewards.isfinite().all():
        raise ValueError(f"rewards must be finite and [G, k], got {list(rewards.shape)}")
    values = rewards.to(torch.float64)
    weights = values.new_ones(values.shape[1]) if objective_weights is None else objective_weights
    if weights.shape != values.shape[1:]:
        raise ValueError(f"objective_weights must be [{values.shape[1]}], got {list(weights.shape)}")
    if len(values) == 1:
        return torch.zeros_like(rewards[:, 0])
    deviation = values.std(dim=0, keepdim=True)
    scaled = (values - values.mean(dim=0, keepdim=True)) / (deviation + EPS)
    scaled = torch.where(deviation < EPS, torch.zeros_like(scaled), scaled)
    return (scaled @ weights.to(torch.float64)).to(rewards.dtype)


def whitened(values: Tensor, mask: Tensor) -> Tensor:
    """Shift and scale the values under a mask to mean 0 and sample variance 1: the last step of GDPO.

    Args:
        values: float [B, T].
        mask: bool [B, T]: tokens that count.

    Returns:
        [B, T]; 0 outside the mask, and all 0 where fewer than two tokens count.

    Raises:
        ValueError: The shapes differ.
    """
    if values.shape != mask.shape:
        raise ValueError(f"need equal shapes, got {list(values.shape)} and {list(mask.shape)}")
    kept = values[mask].to(torch.float64)
    if len(kept) < 2:
        return torch.zeros_like(values)
    scaled = (values - kept.mean()) * (kept.var() + 1e-8).rsqrt()
    return torch.where(mask, scaled, 0.0).to(values.dtype)


def multi_rlvr_scores(rewards: Sequence[Tensor], objective_weights: Tensor) -> Tensor:
    """Return the sum over all answers of a reply of one fixed scalarisation: the baseline multi-RLVR.

    `group_advantages` follows. With tests as objectives, the released code uses weights of 1.

    Args:
        rewards: G tensors [m, k], as for `set_scores`; rewards may be negative, as nothing is maximised.
        objective_weights: float [k].

    Returns:
        [G] in the dtype of `objective_weights`; 0 for a reply without answers.

    Raises:
        ValueError: There are no replies or a shape is wrong.
    """
    _check_vector("objective_weights", objective_weights)
    _check_shapes(rewards, objectives=len(objective_weights))
    weights = objective_weights.to(torch.float64)
    return torch.stack([(r.to(torch.float64) @ weights).sum() for r in rewards]).to(objective_weights.dtype)


def standardised_max_at_k(rewards: Tensor, k: int | None = None) -> Tensor:
    """Return each reply's share in the expected maximum over k replies, standardised: the baseline max@k.

    With ascending ranks 1..n, A_i = [C(rank_i - 1, k - 1) r_i + sum_{j above i} C(rank_j - 2, k - 2) r_j]
    / C(n, k): the sum of the maxima of the subsets of k replies with reply i in them, over the number of
    subsets. The mean is subtracted and the result divided by the sample standard deviation.

    Args:
        rewards: float [n].
        k: Size of the subsets, in [2, n - 1]; max(2, n // 2) by default. k = n would give no signal.

    Returns:
        [n] in the dtype of `rewards`; all 0 where the deviation is below 1e-6.

    Raises:
        ValueError: The rewards are not a finite vector or k is out of range.
    """
    _check_vector("rewards", rewards)
    n = len(rewards)
    k = max(2, n // 2) if k is None else k
    if not 2 <= k < n:
        raise ValueError(f"k must be in [2, {n - 1}] for {n} replies, got {k!r}")
    ordered, order = rewards.to(torch.float64).sort(stable=True)
    subsets = math.comb(n, k)
    own = ordered.new_tensor([math.comb(i, k - 1) / subsets for i in range(n)]) * ordered
    below = ordered.new_tensor([math.comb(i - 1, k - 2) / subsets if i else 0.0 for i in range(n)]) * ordered
    shares = own + below.flip(0).cumsum(0).flip(0) - below  # the sum over the replies ranked above
    raw = torch.zeros_like(shares)
    raw[order] = shares
    deviation = raw.std()
    if deviation < EPS:
        return torch.zeros_like(rewards)
    return ((raw - raw.mean()) / (deviation + EPS)).to(rewards.dtype)


class VPO(Algorithm):
    """Gives each token of a reply the standardised score of the set of answers that the reply holds.

    Args:
        group_size: Number of replies per problem.
        samples: Number of scalarisations N per group.
        sampler: Source of the scalarisations.
        concentration: Parameter of the Dirichlet distribution; 1 for `sobol`.
        seed: Seed of the scalarisations.
        test_groups: Number of groups of tests whose results are the objectives; see `group_passes`.
        answers: Function that returns the rewards [m, k] of the answers in a reply, duplicates removed; by
            default the only answer is the judged submission.

    Raises:
        ValueError: A setting is out of range.
    """

    name = "vpo"
    wants = Wants(all_runs=True)

    def __init__(
        self,
        *,
        group_size: int,
        samples: int = 100,
        sampler: Literal["dirichlet", "sobol"] = "dirichlet",
        concentration: float = 1.0,
        seed: int = 0,
        test_groups: int = 3,
        answers: Callable[[EpisodeRecord], Tensor | None] | None = None,
    ) -> None:
        super().__init__(group_size=group_size)
        if sampler != "dirichlet" and (sampler, concentration) != ("sobol", 1):
            given = f"{sampler!r} with {concentration!r}"
            raise ValueError(f"sampler must be 'dirichlet', or 'sobol' with concentration 1, got {given}")
        if min(samples, test_groups) < 1:
            raise ValueError(f"samples and test_groups must be at least 1, got {samples!r}, {test_groups!r}")
        self.samples, self.sampler, self.concentration = samples, sampler, concentration
        self.seed, self.test_groups = seed, test_groups
        self._answers = answers or self._submission

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its replies on the rows."""
        answers = [self._answers(member.episode) for member in group.members]
        width = next((part.shape[1] for part in answers if part is not None and len(part)), None)
        if width is None:  # no reply holds an answer: nothing to compare
            return group
        rewards = [part if part is not None and len(part) else torch.zeros(0, width) for part in answers]
        return write_advantages(group, group_advantages(set_scores(rewards, self._weights(group, width))))

    def _submission(self, episode: EpisodeRecord) -> Tensor | None:
        judgement = episode.judgement
        return None if judgement is None else group_passes(judgement, self.test_groups)[None]

    def _weights(self, group: Group, objectives: int) -> Tensor:
        row = group.rows[0]
        digest = hashlib.sha256(f"{self.seed}/{row.policy_version}/{row.group_id}".encode()).digest()
        seed = int.from_bytes(digest[:6], "big")
        if self.sampler == "sobol":
            return sobol_weights(self.samples, objectives, seed)
        generator = torch.Generator().manual_seed(seed)
        return dirichlet_weights(self.samples, objectives, generator, self.concentration)


def _syntax_key(source: str) -> str:
    try:
        with warnings.catch_warnings():  # an invalid escape in a program is no warning about this package
            warnings.simplefilter("ignore")
            return f"tree {ast.dump(ast.parse(source))}"
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"text {source.strip()}"


def _check_counts(n: int, k: int) -> None:
    if n < 1 or k < 1:
        raise ValueError(f"n and k must be at least 1, got {n!r} and {k!r}")


def _check_vector(name: str, values: Tensor) -> None:
    if values.ndim != 1 or not len(values) or not values.is_floating_point() or not values.isfinite().all():
        raise ValueError(f"{name} must be a vector of finite floats, got {values.dtype} {list(values.shape)}")


def _check_weights(weights: Tensor) -> None:
    if weights.ndim != 2 or 0 in weights.shape or not weights.is_floating_point():
        raise ValueError(f"weights must be float [N, k], got {weights.dtype} {list(weights.shape)}")
    if not (weights.isfinite() & (weights >= 0)).all():
        raise ValueError("weights must be finite and at least 0: a negative weight makes an empty reply win")


def _check_shapes(rewards: Sequence[Tensor], *, objectives: int) -> None:
    if not rewards:
        raise ValueError("a group needs at least one reply, got no rewards")
    shapes = [list(answers.shape) for answers in rewards]
    if any(len(shape) != 2 or shape[1] != objectives for shape in shapes):
        raise ValueError(f"the rewards of each reply must be [m, {objectives}], got {shapes}")


def _check_rewards(rewards: Sequence[Tensor], *, objectives: int) -> None:
    _check_shapes(rewards, objectives=objectives)
    for index, answers in enumerate(rewards):
        if not answers.isfinite().all():
            raise ValueError(f"the rewards of reply {index} must be finite, got {answers.tolist()}")
        if (answers < 0).any():
            raise ValueError(
                f"rewards must be at least 0, got {answers.min().item()!r} in reply {index}: a reply without "
                "answers scores 0, so it would win against an answer with negative rewards"
            )
