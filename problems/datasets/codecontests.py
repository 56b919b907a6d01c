"""CodeContests: rows in the form of its Parquet files on the Hub, or its protobuf messages as JSON lines.

Messages must be written with their empty fields: a missing field is an error.

Public tests are the samples. The hidden tests are the private and generated tests, or other kinds on request.
Generated tests are mutated inputs with the answers of a few accepted programs, so some answers are wrong.

References:
    google-deepmind/code_contests, contest_problem.proto.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from ..checkers import has_fractions
from ..dialect import dialect_of
from ..model import Checker, Comparison, Difficulty, Label, Problem
from ..selection import LeftOut
from ..testset import InlineData, Testset
from .rows.files import Record
from .rows.sets import SolvedRowFormat, field_of, labelled, slug

TestKind = Literal["public", "private", "generated"]
TOLERANCE = 1e-6
"""Absolute or relative tolerance of numbers, where answers of samples have fractions."""
EASY_BELOW, MEDIUM_BELOW = 1400, 2000
"""Codeforces ratings below which a problem is easy or medium; a rating takes precedence over `difficulty`."""
# Empty names stand for numbers that the enumerations of contest_problem.proto do not use, or for unknown.
SOURCES = ("", "codechef", "codeforces", "hackerearth", "codejam", "", "atcoder", "aizu")
LANGUAGES = ("unknown_language", "python2", "cpp", "python", "java")
LANGUAGE_NAMES = {"PYTHON": "python2", "CPP": "cpp", "PYTHON3": "python", "JAVA": "java"}
WORDS = (
    *("UNKNOWN_DIFFICULTY", "EASY", "MEDIUM", "HARD", "HARDER", "HARDEST", "EXTERNAL"),
    *"ABCDEFGHIJK",
    "",
    *"LMNOPQRSTUV",
)
"""Names of the difficulties by their number in contest_problem.proto."""
DIFFICULTIES = {
    "EASY": Difficulty.EASY,
    "MEDIUM": Difficulty.MEDIUM,
    "HARD": Difficulty.HARD,
    "HARDER": Difficulty.HARD,
    "HARDEST": Difficulty.HARD,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")
# Names of files that mean standard input and output; problems with other files are left out.
_STANDARD = ("", "stdin", "stdout", "standard input", "standard output")


@dataclass(frozen=True, kw_only=True)
class CodeContests(SolvedRowFormat):
    """How rows of CodeContests become problems."""

    tests: tuple[TestKind, ...] = ("private", "generated")
    """Kinds of tests that are the hidden tests, in this order."""

    name: ClassVar[str] = "codecontests"
    repeated = "numbered if different"
    required: ClassVar[tuple[str, ...]] = ("name", "description")
    listed: ClassVar[tuple[str, ...]] = (
        *required,
        *("public_tests", "source", "difficulty", "solutions", "incorrect_solutions"),
        *("cf_contest_id", "cf_index", "cf_rating", "cf_tags", "time_limit", "memory_limit_bytes"),
        *("input_file", "output_file"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        kinds = get_args(TestKind)
        if not self.tests or len(set(self.tests)) != len(self.tests) or not set(self.tests) <= set(kinds):
            raise ValueError(f"tests must be some of {', '.join(kinds)}, each once, got {self.tests!r}")

    @property
    def tested(self) -> tuple[str, ...]:
        """Fields that tests are decoded from."""
        return tuple(f"{kind}_tests" for kind in self.tests)

    def make(self, record: Record, tests: Testset) -> Problem | LeftOut:
        """Turn a row into a problem."""
        fields = record.fields
        name = field_of(fields, "name", str, "")
        source = _member(fields.get("source"), SOURCES, "source").lower().removeprefix("unknown_source")
        contest, index = field_of(fields, "cf_contest_id", int, 0), field_of(fields, "cf_index", str, "")
        # A name can occur in several contests; contest and index are unique.
        words = (source, contest, index) if contest and index else (source, name)
        identifier = slug(*words)
        for file in ("input_file", "output_file"):
            used = field_of(fields, file, str, "")
            if used.strip().lower() not in _STANDARD:
                return LeftOut(id=identifier, reason=f"not standard input and output: {file} is {used!r}")
        samples = [(pair.input_bytes, pair.answer_bytes) for pair in decode_pairs(fields, "public_tests")]
        word = _member(fields.get("difficulty"), WORDS, "difficulty")
        rating = field_of(fields, "cf_rating", int, 0)
        time_s, memory = _seconds(fields.get("time_limit")), _integer(fields, "memory_limit_bytes")
        accepted = _programs(fields, "solutions")
        wrong = _programs(fields, "incorrect_solutions")
        return Problem(
            id=identifier,
            title=name,
            statement=field_of(fields, "description", str, ""),
            tests=tests,
            samples=Testset.inline(samples, prefix="sample/"),
            limits=self.limits_of(time_s, memory / (1 << 20) if memory else None),
            checker=sample_checker([answer for _, answer in samples]),
            difficulty=_by_rating(rating) if rating else DIFFICULTIES.get(word),
            source=self.name,
            platform=source,
            dialect=dialect_of(source),
            submissions=labelled(accepted, Label.ACCEPTED, self.solutions)
            + labelled(wrong, Label.WRONG_ANSWER, self.solutions),
            metadata={
                "difficulty": word,
                "rating": str(rating or ""),
                "tags": ", ".join(_texts(fields, "cf_tags")),
                "contest_id": str(contest or ""),
                "time_limit": "default" if time_s is None else "stated",
            },
        )

    def decode(self, fields: Mapping[str, object]) -> Sequence[InlineData]:
        """Return every hidden test case of a row."""
        return [pair for name in self.tested for pair in decode_pairs(fields, name)]


def decode_pairs(fields: Mapping[str, object], name: str) -> list[InlineData]:
    """Read tests that are a list of objects, or an object of two lists, `input` and `output`.

    Raises:
        ValueError: The field is neither, or an input has no output.
    """
    value = fields.get(name)
    if value is None:
        return []
    if isinstance(value, dict):
        inputs, outputs = value.get("input") or [], value.get("output") or []
        if not isinstance(inputs, list) or not isinstance(outputs, list) or set(value) - {"input", "output"}:
            raise ValueError(f"{name} must hold two lists, input and output, got {value!r:.80}")
        if len(inputs) != len(outputs):
            raise ValueError(f"{name} has {len(inputs)} inputs, but {len(outputs)} outputs")
        rows: list[Any] = [{"input": a, "output": b} for a, b in zip(inputs, outputs, strict=True)]
    elif isinstance(value, list):
        rows = value
    else:
        raise ValueError(f"{name} must be a list of tests, got {value!r:.80}")
    return [_pair(row, f"{name}, test {number}") for number, row in enumerate(rows, start=1)]


def _pair(row: object, what: str) -> InlineData:
    # Protobuf's JSON leaves out an empty text. If other names are there, the text has a wrong name.
    given = {"input", "output"}
    if not isinstance(row, dict) or not row or not (given <= set(row) or set(row) <= given):
        raise ValueError(f"{what} must be an object with input and output, got {row!r:.80}")
    texts = [row.get("input", ""), row.get("output", "")]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{what}: input and output must be texts, got {text!r:.80}")
    return InlineData(input_bytes=texts[0].encode(), answer_bytes=texts[1].encode())


def sample_checker(answers: Sequence[bytes]) -> Checker:
    """Compare tokens without case, and numbers with a tolerance where answers of samples have fractions."""
    tolerance = TOLERANCE if has_fractions(answers) else None
    return Checker(
        comparison=Comparison.TOKENS,
        case_sensitive=False,
        float_absolute=tolerance,
        float_relative=tolerance,
    )


def _member(value: object, names: Sequence[str], what: str) -> str:
    """Return the name of a member of an enumeration, which is given by number or by name."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    if isinstance(value, str) and (value.lower() in map(str.lower, names) or value.startswith("UNKNOWN_")):
        return value
    raise ValueError(f"{what} is unknown: {value!r:.80}")


def _by_rating(rating: int) -> Difficulty:
    if rating < EASY_BELOW:
        return Difficulty.EASY
    return Difficulty.MEDIUM if rating < MEDIUM_BELOW else Difficulty.HARD


def _seconds(value: object) -> float | None:
    """Read a protobuf Duration: an object of seconds and nanos, a text like `2.5s`, or a number."""
    if value is None:
        return None
    if isinstance(value, dict):
        seconds, nanos = _integer(value, "seconds"), _integer(value, "nanos")
        total = seconds + nanos / 1e9
    elif isinstance(value, str) and (match := _DURATION.fullmatch(value)):
        total = float(match[1])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        total = float(value)
    else:
        raise ValueError(f"time_limit must be a duration, got {value!r:.80}")
    if not 0 <= total < 1e6:
        raise ValueError(f"time_limit must be in [0, 1e6) seconds, got {total!r}")
    return total or None


def _integer(fields: Mapping[str, object], name: str) -> int:
    """Read an integer, which protobuf's JSON writes as a text if it has 64 bits; 0 where there is none."""
    value = fields.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return field_of({name: value}, name, int, 0)


def _texts(fields: Mapping[str, object], name: str) -> list[str]:
    values = field_of(fields, name, list, [])
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} must be a list of texts, got {values!r:.80}")
    return [value for value in values if value]


def _programs(fields: Mapping[str, object], name: str) -> list[tuple[str, str]]:
    """Read programs from a list of objects, or from an object of two lists, `language` and `solution`."""
    value = fields.get(name)
    if isinstance(value, dict):
        languages, sources = value.get("language") or [], value.get("solution") or []
        if not isinstance(languages, list) or not isinstance(sources, list) or len(languages) != len(sources):
            raise ValueError(f"{name} must hold two lists of one length, language and solution")
        value = [{"language": a, "solution": b} for a, b in zip(languages, sources, strict=True)]
    found = []
    for row in field_of({name: value}, name, list, []):
        if not isinstance(row, dict) or not isinstance(row.get("solution", ""), str):
            raise ValueError(f"{name} must be objects with language and solution, got {row!r:.80}")
        language = row.get("language", 0)
        if isinstance(language, int) and 0 <= language < len(LANGUAGES):
            found.append((LANGUAGES[language], row.get("solution", "")))
        else:
            found.append((LANGUAGE_NAMES.get(str(language), "unknown"), row.get("solution", "")))
    return found
