"""Write problems as tasks of Harbor; a problem whose rules a task cannot keep is refused, nothing is lost.

Hidden tests, and programs of the problem, are in the folder `tests` only, which Harbor uploads after the
agent has finished, into a container of its own.

References:
    Harbor, task structure, schema version 1.4 (harbor 0.26).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from ...dialect import Dialect
from ...errors import InexpressibleError, ProblemError
from ...model import Label, LabelledSubmission, Problem, Validator
from ...packages.icpc_checker import LANGUAGES
from ...presenting import problem_text
from ...store.folders import FOLDER_NAME
from ..folders import new_folder, write_file

PYTHON_IMAGE = "python:3.12-slim-bookworm"
"""Base image of the containers; the judge's own Python may be another."""
ORGANISATION = "codefrontier"
AGENT_S = 1800.0
"""Seconds that an agent has."""
_PROGRAMS = {"python": "solution.py", "cpp": "solution.cpp"}
_TITLES = {"python": "Python 3", "cpp": "C++20"}
_CHECKERS = {"python", "c", "cpp"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Names that Harbor takes."""
_ENTRY_STEMS = {"validate", "check", "interact", "validator", "checker", "interactor"}
_RUNS, _SLACK_S = 3, 120.0
"""Largest number of runs on a test; seconds for compilers and checkers."""


def export_task(problem: Problem, parent: Path, *, image: str = PYTHON_IMAGE) -> Path:
    """Write a problem as a task below a folder, complete or not at all; return the folder of the task.

    Args:
        problem: The problem; it needs an accepted program in Python or C++.
        parent: Folder of the tasks.
        image: Base image, with Python of at least 3.9.

    Raises:
        ProblemError: The folder of the task exists, or a task cannot express the problem.
        OSError: The task cannot be written.
    """
    reference, language = _reference(problem)
    _check(problem)
    with new_folder(parent / problem.id) as unfinished:
        _write(problem, reference, language, image, unfinished)
    return parent / problem.id


def _reference(problem: Problem) -> tuple[LabelledSubmission, str]:
    """Return an accepted program, in Python if there is one, and its language."""
    accepted = [each for each in problem.submissions if each.label is Label.ACCEPTED]
    for language in _PROGRAMS:
        for each in accepted:
            if LANGUAGES.get(PurePosixPath(each.name).suffix) == language:
                return each, language
    names = ", ".join(each.name for each in accepted) or "none"
    raise InexpressibleError(
        f"{problem.id}: cannot be a task of Harbor: it has no accepted program in Python or C++ ({names})"
    )


def _check(problem: Problem) -> None:
    validator = problem.checker.validator
    obstacle = ""
    if not FOLDER_NAME.fullmatch(problem.id) or not _NAME.fullmatch(problem.id):
        obstacle = "its id cannot name a task"
    elif problem.interactive:
        obstacle = "it is interactive"
    elif problem.passes > 1:
        obstacle = f"it is run in up to {problem.passes} passes"
    elif problem.scoring:
        obstacle = "it gives points"
    elif problem.limits.cost is not None:
        obstacle = "it limits the cost of a run"
    elif problem.dialect is Dialect.LCB:
        obstacle = "it is judged by the rules of LiveCodeBench's grader (dialect 'lcb')"
    elif problem.checker.float_tolerance is not None:
        obstacle = "it is judged with a tolerance for all numbers (float_tolerance)"
    elif validator and validator.language not in _CHECKERS:
        obstacle = f"its checker is written in {validator.language}"
    if obstacle:
        raise InexpressibleError(f"{problem.id}: cannot be a task of Harbor: {obstacle}")


def _write(problem: Problem, reference: LabelledSubmission, language: str, image: str, folder: Path) -> None:
    program = _PROGRAMS[language]
    validator = problem.checker.validator
    compiled = language == "cpp" or bool(validator and validator.language != "python")
    write_file(folder, "task.toml", _toml(_config(problem, language)).encode())
    write_file(folder, "instruction.md", _instruction(problem, language).encode())
    write_file(folder, "environment/Dockerfile", _dockerfile(image, compiled=compiled).encode())
    write_file(folder, f"solution/{program}", reference.source)
    _script(folder, "solution/solve.sh", f"cp /solution/{program} /app/{program}")
    _script(folder, "tests/test.sh", "cd /tests\nexec python3 -m verifier")
    for module in (files(__package__) / "verifier").iterdir():
        if module.name.endswith(".py"):
            write_file(folder, f"tests/verifier/{module.name}", module.read_bytes())
    names = [f"{number:04}" for number in range(1, len(problem.tests) + 1)]
    for name, case in zip(names, problem.tests, strict=True):
        write_file(folder, f"tests/data/{name}.in", case.input())
        write_file(folder, f"tests/data/{name}.ans", case.answer())
    if validator:
        for name, data in validator.files.items():
            write_file(folder, f"tests/checker/{name}", data)
    rules = json.dumps(_rules(problem, names), indent=1) + "\n"
    write_file(folder, "tests/task.json", rules.encode())


def _rules(problem: Problem, names: list[str]) -> dict[str, Any]:
    """Return what the verifier needs to know."""
    checker, validator = problem.checker, problem.checker.validator
    codeforces = problem.dialect is Dialect.CODEFORCES
    return {
        "problem": problem.id,
        "digest": problem.digest(),
        "method": problem.functional.method if problem.functional else None,
        "limits": {
            "time_s": problem.limits.time_s,
            "memory_mib": problem.limits.memory_mib,
            "output_mib": problem.limits.output_mib,
        },
        "environment": {"ONLINE_JUDGE": "1"} if codeforces else {},
        "defines": ["-DONLINE_JUDGE"] if codeforces else [],
        "checker": {
            "comparison": checker.comparison.value,
            "case_sensitive": checker.case_sensitive,
            "space_change_sensitive": checker.space_change_sensitive,
            "float_absolute": checker.float_absolute,
            "float_relative": checker.float_relative,
            "full_points": checker.full_points,
            "program": _entry(problem, validator) if validator else None,
            "flags": list(validator.flags) if validator else [],
        },
        "tests": [{"name": name} for name in names],
    }


def _entry(problem: Problem, validator: Validator) -> str:
    """Return the name of the main file of a program of the problem."""
    sources = [name for name in sorted(validator.files) if not name.endswith((".h", ".hpp"))]
    for name in sources:
        if len(sources) == 1 or PurePath(name).stem in _ENTRY_STEMS:
            return name
    raise ProblemError(f"{problem.id}: which of the checker's files {sources} is its program?")


def _config(problem: Problem, language: str) -> dict[str, dict[str, Any]]:
    """Return the tables of `task.toml`."""
    limits = problem.limits
    tests_s = len(problem.tests) * _RUNS * (2 * limits.time_s + 1)
    return {
        "": {"schema_version": "1.4", "artifacts": [f"/app/{_PROGRAMS[language]}"]},
        "task": {
            "name": f"{ORGANISATION}/{problem.id}",
            "description": problem.title,
            "keywords": list(problem.tags),
        },
        "metadata": {
            "difficulty": problem.difficulty.value if problem.difficulty else "",
            "category": "programming",
            "tags": list(problem.tags),
            "source": problem.source,
            "language": language,
            "problem_digest": problem.digest(),
            "time_limit_s": limits.time_s,
            "memory_limit_mib": limits.memory_mib,
        },
        "agent": {"timeout_sec": AGENT_S},
        # The agent's container is gone when the tests arrive, so nothing that it left there can see them.
        "verifier": {"timeout_sec": max(600.0, _SLACK_S + tests_s), "environment_mode": "separate"},
        "environment": {"build_timeout_sec": 600.0, "memory_mb": int(limits.memory_mib) + 2048},
    }


def _instruction(problem: Problem, language: str) -> str:
    program = f"/app/{_PROGRAMS[language]}"
    return (
        f"{problem_text(problem, _TITLES[language])}\n\n## Your answer\n\n"
        f"Write the complete program, in {_TITLES[language]}, to `{program}`. It is judged on hidden tests "
        "and must give the right answer within the limits on every one of them. It may use the standard "
        "library only.\n"
    )


def _dockerfile(image: str, *, compiled: bool) -> str:
    install = (
        "RUN command -v g++ || (apt-get update && apt-get install -y --no-install-recommends g++ && "
        "rm -rf /var/lib/apt/lists/*)\n"
    )
    return f"FROM {image}\n{install if compiled else ''}WORKDIR /app\n"


def _toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Write tables of plain values as TOML, whose strings, numbers and lists are those of JSON."""
    parts = []
    for name, fields in tables.items():
        lines = [f"[{name}]"] if name else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _script(folder: Path, name: str, command: str) -> None:
    write_file(folder, name, f"#!/bin/sh\nset -eu\n{command}\n".encode())
    (folder / name).chmod(0o755)
