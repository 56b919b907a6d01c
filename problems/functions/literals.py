"""Python literals as data: read within bounds, without evaluation, and written in one canonical form."""

from __future__ import annotations

import ast
import math
import threading
import warnings

LONGEST = 20_000
"""Most characters of a literal."""
DEEPEST = 32
"""Most containers around a value."""
LARGEST_BITS = 4096
"""Most bits of an integer."""
_PLAIN = (bool, str, bytes, type(None))
_filters = threading.Lock()
"""Held while the warning filters of the process are changed."""

Value = object
"""A value that a literal writes: None, bool, int, float, str, bytes; list, tuple, set, dict of them."""


class LiteralError(ValueError):
    """A text is not a literal within the bounds; the message says why."""


def parse_literal(text: str) -> Value:
    """Return the value of a Python literal.

    Allowed are None, booleans, integers of at most 4096 bits, finite floats, texts, bytes, and lists, tuples,
    sets and dictionaries of them, nested at most 32 deep. The text is parsed and never evaluated.

    Raises:
        LiteralError: The text is no literal, or is beyond the bounds.
    """
    if len(text) > LONGEST:
        raise LiteralError(f"a literal has at most {LONGEST} characters, got {len(text)}")
    try:
        with _filters, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser warns of escapes such as "\d"
            value = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise LiteralError(f"not a Python literal: {text.strip()[:80]!r}") from error
    canonical(value)
    return value


def parse_arguments(text: str, name: str = "f") -> tuple[Value, ...]:
    """Return the arguments of a call: what stands between its parentheses, or the call itself.

    `[1, 2], 3` and `f([1, 2], 3)` are the same two arguments; `(1, 2)` is one.

    Args:
        text: The text.
        name: Name of the function.

    Raises:
        LiteralError: The text is not a list of literals within the bounds.
    """
    if len(text) > LONGEST:
        raise LiteralError(f"a literal has at most {LONGEST} characters, got {len(text)}")
    inner = text.strip()
    if inner.startswith(f"{name}(") and inner.endswith(")"):
        inner = inner[len(name) + 1 : -1].strip()
    try:
        with _filters, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = ast.parse(f"f({inner}\n)", mode="eval").body
            plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.keywords
            values = tuple(map(ast.literal_eval, call.args)) if plain else None  # type: ignore[attr-defined]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise LiteralError(f"not arguments in Python's notation: {inner[:80]!r}") from error
    if values is None:
        raise LiteralError(f"not a list of literals: {inner[:80]!r}")
    canonical(values)
    return values


def canonical(value: Value) -> str:
    """Return the canonical literal of a value.

    Equal values have equal texts: the elements of sets and the items of dictionaries are sorted by their
    texts. Types are told apart (`1`, `1.0` and `True` differ), and floats are written by `repr`, so that
    `-0.0` and `0.0` differ.

    Raises:
        LiteralError: The value is beyond the bounds, or of another type.
    """
    text = _written(value, 0)
    if len(text) > LONGEST:
        raise LiteralError(f"a literal has at most {LONGEST} characters, got {len(text)}")
    return text


def same_value(one: str, other: str) -> bool:
    """Return whether two literals have the same canonical form.

    Raises:
        LiteralError: One of them is no literal within the bounds.
    """
    return canonical(parse_literal(one)) == canonical(parse_literal(other))


def _written(value: Value, depth: int) -> str:
    if depth > DEEPEST:
        raise LiteralError(f"a literal is nested at most {DEEPEST} deep")
    kind = type(value)
    if kind in _PLAIN:
        return repr(value)
    if isinstance(value, int) and kind is int:
        if value.bit_length() > LARGEST_BITS:
            raise LiteralError(f"an integer has at most {LARGEST_BITS} bits, got {value.bit_length()}")
        return repr(value)
    if isinstance(value, float) and kind is float:
        if not math.isfinite(value):
            raise LiteralError(f"a float must be finite, got {value!r}")
        return repr(value)
    return _container(value, depth + 1)


def _container(value: Value, depth: int) -> str:
    kind = type(value)
    if isinstance(value, list) and kind is list:
        return f"[{', '.join(_written(each, depth) for each in value)}]"
    if isinstance(value, tuple) and kind is tuple:
        parts = [_written(each, depth) for each in value]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, set) and kind is set:
        parts = sorted(_written(each, depth) for each in value)
        return f"{{{', '.join(parts)}}}" if parts else "set()"
    if isinstance(value, dict) and kind is dict:
        items = sorted((_written(key, depth), _written(each, depth)) for key, each in value.items())
        return f"{{{', '.join(f'{key}: {each}' for key, each in items)}}}"
    raise LiteralError(f"a value of type {kind.__name__} is no literal")
