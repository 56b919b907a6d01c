"""Numbers of a recipe that may depend on the tensor: one number, a gradient over the layers, or cases.

The forms are those of mergekit's files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import MergeError
from ..methods.method import Setting

_LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks|block)\.(\d+)\.")
Place = Callable[[str], float]
"""Place of a tensor in the model by its name: 0 for the first layer, 1 for the last."""


def layer_places(names: Iterable[str]) -> Place:
    """Return the place of each tensor: layer / (layers - 1), with 0 before the layers and 1 after them.

    Tensors outside of the layers are after them if they are named like a head or a final norm.
    """
    layers = [int(match[1]) for name in names if (match := _LAYER.search(name))]
    last = max(layers, default=0)

    def place(name: str) -> float:
        if match := _LAYER.search(name):
            return int(match[1]) / last if last else 0.0
        return (
            1.0 if re.search(r"(^|\.)(lm_head|norm|ln_f|final_layer_norm|embed_out|score)\b", name) else 0.0
        )

    return place


def parse_setting(value: Any, where: str, place: Place) -> Setting:
    """Return a setting from its value in a recipe.

    Args:
        value: A number; a list of numbers, which are spread evenly over the layers with straight lines
            between them; or a list of cases with `value` and, except for the last, `filter`, a part of the
            names of tensors. The first case that fits is taken.
        where: Description of the setting in messages.
        place: Place of a tensor in the model.

    Raises:
        MergeError: The value has another form.
    """
    if isinstance(value, bool | int | float):
        number = _finite(value, where)
        return lambda name: number
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return _cases(value, where, place)
    if isinstance(value, list) and value and all(isinstance(each, int | float) for each in value):
        points = [_finite(each, where) for each in value]
        return lambda name: _between(points, place(name))
    if isinstance(value, dict):
        return _cases([value], where, place)
    raise MergeError(f"{where} must be a number, a list of numbers, or a list of cases, got {value!r}")


def _cases(cases: Sequence[dict[str, Any]], where: str, place: Place) -> Setting:
    parsed: list[tuple[str | None, Setting]] = []
    for case in cases:
        if "value" not in case or set(case) - {"filter", "value"}:
            raise MergeError(f"{where}: a case has `value` and may have `filter`, got {case!r}")
        wanted = case.get("filter")
        if not (wanted is None or isinstance(wanted, str)):
            raise MergeError(f"{where}: filter must be a text, got {wanted!r}")
        parsed.append((None if wanted == "*" else wanted, parse_setting(case["value"], where, place)))

    def setting(name: str) -> float:
        for wanted, inner in parsed:
            if wanted is None or wanted in name:
                return inner(name)
        raise MergeError(f"{where}: no case fits the tensor {name!r}: add one without `filter`")

    return setting


def _between(points: Sequence[float], place: float) -> float:
    scaled = place * (len(points) - 1)
    first = min(int(scaled), len(points) - 1)
    second = min(first + 1, len(points) - 1)
    share = scaled - first
    # Equal ends must not be rounded apart.
    return points[first] if share == 0 else (1 - share) * points[first] + share * points[second]


def _finite(value: Any, where: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise MergeError(f"{where} must be finite, got {value!r}")
    return number
