"""Compare an output with the answer, on bytes, outside any sandbox."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ..problems import Checker, Comparison

_NUMBER = re.compile(rb"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,6})?")
_TOKENS_WITH_SPACE = re.compile(rb"\s+|\S+")
_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """What a comparison found."""

    equal: bool
    message: str = ""
    """The first difference. Quotes the answer, so it is not for the agent's eyes."""
    score: float | None = None
    """Points, where the checker gives them itself."""
    multiplier: float | None = None
    """The share of the points there are, in [0, 1], where the checker says it."""
    next_input: bytes | None = field(default=None, repr=False)
    """What the submission is to be given in another pass; None if this was the last."""


def compare(checker: Checker, output: bytes, answer: bytes) -> Comparing:
    """Compare an output with the answer as `checker` says; for every comparison but those by a program.

    Raises:
        ValueError: A program does the comparison, or the answer itself is not what it asks for.
    """
    if checker.comparison not in _COMPARISONS:
        raise ValueError(f"{checker.comparison.value!r} needs a program of the problem")
    return _COMPARISONS[checker.comparison](checker, output, answer)


def _exact(checker: Checker, output: bytes, answer: bytes) -> Comparing:
    ours, theirs = _stripped_lines(output), _stripped_lines(answer)
    if ours == theirs:
        return Comparing(equal=True)
    return _first_difference(ours, theirs, "line")


def _stripped_lines(text: bytes) -> list[bytes]:
    return [line.rstrip() for line in text.rstrip().split(b"\n")]


def _tokens(checker: Checker, output: bytes, answer: bytes) -> Comparing:
    if checker.space_change_sensitive:
        ours, theirs = _TOKENS_WITH_SPACE.findall(output), _TOKENS_WITH_SPACE.findall(answer)
    else:
        ours, theirs = output.split(), answer.split()
    if ours == theirs:
        return Comparing(equal=True)
    same = _token_equality(checker)
    if len(ours) == len(theirs) and all(map(same, ours, theirs)):
        return Comparing(equal=True)
    return _first_difference(ours, theirs, "token", same)


def _unordered_lines(checker: Checker, output: bytes, answer: bytes) -> Comparing:
    ours, theirs = (sorted(_lines(checker, text)) for text in (output, answer))
    if ours == theirs:
        return Comparing(equal=True)
    return _first_difference(ours, theirs, "sorted line")


def _lines(checker: Checker, text: bytes) -> list[bytes]:
    """Return the lines as they are compared: the same tokens are the same line, empty ones are none."""
    if not checker.case_sensitive:
        text = text.lower()
    if checker.space_change_sensitive:
        return [line for line in _stripped_lines(text) if line]
    return [b" ".join(line.split()) for line in text.split(b"\n") if line.strip()]


def _token_equality(checker: Checker) -> Callable[[bytes, bytes], bool]:
    tolerant = checker.float_absolute is not None or checker.float_relative is not None

    def same(ours: bytes, theirs: bytes) -> bool:
        if ours == theirs:
            return True
        if tolerant and _NUMBER.fullmatch(theirs):
            return _close(ours, theirs, checker.float_absolute, checker.float_relative)
        return not checker.case_sensitive and ours.lower() == theirs.lower()

    return same


def _close(ours: bytes, theirs: bytes, absolute: float | None, relative: float | None) -> bool:
    """Compare decimal numbers exactly: no rounding on the way in decides a verdict."""
    if not _NUMBER.fullmatch(ours) or len(ours) > 1000 or len(theirs) > 1000:
        return False
    try:
        given, wanted = Decimal(ours.decode()), Decimal(theirs.decode())
        if abs(given.adjusted()) > 10_000 or abs(wanted.adjusted()) > 10_000:
            return given == wanted
        difference = abs(given - wanted)
        # The tolerance is meant as it is written: 1e-6 is not the binary fraction next to it.
        if absolute is not None and difference <= Decimal(repr(absolute)):
            return True
        return relative is not None and difference <= Decimal(repr(relative)) * abs(wanted)
    except InvalidOperation:
        return False


def _json(checker: Checker, output: bytes, answer: bytes) -> Comparing:
    wanted = json.loads(answer)
    try:
        given = json.loads(output)
    except (ValueError, RecursionError) as error:
        return Comparing(equal=False, message=f"the call returned no JSON value: {error}")
    if _same_value(given, wanted):
        return Comparing(equal=True)
    return Comparing(equal=False, message=f"got {_shown(output)}, expected {_shown(answer)}")


def _same_value(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(given, bool):
        return given is wanted
    if isinstance(wanted, list):
        return isinstance(given, list) and len(given) == len(wanted) and all(map(_same_value, given, wanted))
    if isinstance(wanted, dict):
        return (
            isinstance(given, dict)
            and given.keys() == wanted.keys()
            and all(_same_value(given[key], value) for key, value in wanted.items())
        )
    if isinstance(wanted, float) and isinstance(given, int | float) and math.isfinite(wanted):
        return math.isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-9) if abs(given) < 1e300 else False
    return bool(given == wanted)


def _first_difference(
    ours: list[bytes],
    theirs: list[bytes],
    unit: str,
    same: Callable[[bytes, bytes], bool] = lambda ours, theirs: ours == theirs,
) -> Comparing:
    for place, (given, wanted) in enumerate(zip(ours, theirs, strict=False), start=1):
        if not same(given, wanted):
            message = f"{unit} {place}: got {_shown(given)}, expected {_shown(wanted)}"
            return Comparing(equal=False, message=message)
    return Comparing(equal=False, message=f"got {len(ours)} {unit}s, expected {len(theirs)}")


def _shown(text: bytes) -> str:
    return repr(text[:_SHOWN].decode("utf-8", "backslashreplace")) + ("..." if len(text) > _SHOWN else "")


_COMPARISONS: dict[Comparison, Callable[[Checker, bytes, bytes], Comparing]] = {
    Comparison.EXACT: _exact,
    Comparison.TOKENS: _tokens,
    Comparison.UNORDERED: _unordered_lines,
    Comparison.JSON: _json,
}
