"""Problems from ICPC problem packages, in the versions `legacy` and `2023-07-draft`.

`icpc_config` has the defaults of fields that a package does not give. A legacy package without a statement
has an empty statement, and environments leave the problem out. Interactive, multi-pass and scoring problems
are supported. Custom graders, several validators at once, flags per test group, static validation and
`submit-answer` are refused with an error. Loading a package runs none of its programs.

References:
    ICPC problem package format, legacy and 2023-07-draft.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import ProblemError
from ..model import Difficulty, Label, LabelledSubmission, Problem
from ..testset import Testset
from .icpc_checker import LANGUAGES, read_checker, read_input_validators
from .icpc_config import PackageConfig, read_bytes, read_config, read_limits, read_name, states_time_limit
from .icpc_data import read_cases, read_hints, read_statement
from .icpc_scoring import read_scoring


def load_package(path: str | Path) -> Problem:
    """Load a problem package. Statement and programs are read now, test data at each use.

    Args:
        path: Folder with `problem.yaml`; its name becomes the id of the problem.

    Raises:
        ProblemNotFoundError: There is no package.
        ProblemError: The package is broken, has no secret tests, or is of a kind that is not supported.
    """
    config = read_config(Path(path).absolute())
    tests = read_cases(config.folder / "data" / "secret", prefix="secret")
    if not tests:
        raise ProblemError(f"{config.folder}: no secret tests: data/secret holds no .in files")
    return make_problem(config, Testset(tests), source="icpc")


def make_problem(config: PackageConfig, tests: Testset, *, source: str) -> Problem:
    """Make the problem of a package with these secret tests.

    Raises:
        ProblemError: A part of the package is broken or not supported.
    """
    statement = read_statement(config)
    try:
        return Problem(
            id=config.folder.name,
            title=read_name(config) or statement.heading or config.folder.name,
            statement=statement.text,
            hints=read_hints(config),
            tests=tests,
            samples=Testset(read_cases(config.folder / "data" / "sample", prefix="sample")),
            limits=read_limits(config),
            checker=read_checker(config),
            difficulty=_difficulty(config),
            interactive=config.interactive,
            passes=config.passes,
            scoring=read_scoring(config, [case.name for case in tests]) if config.scoring else None,
            source=source,
            submissions=read_submissions(config.folder / "submissions"),
            input_validators=read_input_validators(config),
            metadata={
                "format_version": config.version,
                "statement_format": statement.format,
                "time_limit": "stated" if states_time_limit(config) else "default",
                "tags": ", ".join(config.keywords),
            },
        )
    except ValueError as error:
        raise ProblemError(f"{config.folder}: {error}") from error


def read_submissions(folder: Path) -> tuple[LabelledSubmission, ...]:
    """Read the programs whose folder names a verdict.

    Other folders (such as `partially_accepted`), submissions of several files, and files of unknown
    languages are skipped.
    """
    return tuple(
        LabelledSubmission(name=path.name, label=label, source=read_bytes(path))
        for label in Label
        if (folder / label.value).is_dir()
        for path in sorted((folder / label.value).iterdir())
        if path.suffix in LANGUAGES and path.is_file() and not path.name.startswith(".")
    )


def _difficulty(config: PackageConfig) -> Difficulty | None:
    """Return the difficulty if it is one of our words; the format has no such field, but some sets add it."""
    words = {difficulty.value: difficulty for difficulty in Difficulty}
    return words.get(str(config.fields.get("difficulty")))
