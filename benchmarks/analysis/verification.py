"""Metrics of verifiers: accuracy, majority, best-of-N, ranking, position bias, consistency, calibration.

Pure functions on answers. Intervals are over problems: the tasks of a problem are one cluster.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...envs.verification.judging import kendall_tau_b
from .clustered import clustered_mean, clustered_share, numbered
from .statistics import Interval

BINS = 10
"""Number of bins of confidence for the calibration error."""


@dataclass(frozen=True, kw_only=True)
class VerifierAnswer:
    """One reply of a verifier to a task."""

    task: str
    """Id of the task; orders of the same candidates are tasks of their own."""
    base: str
    """Id that the orders of the same candidates share."""
    turn: int
    """Number of the order: how many places every candidate has moved forward."""
    problem: str
    """The problem that the candidates are for."""
    kind: str
    sample: int
    order: tuple[int, ...]
    """The answer: numbers of programs from 1, the best first; empty for a reply without an answer."""
    pass_rates: tuple[float, ...]

    def __post_init__(self) -> None:
        if any(not 1 <= number <= len(self.pass_rates) for number in self.order):
            raise ValueError(f"an answer must name programs 1 to {len(self.pass_rates)}, got {self.order}")

    @property
    def right(self) -> bool:
        """Whether the best program was named, or ranked first."""
        return bool(self.order) and self.order[0] == 1 + int(np.argmax(self.pass_rates))

    @property
    def chosen(self) -> int | None:
        """The candidate that was named, as a number that does not depend on the order; None without one."""
        return (self.order[0] - 1 - self.turn) % len(self.pass_rates) if self.order else None

    @property
    def tau(self) -> float | None:
        """Kendall's tau-b of a ranking and the pass rates; None where the answer ranks nothing."""
        count = len(self.pass_rates)
        if len(self.order) != count:
            return None
        return kendall_tau_b([-self.order.index(number) for number in range(1, count + 1)], self.pass_rates)


@dataclass(frozen=True, kw_only=True)
class VerifierMetrics:
    """The metrics of a verifier on a set of tasks."""

    tasks: int
    problems: int
    samples: int
    """Largest number of replies to a task, K."""
    chance: float
    """Top-1 of a uniform choice."""
    top_1: Interval | None
    """Share of right answers. Intervals are None with fewer than two problems."""
    majority: Interval | None
    """Share of tasks whose most frequent answer is right; equally frequent answers share the task."""
    best_of_n: Interval | None
    """Share of tasks with a right answer among all K."""
    tau_b: Interval | None
    """Mean of Kendall's tau-b over rankings; None without rankings."""
    parsed: Interval | None
    """Share of replies with an answer."""
    by_place: tuple[float, ...]
    """Share of the answers that name place 1, 2, ..., over the share that a uniform choice would name."""
    position_bias: float
    """Total variation distance, in [0, 1], between the places named and the places of the right programs."""
    consistency: Interval | None
    """Share of pairs of orders of a task in which the same candidate is named; None with one order."""
    calibration_error: float
    """Mean difference between the share of a task's replies that agree with its majority, and its being
    right, in bins of that share."""


def verifier_metrics(answers: Sequence[VerifierAnswer]) -> VerifierMetrics:
    """Return the metrics of the answers of one verifier.

    Raises:
        ValueError: There are no answers.
    """
    if not answers:
        raise ValueError("there are no answers to measure")
    tasks: dict[str, list[VerifierAnswer]] = defaultdict(list)
    for answer in answers:
        tasks[answer.task].append(answer)
    majorities = {task: _majority(own) for task, own in tasks.items()}

    def over_tasks(value: Callable[[Sequence[VerifierAnswer]], float]) -> Interval | None:
        names = [own[0].problem for own in tasks.values()]
        return _share([value(own) for own in tasks.values()], names, len(answers))

    taus = [(answer.problem, answer.tau) for answer in answers if answer.tau is not None]
    agreement = _agreement(answers)
    by_place, bias = _places(answers)
    return VerifierMetrics(
        tasks=len(tasks),
        problems=len({answer.problem for answer in answers}),
        samples=max(map(len, tasks.values())),
        chance=float(np.mean([1 / len(own[0].pass_rates) for own in tasks.values()])),
        top_1=over_tasks(lambda own: float(np.mean([answer.right for answer in own]))),
        majority=over_tasks(lambda own: majorities[own[0].task][1]),
        best_of_n=over_tasks(lambda own: float(any(answer.right for answer in own))),
        tau_b=_mean([tau for _, tau in taus], [problem for problem, _ in taus]),
        parsed=over_tasks(lambda own: float(np.mean([bool(answer.order) for answer in own]))),
        by_place=by_place,
        position_bias=bias,
        consistency=_share([same for _, same in agreement], [each for each, _ in agreement], len(agreement)),
        calibration_error=calibration_error(*zip(*majorities.values(), strict=True)),
    )


def calibration_error(confidence: Sequence[float], right: Sequence[float]) -> float:
    """Return the expected calibration error in ten bins of equal width, in [0, 1].

    Args:
        confidence: [T], in [0, 1].
        right: [T], in [0, 1].

    References:
        Naeini, Cooper, Hauskrecht, AAAI 2015.
    """
    stated, found = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if stated.shape != found.shape or not stated.size:
        raise ValueError(f"need equal, not empty shapes, got {list(stated.shape)} and {list(found.shape)}")
    bins = np.minimum((stated * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=stated - found, minlength=BINS)
    return float(np.abs(gaps).sum() / stated.size)


def _majority(own: Sequence[VerifierAnswer]) -> tuple[float, float]:
    """Return the share of the most frequent answer, and how right it is."""
    votes = Counter(answer.order[0] for answer in own if answer.order)
    if not votes:
        return 0.0, 0.0
    most = max(votes.values())
    first = [number for number, count in votes.items() if count == most]
    best = 1 + int(np.argmax(own[0].pass_rates))
    return most / len(own), float(best in first) / len(first)


def _agreement(answers: Sequence[VerifierAnswer]) -> list[tuple[str, float]]:
    """Return the problem, and whether the same candidate was named, for each pair of orders of a task."""
    groups: dict[tuple[str, int], list[VerifierAnswer]] = defaultdict(list)
    for answer in answers:
        if answer.order:
            groups[answer.base, answer.sample].append(answer)
    return [
        (one.problem, float(one.chosen == other.chosen))
        for own in groups.values()
        for one, other in combinations(own, 2)
        if one.turn != other.turn
    ]


def _places(answers: Sequence[VerifierAnswer]) -> tuple[tuple[float, ...], float]:
    """Return the relative frequency of each place, and its distance from the places of the right ones."""
    most = max(len(answer.pass_rates) for answer in answers)
    named, expected, right = np.zeros(most), np.zeros(most), np.zeros(most)
    for answer in answers:
        if answer.order:
            named[answer.order[0] - 1] += 1
            expected[: len(answer.pass_rates)] += 1 / len(answer.pass_rates)
            right[int(np.argmax(answer.pass_rates))] += 1
    total = named.sum()
    if not total:
        return (0.0,) * most, 0.0
    relative = np.divide(named, expected, out=np.zeros(most), where=expected > 0)
    return tuple(float(each) for each in relative), float(np.abs(named - right).sum() / (2 * total))


def _share(values: Sequence[float], names: Sequence[str], most: float) -> Interval | None:
    if len(set(names)) < 2:
        return None
    return clustered_share(values, numbered(list(names)), most)


def _mean(values: Sequence[float], names: Sequence[str]) -> Interval | None:
    return clustered_mean(values, numbered(list(names))) if len(set(names)) > 1 else None
