"""What is asked: statement, limits, testset; loaders and the embedded set."""

from .catalog import check_ids, find_problem, load_problems
from .checkers import make_python_checker, make_testlib_checker
from .embedded import classics_root, classics_slugs, load_classic, load_classics
from .errors import ProblemError, ProblemNotFoundError
from .generation import generate_tests
from .icpc import load_package
from .livecodebench import Window, load_livecodebench
from .model import (
    BY_PROGRAM,
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
from .package_checker import LANGUAGES
from .scoring import Aggregation, ScoreGroup, Scoring
from .testset import (
    CaseData,
    CoverageOrder,
    FileData,
    InlineData,
    TestCase,
    Testset,
    check_coverage,
    coverage_count,
)

__all__ = [
    "BY_PROGRAM",
    "LANGUAGES",
    "Aggregation",
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
    "ScoreGroup",
    "Scoring",
    "TestCase",
    "Testset",
    "Validator",
    "Window",
    "check_coverage",
    "check_ids",
    "classics_root",
    "classics_slugs",
    "coverage_count",
    "find_problem",
    "generate_tests",
    "load_classic",
    "load_classics",
    "load_livecodebench",
    "load_package",
    "load_problems",
    "make_python_checker",
    "make_testlib_checker",
]
