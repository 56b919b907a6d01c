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
    - `retrospect` says where the labels come from. `policy` samples a reply to `retrospection_prompt` for
      each episode, as an episode of another group that is judged like any other and not learned from. `model`
      asks the judge model of the run. `stated`, the default, takes the stated progress, which is the
      paper's baseline L2 (predicted progress as step reward).
    - A retrospection by the policy counts as an episode of the step, but not in its rewards and verdicts.
    - The true progress is known here: the share of groups of tests that a program passes. `sign_agreement`
      and `rank_correlation` compare both estimates with it.
    - Sign agreement is counted over steps. The paper reports a share of rollouts (91.5 %) without a
      definition.
    - `RePro` does not learn from episodes with a reply that the token limit cut; they count in the means.

References:
    RePro, arXiv 2606.14302 (known from summaries; no code was found). GiGPO, arXiv 2505.10978.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from ....agents import EpisodeRecord, ModelError
from ....problems import Problem
from ...rows import RL, Row
from ..algorithm import Algorithm, EpisodePlan, EpisodeRole, Group, ScoringContext, Wants
from .progress import Labels, online_labels, retrospective_progress, true_progress
from .rewards import rank_correlation, step_advantages, step_groups, step_rewards

logger = logging.getLogger(__name__)

Retrospection = Callable[[EpisodeRecord], Labels]
"""Function that returns the progress after each step of an episode that has ended."""
PROMPT = """\
{task}

## What was done

{steps}

## Outcome

{outcome}

## Now

The episode is over. Say for each step how far the task was solved after it, in percent, given how it ended. \
Write one line per step, `Step N: P%`, and nothing else."""
"""Prompt of a retrospection."""


@dataclass(frozen=True, kw_only=True)
class ReProSettings:
    """Settings of RePro; see the module."""

    retrospect: Literal["stated", "policy", "model"] = "stated"
    """Source of the progress in hindsight: `stated` repeats what the agent stated while it played, `policy`
    samples a retrospection, and `model` asks the judge model."""
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

    def __post_init__(self) -> None:
        if self.retrospect not in ("stated", "policy", "model"):
            raise ValueError(f"retrospect must be stated, policy or model, got {self.retrospect!r}")


class RePro(Algorithm):
    """Gives the tokens of each turn the advantage of the turn.

    The state before a turn is the observation before it, so the first turns of a group are always compared.
    An episode without a readable retrospection keeps the progress that it stated.

    Args:
        group_size: Number of episodes per problem.
        settings: Settings of the method.
        retrospect: Function that labels an episode, in place of the source in the settings.
    """

    name = "repro"

    def __init__(
        self,
        *,
        group_size: int,
        settings: ReProSettings | None = None,
        retrospect: Retrospection | None = None,
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or ReProSettings()
        asks = retrospect is None and self.settings.retrospect == "model"
        self.wants = Wants(all_runs=True, judge_model=asks)
        self._retrospect = retrospect
        self._expanded: set[str] = set()  # ids of the problems whose retrospections were planned
        self._compared: list[tuple[float | None, float | None, float]] = []  # stated, hindsight, true

    def plan_group(self, problem: Problem) -> Sequence[EpisodePlan]:
        """Return the plans of the episodes."""
        self._expanded.discard(problem.id)
        return super().plan_group(problem)

    def expand(self, group: Group) -> Sequence[EpisodePlan]:
        """Return the plan of a retrospection for each episode, if the policy makes them."""
        wanted = self._retrospect is None and self.settings.retrospect == "policy"
        if not wanted or group.number or group.problem.id in self._expanded:
            return ()
        self._expanded.add(group.problem.id)
        return [
            EpisodePlan(
                sample=self.group_size + member.episode.sample,
                group=1,
                prompt=retrospection_prompt(member.episode),
                parent=member.episode.sample,
                role=EpisodeRole.RETROSPECTION,
                turns=1,
            )
            for member in group.members
            if member.episode.steps
        ]

    def score_groups(
        self, groups: Sequence[Group], context: ScoringContext
    ) -> Sequence[Group] | Coroutine[Any, Any, Sequence[Group]]:
        """Return the groups with the advantages of their turns on the rows."""
        if self.wants.judge_model:
            return self._ask(groups, context)
        said = {
            (group.problem.id, member.plan.parent): member.episode.steps[0].action
            for group in groups
            for member in group.members
            if group.number and member.plan is not None and member.plan.parent is not None
            if member.episode.steps  # none where the prompt did not fit the context
        }

        def scored(group: Group) -> Group:
            if group.number:  # the retrospections themselves
                return group.with_rows([_unlearned(row) for row in group.rows])
            texts = {sample: said.get((group.problem.id, sample)) for sample in _samples(group)}
            return self.score_group(group, texts)

        return [scored(group) for group in groups]

    def score_group(self, group: Group, said: Mapping[int, str | None] | None = None) -> Group:
        """Return the group with the advantages of its turns on the rows.

        Args:
            group: The episodes of a problem.
            said: Texts of retrospections by the sample number of their episode.
        """
        episodes = [member.episode for member in group.members]
        labels = [self._labels(episode, (said or {}).get(episode.sample)) for episode in episodes]
        self._note(episodes, labels)
        if len(group.members) < 2:
            return group
        settings = self.settings
        rewards = [
            step_rewards(
                [step.reward for step in episode.steps],
                each,
                stated=online_labels(episode),
                beta=settings.beta,
                align=settings.align,
                malformed=settings.malformed,
            )
            for episode, each in zip(episodes, labels, strict=True)
        ]
        advantages = step_advantages(
            rewards,
            step_groups([states_before(episode) for episode in episodes]),
            gamma=settings.gamma,
            omega=settings.omega,
            scale_by_std=settings.scale_by_std,
        )
        rows = [_advance(row, each) for row, each in zip(group.rows, advantages, strict=True)]
        return group.with_rows(rows)

    def report(self) -> Mapping[str, float | None]:
        """Return the rank correlations of the last stated and the last labelled progress with the true one.

        They are None where fewer than two episodes have both, or where all values of a side are equal.
        """
        compared, self._compared = self._compared, []
        return {
            "stated_rank_correlation": _correlation([(stated, true) for stated, _, true in compared]),
            "hindsight_rank_correlation": _correlation([(label, true) for _, label, true in compared]),
        }

    async def _ask(self, groups: Sequence[Group], context: ScoringContext) -> Sequence[Group]:
        """Ask the judge model about all episodes at the same time."""
        ask = context.judge_model
        if ask is None:
            raise ValueError("repro with retrospect=model needs a judge model: give --judge-model")

        async def reply(episode: EpisodeRecord) -> str | None:
            try:
                return await ask(retrospection_prompt(episode))
            except ModelError as error:
                logger.warning("an episode has no retrospection: %s", error)
                return None

        async def scored(group: Group) -> Group:
            texts = await asyncio.gather(*(reply(member.episode) for member in group.members))
            return self.score_group(group, dict(zip(_samples(group), texts, strict=True)))

        return await asyncio.gather(*map(scored, groups))

    def _labels(self, episode: EpisodeRecord, said: str | None) -> Labels:
        """Return the progress after each step in hindsight; the stated progress without a retrospection."""
        if self._retrospect is not None:
            return self._retrospect(episode)
        if said is None or not episode.steps:
            return online_labels(episode)
        solved = episode.judgement is not None and episode.judgement.verdict.accepted
        labels = retrospective_progress(said, steps=len(episode.steps), solved=solved)
        return online_labels(episode) if all(label is None for label in labels) else labels

    def _note(self, episodes: Sequence[EpisodeRecord], labels: Sequence[Labels]) -> None:
        for episode, each in zip(episodes, labels, strict=True):
            judgement = episode.judgement
            # Where judging stopped early the true progress is unknown.
            if judgement is not None and each and len(judgement.runs) in (0, judgement.selected):
                stated = online_labels(episode)
                self._compared.append((stated[-1], each[-1], true_progress(judgement)))


def retrospection_prompt(episode: EpisodeRecord) -> str:
    """Return the prompt that asks for the progress after each step of an episode, given its outcome.

    The outcome is the verdict alone, so the prompt holds nothing about single tests.
    """
    steps = [
        f"### Step {number}\n\n{step.action}"
        + (f"\n\nAnswer:\n\n{step.observation}" if step.observation else "")
        for number, step in enumerate(episode.steps, start=1)
    ]
    verdict = "nothing was submitted" if episode.judgement is None else episode.judgement.verdict.value
    return PROMPT.format(
        task=episode.observation.strip(), steps="\n\n".join(steps), outcome=f"Verdict: {verdict}."
    )


def _samples(group: Group) -> list[int]:
    return [member.episode.sample for member in group.members]


def _correlation(pairs: Sequence[tuple[float | None, float]]) -> float | None:
    known = [(estimate, true) for estimate, true in pairs if estimate is not None]
    if len(known) < 2:
        return None
    estimates, truths = torch.tensor(known, dtype=torch.float64).T.contiguous()
    return rank_correlation(estimates, truths)


def _unlearned(row: Row) -> Row:
    return replace(row, weights={**row.weights, RL: torch.zeros_like(row.weights[RL])})


def states_before(episode: EpisodeRecord) -> Sequence[Hashable]:
    """Return the state before each step of an episode: the observation before it."""
    return [episode.observation, *(step.observation for step in episode.steps)][: len(episode.steps)]


def _advance(row: Row, advantages: Tensor) -> Row:
    kept = row.weights[RL] * (not row.truncated)
    stream = advantages.float()[row.turn_ids] * row.loss_mask if len(row) else row.advantages
    return replace(row, advantages=stream, weights={**row.weights, RL: kept})
