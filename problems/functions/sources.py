"""Read functions from Python files and from stored problems, without running any of their code."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ProblemError, ProblemNotFoundError
from ..model import Label, Problem
from ..store.folders import DOCUMENT, MANIFEST, load_stored
from .answers import task_kind
from .function import RESERVED, Function, FuzzTest, TaskKind
from .literals import LONGEST, LiteralError, canonical, parse_literal

TESTS = ("pre_test", "test")
"""Functions of a file that are the tests of a fuzzing task."""
INPUTS = "INPUTS"
"""Name of the list of inputs in a file: tuples of arguments, or single arguments that are no tuples."""
MOST_INPUTS = 64
MODULES = frozenset(
    [
        "abc",
        "array",
        "ast",
        "bisect",
        "cmath",
        "collections",
        "copy",
        "dataclasses",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "json",
        "math",
        "numbers",
        "operator",
        "re",
        "statistics",
        "string",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "__future__",
    ]
)
"""Modules that a function may import: those whose results depend on nothing but arguments."""
_NAMES = frozenset(
    [
        "open",
        "input",
        "eval",
        "exec",
        "compile",
        "__import__",
        "id",
        "hash",
        "globals",
        "locals",
        "vars",
        "breakpoint",
        "exit",
        "quit",
        "memoryview",
    ]
)
"""Names that a function may not use, because their results depend on more than arguments."""
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")


class RefusedError(ValueError):
    """A function from which no task can be made; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The functions of a folder, and the reasons why others are left out."""

    functions: tuple[Function, ...]
    refused: dict[str, str]
    """Reasons by the id of the function."""


def read_sources(folder: Path) -> Sources:
    """Read the functions of a folder: of its Python files, or of its stored problems.

    A file defines the function `f`, or only one function besides `pre_test` and `test`, which make it a
    fuzzing task. Its inputs are in the list `INPUTS`, and its docstring is the message. A stored problem has
    an accepted submission in Python that defines the method or function that the problem asks for; the inputs
    are those of its samples and tests.

    Raises:
        ProblemNotFoundError: The folder holds neither.
    """
    functions, refused = [], {}
    for path in source_files(folder):
        name = path.parent.name if path.name == DOCUMENT else path.stem
        try:
            functions.append(_of_problem(path.parent) if path.name == DOCUMENT else _of_file(path))
        except RefusedError as error:
            refused[name] = str(error)
    return Sources(functions=tuple(functions), refused=refused)


def source_files(folder: Path) -> list[Path]:
    """Return the files of the functions of a folder, sorted.

    Raises:
        ProblemNotFoundError: There are none.
    """
    files = sorted(folder.glob("*.py")) or sorted(folder.glob(f"*/{DOCUMENT}"))
    if not files:
        raise ProblemNotFoundError(
            f"{folder}: no functions: there are neither Python files nor stored problems in this folder"
        )
    return files


def sources_digest(folder: Path) -> str:
    """Return the SHA-256 of everything that the functions of a folder depend on."""
    digest = hashlib.sha256()
    for path in source_files(folder):
        file = path.parent / MANIFEST if path.name == DOCUMENT else path
        try:
            data = file.read_bytes()
        except OSError as error:
            raise ProblemError(f"{file}: cannot be read: {error.strerror or error}") from error
        digest.update(f"{path.relative_to(folder)}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def check_source(source: str) -> None:
    """Refuse a source whose results may depend on more than the arguments, as far as the text shows it.

    Raises:
        RefusedError: The source cannot be used.
    """
    if len(source) > LONGEST:
        raise RefusedError(f"has more than {LONGEST} characters")
    if RESERVED in source:
        raise RefusedError(f"uses the reserved name {RESERVED}")
    for node in ast.walk(_parsed(source)):
        for module in _imported(node):
            if module.split(".")[0] not in MODULES:
                raise RefusedError(f"imports {module or 'a relative module'}")
        if isinstance(node, ast.Name) and node.id in _NAMES:
            raise RefusedError(f"uses {node.id}")


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefusedError("is not Python") from error


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["" if node.level else node.module or ""]
    return []


def _of_file(path: Path) -> Function:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError("cannot be read as UTF-8") from error
    return function_of(path.stem, text)


def function_of(function_id: str, text: str) -> Function:
    """Return the function of the text of a Python file; see `read_sources`.

    Raises:
        RefusedError: No task can be made of it.
    """
    if not _ID.fullmatch(function_id):
        raise RefusedError("its name has other characters than letters, digits, '_' and '-'")
    check_source(text)
    tree = _parsed(text)
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    names = [name for name in defined if name not in TESTS and not name.startswith("_")]
    if "f" not in defined and len(names) != 1:
        raise RefusedError("defines neither f nor only one function")
    name = "f" if "f" in defined else names[0]
    tests = [defined[each] for each in TESTS if each in defined]
    inputs = [node for node in tree.body if _assigned(node) == INPUTS]
    given = _inputs([ast.unparse(node.value) for node in inputs if isinstance(node, ast.Assign)])
    source = _without(text, [*tests, *inputs])
    fuzz = None
    if len(tests) == len(TESTS):
        parts = {node.name: f"{ast.get_source_segment(text, node)}\n" for node in tests}
        fuzz = FuzzTest(pre_test=parts["pre_test"], test=parts["test"])
    message = ast.get_docstring(defined[name]) or ast.get_docstring(tree) or ""
    return Function(id=function_id, source=source, name=name, message=message, inputs=given, fuzz=fuzz)


def _assigned(node: ast.stmt) -> str:
    single = isinstance(node, ast.Assign) and len(node.targets) == 1
    target = node.targets[0] if single else None  # type: ignore[attr-defined]
    return target.id if isinstance(target, ast.Name) else ""


def _without(text: str, nodes: Sequence[ast.stmt]) -> str:
    """Return a source without some of its statements."""
    lines = text.splitlines(keepends=True)
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min(each.lineno for each in [node, *decorators])
        lines[first - 1 : node.end_lineno] = [""] * (1 + (node.end_lineno or first) - first)
    return "".join(lines).strip("\n") + "\n"


def _inputs(texts: list[str]) -> tuple[str, ...]:
    if not texts:
        raise RefusedError(f"has no list {INPUTS}")
    try:
        values = parse_literal(texts[-1])
    except LiteralError as error:
        raise RefusedError(f"its {INPUTS} are no literals") from error
    if not isinstance(values, list | tuple):
        raise RefusedError(f"its {INPUTS} are no list")
    return _distinct(each if isinstance(each, tuple) else (each,) for each in values)


def _distinct(values: Iterator[tuple[object, ...]]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(map(canonical, values)))[:MOST_INPUTS]
    except LiteralError as error:
        raise RefusedError("an input is no literal within the bounds") from error


def _of_problem(folder: Path) -> Function:
    problem = load_stored(folder)
    functional = problem.functional
    if functional is None or task_kind(problem) not in (None, TaskKind.INDUCTION):
        raise RefusedError("asks for a program, not for a function")
    accepted = [
        each for each in problem.submissions if each.label is Label.ACCEPTED and _is_python(each.name)
    ]
    if not accepted:
        raise RefusedError("has no accepted submission in Python")
    sources = [_as_function(problem, each.source) for each in accepted]
    wrong = [each for each in problem.submissions if each.label is Label.WRONG_ANSWER]
    others = [_as_function(problem, each.source) for each in wrong if _is_python(each.name)]
    for source in sources:
        check_source(source)
    read = (lambda line: parse_literal(line.decode())) if functional.plain else json.loads
    try:
        cases = [
            tuple(read(line) for line in case.input().split(b"\n") if line.strip())
            for case in [*problem.samples, *problem.tests][:MOST_INPUTS]
        ]
    except ValueError as error:
        raise RefusedError("an input is no literal within the bounds") from error
    return Function(
        id=problem.id.removesuffix(f".{TaskKind.INDUCTION}"),
        source=sources[0],
        name=functional.method,
        message=problem.statement.strip(),
        inputs=_distinct(iter(cases)),
        others=tuple(sources[1:]),
        wrong=others[0] if others else "",
        difficulty=problem.difficulty,
    )


def _is_python(name: str) -> bool:
    return name.endswith(".py")


def _as_function(problem: Problem, source: bytes) -> str:
    """Return a submission as a source that defines the plain function."""
    assert problem.functional is not None
    text, name = source.decode("utf-8", "replace").rstrip(), problem.functional.method
    if problem.functional.plain:
        return f"{text}\n"
    return f"{text}\n\n\ndef {name}(*arguments):\n    return Solution().{name}(*arguments)\n"
