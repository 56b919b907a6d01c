"""Read and write the file `problem.json` of a stored problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..dialect import Dialect
from ..errors import ProblemError
from ..model import (
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
from ..packages.icpc_config import read_bytes, read_text
from ..scoring import Scoring
from ..testset import Testset

SCHEMA = 1
CHECKER = "checker"
HINTS = "hints.md"
STATEMENTS = {"tex": "statement.tex", "md": "statement.md"}
_CHECKER_FIELDS = tuple(each.name for each in fields(Checker) if each.name not in ("comparison", "validator"))


@dataclass(frozen=True, kw_only=True)
class StoredCase:
    """A test case; its position in the list gives the names of its files."""

    name: str
    input_size: int
    answer_size: int


@dataclass(frozen=True, kw_only=True)
class StoredProgram:
    """A program whose files have a folder of their own."""

    files: tuple[str, ...]
    language: str
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StoredSubmission:
    """A labelled submission."""

    name: str
    label: Label


@dataclass(frozen=True, kw_only=True)
class Document:
    """Content of `problem.json`. Integers and floats stay apart, because digests of 2 and 2.0 differ."""

    schema: int
    id: str
    title: str
    statement: str
    """Name of the file of the statement."""
    tests: tuple[StoredCase, ...]
    samples: tuple[StoredCase, ...]
    limits: dict[str, int | float | None]
    comparison: Comparison
    checker: dict[str, bool | int | float | None]
    validator: StoredProgram | None
    input_validators: tuple[StoredProgram, ...]
    submissions: tuple[StoredSubmission, ...]
    difficulty: Difficulty | None
    method: str | None
    interactive: bool
    passes: int
    scoring: Scoring | None
    starter_code: str
    source: str
    platform: str
    contest_date: str | None
    metadata: dict[str, str]
    hints: str = ""
    """Name of the file of hints, if there is one."""
    dialect: Dialect = Dialect.STRICT

    @classmethod
    def of(
        cls,
        problem: Problem,
        *,
        statement: str,
        tests: tuple[StoredCase, ...],
        samples: tuple[StoredCase, ...],
        validator: StoredProgram | None,
        input_validators: tuple[StoredProgram, ...],
    ) -> Document:
        """Describe a problem whose files were written."""
        checker = problem.checker
        return cls(
            schema=SCHEMA,
            id=problem.id,
            title=problem.title,
            statement=statement,
            tests=tests,
            samples=samples,
            limits=asdict(problem.limits),
            comparison=checker.comparison,
            checker={name: getattr(checker, name) for name in _CHECKER_FIELDS},
            validator=validator,
            input_validators=input_validators,
            submissions=tuple(
                StoredSubmission(name=each.name, label=each.label) for each in problem.submissions
            ),
            difficulty=problem.difficulty,
            method=problem.functional.callee if problem.functional else None,
            interactive=problem.interactive,
            passes=problem.passes,
            scoring=problem.scoring,
            starter_code=problem.starter_code,
            source=problem.source,
            platform=problem.platform,
            contest_date=problem.contest_date.isoformat() if problem.contest_date else None,
            metadata=dict(problem.metadata),
            hints=HINTS if problem.hints else "",
            dialect=problem.dialect,
        )

    @classmethod
    def read(cls, file: Path) -> Document:
        """Read the file.

        Raises:
            ProblemError: The file is damaged, or of another schema.
        """
        try:
            document = _ADAPTER.validate_json(read_bytes(file))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "document"
            raise ProblemError(f"{file}: {place}: {first['msg']}") from error
        if document.schema != SCHEMA:
            raise ProblemError(f"{file}: schema must be {SCHEMA}, got {document.schema!r}")
        for name in document._files():
            path = PurePosixPath(name)
            if path.is_absolute() or not path.parts or ".." in path.parts:
                raise ProblemError(f"{file}: {name!r} lies outside of the problem's folder")
        return document

    def _files(self) -> Iterator[str]:
        yield self.statement
        yield from [self.hints] if self.hints else []
        yield from (each.name for each in self.submissions)
        for program in (self.validator, *self.input_validators):
            yield from program.files if program else ()


_ADAPTER = TypeAdapter(Document)


def make_problem(document: Document, folder: Path, *, tests: Testset, samples: Testset) -> Problem:
    """Make the problem that a document describes.

    Raises:
        ProblemError: A file is missing.
        ValueError: A field has a bad value.
        TypeError: A limit or a field of the checker is not known.
    """
    limits: dict[str, Any] = dict(document.limits)
    checker: dict[str, Any] = dict(document.checker)
    return Problem(
        id=document.id,
        title=document.title,
        statement=read_text(folder / document.statement),
        hints=read_text(folder / document.hints) if document.hints else "",
        tests=tests,
        samples=samples,
        limits=Limits(**limits),
        checker=Checker(
            comparison=document.comparison,
            validator=_program(folder / CHECKER, document.validator) if document.validator else None,
            **checker,
        ),
        difficulty=document.difficulty,
        functional=Functional.called(document.method) if document.method else None,
        interactive=document.interactive,
        passes=document.passes,
        scoring=document.scoring,
        starter_code=document.starter_code,
        source=document.source,
        platform=document.platform,
        contest_date=date.fromisoformat(document.contest_date) if document.contest_date else None,
        submissions=tuple(
            LabelledSubmission(
                name=each.name,
                label=each.label,
                source=read_bytes(folder / "submissions" / each.label.value / each.name),
            )
            for each in document.submissions
        ),
        input_validators=tuple(
            _program(folder / "input_validators" / str(number), program)
            for number, program in enumerate(document.input_validators, start=1)
        ),
        metadata=document.metadata,
        dialect=document.dialect,
    )


def _program(folder: Path, program: StoredProgram) -> Validator:
    files: Mapping[str, bytes] = {name: read_bytes(folder / name) for name in program.files}
    return Validator(files=files, language=program.language, flags=program.flags)
