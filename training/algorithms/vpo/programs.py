"""Programs without duplicates, compared by their syntax trees."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence


def unique_indices(sources: Sequence[str]) -> list[int]:
    """Return the position of the first of each set of Python programs with equal syntax trees, in order.

    Layout and comments do not matter, names do. Text that is not Python is compared without white space at
    its ends.
    """
    first: dict[str, int] = {}
    for index, source in enumerate(sources):
        first.setdefault(_syntax_key(source), index)
    return list(first.values())


def unique_programs(sources: Sequence[str]) -> list[str]:
    """Return the programs at `unique_indices`."""
    return [sources[index] for index in unique_indices(sources)]


def _syntax_key(source: str) -> str:
    try:
        with warnings.catch_warnings():  # an invalid escape in a program is no warning about this package
            warnings.simplefilter("ignore")
            return f"tree {ast.dump(ast.parse(source))}"
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"text {source.strip()}"
