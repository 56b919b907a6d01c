"""The figures of a merge as lines with an explanation each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from .examine import Examination
from .figures import Figures


@dataclass(frozen=True, kw_only=True)
class Line:
    """A figure with its explanation."""

    name: str
    value: str
    meaning: str


def lines(examination: Examination) -> Iterator[Line]:
    """Yield the figures over all weights."""
    whole, names = examination.whole, short_names(examination.parents)
    points = names if examination.base else names[1:]
    anchor = "the base" if examination.base else names[0]
    yield Line(name="norm", value=_number(whole.norm), meaning="length of all weights as one vector")
    yield Line(
        name=f"norm of {anchor}", value=_number(whole.anchor_norm), meaning=f"changes start at {anchor}"
    )
    yield Line(
        name="norm of the change",
        value=_number(whole.change_norm),
        meaning=f"|merge - {anchor}|, {_share(whole.relative_change)} of the norm of {anchor}",
    )
    for name, norm, cosine in zip(points, whole.parent_change_norms, whole.cosines, strict=True):
        yield Line(name=f"change of {name}", value=_number(norm), meaning=f"|{name} - {anchor}|")
        yield Line(
            name=f"cosine with the change of {name}",
            value=_number(cosine),
            meaning="1: the same direction, 0: unrelated, -1: opposite",
        )
    for pair, cosine in zip(combinations(points, 2), whole.parent_cosines, strict=True):
        yield Line(
            name=f"cosine of {pair[0]} and {pair[1]}",
            value=_number(cosine),
            meaning="angle between what the parents learned",
        )
    yield from _places(whole, names, examination)
    yield from _rounding(whole, names)


def _places(whole: Figures, names: Sequence[str], examination: Examination) -> Iterator[Line]:
    points = names if examination.base else names[1:]
    if whole.effective_alpha is not None:
        asked = examination.requested_alpha
        told = "" if asked is None else f"; {asked:g} was requested"
        yield Line(
            name="effective alpha",
            value=_number(whole.effective_alpha),
            meaning=f"place on the line from {names[0]} (0) to {names[1]} (1){told}",
        )
    for name, factor in zip(points, whole.coefficients or (), strict=False):
        yield Line(
            name=f"effective coefficient of {name}",
            value=_number(factor),
            meaning="share of its change in the merge, by least squares",
        )
    yield Line(
        name="outside",
        value=_number(whole.outside),
        meaning="part of the change that no combination of the parents explains: rounding, or another method",
    )
    for name, distance in zip(names, whole.distances, strict=True):
        yield Line(
            name=f"distance from {name}",
            value=_number(distance),
            meaning="in units of the distance between the parents",
        )
    yield Line(
        name="noise gain",
        value=_number(whole.noise_gain),
        meaning="factor by which rounding errors of the parents reach the merge",
    )


def _rounding(whole: Figures, names: Sequence[str]) -> Iterator[Line]:
    for name, share in zip(names, whole.identical, strict=True):
        yield Line(name=f"identical to {name}", value=_share(share), meaning="weights equal to the bit")
    yield Line(name="changed", value=_share(whole.changed), meaning="weights that the merge changes at all")
    yield Line(
        name="below 16-bit resolution",
        value=_share(whole.below_resolution),
        meaning="of the merge's changes: below half a unit of a 16-bit number",
    )
    yield Line(
        name="below resolution, parents",
        value=_share(whole.parent_below_resolution),
        meaning="of the parents' changes: below half a unit",
    )
    yield Line(
        name="dead zone",
        value=_share(whole.dead_zone),
        meaning="of the parents' changes: gone once both checkpoints are rounded to 16 bits",
    )
    yield Line(
        name="one unit",
        value=_share(whole.one_unit),
        meaning="of the parents' changes: one step of a 16-bit number, the origin of the staircase",
    )
    yield Line(name="not finite", value=str(whole.not_finite), meaning="weights that are NaN or infinite")


def tensor_row(name: str, figures: Figures) -> tuple[str, ...]:
    """Return the row of a tensor in the table of the worst tensors."""
    return (
        name,
        _number(figures.effective_alpha),
        _number(figures.outside),
        _share(figures.relative_change),
        _share(figures.changed),
        _share(figures.below_resolution),
        _share(figures.dead_zone),
        " ".join(map(_share, figures.identical)),
    )


TENSOR_COLUMNS = (
    *("tensor", "effective alpha", "outside", "change / norm", "changed", "below resolution", "dead zone"),
    "identical to each parent",
)


def short_names(paths: Sequence[Path]) -> list[str]:
    """Return the shortest ends of paths that tell them apart, for example `low/checkpoint-60`."""
    parts = [path.resolve().parts for path in paths]
    for length in range(1, max(map(len, parts), default=0)):
        ends = ["/".join(each[-length:]) for each in parts]
        if len(set(ends)) == len(ends):
            return ends
    return [str(path) for path in paths]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"
