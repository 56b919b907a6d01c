"""Sweeps of a recipe: the merges at several values of one parameter, written in one pass over the parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Final

from ..census import Census
from ..errors import MergeError
from ..methods.task_vectors import METHODS
from ..staircase import MOST_IDENTICAL, alpha_text, measured_steps, pairs_to_compare
from .methods import NAMES, RELEX, order_parents
from .recipe_file import RecipeFile
from .run import RecipeMerges, RecipeReport, RunOptions, merge_recipes

SWEPT: Final[Mapping[str, str]] = {
    "lerp": "alpha",
    "wise_ft": "alpha",
    "expo": "alpha",
    **dict.fromkeys(METHODS, "lambda"),
    "slerp": "t",
    "polynomial": "target",
    RELEX: "target",
}
"""The parameter that a sweep of each method varies; other methods have no single number to vary."""
_LINES: Final = {"lerp": 0.0, "wise_ft": 0.0, "expo": 1.0}
"""Methods on the line between two parents, with the number that is added to alpha to get the place on it."""
MOST_VALUES: Final = 1000


@dataclass(frozen=True, kw_only=True)
class RecipeSweep:
    """The merges of a sweep."""

    parameter: str
    values: tuple[float, ...]
    reports: list[RecipeReport]
    faults: tuple[str, ...]
    """Descriptions of neighbours that are too similar to be compared; empty for a good sweep."""


class RecipeSweepRefusedError(MergeError):
    """Neighbours in the sweep hardly differ, so nothing was written.

    Args:
        sweep: The merges that were refused, with the reasons.
    """

    def __init__(self, sweep: RecipeSweep) -> None:
        self.sweep = sweep
        super().__init__("; ".join(sweep.faults))


def parse_values(text: str) -> tuple[float, ...]:
    """Return the values of a sweep.

    Args:
        text: `START:STOP:STEP`, both ends inclusive and decimal arithmetic exact, or numbers with commas
            between them.

    Raises:
        MergeError: The text has another form, or its values are too many or not distinct.
    """
    parts = text.split(":")
    if len(parts) == 3:
        values = _range(text, *(_number(part, text) for part in parts))
    elif len(parts) == 1:
        values = [_number(part, text) for part in text.split(",")]
    else:
        raise _refusal(text)
    found = tuple(float(value) + 0.0 for value in values)  # adding 0 turns -0.0 into 0.0
    if twice := sorted({value for value in found if found.count(value) > 1}):
        raise MergeError(f"the value {alpha_text(twice[0])} occurs twice in {text!r}")
    return found


def _range(text: str, start: Decimal, stop: Decimal, step: Decimal) -> list[Decimal]:
    if step == 0 or (stop - start) / step < 0:
        raise MergeError(f"the step must lead from the start to the stop, got {text!r}")
    steps = (stop - start) / step
    if steps != steps.to_integral_value():
        raise MergeError(
            f"{stop} is not a whole number of steps of {step} from {start}, got {text!r}: both ends belong "
            "to the sweep"
        )
    if steps >= MOST_VALUES:
        raise MergeError(f"a sweep has at most {MOST_VALUES} values, got {text!r}")
    return [start + number * step for number in range(int(steps) + 1)]


def _number(part: str, text: str) -> Decimal:
    try:
        value = Decimal(part.strip())
    except InvalidOperation as error:
        raise _refusal(text) from error
    if not value.is_finite():
        raise _refusal(text)
    return value


def _refusal(text: str) -> MergeError:
    return MergeError(
        f"values must be START:STOP:STEP, for example -0.5:1.5:0.25, or numbers with commas, got {text!r}"
    )


def swept_parameter(recipe: RecipeFile) -> str:
    """Return the parameter that a sweep of a recipe varies.

    Raises:
        MergeError: The method is unknown or has no such parameter, or the recipe gives more than a number.
    """
    method = recipe.merge_method
    if method not in NAMES:
        raise MergeError(f"merge_method must be one of {', '.join(NAMES)}, got {method!r}")
    if method not in SWEPT:
        raise MergeError(
            f"{method} has no single number to sweep; {', '.join(SWEPT)} have: {_names()}"
            + ("; between two parents, sweep lerp" if method in ("linear", "soup") else "")
        )
    name = SWEPT[method]
    value = recipe.parameters.get(name)
    if not (value is None or type(value) in (int, float)):
        raise MergeError(
            f"a sweep replaces {name} by one number for all tensors, but the recipe has {value!r}: leave it "
            "out"
        )
    return name


def _names() -> str:
    by_name = {name: [method for method in SWEPT if SWEPT[method] == name] for name in SWEPT.values()}
    return "; ".join(f"{name} of {', '.join(methods)}" for name, methods in by_name.items())


def sweep_recipes(recipe: RecipeFile, values: Sequence[float]) -> list[RecipeFile]:
    """Return the recipe at each value.

    Raises:
        MergeError: The method of the recipe cannot be swept.
    """
    name = swept_parameter(recipe)
    return [recipe.model_copy(update={"parameters": {**recipe.parameters, name: value}}) for value in values]


def merge_names(recipe: RecipeFile, values: Sequence[float]) -> list[str]:
    """Return the folder name of each merge, for example `alpha-0.25` or `lambda-1`."""
    name = swept_parameter(recipe)
    return [f"{name}-{alpha_text(value)}" for value in values]


def places(recipe: RecipeFile, values: Sequence[float]) -> list[float | None]:
    """Return the place of each merge on a line on which 0 and 1 are parents.

    For `lerp` and `wise_ft` it is alpha, for `expo` alpha + 1, and for fits over a trajectory the share of
    the steps from the base to the last checkpoint. Other methods have no such line.
    """
    if recipe.merge_method in _LINES:
        return [value + _LINES[recipe.merge_method] for value in values]
    if swept_parameter(recipe) == "target":
        known = [position or 0.0 for position in order_parents(recipe).positions]
        length = max(known) - known[0]
        return [(value - known[0]) / length if length else None for value in values]
    return [None] * len(values)


def merge_recipe_sweep(
    recipe: RecipeFile, values: Sequence[float], out: Path, options: RunOptions | None = None
) -> RecipeSweep:
    """Write the merges of a recipe at several values of its swept parameter, in one pass over the parents.

    Args:
        recipe: The recipe; its own number for the swept parameter is replaced.
        values: Distinct values of the parameter.
        out: Folder for the merges, which have names such as `alpha-0.25`; created if missing.
        options: How the recipe is carried out. With `force`, earlier merges are replaced, and a sweep is
            written although its neighbours hardly differ.

    Raises:
        RecipeSweepRefusedError: Neighbours hardly differ, and `force` is not set.
        MergeError: The recipe or a parent is refused; nothing is written.
        OSError: A file cannot be read or written.
    """
    how = options or RunOptions()
    if not values:
        raise MergeError("give at least one value")
    parameter, kept = swept_parameter(recipe), tuple(values)

    def sweep(merges: RecipeMerges) -> RecipeSweep:
        faults = tuple(_faults(recipe, kept, merges.census))
        return RecipeSweep(parameter=parameter, values=kept, reports=merges.reports, faults=faults)

    def check(merges: RecipeMerges) -> None:
        made = sweep(merges)
        if made.faults and not how.force:
            raise RecipeSweepRefusedError(made)

    merges = merge_recipes(
        sweep_recipes(recipe, kept),
        out,
        merge_names(recipe, kept),
        how,
        pairs=_pairs(recipe, kept),
        check=check,
    )
    return sweep(merges)


def _pairs(recipe: RecipeFile, values: Sequence[float]) -> tuple[tuple[int, int], ...]:
    if recipe.merge_method in _LINES:
        return pairs_to_compare(_on_line(recipe, values))
    first = len(order_parents(recipe).names)
    order = sorted(range(len(values)), key=values.__getitem__)
    return tuple((first + lower, first + upper) for lower, upper in pairwise(order))


def _on_line(recipe: RecipeFile, values: Sequence[float]) -> list[float]:
    return [place for place in places(recipe, values) if place is not None]


def _faults(recipe: RecipeFile, values: Sequence[float], census: Census) -> list[str]:
    if recipe.merge_method in _LINES:
        steps = measured_steps(_on_line(recipe, values), census)
        return [fault for step in steps if (fault := step.fault())]
    first, parameter = len(order_parents(recipe).names), swept_parameter(recipe)
    faults = []
    for pair in _pairs(recipe, values):
        share = census.identical_moved(pair)
        if share > MOST_IDENTICAL:
            lower, upper = (alpha_text(values[index - first]) for index in pair)
            names = f"{parameter} {lower} and {upper}"
            faults.append(f"{names} share {share:.2%} of the weights in which the parents differ")
    return faults
