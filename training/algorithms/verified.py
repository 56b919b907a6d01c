"""GRPO with a verifier beside execution: the reward of a program is its verdict plus a weighted ranking.

A verifier is a judge model (`--judge-model`, for example a trained checkpoint that `codefrontier serve`
serves). It is asked which of the different programs of a group is right, up to five at a time. The score of a
program is the share of its questions in which it was named. The reward of an episode is then

    reward + verify_weight * (score - 1 / number of programs asked about)

so a verifier that answers at random adds nothing on average, and episodes without a program get no score.
Verdicts still decide what is right; where all programs of a group pass or fail, the ranking is the only
signal.

References:
    Verifiers as a source of rewards: arXiv 2601.12186. The formula is not from the paper.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from ...envs.verification import parse_answer
from ...problems.verification import MOST, question_text
from .algorithm import Algorithm, Group, ScoringContext, Wants
from .framework.streams import write_advantages
from .grpo import group_advantages

if TYPE_CHECKING:
    from .algorithm import JudgeModel

ASK = (
    "You may think first. End your reply with a line `Answer: N`, where N is the number of the right program."
)


class VerifiedGRPO(Algorithm):
    """Adds the weighted choices of a verifier to the rewards of execution, then centres them as GRPO does.

    Args:
        group_size: Number of episodes per problem.
        verify_weight: Weight of the verifier, at least 0.
        questions: Number of questions per group, each about up to five different programs.

    Raises:
        ValueError: A value is not allowed.
    """

    name = "verified_grpo"
    wants = Wants(judge_model=True)

    def __init__(self, *, group_size: int = 8, verify_weight: float = 0.5, questions: int = 2) -> None:
        super().__init__(group_size=group_size)
        if not verify_weight >= 0 or questions < 1:
            raise ValueError(
                f"verify_weight must be at least 0 and questions at least 1, got {verify_weight!r} and "
                f"{questions!r}"
            )
        self.verify_weight = verify_weight
        self.questions = questions
        self._asked = self._unread = 0

    async def score_groups(self, groups: Sequence[Group], context: ScoringContext) -> Sequence[Group]:
        """Return the groups with advantages from verdicts and the choices of the verifier."""
        self._asked = self._unread = 0
        model = context.judge_model
        assert model is not None, "the trainer refuses the algorithm without a judge model"
        scores = await asyncio.gather(*(self._scores(group, model, context.step) for group in groups))
        return [self._rewarded(group, found) for group, found in zip(groups, scores, strict=True)]

    def report(self) -> Mapping[str, float | None]:
        """Return the share of questions that the verifier answered in the form asked for."""
        return {"verifier_parsed": 1 - self._unread / self._asked if self._asked else None}

    async def _scores(self, group: Group, model: JudgeModel, step: int) -> dict[str, float]:
        """Return by program how much more often it was named than by chance, in (-1, 1)."""
        sources = list(
            dict.fromkeys(each.episode.submission for each in group.members if each.episode.submission)
        )
        if len(sources) < 2:
            return {}
        rng = random.Random(f"verified {step} {group.problem.id} {group.number}")
        heats = [rng.sample(sources, min(MOST, len(sources))) for _ in range(self.questions)]
        replies = await asyncio.gather(*(model(_question(group, heat)) for heat in heats))
        above: dict[str, list[float]] = defaultdict(list)
        for heat, reply in zip(heats, replies, strict=True):
            self._asked += 1
            answer = parse_answer(reply, len(heat))
            if isinstance(answer, str):
                self._unread += 1
                continue
            for place, source in enumerate(heat, start=1):
                above[source].append(float(place == answer[0]) - 1 / len(heat))
        return {source: sum(values) / len(values) for source, values in above.items()}

    def _rewarded(self, group: Group, scores: Mapping[str, float]) -> Group:
        if len(group.members) < 2:
            return group
        rewards = [
            each.episode.reward + self.verify_weight * scores.get(each.episode.submission or "", 0.0)
            for each in group.members
        ]
        return write_advantages(group, group_advantages(torch.tensor([rewards], dtype=torch.float64))[0])


def _question(group: Group, sources: Sequence[str]) -> str:
    language = Counter(each.episode.language for each in group.members).most_common(1)[0][0]
    problem = group.problem
    text = question_text(problem.title, problem.statement, [(source, language) for source in sources])
    return f"{text}\n\n## How to answer\n\n{ASK}"
