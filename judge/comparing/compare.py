"""Compare an output with the answer, on bytes and outside the sandbox."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any

from ...problems import Checker, Comparison, Dialect, LiteralError, canonical, parse_literal
from .livecodebench import same_lines, same_value
from .result import ComparisonResult
from .tolerance import compare_with_tolerance

_NUMBER = re.compile(rb"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MOST_DIGITS = 1 << 20
"""Largest length of a token that is compared as a number; a longer token is text."""
_EXPONENT_DIGITS = 17
"""Number of digits of an exponent from which on it exceeds the range of `decimal`."""
_TOKENS_WITH_SPACE = re.compile(rb"\s+|\S+")
_SHOWN = 40


def compare_in(dialect: Dialect, checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    """Compare an output with the answer by the rules of dialect and checker; errors as for `compare`."""
    found = _compare_exactly(dialect, checker, output, answer)
    if found.equal or checker.float_tolerance is None:
        return found
    tolerant = compare_with_tolerance(checker, output, answer)
    return replace(tolerant, tolerated=True) if tolerant.equal else found


def _compare_exactly(dialect: Dialect, checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    official = _OFFICIAL.get(checker.comparison)
    tolerant = bool(checker.float_absolute or checker.float_relative)
    if dialect is Dialect.LCB and official and not tolerant:
        return official(output, answer)
    return compare(checker, output, answer)


def compare(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    """Compare an output with the answer by the rules of a checker that is not a program.

    Raises:
        ValueError: The checker is a program, or the answer itself is not in the format of the comparison.
    """
    if checker.comparison not in _COMPARISONS:
        raise ValueError(f"{checker.comparison.value!r} needs a program of the problem")
    return _COMPARISONS[checker.comparison](checker, output, answer)


def _exact(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    ours, theirs = _stripped_lines(output), _stripped_lines(answer)
    if ours == theirs:
        return ComparisonResult(equal=True)
    return _first_difference(ours, theirs, "line")


def _stripped_lines(text: bytes) -> list[bytes]:
    return [line.rstrip() for line in text.rstrip().split(b"\n")]


def _tokens(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    if checker.space_change_sensitive:
        ours, theirs = _TOKENS_WITH_SPACE.findall(output), _TOKENS_WITH_SPACE.findall(answer)
    else:
        ours, theirs = output.split(), answer.split()
    if ours == theirs:
        return ComparisonResult(equal=True)
    same = _token_equality(checker)
    if len(ours) == len(theirs) and all(map(same, ours, theirs)):
        return ComparisonResult(equal=True)
    return _first_difference(ours, theirs, "token", same)


def _unordered_lines(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    ours, theirs = (sorted(_lines(checker, text)) for text in (output, answer))
    if ours == theirs:
        return ComparisonResult(equal=True)
    return _first_difference(ours, theirs, "sorted line")


def _lines(checker: Checker, text: bytes) -> list[bytes]:
    """Return the lines in the form in which they are compared, without empty lines."""
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
    """Compare decimal numbers exactly, so that no verdict depends on rounding to binary floats."""
    if not _NUMBER.fullmatch(ours) or len(ours) > _MOST_DIGITS or len(theirs) > _MOST_DIGITS:
        return False
    given, wanted = _decimal(ours), _decimal(theirs)
    if given is None or wanted is None:
        return False
    # Enough digits for both numbers. If their exponents differ by more, the error is far below any tolerance.
    # The time is linear in the number of digits, whatever the exponents.
    context = Context(prec=len(ours) + len(theirs) + 40, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    difference = context.abs(context.subtract(given, wanted))
    # The tolerance is the decimal number as written: 1e-6, not the nearest binary fraction.
    if absolute is not None and difference <= Decimal(repr(absolute)):
        return True
    allowed = context.multiply(Decimal(repr(relative or 0.0)), context.abs(wanted))
    return relative is not None and difference <= allowed


def _decimal(text: bytes) -> Decimal | None:
    """Parse a number. A number below any tolerance becomes 0; a number too large to compare becomes None."""
    mantissa, _, exponent = text.decode().lower().partition("e")
    digits = exponent.lstrip("+-").lstrip("0")
    if len(digits) < _EXPONENT_DIGITS:
        return Decimal(f"{mantissa}e{exponent}" if exponent else mantissa)
    return Decimal(0) if exponent.startswith("-") or not mantissa.strip("+-.0") else None


def _json(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    wanted = json.loads(answer)
    try:
        given = json.loads(output)
    except (ValueError, RecursionError) as error:
        return ComparisonResult(equal=False, message=f"the call returned no JSON value: {error}")
    if _same_value(given, wanted):
        return ComparisonResult(equal=True)
    return ComparisonResult(equal=False, message=f"got {_shown(output)}, expected {_shown(answer)}")


def _literal(checker: Checker, output: bytes, answer: bytes) -> ComparisonResult:
    wanted = canonical(parse_literal(answer.decode()))
    try:
        given = canonical(parse_literal(output.decode()))
    except (LiteralError, UnicodeDecodeError) as error:
        return ComparisonResult(equal=False, message=f"the call returned no literal value: {error}")
    if given == wanted:
        return ComparisonResult(equal=True)
    return ComparisonResult(equal=False, message=f"got {_shown(output)}, expected {_shown(answer)}")


def _same_value(given: Any, wanted: Any) -> bool:
    # In Python True == 1, but in JSON true is not 1.
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
    # `isclose` raises an error for integers beyond the range of floats, about 1.8e308.
    if isinstance(wanted, float) and isinstance(given, int | float) and math.isfinite(wanted):
        return math.isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-9) if abs(given) < 1e300 else False
    return bool(given == wanted)


def _first_difference(
    ours: list[bytes],
    theirs: list[bytes],
    unit: str,
    same: Callable[[bytes, bytes], bool] = lambda ours, theirs: ours == theirs,
) -> ComparisonResult:
    for place, (given, wanted) in enumerate(zip(ours, theirs, strict=False), start=1):
        if not same(given, wanted):
            message = f"{unit} {place}: got {_shown(given)}, expected {_shown(wanted)}"
            return ComparisonResult(equal=False, message=message)
    return ComparisonResult(equal=False, message=f"got {len(ours)} {unit}s, expected {len(theirs)}")


def _shown(text: bytes) -> str:
    return repr(text[:_SHOWN].decode("utf-8", "backslashreplace")) + ("..." if len(text) > _SHOWN else "")


_COMPARISONS: dict[Comparison, Callable[[Checker, bytes, bytes], ComparisonResult]] = {
    Comparison.EXACT: _exact,
    Comparison.TOKENS: _tokens,
    Comparison.UNORDERED: _unordered_lines,
    Comparison.JSON: _json,
    Comparison.LITERAL: _literal,
}
_OFFICIAL: Mapping[Comparison, Callable[[bytes, bytes], ComparisonResult]] = {
    Comparison.EXACT: same_lines,
    Comparison.TOKENS: same_lines,
    Comparison.JSON: same_value,
}
"""How the official grader of LiveCodeBench compares, which knows nothing else."""
