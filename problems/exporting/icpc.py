"""Write problems as ICPC problem packages of version 2023-07-draft; others are refused, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ..errors import InexpressibleError
from ..model import Checker, Comparison, Problem, Validator
from ..packages.icpc_checker import LANGUAGES
from ..scoring import ScoreGroup
from ..store.document import STATEMENTS
from ..store.folders import FOLDER_NAME
from ..testset import Testset
from .folders import new_folder, write_file

PREFIXES = {"secret": "data/secret", "sample": "data/sample"}


def export_package(problem: Problem, parent: Path) -> Path:
    """Write a problem as a package below a folder, complete or not at all; return the folder of the package.

    Test data and limits are kept exactly. Tests whose names a package cannot have are numbered. Loaded again,
    the package has the same digest, unless tests were renamed.

    Raises:
        ProblemError: The folder of the package exists, or the format cannot express the problem.
        OSError: The package cannot be written.
    """
    _check(problem)
    with new_folder(parent / problem.id) as unfinished:
        _write(problem, unfinished)
    return parent / problem.id


def _check(problem: Problem) -> None:
    checker = problem.checker
    obstacle = ""
    if not FOLDER_NAME.fullmatch(problem.id):
        obstacle = "its id cannot name a folder"
    elif problem.functional:
        obstacle = "it asks for a method"
    elif checker.comparison not in (Comparison.TOKENS, Comparison.VALIDATOR):
        obstacle = f"it compares by {checker.comparison.value!r}"
    elif problem.limits.cost is not None:
        obstacle = "it limits the cost of a run"
    elif not isinstance(problem.limits.memory_mib, int):
        obstacle = "its memory limit is no whole number"
    elif problem.scoring and any(not _plain_group(group) for group in problem.scoring.groups):
        obstacle = "its scoring needs a grader of the legacy format"
    if obstacle:
        raise InexpressibleError(f"{problem.id}: cannot be a problem package: {obstacle}")


def _plain_group(group: ScoreGroup) -> bool:
    """Return whether `test_group.yaml` can express a group."""
    plain = ScoreGroup(
        name=group.name,
        aggregation=group.aggregation,
        max_score=group.max_score,
        requires=group.requires,
    )
    whole = group.max_score is None or group.max_score == int(group.max_score) >= 0
    return group == plain and whole and group.name.count("/") <= 1


def _write(problem: Problem, folder: Path) -> None:
    write_file(folder, "problem.yaml", _yaml(_config(problem)))
    suffix = PurePosixPath(STATEMENTS.get(problem.metadata.get("statement_format", ""), "x.md")).suffix
    write_file(folder, f"problem_statement/problem.en{suffix}", problem.statement.encode())
    if problem.hints:
        write_file(folder, "problem_statement/hints.en.md", problem.hints.encode())
    _cases(folder, "secret", problem.tests)
    _cases(folder, "sample", problem.samples)
    for each in problem.submissions:
        write_file(folder, f"submissions/{each.label.value}/{each.name}", each.source)
    if problem.checker.validator:
        _program(folder, "output_validators/validate", problem.checker.validator)
    for number, validator in enumerate(problem.input_validators, start=1):
        _program(folder, f"input_validators/{number}", validator)
    for group in problem.scoring.groups if problem.scoring else ():
        fields: dict[str, object] = {
            "score_aggregation": group.aggregation.value,
            "max_score": "unbounded" if group.max_score is None else int(group.max_score),
        }
        if group.requires:
            fields["require_pass"] = list(group.requires)
        write_file(folder, f"data/{group.name}/test_group.yaml", _yaml(fields))


def _config(problem: Problem) -> dict[str, Any]:
    kinds = ["scoring"] if problem.scoring else []
    kinds += ["interactive"] if problem.interactive else []
    kinds += ["multi-pass"] if problem.passes > 1 else []
    limits: dict[str, Any] = {
        "time_limit": problem.limits.time_s,
        "memory": problem.limits.memory_mib,
        "output": problem.limits.output_mib,
    }
    if problem.passes > 1:
        limits["validation_passes"] = problem.passes
    config: dict[str, Any] = {
        "problem_format_version": "2023-07-draft",
        "name": {"en": problem.title},
        "type": kinds or "pass-fail",
        "validation": "custom" if problem.checker.validator else "default",
        "limits": limits,
    }
    if problem.difficulty:
        config["difficulty"] = problem.difficulty.value
    flags = problem.checker.validator.flags if problem.checker.validator else _flags(problem.checker)
    if flags:
        config["validator_flags"] = list(flags)
    if problem.input_validators and problem.input_validators[0].flags:
        config["input_validator_flags"] = list(problem.input_validators[0].flags)
    return config


def _flags(checker: Checker) -> tuple[str, ...]:
    words = [name for name in ("case_sensitive", "space_change_sensitive") if getattr(checker, name)]
    for name in ("float_absolute", "float_relative"):
        value = getattr(checker, name)
        if value is not None:
            words += [f"{name}_tolerance", repr(value)]
    return tuple(words)


def _cases(folder: Path, prefix: str, cases: Testset) -> None:
    names = [case.name for case in cases]
    ours = all(name.startswith(f"{prefix}/") and _is_safe(name) for name in names)
    # A package orders its tests by name.
    if not ours or names != sorted(names, key=lambda name: name.split("/")):
        names = [f"{prefix}/{number:05}" for number in range(1, len(names) + 1)]
    for name, case in zip(names, cases, strict=True):
        write_file(folder, f"data/{name}.in", case.input())
        write_file(folder, f"data/{name}.ans", case.answer())


def _is_safe(name: str) -> bool:
    return all(FOLDER_NAME.fullmatch(part) for part in name.split("/"))


def _program(folder: Path, place: str, program: Validator) -> None:
    files: Mapping[str, bytes] = program.files
    sources = [name for name in files if PurePosixPath(name).suffix in LANGUAGES]
    for name, data in files.items():
        # Of several source files, the format finds the main file by its name.
        known = len(sources) == 1 or not name.startswith(("interact", "checker", "validator"))
        write_file(folder, f"{place}/{name if known else 'validate' + PurePosixPath(name).suffix}", data)


def _yaml(fields: Mapping[str, object]) -> bytes:
    return yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True).encode()
