"""Judgements of answers, computed from the executed pass rates of the candidates, and rewards of rankings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from ...judge import Compilation, JudgeIdentity, Judgement, Run, Verdict, failure_class, overall_verdict
from ...judge.judgement import NO_SANDBOX
from .answers import Answer

TABLE = JudgeIdentity(version="1", sandbox=NO_SANDBOX)
"""Identity in place of a judge: the labels were proved when the set was built, and nothing is run."""


def judge_answer(answer: Answer, pass_rates: Sequence[float]) -> Judgement:
    """Judge an answer: the first run is AC if its first program has the highest pass rate.

    A ranking has a further run for each pair of programs with different pass rates, in the order (1, 2),
    (1, 3), ...; the run is AC if the program with the higher pass rate is ranked before the other one. Its
    score is Kendall's tau-b of the ranking and the pass rates.

    Args:
        answer: The best program alone, or all programs, the best first; numbers from 1.
        pass_rates: Pass rates of the programs; the highest one occurs once.
    """
    best = 1 + max(range(len(pass_rates)), key=lambda place: pass_rates[place])
    outcomes = [answer[0] == best]
    score = None
    if len(answer) > 1:
        score = kendall_tau_b([-answer.index(number + 1) for number in range(len(answer))], pass_rates)
        place = {number: where for where, number in enumerate(answer)}
        for one, other in combinations(range(1, len(pass_rates) + 1), 2):
            first, second = pass_rates[one - 1], pass_rates[other - 1]
            if first != second:
                outcomes.append((place[one] < place[other]) == (first > second))
    runs = tuple(_run(number, good) for number, good in enumerate(outcomes))
    verdicts = [run.verdict for run in runs]
    return Judgement(
        verdict=overall_verdict(verdicts),
        failure_class=failure_class(verdicts),
        runs=runs,
        selected=len(runs),
        coverage=1.0,
        compilation=Compilation(ok=True),
        judge=TABLE,
        score=score,
    )


def best_first(judgement: Judgement | None) -> float:
    """Return 1 when the first program of a ranking is the best one, otherwise 0."""
    return float(judgement is not None and bool(judgement.runs) and judgement.runs[0].verdict.accepted)


def kendall(judgement: Judgement | None) -> float:
    """Return Kendall's tau-b of a ranking and the pass rates, in [-1, 1]; -1 without a ranking."""
    return -1.0 if judgement is None or judgement.score is None else judgement.score


def kendall_tau_b(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Kendall's tau-b of two ratings of the same items, in [-1, 1]; 0 if either rates all items equal.

    (C - D) / sqrt((C + D + T1) (C + D + T2)), with C and D the pairs of items that both ratings order in the
    same and in different ways, and T1 and T2 the pairs that only the first or only the second rates equal.

    Raises:
        ValueError: The ratings differ in length, or there are fewer than 2 items.

    References:
        Kendall, Biometrika 33 (1945), 239-251; as a metric of verifiers: arXiv 2601.12186.
    """
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(f"need ratings of the same 2 or more items, got {len(first)} and {len(second)}")
    concordant = discordant = only_first = only_second = 0
    for one, other in combinations(range(len(first)), 2):
        before, after = _sign(first[one] - first[other]), _sign(second[one] - second[other])
        concordant += before * after > 0
        discordant += before * after < 0
        only_first += before == 0 and after != 0
        only_second += after == 0 and before != 0
    decided = concordant + discordant
    scale = math.sqrt((decided + only_first) * (decided + only_second))
    return (concordant - discordant) / scale if scale else 0.0


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _run(number: int, good: bool) -> Run:
    return Run(
        test=f"pair-{number}" if number else "best",
        index=number,
        input_size=0,
        verdict=Verdict.ACCEPTED if good else Verdict.WRONG_ANSWER,
        cpu_time_s=0.0,
        wall_time_s=0.0,
        memory_mib=0.0,
    )
