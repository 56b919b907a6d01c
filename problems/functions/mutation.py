"""Random changes of literals, for the search for inputs that fail a test."""

from __future__ import annotations

import random

from .literals import LiteralError, canonical, parse_literal

_NUMBERS = (0, 1, -1, 2, 10, 100)
_LETTERS = "ab0 A-"


def mutated_input(given: str, generator: random.Random) -> str | None:
    """Return a tuple of arguments with one change in one argument; None if the change goes beyond the bounds.

    Args:
        given: Canonical literal of a tuple of arguments.
        generator: Generator that draws the change.
    """
    values = parse_literal(given)
    if not isinstance(values, tuple) or not values:
        return None
    place = generator.randrange(len(values))
    try:
        return canonical((*values[:place], _changed(values[place], generator), *values[place + 1 :]))
    except (LiteralError, TypeError):  # a set or a dictionary cannot hold every value
        return None


def _changed(value: object, generator: random.Random) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return generator.choice((value + 1, value - 1, -value, 2 * value, generator.choice(_NUMBERS)))
    if isinstance(value, float):
        return generator.choice((value + 1.0, -value, value / 2, 0.0))
    if isinstance(value, str):
        return "".join(map(str, _sequence(list(value), generator, fresh=generator.choice(_LETTERS))))
    if isinstance(value, bytes):
        return bytes(int(str(each)) % 256 for each in _sequence(list(value), generator, fresh=0))
    if isinstance(value, list | tuple | set):
        kind = type(value)
        return kind(_sequence(sorted(value, key=repr) if kind is set else list(value), generator, fresh=0))
    if isinstance(value, dict):
        return _dictionary(value, generator)
    return value


def _sequence(items: list[object], generator: random.Random, *, fresh: object) -> list[object]:
    """Return the items with one change: an item is dropped, repeated, moved, changed or added."""
    if not items:
        return [fresh]
    place = generator.randrange(len(items))
    how = generator.randrange(6)
    if how == 0:
        return items[:place] + items[place + 1 :]
    if how == 1:
        return items[: place + 1] + items[place:]
    if how == 2:
        return items[::-1]
    if how == 3:
        return items[:place]
    if how == 4:
        return [*items, fresh]
    changed = fresh if isinstance(items[place], str) and isinstance(fresh, str) else None
    value = _changed(items[place], generator) if changed is None else changed
    return [*items[:place], value, *items[place + 1 :]]


def _dictionary(value: dict[object, object], generator: random.Random) -> dict[object, object]:
    keys = sorted(value, key=repr)
    if not keys:
        return {0: 0}
    key = generator.choice(keys)
    if generator.randrange(2):
        return {each: value[each] for each in keys if each != key}
    return {**value, key: _changed(value[key], generator)}
