"""Online fixing: a program that fails becomes, with statistics of its run, the prompt of a group of its own.

For a problem x and a failing program y of the current policy, z(x, y) is a repair prompt: the statement, the
program, aggregate statistics of its execution, and a short hint that allows to reuse or to rewrite the
program. The loss (equation 8) is

    L = E_x [L_GRPO(x)] + E_{x, y ~ pi(x)} [1{r(y) = 0} L_GRPO(z(x, y))]

The replies to z are a group of their own with their own baseline, and the program in the prompt is context:
no gradient flows to y. The control "resample only" puts x in place of z: as many further replies to the
original prompt, without feedback. `fix_at_k` is conditional on a failure and is not to be added to pass@k.

Departures and what the paper leaves open:
    - The wording of the prompt is ours; the paper's prompt was not available.
    - The statistics are the numbers of tests per verdict, and nothing else. Times, memory, outputs, exit
      statuses and compiler messages are left out: a program could write its hidden input into them.
    - The paper repairs each failing program. `limit` bounds the number per problem, the first ones by sample
      number, because the number of failures decides the cost of a step.
    - A reply without a program is not repaired: the prompt has nothing to show.
    - "Failing" is a verdict other than AC on the tests that the environment selects, also where judging
      stopped at the first failure; then the counts cover only the tests that ran, and the prompt says so.

References:
    Extrapolative Weight Averaging, arXiv 2605.28751, appendix G, equation 8 (known from summaries).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch

from ...agents import JudgementRecord
from ...envs.feedback import VERDICT_NAMES
from ...judge import FailureClass, Verdict, failure_class
from ...problems import Problem
from ...problems.presenting import fenced
from .algorithm import EpisodePlan, Group, Scored, Wants
from .grpo import GRPO

Key = TypeVar("Key", bound=Hashable)

_LIMITS = {Verdict.TIME_LIMIT_EXCEEDED, Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.OUTPUT_LIMIT_EXCEEDED}


def repair_prompt(statement: str, program: str, judgement_record: JudgementRecord) -> str:
    """Return a prompt that asks for a repaired program, with the numbers of tests per verdict.

    Nothing about a single test is in it: no input, output, name, position, time or memory.

    Args:
        statement: The original prompt: statement, limits and samples.
        program: The program that failed.
        judgement_record: Its judgement.

    Raises:
        ValueError: The program is accepted or empty.
    """
    if judgement_record.verdict.accepted:
        raise ValueError("only a program that failed is repaired, got an accepted program")
    if not program.strip():
        raise ValueError("program must not be empty: there is nothing to repair")
    return "\n\n".join(
        [
            statement.strip(),
            "## An earlier attempt",
            "This program was submitted before and was not accepted:",
            fenced(program),
            execution_statistics(judgement_record),
            _hint(judgement_record),
            "Submit a program that solves the task. Reuse parts of the program above, or write a new one.",
        ]
    )


def execution_statistics(judgement_record: JudgementRecord) -> str:
    """Return sentences with the numbers of tests per verdict, in a fixed order of verdicts."""
    if judgement_record.verdict is Verdict.COMPILE_ERROR:
        return "It did not compile."
    counts = Counter(run.verdict for run in judgement_record.runs)
    total = sum(counts.values())
    parts = [f"{VERDICT_NAMES[verdict]}: {counts[verdict]}" for verdict in Verdict if counts[verdict]]
    stopped = " Judging stopped at the first failure." if total < judgement_record.selected else ""
    return f"Results on {total} of {judgement_record.selected} hidden tests: {', '.join(parts)}.{stopped}"


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A further group of replies that a failed episode gives rise to."""

    problem_id: str
    parent: int
    """Sample number of the failed episode."""
    prompt: str | None = field(default=None, repr=False)
    """Prompt of the replies; None is the original prompt."""


def repair_retries(group: Group, *, statement: str | None = None, limit: int | None = None) -> list[Retry]:
    """Return a repair prompt for each failed program of a group.

    Args:
        group: The valid episodes of a problem.
        statement: The original prompt; by default the first observation of the failed episode.
        limit: Largest number of programs, the first ones by sample number; None repairs all.

    Raises:
        ValueError: `limit` is negative.
    """
    return [
        Retry(
            problem_id=member.episode.problem_id,
            parent=member.episode.sample,
            prompt=repair_prompt(statement or member.episode.observation, program, judgement),
        )
        for member, program, judgement in _failures(group, limit)
    ]


def resample_retries(group: Group, *, limit: int | None = None) -> list[Retry]:
    """Return the control of `repair_retries`: the same parents in the same order, with the original prompt.

    Raises:
        ValueError: `limit` is negative.
    """
    return [
        Retry(problem_id=member.episode.problem_id, parent=member.episode.sample)
        for member, _, _ in _failures(group, limit)
    ]


def fix_at_k(counts: Sequence[tuple[int, int]], *, k: int = 1) -> float:
    """Estimate the probability that one of k replies to a failed program is accepted.

    For each failed program with n replies, c of them accepted, 1 - C(n - c, k) / C(n, k) is unbiased; the
    result is the mean over the programs.

    Args:
        counts: Pairs (n, c), one for each failed program. n >= k.
        k: Number of replies, at least 1.

    Raises:
        ValueError: There are no programs, or a number is out of range.

    References:
        The estimator: arXiv 2107.03374, equation 1.
    """
    if not counts:
        raise ValueError("fix@k needs at least one failed program, got no counts")
    return math.fsum(_fixed_share(n, c, k) for n, c in counts) / len(counts)


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """Difference in fix@k between two arms on the same failed programs."""

    difference: float
    """Mean over the programs of the first arm minus the second."""
    standard_error: float
    """Standard error of the mean, from the differences of single programs; infinite for one program."""
    programs: int
    """Number of programs that both arms have."""

    @property
    def detectable(self) -> float:
        """The difference found with power 0.8 by a two-sided test at level 0.05: 2.8 standard errors."""
        return 2.8 * self.standard_error


def paired_difference(
    repaired: Mapping[Key, tuple[int, int]],
    resampled: Mapping[Key, tuple[int, int]],
    *,
    k: int = 1,
) -> PairedDifference:
    """Compare repair with its control program by program, so that the difficulty of a program cancels.

    Args:
        repaired: Pairs (n, c) of replies and accepted replies to repair prompts, by failed program. The key
            names the program, for example problem, step and parent.
        resampled: The same for the control.
        k: Number of replies, at least 1.

    Raises:
        ValueError: The arms have different programs or none, the number of replies to a program differs
            between the arms, or a number is out of range.
    """
    if not repaired or repaired.keys() != resampled.keys():
        odd = len(repaired.keys() ^ resampled.keys())
        raise ValueError(f"both arms need the same failed programs, got {odd} programs in one arm only")
    unequal = [key for key in repaired if repaired[key][0] != resampled[key][0]]
    if unequal:
        raise ValueError(f"both arms need equal numbers of replies, they differ for {unequal[0]!r}")
    values = torch.tensor(
        [_fixed_share(*repaired[key], k) - _fixed_share(*resampled[key], k) for key in repaired],
        dtype=torch.float64,
    )
    error = (values.std() / math.sqrt(len(values))).item() if len(values) > 1 else math.inf
    return PairedDifference(difference=values.mean().item(), standard_error=error, programs=len(values))


class OnlineFixing(GRPO):
    """GRPO with a further group of replies to a repair prompt for each failed program.

    Sample numbers from `group_size` on belong to the further groups, `retries` numbers each. Each further
    group has its own baseline.

    Args:
        group_size: Number of episodes per problem.
        retries: Number of replies per failed program, at least 2.
        limit: Largest number of failed programs per problem; None takes all.

    Raises:
        ValueError: A number is out of range.
    """

    name = "online_fixing"
    wants = Wants(all_runs=True)

    def __init__(self, *, group_size: int, retries: int = 8, limit: int | None = None) -> None:
        super().__init__(group_size=group_size)
        if retries < 2:
            raise ValueError(f"retries must be at least 2, as one reply has no baseline, got {retries!r}")
        _check_limit(limit)
        self.retries, self.limit = retries, limit
        self._expanded: set[str] = set()  # ids of the problems whose further groups were planned

    def plan_group(self, problem: Problem) -> Sequence[EpisodePlan]:
        """Return the plans of the first replies."""
        self._expanded.discard(problem.id)
        return super().plan_group(problem)

    def expand(self, group: Group) -> Sequence[EpisodePlan]:
        """Return plans for the further groups of a problem; none once they were planned."""
        if group.number or group.problem.id in self._expanded:
            return ()
        self._expanded.add(group.problem.id)
        return [
            EpisodePlan(
                sample=self.group_size + place * self.retries + number,
                group=place + 1,
                prompt=prompt,
                parent=parent,
            )
            for place, (parent, prompt) in enumerate(self._prompts(group))
            for number in range(self.retries)
        ]

    def _prompts(self, group: Group) -> list[tuple[int, str | None]]:
        """Return the sample number and the prompt for each failed program."""
        return [(retry.parent, retry.prompt) for retry in repair_retries(group, limit=self.limit)]


class ResampleOnly(OnlineFixing):
    """The control of online fixing: as many further replies, in equal groups, to the original prompt."""

    name = "resample_only"

    def _prompts(self, group: Group) -> list[tuple[int, str | None]]:
        return [(retry.parent, None) for retry in resample_retries(group, limit=self.limit)]


def _failures(group: Group, limit: int | None) -> list[tuple[Scored, str, JudgementRecord]]:
    _check_limit(limit)
    found = [
        (member, member.episode.submission, member.episode.judgement)
        for member in group.members
        if member.episode.submission and member.episode.submission.strip() and member.episode.judgement
    ]
    return [failure for failure in found if not failure[2].verdict.accepted][:limit]


def _hint(judgement_record: JudgementRecord) -> str:
    verdicts = [run.verdict for run in judgement_record.runs] or [judgement_record.verdict]
    if judgement_record.verdict is Verdict.COMPILE_ERROR:
        return "Hint: correct the syntax first."
    if failure_class(verdicts) is FailureClass.OPTIMIZATION:
        return "Hint: no result was wrong, but the program needs too much time, memory or output."
    if any(verdict in _LIMITS for verdict in verdicts):
        return "Hint: the program is wrong on some tests and needs too much time, memory or output on others."
    return "Hint: the program is wrong or fails on some tests; special cases may be missing."


def _fixed_share(n: int, c: int, k: int) -> float:
    if not (0 <= c <= n and 1 <= k <= n):
        raise ValueError(f"need 0 <= c <= n and 1 <= k <= n, got n = {n!r}, c = {c!r}, k = {k!r}")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 0:
        raise ValueError(f"limit must be at least 0 or None, got {limit!r}")
