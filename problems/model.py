"""What a problem is: statement, limits, tests, how answers are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from .testset import Testset


class Difficulty(StrEnum):
    """How hard a problem is, in the words LiveCodeBench uses."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one run of a submission may use."""

    time_s: float = 2.0
    """CPU time (user + system) of everything the submission starts, in seconds."""
    memory_mib: int = 256
    """Peak memory, in MiB."""
    output_mib: float = 8
    """Bytes written to standard output, and as many to standard error, in MiB."""
    cost: int | None = None
    """Line and jump events of a Python program: a limit that no load can move. None sets none."""

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
    """The same bytes, but for white space at the end of lines and of the output."""
    TOKENS = "tokens"
    """The same white-space separated tokens; the ICPC default validator, with its flags."""
    VALIDATOR = "validator"
    """A program of the problem decides (several right answers)."""
    JSON = "json"
    """Equal JSON values; what a functional problem's call returned."""


@dataclass(frozen=True, kw_only=True)
class Validator:
    """An output validator: a program that reads input, answer and output, and exits with 42 or 43.

    References:
        ICPC problem package format, output validators.
    """

    files: Mapping[str, bytes] = field(repr=False)
    """Source files by name; the entry point is the only one, or the one with stem `validate` or `check`."""
    language: str
    """`python` or `cpp`."""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checker:
    """How outputs are compared with answers, as data; the judge does the comparing."""

    comparison: Comparison = Comparison.TOKENS
    case_sensitive: bool = True
    """Token comparison tells letters' case apart. The ICPC default is False."""
    space_change_sensitive: bool = False
    """Token comparison also wants the same white space."""
    float_absolute: float | None = None
    """Tokens of the answer that are decimal numbers may differ by this much; None compares text."""
    float_relative: float | None = None
    """The same, relative to the answer. With both given, either suffices."""
    validator: Validator | None = None
    """The program, exactly when `comparison` is `validator`."""

    def __post_init__(self) -> None:
        if (self.comparison is Comparison.VALIDATOR) != (self.validator is not None):
            raise ValueError(f"a validator belongs to comparison 'validator', got {self.comparison.value!r}")
        for name in ("float_absolute", "float_relative"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1e9:
                raise ValueError(f"{name} must be in [0, 1e9), got {value!r}")


@dataclass(frozen=True, kw_only=True)
class Functional:
    """A problem solved by a method instead of a program.

    Each input holds one JSON value per line, the arguments in order; the answer is the JSON value
    the call must return.
    """

    method: str
    """Name of the method of `class Solution`."""


class Label(StrEnum):
    """What a labelled submission is known to get: the folder it lies in."""

    ACCEPTED = "accepted"
    WRONG_ANSWER = "wrong_answer"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    RUN_TIME_ERROR = "run_time_error"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"


@dataclass(frozen=True, kw_only=True)
class LabelledSubmission:
    """A program that comes with a problem and is known to get a verdict."""

    name: str
    """File name, whose suffix tells the language."""
    label: Label
    source: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A task: what is asked, within which limits, and the tests that decide.

    `samples` may be shown to an agent; `tests` are hidden and decide the verdict.
    """

    id: str
    """Unique within its problem set and stable over versions, for example `pair-sum`."""
    title: str
    statement: str = field(repr=False)
    """Markdown. Samples are not part of it."""
    tests: Testset = field(repr=False, compare=False)
    samples: Testset = field(default_factory=lambda: Testset(()), repr=False, compare=False)
    limits: Limits = field(default_factory=Limits)
    checker: Checker = field(default_factory=Checker)
    difficulty: Difficulty | None = None
    functional: Functional | None = None
    starter_code: str = field(default="", repr=False)
    source: str = ""
    """The problem set it comes from, for example `classics` or `livecodebench`."""
    platform: str = ""
    contest_date: date | None = None
    submissions: tuple[LabelledSubmission, ...] = field(default=(), repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.id or any(character.isspace() for character in self.id):
            raise ValueError(f"a problem id must be a non-empty word, got {self.id!r}")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that decides a verdict: limits, checker, interface, tests. Loads the tests."""
        checker = self.checker
        validator = checker.validator
        description = {
            "limits": asdict(self.limits),
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
            "functional": self.functional and self.functional.method,
            "statement": hashlib.sha256(self.statement.encode()).hexdigest(),
            "samples": self.samples.digest,
            "tests": self.tests.digest,
        }
        return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
