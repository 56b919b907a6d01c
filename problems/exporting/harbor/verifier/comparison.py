"""Comparison of an output with the answer, by the comparisons that are no programs."""

from __future__ import annotations

import json
import math
import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any

_NUMBER = re.compile(rb"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MOST_DIGITS = 1 << 20
_EXPONENT_DIGITS = 17


def equal(rules: dict[str, Any], output: bytes, answer: bytes) -> bool:
    """Compare an output with the answer by a comparison that is no program."""
    kind = rules["comparison"]
    if kind == "exact":
        return stripped_lines(output) == stripped_lines(answer)
    if kind == "tokens":
        return same_tokens(rules, output, answer)
    if kind == "unordered":
        return sorted(lines(rules, output)) == sorted(lines(rules, answer))
    if kind == "json":
        try:
            given = json.loads(output)
        except (ValueError, RecursionError):
            return False
        return same_value(given, json.loads(answer))
    raise ValueError(f"there is no comparison {kind!r}")


def stripped_lines(text: bytes) -> list[bytes]:
    """Return the lines without white space at their ends and at the end of the text."""
    return [line.rstrip() for line in text.rstrip().split(b"\n")]


def lines(rules: dict[str, Any], text: bytes) -> list[bytes]:
    """Return the lines as they are compared in any order, without empty lines."""
    if not rules["case_sensitive"]:
        text = text.lower()
    if rules["space_change_sensitive"]:
        return [line for line in stripped_lines(text) if line]
    return [b" ".join(line.split()) for line in text.split(b"\n") if line.strip()]


def same_tokens(rules: dict[str, Any], output: bytes, answer: bytes) -> bool:
    """Compare token by token; numbers of the answer with the tolerances."""
    if rules["space_change_sensitive"]:
        ours, theirs = (re.findall(rb"\s+|\S+", text) for text in (output, answer))
    else:
        ours, theirs = output.split(), answer.split()
    if ours == theirs:
        return True
    absolute, relative = rules["float_absolute"], rules["float_relative"]
    tolerant = absolute is not None or relative is not None

    def same(given: bytes, wanted: bytes) -> bool:
        if given == wanted:
            return True
        if tolerant and _NUMBER.fullmatch(wanted):
            return close(given, wanted, absolute, relative)
        return not rules["case_sensitive"] and given.lower() == wanted.lower()

    return len(ours) == len(theirs) and all(map(same, ours, theirs))


def close(ours: bytes, theirs: bytes, absolute: float | None, relative: float | None) -> bool:
    """Compare decimal numbers exactly."""
    if not _NUMBER.fullmatch(ours) or len(ours) > _MOST_DIGITS or len(theirs) > _MOST_DIGITS:
        return False
    given, wanted = decimal_of(ours), decimal_of(theirs)
    if given is None or wanted is None:
        return False
    context = Context(prec=len(ours) + len(theirs) + 40, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    difference = context.abs(context.subtract(given, wanted))
    if absolute is not None and difference <= Decimal(repr(absolute)):
        return True
    allowed = context.multiply(Decimal(repr(relative or 0.0)), context.abs(wanted))
    return relative is not None and difference <= allowed


def decimal_of(text: bytes) -> Decimal | None:
    """Parse a number; one below any tolerance is 0, and one too large to compare is None."""
    mantissa, _, exponent = text.decode().lower().partition("e")
    digits = exponent.lstrip("+-").lstrip("0")
    if len(digits) < _EXPONENT_DIGITS:
        return Decimal(f"{mantissa}e{exponent}" if exponent else mantissa)
    return Decimal(0) if exponent.startswith("-") or not mantissa.strip("+-.0") else None


def same_value(given: Any, wanted: Any) -> bool:
    """Compare JSON values; numbers with a fraction may differ by 1e-9."""
    if isinstance(wanted, bool) or isinstance(given, bool):
        return given is wanted
    if isinstance(wanted, list):
        return isinstance(given, list) and len(given) == len(wanted) and all(map(same_value, given, wanted))
    if isinstance(wanted, dict):
        return (
            isinstance(given, dict)
            and given.keys() == wanted.keys()
            and all(same_value(given[key], value) for key, value in wanted.items())
        )
    if isinstance(wanted, float) and isinstance(given, (int, float)) and math.isfinite(wanted):
        return math.isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-9) if abs(given) < 1e300 else False
    return bool(given == wanted)
