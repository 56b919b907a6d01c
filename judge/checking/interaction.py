"""Connect a submission and an interactor, each in a sandbox of its own, and account for the time of both.

The judge forwards what each side writes, so that it has a transcript and notices a deadlock: neither side
writes or computes anything. A deadlock and a conversation without end are charged to the submission, as the
interactor belongs to the problem. As in the runner of the package format, a side gets no SIGPIPE when the
other side exits; what the exited side has not read is discarded. When a side closes its output or exits, the
other side gets an end of file. The end of file of a submission that fails is held back until the interactor
waits for input (`_deliver_end_if_due`).

The windows in `side` ensure that sending never blocks the judge.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ..judgement import Utterance
from ..sandbox import RunReport, RunRequest, Sandbox
from .decisions import ACCEPT
from .pace import Pace
from .side import Side
from .transcript import Transcript

_PATIENCE_S = 1.0
_PATIENCE_BYTES = 1 << 20
"""CPU seconds and bytes of output that an interactor may still spend on its decision once the judge has
ended the submission."""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """How a conversation went."""

    submission: RunReport
    interactor: RunReport
    interactor_informed: bool
    """Whether the interactor got the submission's end of file before it ended, or was ended in its place."""
    output_bytes: int
    """Bytes of the submission's output that the judge received."""
    transcript: tuple[Utterance, ...] = field(repr=False)
    truncated: bool
    """Whether the transcript holds only the beginning of the conversation."""


@dataclass(frozen=True, kw_only=True)
class ConversationBounds:
    """Limits of a conversation, in addition to those in the request of each side.

    When one is exceeded, the submission is ended.
    """

    idle_s: float
    """Seconds in which neither side writes or computes anything."""
    conversation_s: float
    """CPU seconds of the interactor while messages pass."""
    conversation_bytes: int
    """Bytes that the interactor may write."""
    output_bytes: int
    """Bytes that the submission may write."""


def converse(
    submission: tuple[Sandbox, RunRequest],
    interactor: tuple[Sandbox, RunRequest],
    bounds: ConversationBounds,
    fails: Callable[[RunReport], bool],
) -> Conversation:
    """Run both sides until both have ended.

    Args:
        submission: Sandbox and request of the submission.
        interactor: Sandbox and request of the interactor; not the sandbox of the submission.
        bounds: Limits of the conversation.
        fails: Whether a submission with this report has failed, whatever the interactor decides.

    Raises:
        SandboxError: A sandbox failed.
    """
    sides = Side("submission", submission[0]), Side("interactor", interactor[0])
    sides[0].other, sides[1].other = sides[1], sides[0]
    for side, (sandbox, request) in zip(sides, (submission, interactor), strict=True):
        assert request.interactive, f"the request of the {side.name} is not interactive"
        sandbox.begin(request)
    exchange = _Exchange(sides, bounds, fails)
    while not all(side.report for side in sides):
        exchange.step()
    return exchange.outcome()


class _Exchange:
    """Forwards messages between the two sides and ends them, in steps.

    Args:
        sides: Submission and interactor.
        bounds: Limits of the conversation.
        fails: Whether a submission with this report has failed.
    """

    def __init__(
        self, sides: tuple[Side, Side], bounds: ConversationBounds, fails: Callable[[RunReport], bool]
    ) -> None:
        self._sides = sides
        self._bounds = bounds
        self._fails = fails
        self._output_bytes = 0
        self._interactor_bytes = 0
        self._transcript = Transcript()
        self._pace = Pace(bounds.idle_s, bounds.conversation_s)
        self._held_back: Literal["close", "stop"] | None = None
        """What to do to the interactor once it waits for input, as the submission writes nothing more:
        close its input, or stop it."""
        self._waiting_at_busy_s: float | None = None
        """`busy_s` of the interactor when it was last found waiting; None if it ran since."""
        self._patience = (0.0, 0)
        """CPU seconds and bytes of the interactor beyond which it does not get more time to decide."""
        self._informed = False

    def step(self) -> None:
        """Wait for an event or the next usage report, and handle it."""
        waiting = select.poll()
        for side in self._sides:
            if side.report is None:
                waiting.register(side.sandbox.fileno(), select.POLLIN)
        outstanding = any(side.usage_outstanding for side in self._sides)
        silence_s = max(side.sandbox.silence_s for side in self._sides)
        # Without an outstanding report the poll must end in time to request the next one.
        seconds = silence_s if outstanding else self._pace.due_in()
        ready = {file for file, _ in waiting.poll(seconds * 1000)}
        for side in self._sides:
            if side.report is None and side.sandbox.fileno() in ready:
                self._receive(side)
        for side in self._sides:
            side.check_alive()
        if not self._pace.due_in() and not any(side.usage_outstanding for side in self._sides):
            self._apply_bounds()

    def outcome(self) -> Conversation:
        """Return how the conversation went, after both sides have ended."""
        submission, interactor = self._sides
        assert submission.report is not None
        assert interactor.report is not None
        return Conversation(
            submission=submission.report,
            interactor=interactor.report,
            interactor_informed=self._informed,
            output_bytes=self._output_bytes,
            transcript=self._transcript.utterances(),
            truncated=self._transcript.truncated,
        )

    def _receive(self, side: Side) -> None:
        received = side.sandbox.hear()
        if isinstance(received, RunReport):
            side.end(received)
            (self._submission_ended if side.name == "submission" else self._interactor_ended)(received)
            return
        event, data = received
        if event["event"] == "acknowledge":
            side.acknowledged(event["size"])
        elif event["event"] == "activity":
            side.note_usage(event)
        elif event["event"] == "end_of_output":
            self._output_closed(side)
        else:
            self._pace.message()
            self._transcript.add(side.name, data)
            side.other.forward(data)
            if side.name == "submission":
                self._output_bytes += len(data)
                if self._output_bytes > self._bounds.output_bytes:
                    side.stop("output")
            else:
                self._interactor_bytes += len(data)

    def _apply_bounds(self) -> None:
        """Apply the bounds to the usage reports of both sides, and request the next ones."""
        submission, interactor = self._sides
        self._deliver_end_if_due()
        self._pace.account(submission.busy_s + interactor.busy_s, interactor.cpu_s)
        if self._pace.conversed_too_long or self._interactor_bytes > self._bounds.conversation_bytes:
            self._stop("conversation")
        elif self._pace.silent_too_long:
            self._stop("idle")
        for side in self._sides:
            side.request_usage()
        self._pace.requested()

    def _deliver_end_if_due(self) -> None:
        """Give the interactor the submission's end of file that was held back, once it computes nothing.

        An interactor that decides earlier has decided by what the submission wrote, and cannot have known of
        its end, however close in time the two were. So the verdict does not depend on which end the judge
        sees first.
        """
        interactor = self._sides[1]
        if self._held_back is None or interactor.report:
            return
        stop = self._held_back == "stop"
        waits = interactor.is_waiting and (stop or not interactor.has_unsent)
        idle = waits and interactor.busy_s == self._waiting_at_busy_s
        patience_s, patience_bytes = self._patience
        floods = self._sides[0].report is not None and self._interactor_bytes > patience_bytes
        if floods or (stop and interactor.cpu_s > patience_s):
            self._held_back = "stop"
            self._deliver_end()
        elif idle:
            self._deliver_end()
        else:
            self._waiting_at_busy_s = interactor.busy_s if waits else None

    def _deliver_end(self) -> None:
        interactor = self._sides[1]
        self._informed = True
        if self._held_back == "stop":
            interactor.stop("idle")
        else:
            interactor.close_input()
        self._held_back = None

    def _hold_back(self, action: Literal["close", "stop"]) -> None:
        interactor = self._sides[1]
        self._held_back = action
        self._waiting_at_busy_s = None
        self._patience = interactor.cpu_s + _PATIENCE_S, self._interactor_bytes + _PATIENCE_BYTES
        interactor.request_usage()

    def _output_closed(self, side: Side) -> None:
        if side.name == "submission":
            self._hold_back("close")  # it may be about to crash
        else:
            side.other.close_input()

    def _submission_ended(self, report: RunReport) -> None:
        self._pace.restart()
        interactor = self._sides[1]
        if self._fails(report):
            self._hold_back("stop" if report.ended else "close")
            if report.ended == "conversation":  # the interactor is busy with messages and may never wait
                self._deliver_end()
        else:
            self._held_back = None
            interactor.close_input()

    def _interactor_ended(self, report: RunReport) -> None:
        submission = self._sides[0]
        submission.close_input()
        # What the submission still writes cannot change the verdict. Its own end can, in two cases: the
        # interactor accepted, or the interactor got the end of file and the submission may be crashing.
        if not _accepts(report) and not self._informed:
            submission.stop("idle")

    def _stop(self, why: str) -> None:
        submission, interactor = self._sides
        if submission.report is None:
            submission.stop(why)
        else:
            self._informed = self._informed or self._held_back is not None
            self._held_back = None
            interactor.stop(why)


def _accepts(report: RunReport) -> bool:
    return report.exit_status == ACCEPT and report.ended is None
