"""Problems: statement, limits and testset; loaders of problem sets, and the embedded set."""

from .catalog import (
    ProblemEntry,
    Require,
    check_ids,
    find_problem,
    load_problems,
    problem_entries,
    proofs_root,
    select_problems,
)
from .checkers import make_python_checker, make_testlib_checker
from .datasets.known_bad import Defect, KnownBad, known_defect
from .datasets.livecodebench import Window, load_livecodebench
from .dialect import Dialect, parse_dialect
from .embedded.classics import classics_root, classics_slugs, load_classic, load_classics
from .embedded.generation import generate_tests
from .errors import ProblemError, ProblemNotFoundError
from .exporting.icpc import export_package
from .exporting.livecodebench import export_rows
from .formats import SetFormat, SetOptions, guess_format
from .functions.answers import (
    LITERAL_KINDS,
    answer_program,
    answer_text,
    asks_for_literal,
    hidden_answer,
    read_answer,
    submitted_literal,
    task_kind,
)
from .functions.function import Examined, Function, FuzzTest, TaskKind
from .functions.generated import named_tasks
from .functions.literals import LiteralError, canonical, parse_arguments, parse_literal
from .functions.made import cached_places, cached_set, is_made, made_tasks, write_set
from .functions.mutation import mutated_input
from .functions.plain import plain_task
from .functions.sources import Sources, function_of, read_sources
from .functions.tasks import as_strict, make_task
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
    check_float_tolerance,
)
from .packages.icpc import load_package
from .packages.icpc_checker import LANGUAGES
from .packages.polygon import load_polygon
from .packages.testlib import our_header
from .proofs import PROOFS, Proof, package_digest, read_proofs, write_proofs
from .scoring import Aggregation, ScoreGroup, Scoring
from .selection import LeftOut, Selection
from .store.folders import StoredProblem, load_stored, store_problem, verify_stored
from .store.importing import import_problems
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
    "LITERAL_KINDS",
    "PROOFS",
    "Aggregation",
    "CaseData",
    "Checker",
    "Comparison",
    "CoverageOrder",
    "Defect",
    "Dialect",
    "Difficulty",
    "Examined",
    "FileData",
    "Function",
    "Functional",
    "FuzzTest",
    "InlineData",
    "KnownBad",
    "Label",
    "LabelledSubmission",
    "LeftOut",
    "Limits",
    "LiteralError",
    "Problem",
    "ProblemEntry",
    "ProblemError",
    "ProblemNotFoundError",
    "Proof",
    "Require",
    "ScoreGroup",
    "Scoring",
    "Selection",
    "SetFormat",
    "SetOptions",
    "Sources",
    "StoredProblem",
    "TaskKind",
    "TestCase",
    "Testset",
    "Validator",
    "Window",
    "answer_program",
    "answer_text",
    "as_strict",
    "asks_for_literal",
    "cached_places",
    "cached_set",
    "canonical",
    "check_coverage",
    "check_float_tolerance",
    "check_ids",
    "classics_root",
    "classics_slugs",
    "coverage_count",
    "export_package",
    "export_rows",
    "find_problem",
    "function_of",
    "generate_tests",
    "guess_format",
    "hidden_answer",
    "import_problems",
    "is_made",
    "known_defect",
    "load_classic",
    "load_classics",
    "load_livecodebench",
    "load_package",
    "load_polygon",
    "load_problems",
    "load_stored",
    "made_tasks",
    "make_python_checker",
    "make_task",
    "make_testlib_checker",
    "mutated_input",
    "named_tasks",
    "our_header",
    "package_digest",
    "parse_arguments",
    "parse_dialect",
    "parse_literal",
    "plain_task",
    "problem_entries",
    "proofs_root",
    "read_answer",
    "read_proofs",
    "read_sources",
    "select_problems",
    "store_problem",
    "submitted_literal",
    "task_kind",
    "verify_stored",
    "write_proofs",
    "write_set",
]
