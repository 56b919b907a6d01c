"""Data model of a problem: statement, limits, tests, and how outputs are compared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from .dialect import Dialect, parse_dialect
from .scoring import Scoring
from .testset import Testset


class Difficulty(StrEnum):
    """Difficulty of a problem, in the words of LiveCodeBench."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Resources that one run of a submission may use."""

    time_s: float = 2.0
    """CPU time (user and system) of all processes of the submission, in seconds."""
    memory_mib: int = 256
    """Peak memory, in MiB."""
    output_mib: float = 8
    """Output in MiB, for standard output and for standard error each."""
    cost: int | None = None
    """Line and jump events of a Python program, which no load of the host changes; None is unlimited."""

    def __post_init__(self) -> None:
        if self.cost is not None and (type(self.cost) is not int or not 0 < self.cost < 1 << 60):
            raise ValueError(f"limit cost must be a positive integer or None, got {self.cost!r}")
        for name in ("time_s", "memory_mib", "output_mib"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
                raise ValueError(f"limit {name} must be a positive number below 1e6, got {value!r}")


class Comparison(StrEnum):
    """How an output is compared with the answer."""

    EXACT = "exact"
    """The same bytes, except for white space at the end of lines and of the output."""
    TOKENS = "tokens"
    """The same white-space separated tokens, as the ICPC default validator with its flags compares them."""
    UNORDERED = "unordered"
    """The same lines in any order; within a line, the same tokens."""
    VALIDATOR = "validator"
    """An output validator of the problem decides, for problems with several right answers."""
    TESTLIB = "testlib"
    """A checker of the problem decides that is written for testlib."""
    PYTHON = "python"
    """A Python function `check(input, output, answer)` of the problem decides, in a sandbox of its own."""
    JSON = "json"
    """Equal JSON values, for the return values of functional problems."""
    LITERAL = "literal"
    """Equal Python literals, for the return values of plain functions; see `Functional.plain`."""


BY_PROGRAM = frozenset({Comparison.VALIDATOR, Comparison.TESTLIB, Comparison.PYTHON})
"""Comparisons that run a program of the problem."""


@dataclass(frozen=True, kw_only=True)
class Validator:
    """A program that decides about outputs, or talks to submissions.

    An output validator or interactor of a problem package is run as `program input answer feedback/ flags`.
    It reads the output of the submission from standard input, and exits with 42 (right) or 43 (wrong). A
    testlib checker is run as `program input output answer flags`. In Python, `check` gets three texts and
    returns whether the output is right, or its share of the points, alone or with a message.

    References:
        ICPC problem package format, output validators.
    """

    files: Mapping[str, bytes] = field(repr=False)
    """Source files by name. The entry point is the only file that is not a header, or the file with the stem
    `validate`, `check` or `interact` (`validator`, `checker`, `interactor`)."""
    language: str
    """Name of the language in the judge, for example `python` or `cpp`."""
    flags: tuple[str, ...] = ()
    """Further command-line arguments."""


@dataclass(frozen=True, kw_only=True)
class Checker:
    """How outputs are compared with answers, as data; the comparison itself is made by the judge."""

    comparison: Comparison = Comparison.TOKENS
    case_sensitive: bool = True
    """Whether token comparison is case-sensitive. The ICPC default is False."""
    space_change_sensitive: bool = False
    """Whether token comparison also requires the same white space."""
    float_absolute: float | None = None
    """Largest absolute difference from tokens of the answer that are decimal numbers; None compares texts."""
    float_relative: float | None = None
    """Largest difference relative to the answer. Where both are given, either suffices."""
    validator: Validator | None = None
    """Program that compares, given exactly when `comparison` is in `BY_PROGRAM`."""
    full_points: float = 1.0
    """Points of a testlib checker that make an output right; with fewer, it is wrong but keeps its score."""
    float_tolerance: float | None = None
    """Tolerance in [0, 1) for outputs that are wrong otherwise: such an output is right, and counted, if its
    numbers differ by no more from the answer, absolute or, where the answer has a fraction, relative. None
    switches this off."""

    def __post_init__(self) -> None:
        if (self.comparison in BY_PROGRAM) != (self.validator is not None):
            names = ", ".join(sorted(BY_PROGRAM))
            raise ValueError(f"a validator belongs to the comparisons {names}, got {self.comparison.value!r}")
        if not 0 < self.full_points < 1e9:
            raise ValueError(f"full_points must be in (0, 1e9), got {self.full_points!r}")
        for name in ("float_absolute", "float_relative"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1e9:
                raise ValueError(f"{name} must be in [0, 1e9), got {value!r}")
        check_float_tolerance(self.float_tolerance)


def check_float_tolerance(value: float | None) -> None:
    """Raise ValueError unless `value` is None or a number in [0, 1)."""
    if value is not None and (type(value) not in (int, float) or not 0 <= value < 1):
        raise ValueError(f"float_tolerance must be None or a number in [0, 1), got {value!r}")


@dataclass(frozen=True, kw_only=True)
class Functional:
    """A problem solved by a method or a function instead of a program.

    Each input holds the arguments in order, one JSON value per line. The answer is the JSON value that
    the call must return. For a plain function, arguments and answers are Python literals instead.
    """

    method: str
    """Name of the method of `class Solution`, or of the plain function."""
    plain: bool = False
    """Whether a function of the module is called, with the values of Python literals."""

    def __post_init__(self) -> None:
        if self.plain and not self.method.isidentifier():
            raise ValueError(f"the name of a function must be an identifier, got {self.method!r}")

    @classmethod
    def called(cls, callee: str) -> Functional:
        """Return the problem's interface from its `callee`."""
        name = callee.removeprefix("def ")
        return cls(method=name, plain=name != callee)

    @property
    def callee(self) -> str:
        """What the judge calls: the name of the method, or `def NAME` for a plain function."""
        return f"def {self.method}" if self.plain else self.method


class Label(StrEnum):
    """Known result of a labelled submission; the name of its folder in a package."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    RUN_TIME_ERROR = "run_time_error"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"


@dataclass(frozen=True, kw_only=True)
class LabelledSubmission:
    """A program that comes with a problem and has a known verdict."""

    name: str
    """File name, whose suffix tells the language."""
    label: Label
    source: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A task: statement, limits, and the tests that decide.

    `samples` may be shown to an agent; `tests` are hidden and decide the verdict.
    """

    id: str
    """Unique within its problem set and stable over versions, for example `pair-sum`."""
    title: str
    statement: str = field(repr=False)
    """Statement in Markdown, or in LaTeX where `metadata` says so, without the samples."""
    hints: str = field(default="", repr=False)
    """Hints in Markdown that the statement does not give: which ideas are fast enough and which are too slow.
    They are shown only on request, and are not part of the digest."""
    tests: Testset = field(repr=False, compare=False)
    samples: Testset = field(default_factory=lambda: Testset(()), repr=False, compare=False)
    limits: Limits = field(default_factory=Limits)
    checker: Checker = field(default_factory=Checker)
    dialect: Dialect = Dialect.STRICT
    """Dialect of the verdicts, as judges of problem sets differ for some honest programs."""
    difficulty: Difficulty | None = None
    functional: Functional | None = None
    interactive: bool = False
    """Whether the output validator is an interactor, whose words are the only input of the submission."""
    passes: int = 1
    """Largest number of runs for a test; the output validator makes the input of each further run."""
    scoring: Scoring | None = None
    """How points are given; None for a problem that is either solved or not."""
    starter_code: str = field(default="", repr=False)
    source: str = ""
    """Problem set that the problem comes from, for example `classics` or `livecodebench`."""
    platform: str = ""
    contest_date: date | None = None
    submissions: tuple[LabelledSubmission, ...] = field(default=(), repr=False)
    input_validators: tuple[Validator, ...] = field(default=(), repr=False)
    """Programs that exit with status 42 exactly for inputs that obey the statement."""
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.id or any(character.isspace() for character in self.id):
            raise ValueError(f"a problem id must be a non-empty word, got {self.id!r}")
        if type(self.passes) is not int or not 1 <= self.passes <= 1000:
            raise ValueError(f"passes must be an integer in [1, 1000], got {self.passes!r}")
        if (self.interactive or self.passes > 1) and self.checker.comparison is not Comparison.VALIDATOR:
            kind = self.checker.comparison.value
            raise ValueError(f"an interactive or multi-pass problem needs an output validator, got {kind!r}")

    def judged_as(
        self, *, dialect: Dialect | str | None = None, float_tolerance: float | None = None
    ) -> Problem:
        """Return the problem with another dialect, a tolerance for numbers, or both; None changes nothing.

        Raises:
            ValueError: There is no such dialect, or the tolerance is not in [0, 1).
        """
        changed = self
        if dialect is not None:
            changed = replace(changed, dialect=parse_dialect(dialect))
        if float_tolerance is not None:
            changed = replace(changed, checker=replace(self.checker, float_tolerance=float_tolerance))
        return changed

    @property
    def tags(self) -> tuple[str, ...]:
        """Topics of the problem as its source names them; for a problem of the Families, its family."""
        words = re.split(r"[,\[\]]", self.metadata.get("tags", ""))
        named = [word.strip(" '\"") for word in (*words, self.metadata.get("family", ""))]
        # Codeforces writes ratings among the tags, as *1800.
        return tuple(dict.fromkeys(word for word in named if word and not word.startswith("*")))

    @property
    def contest(self) -> str | None:
        """Contest of the problem, by its site and its id there; None if it is not known."""
        contest = self.metadata.get("contest_id", "")
        return " ".join(filter(None, (self.platform, contest))) if contest else None

    def digest(self) -> str:
        """Return the SHA-256 over everything that decides a verdict: limits, checker, interface, tests.

        The first call loads all tests.
        """
        return self._digest

    # Cached apart from `digest`, which is a method because it reads all tests.
    @cached_property
    def _digest(self) -> str:
        checker = self.checker
        validator = checker.validator
        description = {
            "limits": asdict(self.limits),
            # A list, and special fields apart: the digests of existing problems must not change.
            "checker": [
                checker.comparison.value,
                checker.case_sensitive,
                checker.space_change_sensitive,
                checker.float_absolute,
                checker.float_relative,
            ],
            "validator": validator
            and [
                sorted((name, hashlib.sha256(data).hexdigest()) for name, data in validator.files.items()),
                validator.language,
                list(validator.flags),
            ],
            "functional": self.functional and self.functional.callee,
            "statement": hashlib.sha256(self.statement.encode()).hexdigest(),
            "samples": self.samples.digest(),
            "tests": self.tests.digest(),
            **self._special(),
        }
        return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()

    def _special(self) -> dict[str, object]:
        """Return the fields that differ from their defaults; a field added later changes no other digest."""
        fields = {
            "interactive": (self.interactive, False),
            "passes": (self.passes, 1),
            "scoring": (self.scoring and asdict(self.scoring), None),
            "full_points": (self.checker.full_points, 1.0),
            "dialect": (self.dialect, Dialect.STRICT),
            "float_tolerance": (self.checker.float_tolerance, None),
        }
        return {name: value for name, (value, usual) in fields.items() if value != usual}
