"""The programs of the micro families as functions `f(a)`, small enough to be traced whole."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count as numbers
from typing import Any

from ..families.bugs import buggy
from ..families.micro.programs import LOOP_LINE, READ_LINE, ProgramPlan, write_program
from ..families.micro.spec import CELLS, Spec
from ..families.micro.splits import combinations
from .crux import FUNCTION, CruxRow

_LENGTHS = (5, 7)
_VALUES = (-9, 9)
_PRINT = "    print("


def family_function(program: str) -> str:
    """Return a program of `write_program`, with or without bugs, as a function of one array.

    The first line, which names the plan, is left out. The line that begins the loop becomes that of the
    function, the line that reads an array is left out, and what was printed is returned.

    Raises:
        ValueError: The text is no program of the micro families.
    """
    lines = program.split("\n")
    if LOOP_LINE not in lines or f"    {READ_LINE}" not in lines or not lines[-1].startswith(_PRINT):
        raise ValueError(f"this is no program of the micro families: {program!r:.200}")
    lines[lines.index(LOOP_LINE)] = f"def {FUNCTION}(a):"
    lines.remove(f"    {READ_LINE}")
    lines[-1] = f"    return {lines[-1].removeprefix(_PRINT)[:-1]}"
    return "\n".join(line for line in lines if not line.startswith("#")) + "\n"


def load_family_function(source: str) -> Callable[[list[int]], Any]:
    """Return a function of `family_function` as an object of this process; it may change its argument."""
    names: dict[str, Any] = {}
    exec(compile(source, "family function", "exec", dont_inherit=True), names)
    loaded: Callable[[list[int]], Any] = names[FUNCTION]
    return loaded


def call_family_function(source: str, array: list[int]) -> Any:
    """Return the result of a function of `family_function`, which runs in this process.

    Raises:
        Exception: The exception of the function; only functions with bugs raise any.
    """
    return load_family_function(source)(list(array))


def family_rows(seed: int, *, held_out: bool = False, bug_share: float = 0.0) -> Iterator[CruxRow]:
    """Draw an endless stream of rows from the micro families; equal seeds give equal rows.

    Args:
        seed: Seed of the stream.
        held_out: Whether to use the held-out combinations of map, slice and output instead of the others.
        bug_share: Share of functions with a bug.

    Raises:
        ValueError: `bug_share` is not in [0, 1].
    """
    if not 0 <= bug_share <= 1:
        raise ValueError(f"bug_share must be in [0, 1], got {bug_share!r}")
    rng = random.Random(f"traces: family rows {seed} {held_out} {bug_share}")
    choices = combinations(held_out=held_out)
    for number in numbers():
        spec = Spec(cell=rng.choice(CELLS), combination=rng.choice(choices))
        program = write_program(spec, rng.choice(list(ProgramPlan)))
        if rng.random() < bug_share:
            program = buggy(program, rng).text
        source = family_function(program)
        array = rng.choices(range(_VALUES[0], _VALUES[1] + 1), k=rng.randint(*_LENGTHS))
        try:
            result = call_family_function(source, array)
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
            continue
        yield CruxRow(id=f"{spec.id}/{number}", code=source, input=repr(array), output=repr(result))
