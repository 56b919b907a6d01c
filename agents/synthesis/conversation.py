"""The words of a synthesis: what the teacher is asked, and what it is told about the student."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...problems import Label
from ...problems.synthesis import Attempt, Band, Direction, Reject, Seed
from ...problems.synthesis.proposal import FEWEST_INPUTS

SYSTEM = f"""\
You write programming problems for a student. Each problem is small and self-contained, and its difficulty is
what you are asked for. You are told how often the student solved your last problem, and then write the next.

Reply with one problem in exactly this form:

TITLE: a short title
STATEMENT:
What the problem asks, in Markdown. It must be enough to solve the problem: describe the arguments and the
result, and every rule. Do not describe the solution.
FUNCTION:
```python
def f(first, second):
    ...
```
INPUTS:
```json
[[1, 2], [3, 4]]
```

FUNCTION is the solution: a Python function `f` with plain parameters, using the standard library only. It
must be deterministic, and its result must be a JSON value. INPUTS has at least {FEWEST_INPUTS} different
inputs: each is the list of the arguments of one call. Make them diverse, and include corner cases. Do not
give outputs: they are computed by running `f`.

Instead of FUNCTION you may write PROGRAM, with a program from standard input to standard output; each input
is then one text. After a PROGRAM you may write a line such as `COST: 22000`, which limits how many lines a
Python program may execute on an input.
"""
PROMPTS_DIGEST = hashlib.sha256(SYSTEM.encode()).hexdigest()[:16]
"""Digest of the system message, a part of the identity of a run."""
_LONGEST_CODE = 4000
_LONGEST_SEED = 12_000


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the student did with a problem."""

    solved: int
    valid: int
    """Number of attempts that count."""
    attempts: Sequence[Attempt]

    @property
    def rate(self) -> float:
        """The pass rate, in [0, 1]."""
        return self.solved / self.valid


def first_message(seed: Seed, target: Band) -> str:
    """Return the message that begins the conversation on a seed."""
    return (
        f"Seed: {seed.name}\n\n```\n{seed.code[:_LONGEST_SEED].rstrip()}\n```\n\n"
        "Write a problem inspired by this code.\n"
        f"{_target(target)}"
    )


def rated_message(measured: Measured, direction: Direction, target: Band) -> str:
    """Return what the teacher is told about a problem that the student attempted."""
    parts = [f"Pass rate: {measured.rate:.3f} ({measured.solved} of {measured.valid} attempts)."]
    for label_is_accepted, name in ((True, "solved"), (False, "failed")):
        shown = next(
            (
                each
                for each in measured.attempts
                if (each.label is Label.ACCEPTED) is label_is_accepted and each.source
            ),
            None,
        )
        if shown is not None:
            why = "" if shown.label in (None, Label.ACCEPTED) else f" ({shown.label.replace('_', ' ')})"
            code = shown.source.decode("utf-8", "replace")[:_LONGEST_CODE].rstrip()
            parts.append(f"An attempt that {name}{why}:\n\n```python\n{code}\n```")
    parts.append(f"{_DIRECTIONS[direction]}\n{_target(target)}")
    return "\n\n".join(parts)


def rejected_message(reject: Reject, message: str, target: Band) -> str:
    """Return what the teacher is told about a proposal that the student did not see."""
    return (
        f"Rejected: {reject.value}. {message[:1000]}\n\n"
        "Write another problem, in the form that you were given.\n"
        f"{_target(target)}"
    )


_DIRECTIONS = {
    Direction.HARDER: "Mutate the problem so that it is harder.",
    Direction.EASIER: "Mutate the problem so that it is easier.",
    Direction.IN_BAND: "Mutate the problem into another one, of the difficulty below.",
}


def _target(target: Band) -> str:
    return f"Target pass rate: {target.low:.3f} to {target.high:.3f}."
