"""Comparisons of recorded runs: rates with intervals, paired tests, groups of ties, breakdowns."""

from .compare import Comparison, Pair, RunRates, compare
from .outcomes import Played, RunOutcomes, collect, played, read_played, sharing

__all__ = [
    "Comparison",
    "Pair",
    "Played",
    "RunOutcomes",
    "RunRates",
    "collect",
    "compare",
    "played",
    "read_played",
    "sharing",
]
