"""Random traces: event lists as a run of some program could give, without running one."""

from __future__ import annotations

import random

from codefrontier.problems.traces import Event, EventKind, Trace, TraceTarget


def random_trace(rng: random.Random, *, size: int = 40) -> Trace:  # noqa: C901  # one grammar, nested
    """Return a trace of at most about `size` events: nested calls, loops, exceptions, generators."""
    events: list[Event] = []
    budget = rng.randint(1, size)

    def add(kind: EventKind, depth: int, names: dict[str, str | None], argument: str | None = None) -> None:
        line = rng.randint(1, 6)
        events.append(
            Event(kind=kind, depth=depth, line=line, function=f"f{depth}", changed=names, argument=argument)
        )

    def changes(known: set[str]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name in rng.sample(["a", "b", "c"], rng.randint(0, 2)):
            if name in known and rng.random() < 0.3:
                known.discard(name)
                found[name] = None
            else:
                known.add(name)
                found[name] = str(rng.randint(0, 3))
        return found

    def frame(depth: int) -> bool:
        """Add the events of one call; return whether it is left by an exception."""
        known = {"a"}
        add(EventKind.CALL, depth, {"a": "0"})
        while len(events) < budget and rng.random() < 0.85:
            add(EventKind.LINE, depth, changes(known))
            for _ in range(rng.choice([0, 0, 1, 2]) if depth < 4 else 0):
                if frame(depth + 1):
                    if rng.random() < 0.2:  # it passes through code that is not the program's
                        return True
                    add(EventKind.EXCEPTION, depth, changes(known), "E()")
                    if rng.random() < 0.5:
                        return True
                    break
        if rng.random() < 0.2:
            add(EventKind.EXCEPTION, depth, changes(known), "E()")
            return True
        add(EventKind.RETURN, depth, changes(known), "None")
        return False

    fails = frame(0)
    source = "".join(f"line {number}\n" for number in range(1, 7))
    end = "error" if fails else "normal"
    return Trace(target=TraceTarget(id="random", source=source), events=tuple(events), end=end)  # type: ignore[arg-type]
