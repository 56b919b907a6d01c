"""Decide when a conversation has been idle for too long, or goes on for too long."""

from __future__ import annotations

import time

from ..sandbox.protocol.waking import WakingTime

POLL_S = 0.1
"""Seconds between two requests for the usage reports of both sides."""
_TOTAL_IDLE_FACTOR = 10.0
"""Total idle time of a conversation, in multiples of the idle limit."""
_MESSAGE_S = 1e-3
"""Idle seconds allowed for each message in addition, as forwarding takes time; also the most CPU seconds of
the interactor per message that count as talking. An interactor that computes longer for each message does
not flood the submission."""


class Pace:
    """Accounts for the time of a conversation, from the usage reports of both sides.

    Args:
        idle_s: Limit on the seconds in which neither side writes or computes anything.
        conversation_s: Limit on the CPU seconds of the interactor while messages pass.
    """

    def __init__(self, idle_s: float, conversation_s: float) -> None:
        self._limit_s = idle_s
        self._conversation_limit_s = conversation_s
        self._last_request = time.monotonic()
        self._messages = self._accounted_messages = 0
        self._interactor_s = self._conversation_s = 0.0
        self.restart()

    def restart(self) -> None:
        """Set the idle times to 0, as the submission has ended."""
        self._waking = WakingTime()
        self._since_s = self._busy_s = 0.0
        self._idle_s = self._idle_total_s = 0.0
        self._messages_before = self._messages

    def message(self) -> None:
        """Count a message of either side."""
        self._messages += 1

    def due_in(self) -> float:
        """Return the seconds until the next usage reports are to be requested."""
        return max(0.0, self._last_request + POLL_S - time.monotonic())

    def requested(self) -> None:
        """Note that usage reports were requested."""
        self._last_request = time.monotonic()

    def account(self, busy_s: float, interactor_cpu_s: float) -> None:
        """Account for the time since the last usage reports.

        Args:
            busy_s: Seconds so far in which either side computed or waited for a processor.
            interactor_cpu_s: CPU seconds of the interactor so far.
        """
        messages = self._messages - self._accounted_messages
        now_s = self._waking.passed(POLL_S)
        idle_s = max(0.0, now_s - self._since_s - max(0.0, busy_s - self._busy_s))
        self._since_s, self._busy_s = now_s, busy_s
        self._idle_total_s += idle_s
        self._idle_s = 0.0 if messages else self._idle_s + idle_s
        self._accounted_messages = self._messages
        self._conversation_s += min(max(0.0, interactor_cpu_s - self._interactor_s), _MESSAGE_S * messages)
        self._interactor_s = interactor_cpu_s

    @property
    def silent_too_long(self) -> bool:
        """Whether neither side wrote or computed anything for too long, at a stretch or in total."""
        messages = self._messages - self._messages_before
        total_s = _TOTAL_IDLE_FACTOR * self._limit_s + _MESSAGE_S * messages
        return self._idle_s > self._limit_s or self._idle_total_s > total_s

    @property
    def conversed_too_long(self) -> bool:
        """Whether the interactor spent too much CPU time on messages: the conversation will not end."""
        return self._conversation_s > self._conversation_limit_s
