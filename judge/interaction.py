"""Let a submission and an interactor talk, each in a sandbox of its own, and keep account of both.

What one says is passed on to the other here, so there is a transcript, and it is seen when neither says nor
computes anything: a deadlock, for which the submission answers, as the interactor is the problem's own.
As the package format's runner does it: one that has ended is not told to the other by a broken pipe, its
further words are lost. That there is nothing more to come is told, of one that has closed its output, too.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .errors import SandboxError
from .judgement import Utterance
from .sandbox import RunReport, RunRequest, Sandbox
from .sandbox.inside.talk import WINDOW
from .sandbox.inside.waking import WakingTime

Name = Literal["submission", "interactor"]

TRANSCRIPT_BYTES = 1 << 16
_PULSE_S = 0.1
_PATIENCE = 10.0
"""So many times the idle limit may pass in all, between words that were said."""
_WORD_S = 1e-3
"""Idle time that each word may take on top of that, for the ways between the two."""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """How a conversation went."""

    submission: RunReport
    interactor: RunReport
    first: Name
    """Who ended first."""
    output_bytes: int
    """What the submission said, as far as it was heard."""
    transcript: Sequence[Utterance] = field(repr=False)
    truncated: bool
    """The transcript is only its beginning."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a conversation may take, beside the limits in each side's request."""

    idle_s: float
    """Seconds in which nobody says or computes anything; then the submission is ended."""
    output_bytes: int
    """What the submission may say."""


class _Side:
    """One of the two, with what it was not told yet.

    Args:
        name: Which of the two.
        sandbox: Where it runs.
    """

    def __init__(self, name: Name, sandbox: Sandbox) -> None:
        self.name = name
        self.sandbox = sandbox
        self.report: RunReport | None = None
        self.pulse_s = 0.0
        """CPU seconds used and waited for a processor, when last asked."""
        self.awaited = False
        """It was asked and has not answered."""
        self._room = WINDOW
        self._unsent: deque[tuple[bytes, _Side]] = deque()
        self._hush_after = False

    def told(self, words: bytes, speaker: _Side) -> None:
        """Pass on what the other said, now or when there is room."""
        self._unsent.append((words, speaker))
        self._send()

    def took(self, size: int) -> None:
        """It has room for so much more."""
        self._room += size
        self._send()

    def hush(self) -> None:
        """Nothing more will be said to it."""
        self._hush_after = True
        self._send()

    def end(self, report: RunReport) -> None:
        """It has ended: what it was not told is lost."""
        self.report = report
        self.awaited = False
        self._send()

    def stop(self, why: str) -> None:
        """End it."""
        if self.report is None:
            self.sandbox.say({"op": "stop", "why": why})

    def ask_pulse(self) -> None:
        """Ask how much it has computed, unless it still owes the answer."""
        if self.report is None and not self.awaited:
            self.awaited = True
            self.sandbox.say({"op": "pulse"})

    def _send(self) -> None:
        while self._unsent:
            words, speaker = self._unsent[0]
            if self.report is None:
                if len(words) > self._room:
                    return
                self._room -= len(words)
                self.sandbox.say({"op": "tell"}, words)
            self._unsent.popleft()
            if speaker.report is None:
                speaker.sandbox.say({"op": "took", "size": len(words)})
        if self._hush_after and self.report is None:
            self._hush_after = False
            self.sandbox.say({"op": "hush"})


class _Transcript:
    def __init__(self) -> None:
        self.kept: list[Utterance] = []
        self.truncated = False
        self._left = TRANSCRIPT_BYTES

    def add(self, name: Name, words: bytes) -> None:
        self.truncated = self.truncated or len(words) > self._left
        words = words[: self._left]
        self._left -= len(words)
        if not words:
            return
        if self.kept and self.kept[-1].speaker == name:
            self.kept[-1] = Utterance(speaker=name, text=self.kept[-1].text + words)
        else:
            self.kept.append(Utterance(speaker=name, text=words))


class _Stillness:
    """Tells when nobody has said or computed anything for too long.

    Args:
        limit_s: How long that is.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._asked = time.monotonic()
        self._waking = WakingTime()
        self._since_s = self._busy_s = 0.0
        self._idle_s = self._idle_total_s = 0.0
        self._words = self._seen_words = 0

    def word(self) -> None:
        """Somebody said something."""
        self._words += 1

    def due_in(self) -> float:
        """Return in how many seconds to ask for the pulses again."""
        return max(0.0, self._asked + _PULSE_S - time.monotonic())

    def asked(self) -> None:
        """Both were asked."""
        self._asked = time.monotonic()

    def too_long(self, sides: tuple[_Side, _Side]) -> bool:
        """Account for the time since the last answers; return whether it was idle for too long."""
        now_s, busy_s = self._waking.passed(_PULSE_S), sum(side.pulse_s for side in sides)
        idle_s = max(0.0, now_s - self._since_s - max(0.0, busy_s - self._busy_s))
        self._since_s, self._busy_s = now_s, busy_s
        self._idle_total_s += idle_s
        self._idle_s = self._idle_s + idle_s if self._words == self._seen_words else 0.0
        self._seen_words = self._words
        in_all_s = _PATIENCE * self._limit_s + _WORD_S * self._words
        return self._idle_s > self._limit_s or self._idle_total_s > in_all_s


def converse(
    submission: tuple[Sandbox, RunRequest], interactor: tuple[Sandbox, RunRequest], bounds: Bounds
) -> Conversation:
    """Run both until both have ended.

    Args:
        submission: Where and how the submission runs.
        interactor: Where and how the interactor runs; not in the same sandbox.
        bounds: Of the conversation.

    Raises:
        SandboxError: A sandbox failed.
    """
    talkers = _Side("submission", submission[0]), _Side("interactor", interactor[0])
    for side, (sandbox, request) in zip(talkers, (submission, interactor), strict=True):
        assert request.talk, f"the {side.name} cannot talk"
        sandbox.begin(request)
    conversation = _Exchange(talkers, bounds)
    while not all(side.report for side in talkers):
        conversation.step()
    return conversation.outcome()


class _Exchange:
    """Passes words on, one step after the other.

    Args:
        sides: Submission and interactor.
        bounds: Of the conversation.
    """

    def __init__(self, sides: tuple[_Side, _Side], bounds: Bounds) -> None:
        self._sides = sides
        self._bounds = bounds
        self._first: Name | None = None
        self._output_bytes = 0
        self._transcript = _Transcript()
        self._stillness = _Stillness(bounds.idle_s)
        self._untold: float | None = None
        """The submission failed, and the interactor has not heard of it: its pulse when last asked."""

    def step(self) -> None:
        """Wait for something to happen and see to it."""
        waiting = select.poll()
        for side in self._sides:
            if side.report is None:
                waiting.register(side.sandbox.fileno(), select.POLLIN)
        awaited = any(side.awaited for side in self._sides)
        silence_s = max(side.sandbox.silence_s for side in self._sides)
        seconds = silence_s if awaited else self._stillness.due_in()
        ready = {file for file, _ in waiting.poll(seconds * 1000)}
        if awaited and not ready:
            raise SandboxError(f"a sandbox did not answer within {silence_s:g} s")
        for place, side in enumerate(self._sides):
            if side.report is None and side.sandbox.fileno() in ready:
                self._hear(side, self._sides[1 - place])
        if not self._stillness.due_in() and not any(side.awaited for side in self._sides):
            self._tell_the_end()
            if self._stillness.too_long(self._sides):
                self._stop("idle")
            for side in self._sides:
                side.ask_pulse()
            self._stillness.asked()

    def outcome(self) -> Conversation:
        """Return how it went."""
        submission, interactor = self._sides
        assert submission.report is not None
        assert interactor.report is not None
        assert self._first is not None
        return Conversation(
            submission=submission.report,
            interactor=interactor.report,
            first=self._first,
            output_bytes=self._output_bytes,
            transcript=self._transcript.kept,
            truncated=self._transcript.truncated,
        )

    def _hear(self, side: _Side, other: _Side) -> None:
        heard = side.sandbox.hear()
        if isinstance(heard, RunReport):
            self._ended(side, other, heard)
            return
        event, words = heard
        if event["event"] == "took":
            side.took(event["size"])
        elif event["event"] == "pulse":
            side.awaited = False
            side.pulse_s = max(side.pulse_s, event["busy_s"])
        elif event["event"] == "silent":
            other.hush()
        else:
            self._stillness.word()
            self._transcript.add(side.name, words)
            other.told(words, side)
            if side.name == "submission":
                self._output_bytes += len(words)
                if self._output_bytes > self._bounds.output_bytes:
                    side.stop("output")

    def _tell_the_end(self) -> None:
        """Let the interactor hear that the submission failed, once it computes nothing any more.

        One that decides before it can have heard of that has decided first, however close the two were.
        """
        interactor = self._sides[1]
        if self._untold is None or interactor.report:
            return
        if interactor.pulse_s > self._untold:
            self._untold = interactor.pulse_s
        else:
            self._untold = None
            interactor.hush()

    def _ended(self, side: _Side, other: _Side, report: RunReport) -> None:
        side.end(report)
        if side.name == "interactor" and self._untold is not None and report.ended is None:
            self._first = "interactor"
        self._first = self._first or side.name
        if side.name == "submission" and other.report is None and _crashed(report):
            self._untold = other.pulse_s
            other.ask_pulse()
        else:
            other.hush()
        if side.name == "interactor" and not _accepts(report):
            other.stop("idle")  # whatever it would still say, the verdict is there
        elif side.name == "submission":
            self._stillness = _Stillness(self._bounds.idle_s)
            if report.ended:
                other.stop("idle")

    def _stop(self, why: str) -> None:
        submission, interactor = self._sides
        (submission if submission.report is None else interactor).stop(why)


def _crashed(report: RunReport) -> bool:
    return report.ended is None and report.exit_status != 0


def _accepts(report: RunReport) -> bool:
    return report.exit_status == 42 and report.ended is None
