"""Judge a test case of a problem that is interactive, or whose submissions run in several passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ...problems import Limits, Problem, TestCase, Validator
from ..comparing.result import ComparisonResult
from ..compiling.program import Program
from ..errors import CheckerError
from ..judgement import Interaction
from ..sandbox import RunReport, RunRequest, Sandbox
from ..verdicts import ATTEMPTS, MIB, LimitedRun, Verdict, limit_exceeded, worth_repeating
from .decisions import ACCEPT, REJECT
from .interaction import Conversation, ConversationBounds, converse
from .transcript import joined
from .validators import ValidatorRunner

_CONVERSATION_FACTOR, _CONVERSATION_EXTRA_S = 4, 2.0
"""CPU seconds that an interactor may spend on messages: a multiple of the submission's time limit plus a
constant. Both sides may write very many messages, and the interactor may be in a slower language."""
_CONVERSATION_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """The result of one run, or of all passes, on a test case."""

    verdict: Verdict
    measured: LimitedRun
    """The last pass, with the largest times and memory of all passes."""
    comparison: ComparisonResult | None
    passes: int = 1
    interaction: Interaction | None = None


class Submitted(Protocol):
    """A compiled submission in a sandbox."""

    @property
    def program(self) -> Program:
        """The compiled program."""

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox in which it runs."""

    def measure(self, stdin: bytes) -> LimitedRun:
        """Run the program on an input."""

    def conversation_request(self) -> RunRequest:
        """Return the request of an interactive run."""


@dataclass(frozen=True, kw_only=True)
class MultipassSubmission:
    """A submission and a test case of an interactive or multi-pass problem."""

    problem: Problem
    case: TestCase
    limits: Limits
    """Limits in force for the submission's language."""
    submitted: Submitted
    validators: ValidatorRunner

    def play(self) -> CaseResult:
        """Run the submission as many times as the output validator asks for.

        Raises:
            CheckerError: The validator failed, or asks for more passes than the problem allows.
            SandboxError: A sandbox failed.
        """
        self.validators.empty_feedback()
        stdin = self.case.input()
        outcomes: list[CaseResult] = []
        while len(outcomes) < self.problem.passes:
            outcome = self._run_conversation(stdin) if self.problem.interactive else self._run(stdin)
            outcomes.append(outcome)
            following = outcome.comparison.next_input if outcome.comparison else None
            if following is None or not outcome.verdict.accepted:
                return _joined(outcomes)
            if len(outcomes) < self.problem.passes:
                self.validators.next_pass()
            stdin = following
        raise CheckerError(f"the output validator wants more than {len(outcomes)} passes on {self.case.name}")

    @property
    def _validator(self) -> Validator:
        validator = self.problem.checker.validator
        assert validator is not None
        return validator

    def _run(self, stdin: bytes) -> CaseResult:
        measured = self.submitted.measure(stdin)
        if measured.failure:
            return CaseResult(verdict=measured.failure, measured=measured, comparison=None)
        output = measured.report.stdout
        comparison = self.validators.validate(self._validator, self.case, stdin, output)
        return CaseResult(verdict=_verdict(comparison), measured=measured, comparison=comparison)

    def _run_conversation(self, stdin: bytes) -> CaseResult:
        conversation, attempts = self._converse(stdin), 1
        # With several passes the interactor keeps notes, and a repeated pass would find its own.
        while self.problem.passes == 1 and attempts < ATTEMPTS:
            if not worth_repeating(conversation.submission, self.limits):
                break
            again = self._converse(stdin)
            conversation = min(
                conversation, again, key=lambda each: (each.submission.signal or 0, each.submission.cpu_s)
            )
            attempts += 1
        measured = LimitedRun(
            report=conversation.submission,
            over=self._over(conversation.submission),
            attempts=attempts,
            output_size=conversation.output_bytes,
        )
        interaction = Interaction(
            cpu_time_s=conversation.interactor.cpu_s,
            memory_mib=conversation.interactor.memory_mib,
            transcript=conversation.transcript,
            truncated=conversation.truncated,
        )
        verdict, comparison = self._verdict(conversation, measured.failure)
        return CaseResult(verdict=verdict, measured=measured, comparison=comparison, interaction=interaction)

    def _verdict(
        self, conversation: Conversation, failure: Verdict | None
    ) -> tuple[Verdict, ComparisonResult | None]:
        """Return the verdict: a rejection of what the submission wrote comes before its failure."""
        informed = failure is not None and conversation.interactor_informed
        if informed and not _decided(conversation.interactor):
            # The submission failed within a message, so a crash of the interactor is no fault of its own.
            return failure or Verdict.RUNTIME_ERROR, None
        comparison = self.validators.decision(self._validator, self.case, conversation.interactor)
        # A submission that closed its output and did nothing until the judge ended it has not crashed.
        failed_itself = informed and conversation.submission.ended != "idle"
        if failure is not None and (comparison.equal or failed_itself):
            return failure, comparison
        return _verdict(comparison), comparison

    def _fails(self, report: RunReport) -> bool:
        """Whether a submission has failed, whatever the interactor decides."""
        return report.exit_status != 0 or self._over(report) is not None

    def _over(self, report: RunReport) -> Verdict | None:
        return limit_exceeded(report, self.limits, self.submitted.program.spec.out_of_memory)

    def _converse(self, stdin: bytes) -> Conversation:
        interactor = self.validators.request(self._validator, self.case, stdin)
        bounds = ConversationBounds(
            idle_s=2 * self.limits.time_s + 1,
            conversation_s=_CONVERSATION_FACTOR * self.limits.time_s + _CONVERSATION_EXTRA_S,
            conversation_bytes=_CONVERSATION_BYTES,
            output_bytes=int(self.limits.output_mib * MIB),
        )
        return converse(
            (self.submitted.sandbox, self.submitted.conversation_request()),
            (self.validators.sandbox, replace(interactor, interactive=True)),
            bounds,
            self._fails,
        )


def _decided(interactor: RunReport) -> bool:
    return interactor.ended is None and interactor.exit_status in (ACCEPT, REJECT)


def _verdict(comparison: ComparisonResult) -> Verdict:
    return Verdict.ACCEPTED if comparison.equal else Verdict.WRONG_ANSWER


def _joined(outcomes: Sequence[CaseResult]) -> CaseResult:
    last = outcomes[-1]
    if len(outcomes) == 1:
        return last
    interactions = [outcome.interaction for outcome in outcomes if outcome.interaction]
    return CaseResult(
        verdict=last.verdict,
        measured=last.measured.at_least([outcome.measured for outcome in outcomes]),
        comparison=last.comparison,
        passes=len(outcomes),
        interaction=joined(interactions) if interactions else None,
    )
