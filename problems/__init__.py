"""What is asked: statement, limits, testset; loaders and the embedded set."""

from .errors import ProblemError, ProblemNotFoundError
from .model import (
    Checker,
    Comparison,
    Difficulty,
    Functional,
    Label,
    LabelledSubmission,
    Limits,
    Problem,
    Validator,
)
from .testset import CaseData, CoverageOrder, FileData, InlineData, TestCase, Testset, check_coverage

__all__ = [
    "CaseData",
    "Checker",
    "Comparison",
    "CoverageOrder",
    "Difficulty",
    "FileData",
    "Functional",
    "InlineData",
    "Label",
    "LabelledSubmission",
    "Limits",
    "Problem",
    "ProblemError",
    "ProblemNotFoundError",
    "TestCase",
    "Testset",
    "Validator",
    "check_coverage",
]
