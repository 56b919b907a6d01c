"""The doctor: proves problems before anything is scored on them."""

from .examination import MARGIN, examine
from .report import (
    COVERAGES,
    Curve,
    Finding,
    Outcome,
    Probing,
    ProblemReport,
    Status,
    Tried,
    coverage_curve,
)
from .ward import Examined, examine_all

__all__ = [
    "COVERAGES",
    "MARGIN",
    "Curve",
    "Examined",
    "Finding",
    "Outcome",
    "Probing",
    "ProblemReport",
    "Status",
    "Tried",
    "coverage_curve",
    "examine",
    "examine_all",
]
