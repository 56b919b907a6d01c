"""Proofs of labels: the judge runs programs on all hidden tests, and says whether it finds the same again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...judge import JudgeError, Judgement, JudgePool, JudgeTask, Language, Submission
from ...problems import Problem
from ...problems.verification import VerificationTask


@dataclass(frozen=True, kw_only=True)
class WrongLabel:
    """A label that the judge did not find again."""

    task: str
    candidate: int
    """Number of the candidate, from 1."""
    stated: tuple[int, int]
    """Tests passed and tests, as the task states them."""
    found: tuple[int, int] | None
    """Tests passed and tests, as the judge found them; None without a verdict."""


def judge_programs(
    judge: JudgePool, problem: Problem, programs: Sequence[tuple[str, Language]]
) -> list[Judgement | JudgeError | None]:
    """Judge programs on all hidden tests; None for a text that is no program, such as an empty one."""
    tasks: list[JudgeTask | None] = []
    for source, language in programs:
        try:
            submission = Submission(source=source.encode(), language=language)
        except ValueError:
            tasks.append(None)
        else:
            tasks.append(JudgeTask(problem=problem, submission=submission))
    found = iter(judge.judge_many([task for task in tasks if task is not None]))
    return [None if task is None else next(found) for task in tasks]


def prove_labels(
    tasks: Sequence[VerificationTask],
    judge: JudgePool,
    find: Callable[[str], Problem],
    *,
    on_program: Callable[[int], None] = lambda count: None,
) -> list[WrongLabel]:
    """Judge every distinct program of the tasks again and return the labels that differ.

    Args:
        tasks: The tasks.
        judge: Judge of the programs.
        find: Finds the problem of a task by `problem_spec`.
        on_program: Called with the number of programs judged so far.

    Raises:
        ProblemError: A problem is not found.
    """
    wrong: list[WrongLabel] = []
    judged = 0
    for spec in dict.fromkeys(task.problem_spec for task in tasks):
        own = [task for task in tasks if task.problem_spec == spec]
        problem = find(spec)
        programs = list(
            dict.fromkeys((each.source, Language(each.language)) for task in own for each in task.candidates)
        )
        found = dict(zip(programs, judge_programs(judge, problem, programs), strict=True))
        judged += len(programs)
        on_program(judged)
        for task in own:
            for number, each in enumerate(task.candidates, start=1):
                judgement = found[each.source, Language(each.language)]
                counts = None
                if isinstance(judgement, Judgement):
                    counts = (judgement.passed, judgement.selected)
                if counts != (each.passed, each.selected):
                    wrong.append(
                        WrongLabel(
                            task=task.id, candidate=number, stated=(each.passed, each.selected), found=counts
                        )
                    )
    return wrong
