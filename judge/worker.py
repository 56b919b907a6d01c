"""A worker slot: judges one submission at a time, in sandboxes of its own."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version

from ..problems import BY_PROGRAM, InlineData, Limits, Problem, TestCase
from .checking.multipass import CaseResult, MultipassSubmission
from .checking.scoring import score_runs
from .checking.validators import FEEDBACK_MIB, ValidatorRunner
from .comparing.compare import compare_in
from .comparing.result import ComparisonResult
from .compiling.compiler import Compiler
from .compiling.program import Compiled, Launcher, Program, Rules, special
from .errors import CheckerError, JudgeError
from .judgement import JudgeIdentity, Judgement, Run, SlowOutcome
from .options import DEFAULT_OPTIONS, JudgeOptions
from .run_cache import RunCache
from .sandbox import EmbeddedSource, RunReport, RunRequest, Sandbox, SandboxSource
from .submission import JudgeTask, Language, Submission
from .verdicts import (
    ATTEMPTS,
    MIB,
    NEAR_LIMIT,
    LimitedRun,
    Verdict,
    failure_class,
    limit_exceeded,
    overall_verdict,
    worth_repeating,
)

_OUTPUT_MARGIN = 4096
_STDERR_CHARACTERS = 2000
_KNOWN_PROGRAM = Submission(source=b"pass", language=Language.PYTHON)
_KNOWN_PROGRAM_LIMITS = Limits(time_s=10.0, memory_mib=256)


class Worker:
    """Judges one submission at a time. Its sandboxes start when first needed. Not thread-safe.

    Args:
        compiler: Compiler that the workers of a judge share.
        options: Options of the judge.
        sandboxes: Source of its sandboxes; None starts embedded ones.
    """

    def __init__(
        self,
        compiler: Compiler,
        options: JudgeOptions = DEFAULT_OPTIONS,
        sandboxes: SandboxSource | None = None,
    ) -> None:
        self._fresh = options.isolation == "process"
        self._compiler = compiler
        self._sandboxes = sandboxes or EmbeddedSource()
        self._submissions = 0
        self._factors = options.limit_factors()
        self._grace = options.grace
        self._sandbox: Sandbox | None = None
        self._launcher: Launcher | None = None
        self._shut = False
        self._validators: ValidatorRunner | None = None

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that submissions run in."""
        if self._shut:
            raise JudgeError("this judge is closed")
        if self._sandbox is None:
            self._sandbox = self._sandboxes.open()
            self._submissions = 0
            self._launcher = Launcher(self._sandbox, fresh=self._fresh)
        return self._sandbox

    @property
    def has_sandbox(self) -> bool:
        """Whether a sandbox for submissions is running."""
        return self._sandbox is not None

    def works(self) -> bool:
        """Whether its sandbox, started if need be, runs a known program."""
        try:
            program = self._compiler.submission(self.sandbox, _KNOWN_PROGRAM).program
            if program is None:
                return False
            return self.measure(program, b"", _KNOWN_PROGRAM_LIMITS).report.exit_status == 0
        except JudgeError:
            self.close()
            return False

    def close(self) -> None:
        """End the sandboxes; the next use starts new ones."""
        sandbox, validators = self._sandbox, self._validators
        self._sandbox = self._launcher = self._validators = None
        if sandbox is not None:
            sandbox.close()
        if validators is not None:
            validators.sandbox.close()

    def shut(self) -> None:
        """End the sandboxes for good. A run in another thread then fails."""
        self._shut = True
        self.close()

    def cpu_time_s(self) -> float:
        """Return the CPU seconds of this worker's sandboxes."""
        validating = self._validators.sandbox if self._validators else None
        return sum(sandbox.cpu_time_s() for sandbox in (self._sandbox, validating) if sandbox)

    def compile(self, submission: Submission, problem: Problem | None = None) -> Compiled:
        """Compile a submission, unless its result is cached. A sandbox past its lifetime is replaced.

        Args:
            submission: The submission to compile.
            problem: Problem whose dialect applies; None is the dialect `strict`.
        """
        lifetime = self.sandbox.lifetime
        if lifetime is not None and self._submissions >= lifetime:
            self.close()
        sandbox = self.sandbox
        self._submissions += 1
        return self._compiler.submission(sandbox, submission, Rules.of(problem))

    @property
    def identity(self) -> JudgeIdentity:
        """Identity of the judge and its sandbox. Starts a sandbox if none is running."""
        return JudgeIdentity(version=_version(), sandbox=self.sandbox.kind, host=self.sandbox.host)

    def judge(self, task: JudgeTask, cases: Sequence[TestCase], cache: RunCache | None) -> Judgement:
        """Judge a submission on test cases.

        Args:
            task: The submission, its problem and how to judge it.
            cases: Test cases, in the order of judging.
            cache: Cache of runs; None runs everything.

        Raises:
            JudgeError: There is no verdict.
        """
        compiled = self.compile(task.submission, task.problem)
        problem, program = task.problem, compiled.program
        runs: list[Run] = []
        for case in cases if program else ():
            assert program is not None
            run = cache.get(problem, case, program) if cache else None
            if run is None:
                run = self.judge_case(program, problem, case, keep_output=task.samples)
                if cache:
                    cache.put(problem, case, program, run)
            runs.append(run)
            if task.stop_early and not run.verdict.accepted:
                break
        verdicts = [run.verdict for run in runs] if program else [Verdict.COMPILE_ERROR]
        judgement = Judgement(
            verdict=overall_verdict(verdicts),
            failure_class=failure_class(verdicts),
            runs=tuple(runs),
            selected=len(cases),
            coverage=task.coverage,
            compilation=compiled.compilation,
            judge=self.identity,
            limits=self.limits(program, problem.limits) if program else None,
            dialect=problem.dialect,
        )
        return self._with_points(task, program, judgement) if problem.scoring else judgement

    def _with_points(self, task: JudgeTask, program: Program | None, judgement: Judgement) -> Judgement:
        """Add the points, if every test of the problem was judged."""
        problem = task.problem
        assert problem.scoring is not None
        if program is None:
            return replace(judgement, score=0.0)
        if task.samples or len(judgement.runs) < len(problem.tests):
            return judgement
        samples_accepted = not any("sample" in group.requires for group in problem.scoring.groups) or all(
            self.judge_case(program, problem, case, keep_output=False).verdict.accepted
            for case in problem.samples
        )
        scored = score_runs(problem.scoring, judgement.runs, samples_accepted=samples_accepted)
        return replace(judgement, runs=scored.runs, score=scored.groups[0].score, groups=scored.groups)

    def judge_case(self, program: Program, problem: Problem, case: TestCase, *, keep_output: bool) -> Run:
        """Run a program on a test case and return the run with its verdict.

        Raises:
            JudgeError: There is no verdict.
        """
        limits = self.limits(program, problem.limits)
        method = problem.functional.callee if problem.functional else None
        outcome = self._outcome(program, problem, case, limits, method)
        measured, comparison = outcome.measured, outcome.comparison
        report = measured.report
        slow = None
        if measured.over is Verdict.TIME_LIMIT_EXCEEDED and self._grace > 1 and not special(problem):
            slow, comparison = self._slow_outcome(program, measured, limits, problem, case)
        return Run(
            test=case.name,
            index=case.index,
            input_size=case.input_size,
            verdict=outcome.verdict,
            cpu_time_s=report.cpu_s,
            wall_time_s=report.wall_s,
            memory_mib=report.memory_mib,
            cost=report.cost,
            exit_status=report.exit_status,
            signal=report.signal,
            output_size=measured.output_size,
            output=(report.result if method else report.stdout) if keep_output else b"",
            stderr_tail=_tail(report.stderr),
            slow=slow,
            attempts=measured.attempts,
            checker_message=comparison.message if comparison else "",
            score=comparison.score if comparison else None,
            multiplier=comparison.multiplier if comparison else None,
            passes=outcome.passes,
            interaction=outcome.interaction,
            tolerated=outcome.verdict.accepted and comparison is not None and comparison.tolerated,
        )

    def _outcome(
        self, program: Program, problem: Problem, case: TestCase, limits: Limits, method: str | None
    ) -> CaseResult:
        if special(problem):
            validators = self._validator_runner(lasting=problem.passes > 1)
            submitted = _Submitted(worker=self, program=program, limits=limits)
            player = MultipassSubmission(
                problem=problem, case=case, limits=limits, submitted=submitted, validators=validators
            )
            return player.play()
        again = isinstance(case.data, InlineData)  # data read from a file is a new object each time
        measured = self.measure(program, case.input(), limits, method=method, again=again)
        if measured.failure:
            return CaseResult(verdict=measured.failure, measured=measured, comparison=None)
        comparison = self._compare(measured.report, problem, case)
        verdict = Verdict.ACCEPTED if comparison.equal else Verdict.WRONG_ANSWER
        return CaseResult(verdict=verdict, measured=measured, comparison=comparison)

    def limits(self, program: Program, limits: Limits) -> Limits:
        """Return the limits in force for a program's language."""
        return self._factors[program.language].scaled(limits)

    def measure(
        self,
        program: Program,
        stdin: bytes,
        limits: Limits,
        *,
        method: str | None = None,
        again: bool = False,
    ) -> LimitedRun:
        """Run a program once, or up to three times when it is just over the time limit.

        Args:
            program: The program to run.
            stdin: Its standard input.
            limits: Limits in force for its language.
            method: What to call instead of running a program; see `Functional.callee`.
            again: Whether later runs are likely to have the same input object.
        """
        request = self.request(program, stdin, limits, method=method, again=again)
        best = self.sandbox.run(request)
        attempts = 1
        while attempts < ATTEMPTS and worth_repeating(best, limits):
            other = self.sandbox.run(request)
            # A killed run says nothing about the time, so any other run is better.
            best = other if best.signal == signal.SIGKILL else min(best, other, key=lambda each: each.cpu_s)
            attempts += 1
        return LimitedRun(
            report=best,
            over=limit_exceeded(best, limits, program.spec.out_of_memory),
            attempts=attempts,
            output_size=len(best.stdout),
        )

    def request(
        self,
        program: Program,
        stdin: bytes,
        limits: Limits,
        *,
        method: str | None = None,
        again: bool = False,
    ) -> RunRequest:
        """Load a program into the sandbox and return the request that runs it; arguments as for `measure`."""
        sandbox = self.sandbox
        launcher = self._launcher
        assert launcher is not None, sandbox
        # Beyond the limits by a margin, so that the report shows by how much a run exceeds them.
        bounds = RunRequest(
            kind="python",
            stdin=stdin,
            stdin_comes_again=again,
            cpu_s=limits.time_s * max(self._grace, NEAR_LIMIT),
            idle_s=2 * limits.time_s + 1,
            cost=limits.cost and int(limits.cost * self._grace),
            memory_mib=limits.memory_mib,
            output_bytes=int(limits.output_mib * MIB) + _OUTPUT_MARGIN,
        )
        # The limit includes what the runtime needs for itself, which its heap must not take.
        heap_mib = limits.memory_mib - self._factors[program.language].memory_extra_mib
        return launcher.request(program, bounds, method=method, heap_mib=heap_mib)

    def _slow_outcome(
        self, program: Program, measured: LimitedRun, limits: Limits, problem: Problem, case: TestCase
    ) -> tuple[SlowOutcome, ComparisonResult | None]:
        # Ended at the grace factor times the limit, or at another limit: what it printed is incomplete.
        if measured.report.ended is not None:
            return SlowOutcome.UNFINISHED, None
        patient = replace(limits, time_s=limits.time_s * self._grace, cost=None)
        over = limit_exceeded(measured.report, patient, program.spec.out_of_memory)
        if over or measured.report.exit_status != 0:
            return SlowOutcome.WRONG_WHEN_SLOW, None
        comparison = self._compare(measured.report, problem, case)
        outcome = SlowOutcome.CORRECT_WHEN_SLOW if comparison.equal else SlowOutcome.WRONG_WHEN_SLOW
        return outcome, comparison

    def _compare(self, report: RunReport, problem: Problem, case: TestCase) -> ComparisonResult:
        checker = problem.checker
        if checker.comparison in BY_PROGRAM:
            return self._validator_runner(lasting=False).decide(checker, case, report.stdout)
        try:
            output = report.result if problem.functional else report.stdout
            return compare_in(problem.dialect, checker, output, case.answer())
        except ValueError as error:
            raise CheckerError(f"the answer of {case.name} cannot be compared with: {error}") from error

    def _validator_runner(self, *, lasting: bool) -> ValidatorRunner:
        """Return the runner of validators; no submission runs in its sandbox."""
        if self._validators is None or self._validators.lasting != lasting:
            if self._validators is not None:
                self._validators.sandbox.close()
                self._validators = None
            sandbox = self._sandboxes.open(work_mib=FEEDBACK_MIB if lasting else 0)
            self._validators = ValidatorRunner(sandbox, self._compiler, lasting=lasting)
        return self._validators


@dataclass(frozen=True, kw_only=True)
class _Submitted:
    worker: Worker
    program: Program
    limits: Limits

    @property
    def sandbox(self) -> Sandbox:
        return self.worker.sandbox

    def measure(self, stdin: bytes) -> LimitedRun:
        return self.worker.measure(self.program, stdin, self.limits)

    def conversation_request(self) -> RunRequest:
        return replace(self.worker.request(self.program, b"", self.limits), interactive=True, cost=None)


def _tail(stderr: bytes) -> str:
    return stderr[-4 * _STDERR_CHARACTERS :].decode("utf-8", "replace")[-_STDERR_CHARACTERS:]


@cache
def _version() -> str:
    return version("codefrontier")
