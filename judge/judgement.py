"""The results of the judge: runs, compilations, judgements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ..problems import Dialect, Limits
from .verdicts import FailureClass, Verdict


class SlowOutcome(StrEnum):
    """How a run over the time limit ended within the grace factor."""

    CORRECT_WHEN_SLOW = "correct_when_slow"
    WRONG_WHEN_SLOW = "wrong_when_slow"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """What one side of an interaction wrote until the other side wrote something."""

    speaker: Literal["submission", "interactor"]
    text: bytes


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """The interactor's side of an interactive run. May quote hidden data, so agents must not see it."""

    cpu_time_s: float
    """CPU time of the interactor, user and system."""
    memory_mib: float
    """Peak resident memory of the interactor."""
    transcript: tuple[Utterance, ...] = field(repr=False)
    """Utterances in the order in which the judge forwarded them; passes follow each other."""
    truncated: bool
    """Whether the transcript was cut at 64 KiB or 4096 utterances."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a submission on one test case."""

    test: str
    """Name of the test case. Agents must not see it."""
    index: int
    """Position of the test case in the original order of the testset."""
    input_size: int
    """Size of the input in bytes."""
    verdict: Verdict
    cpu_time_s: float
    """CPU time of everything that the submission started, user and system."""
    wall_time_s: float
    memory_mib: float
    """Peak resident memory; at least about 12 MiB, as a run starts as a copy of the sandbox's own process."""
    cost: int | None = None
    """Line and jump events of a Python program, where the problem limits them. Reproducible on one minor
    version of Python; other versions count slightly differently."""
    exit_status: int | None = None
    """Exit status; None when a signal or the judge ended the run."""
    signal: int | None = None
    output_size: int = 0
    """Size of standard output in bytes."""
    output: bytes = field(default=b"", repr=False)
    """Standard output; kept for sample tests only."""
    stderr_tail: str = field(default="", repr=False)
    """Last 2000 characters of standard error."""
    slow: SlowOutcome | None = None
    """Outcome within the grace factor; set on TLE when that factor is above 1."""
    attempts: int = 1
    """Number of runs made. Near the time limit a run is repeated, and the least CPU time counts."""
    checker_message: str = field(default="", repr=False)
    """Message of the comparison. May quote hidden data, so agents must not see it."""
    score: float | None = None
    """Points for this test case; None when the problem or its checker gives none."""
    multiplier: float | None = None
    """Share of the points of this test case, in [0, 1]; None when the checker states none."""
    passes: int = 1
    """Number of passes of a multi-pass problem; times and memory are the largest of all passes."""
    interaction: Interaction | None = None
    """The interactor's side; None when the problem is not interactive."""
    tolerated: bool = False
    """Whether the run is AC only because of the checker's `float_tolerance`."""


@dataclass(frozen=True, kw_only=True)
class Compilation:
    """Result of compiling a submission."""

    ok: bool
    message: str = ""
    """Output of the compiler, cut to 4000 characters."""
    cpu_time_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class GroupScore:
    """Points of a group of test cases."""

    name: str
    score: float
    accepted: bool


NO_SANDBOX = "none"
"""In place of the kind of sandbox, where an environment compares answers that are no programs."""


@dataclass(frozen=True, kw_only=True)
class JudgeIdentity:
    """The judge and the sandbox that reached a judgement."""

    version: str
    sandbox: str
    """Kind of sandbox: `embedded` or `docker`; `NO_SANDBOX` where a verdict needed no run of a program."""
    host: dict[str, str] = field(default_factory=dict)
    """Findings of the start-up probe, for example `{"user": "root", "seccomp": "filter"}`."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict on a submission with its details."""

    verdict: Verdict
    """AC when every run is AC; otherwise the first other verdict in the order of the runs; or CE."""
    failure_class: FailureClass
    runs: tuple[Run, ...]
    """Runs in the order of judging, by input size. Fewer than `selected` when judging stopped early."""
    selected: int
    """Number of test cases that the coverage selects."""
    coverage: float
    compilation: Compilation
    judge: JudgeIdentity
    limits: Limits | None = None
    """Limits in force: the problem's, with the factors of the language. None when nothing was run."""
    score: float | None = None
    """Points, for a scoring problem whose tests were all judged. The verdict does not depend on them."""
    groups: tuple[GroupScore, ...] = ()
    """Points of each group of a scoring problem, the root first."""
    dialect: Dialect = Dialect.STRICT
    """Dialect of the verdicts. Verdicts are comparable within one dialect only."""

    @property
    def passed(self) -> int:
        """Number of runs that are AC."""
        return sum(run.verdict.accepted for run in self.runs)

    @property
    def tolerated(self) -> int:
        """Number of runs that are AC only because of the checker's `float_tolerance`."""
        return sum(run.tolerated for run in self.runs)

    @property
    def verdict_counts(self) -> Counter[Verdict]:
        """Number of runs with each verdict."""
        return Counter(run.verdict for run in self.runs)

    @property
    def cpu_time_s(self) -> float:
        """Total CPU seconds of all runs."""
        return sum(run.cpu_time_s for run in self.runs)


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Result of running a program on a given input, without a test case or a comparison."""

    stdout: bytes
    stderr: bytes
    exit_status: int | None
    signal: int | None
    cpu_time_s: float
    wall_time_s: float
    memory_mib: float
    limit: Literal["time", "memory", "output"] | None
    """Limit that the run exceeded; None when it exceeded none."""
