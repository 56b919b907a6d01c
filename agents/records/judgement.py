"""Judgements in records: without names of tests, outputs and messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...judge import FailureClass, Judgement, SlowOutcome, Verdict


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run of a submission on one test case."""

    index: int
    """Position of the test case in the original order of the testset."""
    input_size: int
    """Size of the input in bytes."""
    verdict: Verdict
    """Verdict of this run; never CE."""
    cpu_time_s: float
    """CPU time, user and system, in seconds."""
    memory_mib: float
    """Peak resident memory in MiB."""
    slow: SlowOutcome | None = None
    """Outcome of a run over the time limit within the judge's grace factor, if that factor is above 1."""


@dataclass(frozen=True, kw_only=True)
class JudgeRecord:
    """The judge and sandbox of a judgement."""

    version: str
    """Version of the judge."""
    sandbox: str
    """Sandbox of the judge: `embedded` or `docker`."""
    host: dict[str, str] = field(default_factory=dict)
    """Properties of the host, found when the judge started."""


@dataclass(frozen=True, kw_only=True)
class JudgementRecord:
    """Judgement of the submission that ended the episode."""

    verdict: Verdict
    """AC when every run is AC; otherwise the first other verdict in the order of judging; or CE."""
    selected: int
    """Number of test cases that the coverage of the environment selects."""
    tests: int
    """Number of hidden test cases of the problem."""
    runs: tuple[RunRecord, ...] = field(repr=False)
    """Runs in the order of judging; empty with CE."""
    cpu_time_s: float
    """CPU seconds of compilation and all runs."""
    judge: JudgeRecord
    """Judge of the submission."""
    coverage: float | None = None
    """Share of the hidden test cases that was selected, in (0, 1]; None in older records."""
    time_limit_s: float | None = None
    """CPU time limit of a run in seconds, all factors applied; None in older records, or if nothing ran."""
    memory_limit_mib: int | None = None
    """Memory limit of a run in MiB; None in older records, or if nothing ran."""
    dialect: str | None = None
    """Rules of comparing outputs: `lcb`, `codeforces` or `strict`; None in older records."""
    tolerated: int = 0
    """Number of runs that are AC only because of the float tolerance."""

    @property
    def accepted_by_tolerance(self) -> bool:
        """Whether the verdict is AC only because of the float tolerance."""
        return self.verdict.accepted and self.tolerated > 0

    @classmethod
    def of(cls, judgement: Judgement, *, tests: int) -> JudgementRecord:
        """Return the record of a judgement, without test names, outputs and messages."""
        runs = tuple(
            RunRecord(
                index=run.index,
                input_size=run.input_size,
                verdict=run.verdict,
                cpu_time_s=run.cpu_time_s,
                memory_mib=run.memory_mib,
                slow=run.slow,
            )
            for run in judgement.runs
        )
        judge, limits = judgement.judge, judgement.limits
        return cls(
            verdict=judgement.verdict,
            selected=judgement.selected,
            tests=tests,
            runs=runs,
            cpu_time_s=judgement.compilation.cpu_time_s + judgement.cpu_time_s,
            judge=JudgeRecord(version=judge.version, sandbox=judge.sandbox, host=dict(judge.host)),
            coverage=judgement.coverage,
            time_limit_s=limits.time_s if limits else None,
            memory_limit_mib=limits.memory_mib if limits else None,
            dialect=judgement.dialect.value,
            tolerated=judgement.tolerated,
        )


@dataclass(frozen=True, kw_only=True)
class AnswerRecord:
    """One of several answers of a reply."""

    submission: str = field(repr=False)
    """Source code of the answer, with replacement characters where it is not UTF-8."""
    judgement: JudgementRecord
    """Judgement of the answer, with a run for every selected test."""


@dataclass(frozen=True, kw_only=True)
class EarlierJudgement:
    """A judgement that `regrade` has replaced."""

    judgement: JudgementRecord
    """The replaced judgement."""
    reward: float
    """Reward of the episode by the replaced judgement."""
    failure_class: FailureClass
    """Failure class by the replaced judgement."""
    reason: str
    """Reason for judging again."""
    regrade: str
    """SHA-256 over the settings of judging again: coverage, limits, judge; no time of day."""
    answers: tuple[AnswerRecord, ...] = field(default=(), repr=False)
    """All answers of the reply with their replaced judgements, where a reply may hold several; otherwise
    empty."""
