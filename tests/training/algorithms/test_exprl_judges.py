"""The judges of ExpRL in a training step: runs of completed programs, and a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge, Language
from codefrontier.problems import Problem
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents import ModelError
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.agents.records.record import JudgementRecord
    from codefrontier.judge import Language, Submission
    from codefrontier.training.algorithms.algorithm import Group, Scored, ScoringContext
    from codefrontier.training.algorithms.exprl import ExpRL, ExpRLSettings
    from codefrontier.training.rows import row_of
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import Trainer, train

REPLY = ("```python\n", "#slow\n", "print(", "2", ")", "\n```")


@pytest.fixture
def group(problem_of: Callable[..., Problem], episode_of: Callable[..., Any], tokenizer: Any) -> Group:
    """Return a group of one reply with a program of two lines, the second of which is wrong."""
    ids = (1, *(tokenizer.convert_tokens_to_ids(piece) for piece in REPLY))
    episode = episode_of(reward=0.0)
    span = replace(
        episode.steps[0].tokens,
        ids=ids,
        loss_mask=(False, *[True] * len(REPLY)),
        log_probs=(0.0, *[-0.5] * len(REPLY)),
    )
    step = replace(episode.steps[0], tokens=span, action="".join(REPLY))
    episode = replace(episode, steps=(step,), submission="#slow\nprint(2)\n")
    row = row_of(episode, group_id="red-task", policy_version=0)
    return Group(problem=problem_of("red"), members=(Scored(episode=episode, row=row),))


def context(tokenizer: Any, **parts: Any) -> ScoringContext:
    return ScoringContext(step=0, generator=torch.Generator(), tokenizer=tokenizer, **parts)


@pytest.mark.sandbox
@pytest.mark.parametrize(("reference", "line", "rest"), [("accepted", 1.0, -1.0), ("wrong_answer", 0.0, 0.0)])
def test_a_line_is_worth_what_the_reference_makes_of_it(
    group: Group, tokenizer: Any, reference: Any, line: float, rest: float
) -> None:
    settings = ExpRLSettings(reference=reference)
    with Judge() as judge:

        def ask(problem: Problem, source: str) -> JudgementRecord:
            judgement = judge.judge(problem, Submission(source=source.encode(), language=Language.PYTHON))
            return JudgementRecord.of(judgement, tests=len(problem.tests))

        found = ExpRL(group_size=1, settings=settings).score_groups([group], context(tokenizer, judge=ask))
    assert isinstance(found, list)
    # The first line completed by `print(1)` is right, the whole program is not: 1 - 0 and 0 - 1.
    advantages = found[0].rows[0].advantages.tolist()
    assert advantages == [0.0, line, line, rest, rest, rest, rest]


def test_a_model_rates_the_lines_and_what_cannot_be_read_is_left_out(group: Group, tokenizer: Any) -> None:
    prompts: list[str] = []

    async def rate(prompt: str) -> str:
        prompts.append(prompt)
        return "Score: 4" if "## Last step\n\n#slow" in prompt else "Score: 2"

    async def refuse(prompt: str) -> str:
        raise ModelError("gone")

    settings = ExpRLSettings(judge="model", norm="end")
    algorithm = ExpRL(group_size=1, settings=settings)
    assert algorithm.wants.judge_model
    for ask, weighted in ((rate, True), (refuse, False)):
        scored: Any = algorithm.score_groups([group], context(tokenizer, judge_model=ask))
        row = asyncio.run(scored)[0].rows[0]
        assert bool(row.weights["rl"].any()) is weighted
    assert all("#fast\nprint(1)" in prompt and "Print 1." in prompt for prompt in prompts)
    assert len(prompts) == len("".join(REPLY).splitlines())


def test_without_its_judge_it_says_what_is_missing(
    group: Group,
    tokenizer: Any,
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., ProblemStream],
    judge_that: type[Any],
) -> None:
    with pytest.raises(ValueError, match="needs the judge of a training run"):
        ExpRL(group_size=1).score_groups([group], context(tokenizer))
    bare = replace(group, problem=replace(group.problem, submissions=()))
    with pytest.raises(ValueError, match="a Python program labelled accepted of 'red-task'"):
        ExpRL(group_size=1).score_groups([bare], context(tokenizer, judge=judge_that))
    chosen = settings(algorithm="exprl", algorithm_options=("judge=model",))
    with pytest.raises(ValueError, match="needs a judge model: give --judge-model"):
        train(chosen, judge=judge_that(), problems=stream_of())


def test_the_executable_judge_trains(
    policy: LocalPolicy,
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., ProblemStream],
    judge_that: type[Any],
) -> None:
    algorithm = ExpRL(group_size=4, settings=ExpRLSettings(norm="group"))
    chosen = settings(prompts=4, group=4, lr=1e-2, refill_rounds=0)
    trainer = Trainer(chosen, policy, algorithm, VerdictCache(judge_that(), stop_early=False), stream_of())
    lines = [trainer.take_step() for _ in range(10)]
    assert lines[-1]["reward_mean"] > lines[0]["reward_mean"]
