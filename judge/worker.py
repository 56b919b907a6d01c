"""One worker slot: runs a program on test cases and reaches a verdict on each."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace

from ..problems import Comparison, Limits, Problem, TestCase
from .comparison import Comparing, compare
from .errors import CheckerError, JudgeError
from .judgement import Run, SlowOutcome, Verdict
from .programs import Compiled, Compiler, Program
from .sandbox import EmbeddedSandbox, RunReport, RunRequest
from .submission import Submission
from .validators import ValidatorRunner

MIB = 1 << 20
_NEAR_LIMIT = 1.1
"""A run over the limit by less than this factor is repeated."""
_ATTEMPTS = 3
_OUTPUT_MARGIN = 4096
_FLOOR_SLACK_MIB = 2
_STDERR_CHARACTERS = 2000
CANNOT_START = 127


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A report of a run with the limits it reached."""

    report: RunReport
    over: Verdict | None
    """TLE, MLE or OLE when that limit was exceeded."""
    attempts: int


class Worker:
    """Sandboxes for one run at a time, started when first needed. Not thread-safe.

    Args:
        compiler: Shared by the workers of a judge.
        grace: A run over the time limit goes on to `grace` times the limit.
    """

    def __init__(self, compiler: Compiler, grace: float) -> None:
        self._compiler = compiler
        self._grace = grace
        self._sandbox: EmbeddedSandbox | None = None
        self._loaded = ""
        self._shut = False
        self._validators: tuple[EmbeddedSandbox, ValidatorRunner] | None = None

    @property
    def sandbox(self) -> EmbeddedSandbox:
        """The sandbox that submissions run in."""
        if self._shut:
            raise JudgeError("this judge is closed")
        if self._sandbox is None:
            self._loaded = ""
            self._sandbox = EmbeddedSandbox()
        return self._sandbox

    def close(self) -> None:
        """End the sandboxes; the next use starts new ones."""
        sandbox, validators = self._sandbox, self._validators
        self._sandbox = self._validators = None
        self._loaded = ""
        if sandbox is not None:
            sandbox.close()
        if validators is not None:
            validators[0].close()

    def shut(self) -> None:
        """End the sandboxes for good, also under a run in another thread, which then fails."""
        self._shut = True
        self.close()

    def cpu_time_s(self) -> float:
        """Return the CPU seconds of this worker's sandboxes."""
        validating = self._validators[0] if self._validators else None
        return sum(sandbox.cpu_time_s() for sandbox in (self._sandbox, validating) if sandbox)

    def compile(self, submission: Submission) -> Compiled:
        """Compile a submission, or remember how that went."""
        return self._compiler.submission(self.sandbox, submission)

    def judge_case(self, program: Program, problem: Problem, case: TestCase, *, keep_output: bool) -> Run:
        """Run a program on a test case and judge what it did.

        Raises:
            JudgeError: There is no verdict.
        """
        limits = problem.limits
        method = problem.functional.method if problem.functional else None
        measured = self.measure(program, case.input, limits, method=method)
        report = measured.report
        verdict, comparing = self._verdict(measured, problem, case)
        slow = None
        if verdict is Verdict.TIME_LIMIT_EXCEEDED and self._grace > 1:
            slow, comparing = self._slow_outcome(measured, problem, case)
        return Run(
            test=case.name,
            index=case.index,
            input_size=case.input_size,
            verdict=verdict,
            cpu_time_s=report.cpu_s,
            wall_time_s=report.wall_s,
            memory_mib=report.memory_mib,
            cost=report.cost,
            exit_status=report.exit_status,
            signal=report.signal,
            output_size=len(report.stdout),
            output=(report.result if method else report.stdout) if keep_output else b"",
            stderr_tail=report.stderr[-4 * _STDERR_CHARACTERS :].decode("utf-8", "replace")[
                -_STDERR_CHARACTERS:
            ],
            slow=slow,
            attempts=measured.attempts,
            checker_message=comparing.message if comparing else "",
        )

    def measure(
        self, program: Program, stdin: bytes, limits: Limits, *, method: str | None = None
    ) -> Measured:
        """Run a program once, or up to three times when it is just over the time limit."""
        sandbox = self.sandbox
        if self._loaded != program.digest:
            self._loaded = ""
            sandbox.load(program.data, executable=program.executable)
            self._loaded = program.digest
        if program.executable:
            kind, argv = "loaded", ["program"]
        elif method is None:
            kind, argv = "python", ["main.py"]
        else:
            kind, argv = "call", [method]
        request = RunRequest(
            kind=kind,  # type: ignore[arg-type]  # one of three literals
            argv=argv,
            stdin=stdin,
            cpu_s=limits.time_s * max(self._grace, _NEAR_LIMIT),
            idle_s=2 * limits.time_s + 1,
            cost=limits.cost and int(limits.cost * self._grace),
            memory_mib=limits.memory_mib,
            output_bytes=int(limits.output_mib * MIB) + _OUTPUT_MARGIN,
        )
        best = sandbox.run(request)
        attempts = 1
        if best.signal == signal.SIGKILL and not best.ended:
            # Not by us: by itself, or by the host, whose memory killer says nothing about the program.
            best = sandbox.run(request)
            attempts += 1
        near = limits.time_s * _NEAR_LIMIT
        while attempts < _ATTEMPTS and limits.time_s < best.cpu_s < near and not best.ended:
            best = min(best, sandbox.run(request), key=lambda report: report.cpu_s)
            attempts += 1
        return Measured(report=best, over=_limit_exceeded(best, limits), attempts=attempts)

    def _verdict(
        self, measured: Measured, problem: Problem, case: TestCase
    ) -> tuple[Verdict, Comparing | None]:
        if measured.over is not None:
            return measured.over, None
        if measured.report.exit_status != 0:
            return Verdict.RUNTIME_ERROR, None
        comparing = self._compare(measured.report, problem, case)
        return (Verdict.ACCEPTED if comparing.equal else Verdict.WRONG_ANSWER), comparing

    def _slow_outcome(
        self, measured: Measured, problem: Problem, case: TestCase
    ) -> tuple[SlowOutcome, Comparing | None]:
        if measured.report.ended is not None:
            return SlowOutcome.UNFINISHED, None
        patient = replace(problem.limits, time_s=problem.limits.time_s * self._grace, cost=None)
        if _limit_exceeded(measured.report, patient) or measured.report.exit_status != 0:
            return SlowOutcome.WRONG_WHEN_SLOW, None
        comparing = self._compare(measured.report, problem, case)
        return (SlowOutcome.CORRECT_WHEN_SLOW if comparing.equal else SlowOutcome.WRONG_WHEN_SLOW), comparing

    def _compare(self, report: RunReport, problem: Problem, case: TestCase) -> Comparing:
        checker = problem.checker
        if checker.comparison is Comparison.VALIDATOR:
            assert checker.validator is not None
            if self._validators is None:
                sandbox = EmbeddedSandbox()
                self._validators = sandbox, ValidatorRunner(sandbox, self._compiler)
            return self._validators[1].validate(checker.validator, case, report.stdout)
        try:
            return compare(checker, report.result if problem.functional else report.stdout, case.answer)
        except ValueError as error:
            raise CheckerError(f"the answer of {case.name} cannot be compared with: {error}") from error


def _tail(stderr: bytes) -> str:
    return stderr[-4 * _STDERR_CHARACTERS :].decode("utf-8", "replace")[-_STDERR_CHARACTERS:]


def _limit_exceeded(report: RunReport, limits: Limits) -> Verdict | None:
    too_costly = limits.cost is not None and report.cost is not None and report.cost > limits.cost
    if max(len(report.stdout), len(report.stderr), len(report.result)) > limits.output_mib * MIB:
        return Verdict.OUTPUT_LIMIT_EXCEEDED
    if report.ended == "memory":
        return Verdict.MEMORY_LIMIT_EXCEEDED
    if report.cpu_s > limits.time_s or too_costly or report.ended is not None:
        return Verdict.TIME_LIMIT_EXCEEDED
    peak_limit = max(limits.memory_mib, report.memory_floor_mib + _FLOOR_SLACK_MIB)
    if report.memory_mib > peak_limit or report.no_memory or _ended_by_bad_alloc(report):
        return Verdict.MEMORY_LIMIT_EXCEEDED
    return None


def _ended_by_bad_alloc(report: RunReport) -> bool:
    """Tell an uncaught `std::bad_alloc`, or an executable that the memory does not suffice to start."""
    if report.signal == signal.SIGABRT:
        return b"std::bad_alloc" in report.stderr[-500:]
    return report.exit_status == CANNOT_START and b"Cannot allocate memory" in report.stderr[-500:]
