"""Solve rates and times of the programs of a family, on the same puzzles as the reasoners."""

from __future__ import annotations

from dataclasses import replace

from ....judge import Judge, Language, Submission
from ....problems import Testset
from ....problems.families.puzzles import GridInstance, program_problem


def program_rates(instances: tuple[GridInstance, ...], judge: Judge) -> dict[str, dict[str, float]]:
    """Judge each program; return its solve rate and the CPU seconds per puzzle, by the name of its file."""
    family = instances[0].family
    pairs = [(each.puzzle.encode(), each.solution.encode()) for each in instances]
    problem = replace(program_problem(family), tests=Testset.inline(pairs))
    rates = {}
    for each in problem.submissions:
        submission = Submission(source=each.source, language=Language.of_file(each.name))
        judgement = judge.judge(problem, submission)
        rates[each.name] = {
            "rate": judgement.passed / judgement.selected,
            "cpu_s": judgement.cpu_time_s / judgement.selected,
        }
    return rates
