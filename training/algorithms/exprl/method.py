"""ExpRL: priming with a dense reward per step, judged against a reference that the policy does not see.

A reply is split into steps 1..K. A judge gives each step a score s_k in [0, 1], and all tokens of the step
get the advantage A_k. The norms are

    delta  A_1 = s_1 - s_K,  A_k = s_k - s_{k-1} for k > 1        (equations 4 to 6; the main method)
    end    A_k = s_k - s_K
    group  A_k = s_k - mean of the scores of the group
    batch  A_k = s_k - mean of the scores of the batch

and nothing is divided by a deviation. Ordinary reinforcement by sparse rewards follows the priming.

Departures:
    - A reply of one step has A_1 = s_1 in `delta`, as in the released code; the equation gives 0.
    - `group` and `batch` subtract the mean over rollouts of the mean over the steps of a rollout. The
      released code averages over tokens, and divides by the padded length once more, which makes the baseline
      nearly 0.
    - `split_steps` searches the text from left to right, so `####` ends one step. The released code compares
      the end of the decoded tokens with the marker, so `####` may end two.
    - `parse_score` reads a whole number and refuses numbers outside 1 to 5. The released code reads one digit
      (10 counts as 1) and accepts 0 and 6 to 9.
    - The executable judge is ours. On code, the paper reports that its judge model gains nothing from the
      right reference and that ExpRL loses to sparse rewards (LiveCodeBench pass@1 41.92 against 54.97).

Left open by the paper's text and code: whether the judge sees one step (code) or all steps so far (paper). A
`StepJudge` gets both, and its prompt decides.

References:
    ExpRL, arXiv 2606.17024, and the code at github.com/violetxi/ExpRL.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor

from ....agents import ModelError
from ....envs.actions.blocks import after_thinking, code_blocks
from ....judge import JudgeError
from ....problems import Label, Problem
from ...rows import RL, Row
from ..algorithm import Algorithm, Group, Scored, ScoringContext, Wants
from ..framework.groups import group_passes
from .advantages import Norm, check_norm, step_advantages
from .steps import Splitting, completed_programs, parse_score, split_steps, token_steps

logger = logging.getLogger(__name__)

JUDGES = 8
"""Number of programs that are judged at a time."""
Scores = Callable[[Scored], Tensor | None]
"""Function that returns the scores [K] of the steps of an episode; None if they cannot be read."""
PROMPT = """\
A solver works on the task below, step by step. Rate the last of the steps so far: how much does it help
towards a right solution? The reference solution is right; the solver does not see it, and other ways can be
right too.

## Task

{problem}

## Reference solution

{reference}

## Steps so far

{steps}

## Last step

{step}

Answer with one line, `Score: N`, where N is a whole number from 1 (harmful or useless) to 5 (decisive)."""
"""Prompt of the judge model."""


@dataclass(frozen=True, kw_only=True)
class ExpRLSettings:
    """Settings of ExpRL."""

    norm: Norm = "delta"
    """Baseline of a step: `delta`, `end`, `group` or `batch`; `batch` compares all groups of a round."""
    judge: Literal["executable", "model"] = "executable"
    """Judge of the steps: `executable` runs the program cut after the step and completed by the reference;
    `model` asks the judge model of the run."""
    by: Splitting = "lines"
    """How a program (`executable`) or a reply (`model`) is split into steps: `marker`, `lines` or
    `statements`."""
    marker: str = "###"
    """End of a step, where `by` is `marker`."""
    reference: Literal["accepted", "wrong_answer"] = "accepted"
    """Which program of the problem is the reference: an accepted one, or as a control a wrong one."""
    test_groups: int = 3
    """Number of groups of tests, by input size; a score is the share of the groups that a program passes."""

    def __post_init__(self) -> None:
        check_norm(self.norm)
        for name, allowed in (
            ("judge", ("executable", "model")),
            ("by", ("marker", "lines", "statements")),
            ("reference", ("accepted", "wrong_answer")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}")
        if self.test_groups < 1:
            raise ValueError(f"test_groups must be at least 1, got {self.test_groups!r}")


class ExpRL(Algorithm):
    """Gives each sampled token the advantage of its step.

    With the executable judge, the steps are those of the submitted program. What the reply has before the
    program belongs to the first step, and what follows it to the last. An episode without a program has one
    step with a score of 0. An episode of several replies, or whose program is not a part of its reply word
    for word, has one step with the score of its program. With the judge model, the steps are those of the
    last reply, and earlier replies belong to its first step.

    A rollout whose reply was cut by the token limit has a score of 0 for each step, and is learned from. A
    rollout that the judge failed on, or whose scores cannot be read, has weight 0.

    Args:
        group_size: Number of episodes per problem.
        settings: Settings of the method.
        scores: Function that scores the steps of an episode in place of the judge.
        step_ids: With `scores`, function that returns the number of the step of each token of an episode,
            int64 [T], in [0, K); by default the turns.
    """

    name = "exprl"
    wants = Wants(all_runs=True)

    def __init__(
        self,
        *,
        group_size: int,
        settings: ExpRLSettings | None = None,
        scores: Scores | None = None,
        step_ids: Callable[[Scored], Tensor] | None = None,
    ) -> None:
        super().__init__(group_size=group_size)
        self.settings = settings or ExpRLSettings()
        self._scores, self._step_ids = scores, step_ids or (lambda scored: scored.row.turn_ids)
        if scores is None and self.settings.judge == "model":
            self.wants = replace(self.wants, judge_model=True)

    def score_groups(
        self, groups: Sequence[Group], context: ScoringContext
    ) -> list[Group] | Coroutine[Any, Any, list[Group]]:
        """Return the groups with the advantages of their steps on the rows.

        Raises:
            ValueError: A problem has no reference program.
        """
        members = [(group.problem, member) for group in groups for member in group.members]
        if self._scores is not None:
            judged = [
                _Judged(scores=self._scores(member), step_ids=self._step_ids(member)) for _, member in members
            ]
            return self._spread(groups, judged)
        split = [self._split(problem, member, context.tokenizer) for problem, member in members]
        if self.settings.judge == "model":
            return self._by_model(groups, split, context)
        return self._spread(groups, self._by_runs(split, context))

    def _spread(self, groups: Sequence[Group], judged: Sequence[_Judged]) -> list[Group]:
        members = [(number, member) for number, group in enumerate(groups) for member in group.members]
        found = [_cut(member, each.scores) for (_, member), each in zip(members, judged, strict=True)]
        readable = [scores for scores in found if scores is not None]
        ids = [number for (number, _), scores in zip(members, found, strict=True) if scores is not None]
        norm = self.settings.norm
        advantages = iter(step_advantages(readable, norm=norm, group_ids=ids) if readable else ())
        rows = iter(
            _unlearned(member.row) if scores is None else _spread(member.row, next(advantages), each.step_ids)
            for (_, member), scores, each in zip(members, found, judged, strict=True)
        )
        return [group.with_rows(list(itertools.islice(rows, len(group.members)))) for group in groups]

    def _split(self, problem: Problem, member: Scored, tokenizer: Any) -> _Split:
        """Split an episode into steps."""
        settings, row = self.settings, member.row
        program = member.episode.submission
        whole = torch.zeros(len(row), dtype=torch.int64)
        single = _Split(problem=problem, steps=(), program=program, step_ids=whole)
        last = int(row.turn_ids[-1]) if len(row) else 0
        places = ((row.turn_ids == last) & row.loss_mask).nonzero().flatten()
        if not len(places) or (settings.judge == "executable" and (last or not program)):
            return single
        tokens = _texts(tokenizer, row.token_ids[places].tolist())
        reply = "".join(tokens)
        start, end = 0, len(reply)
        if settings.judge == "executable":
            block = _program_span(reply, program or "")
            if block is None:
                return single
            start, end = block
        try:
            steps = split_steps(reply[start:end], by=settings.by, marker=settings.marker)
        except ValueError:  # the program is not Python
            return single
        if not steps:
            return single
        covering = [*steps]
        covering[0] = reply[:start] + covering[0]
        covering[-1] += reply[end:]
        step_ids = whole.clone()
        step_ids[places] = token_steps(tokens, covering)
        return replace(single, steps=tuple(steps), step_ids=step_ids)

    def _by_runs(self, split: Sequence[_Split], context: ScoringContext) -> list[_Judged]:
        """Score steps by running the programs that they complete; equal programs are judged once."""
        judge = context.judge
        if judge is None:
            raise ValueError("the executable judge needs the judge of a training run in the scoring context")
        programs = [self._programs(each) for each in split]
        wanted = {
            (each.problem.id, source): each.problem
            for each, sources in zip(split, programs, strict=True)
            for source in sources
        }
        with ThreadPoolExecutor(JUDGES) as pool:
            shares = pool.map(
                lambda key: _share(partial(judge, wanted[key], key[1]), self.settings.test_groups), wanted
            )
            known = dict(zip(wanted, shares, strict=True))
        return [
            _Judged(
                scores=_vector([known[each.problem.id, source] for source in sources] or [0.0]),
                step_ids=each.step_ids,
            )
            for each, sources in zip(split, programs, strict=True)
        ]

    def _programs(self, split: _Split) -> list[str]:
        """Return the completed programs of the steps of an episode; none without a program."""
        if not split.program or not split.program.strip():
            return []
        if len(split.steps) < 2:
            return [split.program]
        settings = self.settings
        reference = split_steps(self._reference(split.problem), by=settings.by, marker=settings.marker)
        return [*completed_programs(split.steps, reference)[:-1], split.program]

    async def _by_model(
        self, groups: Sequence[Group], split: Sequence[_Split], context: ScoringContext
    ) -> list[Group]:
        """Ask the judge model about all steps of all episodes at the same time."""
        ask = context.judge_model
        if ask is None:
            raise ValueError("exprl with judge=model needs a judge model: give --judge-model")

        async def score(each: _Split, count: int) -> float | None:
            prompt = PROMPT.format(
                problem=each.problem.statement.strip(),
                reference=self._reference(each.problem),
                steps="".join(each.steps[:count]),
                step=each.steps[count - 1],
            )
            try:
                return parse_score(await ask(prompt))
            except ModelError as error:
                logger.warning("a step has no score: %s", error)
                return None

        async def judged(each: _Split) -> _Judged:
            counts = range(1, len(each.steps) + 1)
            found = await asyncio.gather(*(score(each, count) for count in counts))
            return _Judged(scores=_vector(found or [0.0]), step_ids=each.step_ids)

        return self._spread(groups, await asyncio.gather(*map(judged, split)))

    def _reference(self, problem: Problem) -> str:
        label = Label(self.settings.reference)
        found = (each for each in problem.submissions if each.label is label and each.name.endswith(".py"))
        if (chosen := next(found, None)) is None:
            raise ValueError(
                f"exprl needs a Python program labelled {label.value} of {problem.id!r}: it has none"
            )
        return chosen.source.decode()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Split:
    """The steps of an episode; none stands for a single step."""

    problem: Problem
    steps: tuple[str, ...]
    program: str | None
    step_ids: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """The scores of the steps of an episode, None if unreadable, and the number of each token's step."""

    scores: Tensor | None
    step_ids: Tensor


def _share(judge: Callable[[], Any], groups: int) -> float | None:
    """Return the share of groups of tests that a program passes; None when the judge failed twice."""
    for attempt in (1, 2):
        try:
            return group_passes(judge(), groups).mean().item()
        except JudgeError as error:
            logger.warning("attempt %d at a step of a program failed: %s", attempt, error)
    return None


def _vector(scores: Sequence[float | None]) -> Tensor | None:
    known = [score for score in scores if score is not None]
    return torch.tensor(known, dtype=torch.float64) if len(known) == len(scores) else None


def _cut(member: Scored, scores: Tensor | None) -> Tensor | None:
    return torch.zeros_like(scores) if scores is not None and member.row.truncated else scores


def _program_span(reply: str, program: str) -> tuple[int, int] | None:
    """Return where the program is in the reply; None if it is not there word for word."""
    text = after_thinking(reply)
    blocks = [block for block in code_blocks(text) if not block.stray]
    if not blocks:
        return None
    shift, block = len(reply) - len(text), blocks[-1]
    start, end = shift + block.start, shift + block.end
    return (start, end) if reply[start:end].strip() == program.strip() else None


def _texts(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """Return the text of each token; special tokens have none."""

    def decode(part: Sequence[int]) -> str:
        return str(tokenizer.decode(part, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    texts = [decode([token]) for token in ids]
    if "".join(texts) == (whole := decode(ids)):
        return texts
    # Tokens may end within a character, whose text then belongs to the token that completes it.
    ends, shown = [], 0
    for count in range(1, len(ids) + 1):
        text = decode(ids[:count])
        shown = len(text) if whole.startswith(text) else shown
        ends.append(shown)
    return [whole[a:b] for a, b in zip([0, *ends], [*ends[:-1], len(whole)], strict=False)]


def _spread(row: Row, advantages: Tensor, step_ids: Tensor) -> Row:
    if step_ids.shape != row.token_ids.shape:
        raise ValueError(f"step_ids must be [{len(row)}], got {list(step_ids.shape)}")
    if len(row) and not 0 <= int(step_ids.min()) <= int(step_ids.max()) < len(advantages):
        raise ValueError(f"step_ids must be in [0, {len(advantages)}), got up to {int(step_ids.max())}")
    return replace(row, advantages=advantages.float()[step_ids] * row.loss_mask)


def _unlearned(row: Row) -> Row:
    return replace(row, weights={**row.weights, RL: torch.zeros_like(row.weights[RL])})
