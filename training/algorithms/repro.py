"""RePro: rewards for steps from the progress that the agent sees in hindsight.

While it plays, the agent states its progress q_t in [0, 1]. After the episode, it reads the trajectory and
the outcome and labels each step with its progress p_t; success fixes the end at 1. The reward of step t is

    r_t = r_env + r_p + r_align + r_format,        r_p = beta (p_{t+1} - p_t)

Advantages are those of GiGPO: with the return R of an episode and the discounted return D_t of a step,

    A_t = (R - mean R) / F + omega (D_t - mean D) / F

where the second mean is over the steps, of all episodes of the group, that start from the same state, and F
is 1 or the standard deviation. In the paper, a warm-up by supervised training on retrospections of a stronger
model comes first; here that is a checkpoint to start from.

What the paper leaves open, or what could not be read, is a keyword argument:
    - beta, the weights, and the formulas of r_align and r_format. Here r_align = -align |q_t - p_t| and
      r_format = -malformed for a step without a readable statement; both weights are 0.1 by default.
    - The form of a statement: `<progress>40%</progress>` or `Progress: 40%`, the last one in the reply.
    - The progress before the first step: 0. A step without a label repeats the progress before it.
    - Whether success fixes the last label (yes), and what failure does to it (nothing).
    - gamma, omega and F: 0.95, 1 and the standard deviation, as in public configurations of GiGPO.

Departures:
    - `RePro` computes all of this in today's trainer except the retrospection itself, which needs a prompt
      after the outcome: the labels come from a function. Without one, the stated progress is used, which is
      the paper's baseline L2 (predicted progress as step reward).
    - The true progress is known here: the share of groups of tests that a program passes. `sign_agreement`
      and `rank_correlation` compare both estimates with it.
    - Sign agreement is counted over steps. The paper reports a share of rollouts (91.5 %) without a
      definition.
    - `RePro` does not learn from episodes with a reply that the token limit cut; they count in the means.

References:
    RePro, arXiv 2606.14302 (read through notes of others; no code was found). GiGPO, arXiv 2505.10978.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...agents import EpisodeRecord, JudgementRecord
from ..rows import RL, Row
from .algorithm import Algorithm, Group, Wants
from .framework.groups import group_passes

EPS = 1e-6
"""Added to standard deviations; a smaller deviation counts as none."""
STATEMENT = r"<progress>\s*(-?[\d.]+)\s*%?\s*</progress>|\bprogress\s*[:=]\s*(-?[\d.]+)\s*%"
"""Pattern of stated progress, in percent; one of its groups is the number. Case does not matter."""
LABEL = r"^\W*step\s+(\d+)\W+(-?\d+(?:\.\d+)?)\s*%"
"""Pattern of a line of a retrospection: number of the step, from 1, and its progress in percent."""

Labels = Sequence[float | None]
"""Progress after each step, in [0, 1]; None where it is unknown."""


def stated_progress(text: str, *, pattern: str = STATEMENT) -> float | None:
    """Return the progress that a reply states last, in [0, 1]; None if there is none from 0 to 100 percent.

    Args:
        text: A reply of the agent.
        pattern: Regular expression, one of whose groups is a number of percent.

    Raises:
        ValueError: The pattern has no group.
    """
    if re.compile(pattern).groups < 1:
        raise ValueError(f"pattern must have a group for the number, got {pattern!r}")
    found = [next(filter(None, match.groups()), "") for match in re.finditer(pattern, text, re.IGNORECASE)]
    return _fraction(found[-1]) if found else None


def retrospective_progress(
    text: str, *, steps: int, solved: bool, pattern: str = LABEL, anchor_success: bool = True
) -> list[float | None]:
    """Return the labels after each step from a retrospection, in [0, 1]; None where the text has none.

    Args:
        text: Reply with a line per step, for example `Step 2: 60%`. Of two labels of a step the last counts.
        steps: Number of steps of the episode, at least 1.
        solved: Whether the episode ended in success.
        pattern: Regular expression of a line, with a group for the step, from 1, and a group for the percent.
        anchor_success: Whether success sets the last label to 1, whatever the text says.

    Raises:
        ValueError: `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}")
    labels: list[float | None] = [None] * steps
    for found in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
        number = int(found[1]) if len(found[1]) < 10 else 0
        if 1 <= number <= steps:
            labels[number - 1] = _fraction(found[2])
    if solved and anchor_success:
        labels[-1] = 1.0
    return labels


def true_progress(judgement: JudgementRecord, *, groups: int = 3) -> float:
    """Return the share of groups of tests that a program passes, in [0, 1]; groups are by input size.

    Raises:
        ValueError: Judging stopped early, or `groups` is below 1.
    """
    return group_passes(judgement, groups).mean().item()


def filled(labels: Labels, *, start: float = 0.0) -> Tensor:
    """Return the progress before the first step and after each step.

    Args:
        labels: Progress after each of T steps; an unknown value repeats the value before it.
        start: Progress before the first step.

    Returns:
        float64 [T + 1].

    Raises:
        ValueError: A value is outside [0, 1].
    """
    values = [start]
    for label in labels:
        values.append(values[-1] if label is None else label)
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"progress must be in [0, 1], got {values}")
    return torch.tensor(values, dtype=torch.float64)


def step_rewards(
    env_rewards: Sequence[float],
    labels: Labels,
    *,
    stated: Labels | None = None,
    beta: float = 1.0,
    align: float = 0.1,
    malformed: float = 0.1,
    start: float = 0.0,
) -> Tensor:
    """Return the reward of each step of an episode: environment, progress, alignment and format.

    Args:
        env_rewards: Rewards of the environment for T steps.
        labels: Progress after each step, from a retrospection.
        stated: Progress that the agent stated in each step; None leaves out alignment and format.
        beta: Factor of the difference in progress.
        align: Factor of the distance between stated progress and label; where one is unknown it costs
            nothing.
        malformed: Cost of a step without a statement.
        start: Progress before the first step.

    Returns:
        float64 [T].

    Raises:
        ValueError: The lengths differ or a progress is outside [0, 1].
    """
    lengths = {len(env_rewards), len(labels), len(env_rewards if stated is None else stated)}
    if len(lengths) != 1:
        raise ValueError(f"all sequences must have one value per step, got lengths {sorted(lengths)}")
    rewards = torch.tensor(env_rewards, dtype=torch.float64) + beta * filled(labels, start=start).diff()
    for step, (said, label) in enumerate(zip(stated or (), labels, strict=stated is not None)):
        if said is None:
            rewards[step] -= malformed
        elif label is not None:
            rewards[step] -= align * abs(said - label)
    return rewards


def step_groups(states: Sequence[Sequence[Hashable]]) -> list[Tensor]:
    """Number the states of all episodes of a group, so that steps from equal states have equal numbers.

    Args:
        states: For each of G episodes, the state before each of its T_g steps.

    Returns:
        G tensors int64 [T_g].
    """
    numbers: dict[Hashable, int] = {}
    return [
        torch.tensor([numbers.setdefault(state, len(numbers)) for state in episode], dtype=torch.int64)
        for episode in states
    ]


def step_advantages(
    rewards: Sequence[Tensor],
    groups: Sequence[Tensor],
    *,
    gamma: float = 0.95,
    omega: float = 1.0,
    scale_by_std: bool = True,
) -> list[Tensor]:
    """Return the advantages of steps within their episode and among steps from equal states.

    Args:
        rewards: For each of G episodes, the rewards of its steps, float [T_g].
        groups: For each episode, the numbers of the states before its steps, int64 [T_g]; see `step_groups`.
        gamma: Discount of the return of a step, in [0, 1]. The return of an episode is not discounted.
        omega: Weight of the comparison of steps.
        scale_by_std: Whether differences are divided by the sample standard deviation of what is compared.

    Returns:
        G tensors float64 [T_g]. A state that occurs once adds nothing to the advantage of its episode.

    Raises:
        ValueError: A shape is wrong, a reward is not finite, or gamma is out of range.

    References:
        GiGPO, arXiv 2505.10978, equations of the episode-level and step-level advantages.
    """
    _check_rewards(rewards, groups, gamma)
    if not rewards:
        return []
    values = [each.to(torch.float64) for each in rewards]
    totals = _centred(torch.stack([each.sum() for each in values]), scale_by_std)
    returns = torch.cat([_discounted(each, gamma) for each in values])
    numbers = torch.cat(list(groups))
    among = torch.zeros_like(returns)
    for number in set(numbers.tolist()):
        among[numbers == number] = _centred(returns[numbers == number], scale_by_std)
    parts = torch.split(among, [len(each) for each in values])
    return [total + omega * part for total, part in zip(totals, parts, strict=True)]


def sign_agreement(estimates: Tensor, truths: Tensor) -> float | None:
    """Return the share of values whose sign agrees, among those where neither value is 0.

    Args:
        estimates: float [n], for example differences in stated progress.
        truths: float [n], for example differences in true progress, or advantages of steps.

    Returns:
        A share in [0, 1]; None if there is no such pair.

    Raises:
        ValueError: The tensors are not vectors of one length and finite.
    """
    _check_pair(estimates, truths)
    counted = (estimates != 0) & (truths != 0)
    agrees = estimates[counted].sign() == truths[counted].sign()
    return agrees.double().mean().item() if len(agrees) else None


def rank_correlation(estimates: Tensor, truths: Tensor) -> float | None:
    """Return Spearman's rank correlation; equal values share the mean of their ranks.

    Args:
        estimates: float [n], for example stated progress.
        truths: float [n], for example true progress.

    Returns:
        A number in [-1, 1]; None where all values of a side are equal.

    Raises:
        ValueError: The tensors are not vectors of one length and finite.
    """
    _check_pair(estimates, truths)
    first, second = (ranks - ranks.mean() for ranks in (_ranks(estimates), _ranks(truths)))
    scale = math.sqrt(first.square().sum().item() * second.square().sum().item())
    return max(-1.0, min(1.0, (first * second).sum().item() / scale)) if scale else None


@dataclass(frozen=True, kw_only=True)
class RewardWeights:
    """Weights of the parts of a step's reward, and of the advantages; see the module."""

    beta: float = 1.0
    """Factor of the difference in progress."""
    align: float = 0.1
    """Factor of the distance between stated and retrospective progress."""
    malformed: float = 0.1
    """Cost of a step without stated progress."""
    gamma: float = 0.95
    """Discount of the return of a step."""
    omega: float = 1.0
    """Weight of the comparison of steps from equal states."""
    scale_by_std: bool = True
    """Whether advantages are divided by the standard deviation."""


class RePro(Algorithm):
    """Gives the tokens of each turn the advantage of the turn.

    The state before a turn is the observation before it, so the first turns of a group are always compared.

    Args:
        group_size: Number of episodes per problem.
        retrospect: Function that returns the progress after each step; `online_labels` by default.
        weights: Weights of rewards and advantages.
    """

    name = "repro"
    wants = Wants(all_runs=True)

    def __init__(
        self,
        *,
        group_size: int,
        retrospect: Callable[[EpisodeRecord], Labels] | None = None,
        weights: RewardWeights | None = None,
    ) -> None:
        super().__init__(group_size=group_size)
        self._retrospect, self._weights = retrospect or online_labels, weights or RewardWeights()

    def score_group(self, group: Group) -> Group:
        """Return the group with the advantages of its turns on the rows."""
        if len(group.members) < 2:
            return group
        episodes = [member.episode for member in group.members]
        weights = self._weights
        rewards = [
            step_rewards(
                [step.reward for step in episode.steps],
                self._retrospect(episode),
                stated=online_labels(episode),
                beta=weights.beta,
                align=weights.align,
                malformed=weights.malformed,
            )
            for episode in episodes
        ]
        advantages = step_advantages(
            rewards,
            step_groups([_states(episode) for episode in episodes]),
            gamma=weights.gamma,
            omega=weights.omega,
            scale_by_std=weights.scale_by_std,
        )
        rows = [_advance(row, each) for row, each in zip(group.rows, advantages, strict=True)]
        return group.with_rows(rows)


def online_labels(episode: EpisodeRecord) -> list[float | None]:
    """Return the progress that the agent stated in each step of an episode."""
    return [stated_progress(step.action) for step in episode.steps]


def _states(episode: EpisodeRecord) -> Sequence[Hashable]:
    return [episode.observation, *(step.observation for step in episode.steps)][: len(episode.steps)]


def _advance(row: Row, advantages: Tensor) -> Row:
    kept = row.weights[RL] * (not row.truncated)
    stream = advantages.float()[row.turn_ids] * row.loss_mask if len(row) else row.advantages
    return replace(row, advantages=stream, weights={**row.weights, RL: kept})


def _fraction(percent: str) -> float | None:
    try:
        value = float(percent) / 100
    except ValueError:  # several points, for example
        return None
    return value if 0 <= value <= 1 else None


def _discounted(rewards: Tensor, gamma: float) -> Tensor:
    returns = torch.zeros_like(rewards)
    later = rewards.new_zeros(())
    for step in reversed(range(len(rewards))):
        later = rewards[step] + gamma * later
        returns[step] = later
    return returns


def _centred(values: Tensor, scale_by_std: bool) -> Tensor:
    if len(values) < 2 or values.std() < EPS:
        return torch.zeros_like(values)
    centred = values - values.mean()
    return centred / (values.std() + EPS) if scale_by_std else centred


def _ranks(values: Tensor) -> Tensor:
    ordered = values.sort().values
    below, up_to = (torch.searchsorted(ordered, values, right=right) for right in (False, True))
    return (below + up_to + 1).to(torch.float64) / 2


def _check_pair(first: Tensor, second: Tensor) -> None:
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"need vectors of one length, got {list(first.shape)} and {list(second.shape)}")
    if not (first.isfinite().all() and second.isfinite().all()):
        raise ValueError("values must be finite; leave unknown values out")


def _check_rewards(rewards: Sequence[Tensor], groups: Sequence[Tensor], gamma: float) -> None:
    shapes = [list(each.shape) for each in rewards], [list(each.shape) for each in groups]
    if shapes[0] != shapes[1] or any(len(shape) != 1 for shape in shapes[0]):
        raise ValueError(f"rewards and groups must be [T] for each episode, got {shapes[0]} and {shapes[1]}")
    if not all(each.isfinite().all() for each in rewards):
        raise ValueError("rewards must be finite")
    if not 0 <= gamma <= 1:
        raise ValueError(f"gamma must be in [0, 1], got {gamma!r}")
