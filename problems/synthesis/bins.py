"""Where a pass rate belongs: the bands of chains, the broad bins, and the direction of the next mutation.

References:
    arXiv 2603.24202, sections on the pipeline and the curricula: all bounds, measured over 32 attempts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..model import Difficulty


@dataclass(frozen=True, kw_only=True)
class Band:
    """A closed interval of pass rates."""

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError(f"a band needs 0 <= low <= high <= 1, got {self.low!r} and {self.high!r}")

    def __contains__(self, rate: float) -> bool:
        return self.low <= rate <= self.high

    def distance(self, rate: float) -> float:
        """Return how far a rate is outside of the band; 0 inside."""
        return max(self.low - rate, rate - self.high, 0.0)


class Direction(StrEnum):
    """How the next problem should differ from the last."""

    HARDER = "harder"
    EASIER = "easier"
    IN_BAND = "in_band"
    """As hard as the band says."""


KEPT = Band(name="kept", low=0.01, high=0.97)
"""Pass rates of problems that are kept."""
MEDIUM = Band(name="medium", low=0.35, high=0.65)
"""Target of a mutation when the last pass rate asks for nothing else."""
HARDER_ABOVE = 0.65
CHAIN_BANDS: tuple[Band, ...] = (
    Band(name="hard", low=0.05, high=0.16),
    Band(name="medium", low=0.41, high=0.59),
    Band(name="easy", low=0.81, high=0.91),
)
"""Levels of a chain in the order in which they are built: from the top down."""
BROAD_BINS: tuple[Band, ...] = (
    Band(name="easy", low=0.85, high=0.97),
    Band(name="easy-medium", low=0.61, high=0.85),
    Band(name="medium", low=0.26, high=0.61),
    Band(name="hard", low=0.10, high=0.26),
)
"""Bins of problems without chains. A rate on a common bound belongs to the easier bin."""
DIFFICULTIES: Mapping[str, Difficulty] = {level.value: level for level in Difficulty}


def direction_after(rate: float | None) -> Direction:
    """Return the direction of the mutation after a pass rate: harder above 0.65, easier at 0.

    Args:
        rate: The pass rate; None after a proposal without one, which the target band then decides.
    """
    if rate is None:
        return Direction.IN_BAND
    if rate > HARDER_ABOVE:
        return Direction.HARDER
    return Direction.EASIER if rate == 0 else Direction.IN_BAND


def bin_of(rate: float, bins: Sequence[Band] = BROAD_BINS) -> Band | None:
    """Return the first bin with a rate; None outside of all bins."""
    return next((band for band in bins if rate in band), None)


def thirds(rates: Mapping[str, float]) -> dict[str, Difficulty]:
    """Divide problems into thirds by pass rate: the highest rates are easy, the lowest hard.

    This is a departure from the paper's fixed bins, for sets and students that do not fill them. Ties are
    broken by id, so that equal sets are divided equally.

    Args:
        rates: Pass rate by problem id.
    """
    ordered = sorted(rates, key=lambda name: (-rates[name], name))
    levels = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)
    return {name: levels[place * len(levels) // len(ordered)] for place, name in enumerate(ordered)}
