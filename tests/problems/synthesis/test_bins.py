"""Bands, bins and directions by pass rate."""

from __future__ import annotations

import pytest

from codefrontier.problems import Difficulty
from codefrontier.problems.synthesis import (
    BROAD_BINS,
    CHAIN_BANDS,
    Band,
    Direction,
    bin_of,
    direction_after,
    thirds,
)


@pytest.mark.parametrize(
    ("rate", "direction"),
    [
        (None, Direction.IN_BAND),
        (0.0, Direction.EASIER),
        (1 / 32, Direction.IN_BAND),
        (0.65, Direction.IN_BAND),
        (21 / 32, Direction.HARDER),
        (1.0, Direction.HARDER),
    ],
)
def test_the_direction_is_that_of_the_paper(rate: float | None, direction: Direction) -> None:
    assert direction_after(rate) is direction


@pytest.mark.parametrize(
    ("rate", "name"),
    [
        (0.98, None),
        (0.97, "easy"),
        (0.85, "easy"),
        (0.84, "easy-medium"),
        (0.61, "easy-medium"),
        (0.60, "medium"),
        (0.26, "medium"),
        (0.25, "hard"),
        (0.10, "hard"),
        (0.09, None),
        (0.0, None),
    ],
)
def test_a_rate_on_a_common_bound_belongs_to_the_easier_bin(rate: float, name: str | None) -> None:
    found = bin_of(rate)
    assert (found and found.name) == name


def test_the_bounds_are_those_of_the_paper() -> None:
    assert [(band.name, band.low, band.high) for band in CHAIN_BANDS] == [
        ("hard", 0.05, 0.16),
        ("medium", 0.41, 0.59),
        ("easy", 0.81, 0.91),
    ]
    assert [(band.low, band.high) for band in BROAD_BINS] == [
        (0.85, 0.97),
        (0.61, 0.85),
        (0.26, 0.61),
        (0.10, 0.26),
    ]


def test_a_distance_is_zero_inside_of_a_band() -> None:
    band = Band(name="b", low=0.2, high=0.4)
    assert [band.distance(rate) for rate in (0.2, 0.3, 0.4)] == [0, 0, 0]
    assert band.distance(0.0) == 0.2
    assert band.distance(1.0) == 0.6
    with pytest.raises(ValueError, match="0 <= low <= high <= 1"):
        Band(name="b", low=0.4, high=0.2)


def test_thirds_are_equally_large_and_ties_are_broken_by_id() -> None:
    levels = thirds({"a": 0.9, "b": 0.5, "c": 0.5, "d": 0.1, "e": 0.0, "f": 0.5})
    assert levels == {
        "a": Difficulty.EASY,
        "b": Difficulty.EASY,
        "c": Difficulty.MEDIUM,
        "f": Difficulty.MEDIUM,
        "d": Difficulty.HARD,
        "e": Difficulty.HARD,
    }
    assert thirds({}) == {}
