"""Functions from which tasks are made, and what is known of them after they were run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..model import Difficulty

RESERVED = "_submitted"
"""Word that sources must not contain: programs made from answers use it."""
FEWEST_PAIRS = 4
"""Least number of inputs with an output that a function needs."""


class TaskKind(StrEnum):
    """What is asked about a function."""

    INDUCTION = "induction"
    """Write the function, from pairs of inputs and outputs and a message."""
    ABDUCTION = "abduction"
    """Find an input that gives an output."""
    DEDUCTION = "deduction"
    """Find the output for an input."""
    FUZZING = "fuzzing"
    """Find an input that passes one test and fails another."""


@dataclass(frozen=True, kw_only=True)
class FuzzTest:
    """Two tests of an input, as source code: `pre_test(*arguments)` and `test(*arguments)`.

    A test passes unless it returns something false other than None, or raises an exception.
    """

    pre_test: str
    """Source that defines `pre_test`."""
    test: str
    """Source that defines `test`; it may call the function and `pre_test`."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Python function and inputs for it."""

    id: str
    source: str = field(repr=False)
    """Source that defines the function."""
    name: str = "f"
    message: str = ""
    """What the function does, in a sentence; shown for induction."""
    inputs: tuple[str, ...] = field(default=(), repr=False)
    """Canonical literals of the tuples of arguments."""
    fuzz: FuzzTest | None = field(default=None, repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    """Further sources of the same function, by other algorithms."""
    wrong: str = field(default="", repr=False)
    """Source of a similar function that gives other outputs; empty without one."""
    difficulty: Difficulty | None = None
    family: str = ""
    """Family of the function; empty for a function that is not generated."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A function with the results of running it, from which tasks are made."""

    function: Function
    outputs: tuple[str | None, ...] = field(repr=False)
    """For each input the canonical literal of the output; None where there is none."""
    witnesses: tuple[str, ...] = field(default=(), repr=False)
    """Inputs that pass `pre_test` and fail `test`."""
    misses: tuple[str, ...] = field(default=(), repr=False)
    """Inputs that do not."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The inputs that have an output, with it."""
        found = zip(self.function.inputs, self.outputs, strict=True)
        return [(given, output) for given, output in found if output is not None]

    def obstacle(self, kind: TaskKind) -> str:
        """Return why there is no task of this kind; empty if there is one."""
        if kind is TaskKind.FUZZING:
            if self.function.fuzz is None:
                return "has no test"
            return "" if self.witnesses else "no input was found that fails the test"
        if len(self.pairs) < FEWEST_PAIRS:
            return f"fewer than {FEWEST_PAIRS} inputs have an output"
        if len({output for _, output in self.pairs}) < 2:
            return "all outputs are equal"
        return ""
