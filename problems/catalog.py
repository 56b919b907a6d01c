"""Problem sets and problems by name or path."""

from __future__ import annotations

import difflib
from pathlib import Path

from .embedded import classics_root, classics_slugs, load_classic, load_classics
from .errors import ProblemError, ProblemNotFoundError
from .families import Spec, default_problems, make_problem
from .icpc import load_package
from .livecodebench import Window, load_livecodebench
from .model import Difficulty, Problem

ALIASES = {"classics": "classics", "families": "families", "lcb": "lcb", "livecodebench": "lcb"}
"""Names of problem sets, written in any case."""


def load_problems(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    difficulty: Difficulty | str | None = None,
    cache: Path | None = None,
) -> list[Problem]:
    """Load a problem set.

    Args:
        name: `classics` (the embedded set), `families` (200 problems of the validation split), `lcb`
            (LiveCodeBench), or a path: of a problem package, or of a folder of packages.
        data: Where the files of LiveCodeBench are; see `load_livecodebench`.
        window: First and last contest date, both included; only LiveCodeBench has contest dates.
        difficulty: Keep the problems of this difficulty.
        cache: Where generated tests are kept; None is the user's cache folder.

    Returns:
        At least one problem; no two have the same id.

    Raises:
        ValueError: A bad argument, or one that the set has no use for.
        ProblemNotFoundError: No such set, no data for it, or no problem that fits.
        ProblemError: Some problem is broken, or two have the same id.
    """
    wanted = None if difficulty is None else _parse_difficulty(difficulty)
    known = ALIASES.get(str(name).lower())
    if known != "lcb":
        for argument, value in (("data", data), ("window", window)):
            if value is not None:
                raise ValueError(f"{argument} applies to the problem set 'lcb' only, not to {str(name)!r}")
    if known == "lcb":
        problems = load_livecodebench(data, window=window)
    elif known == "classics":
        problems = load_classics(cache=cache)
    elif known == "families":
        problems = default_problems()
    else:
        problems = _load_path(name, cache)
    check_ids(problems)
    kept = [problem for problem in problems if wanted is None or problem.difficulty is wanted]
    if not kept:
        raise ProblemNotFoundError(
            f"none of the {len(problems)} problems of {str(name)!r} has the difficulty {wanted!s}"
        )
    return kept


def find_problem(spec: str | Path, *, cache: Path | None = None) -> Problem:
    """Load one problem.

    Args:
        spec: `classics/<id>`, `families/<id>` (of any split), or the path of a problem package.
        cache: Where generated tests are kept; None is the user's cache folder.

    Raises:
        ProblemNotFoundError: There is no such problem; the message names similar ones.
        ProblemError: It is broken.
    """
    path = Path(spec)
    first, _, slug = str(spec).strip("/").partition("/")
    if ALIASES.get(first.lower()) == "classics" and not path.is_dir():
        slugs = classics_slugs()
        if slug in slugs:
            return load_classic(slug, cache=cache)
        raise ProblemNotFoundError(f"no problem {slug!r} in the set 'classics'{_suggest(slug, slugs)}")
    if ALIASES.get(first.lower()) == "families" and not path.is_dir():
        return _find_family_problem(slug)
    if path.exists():
        return _load_one(path, cache)
    names = [f"classics/{slug}" for slug in classics_slugs()]
    raise ProblemNotFoundError(
        f"no problem {str(spec)!r}: give 'classics/<id>', 'families/<id>' or the folder of a problem package"
        f"{_suggest(str(spec), names)}"
    )


def check_ids(problems: list[Problem]) -> None:
    """Make sure that no two problems have the same id.

    Raises:
        ProblemError: Two have.
    """
    seen: set[str] = set()
    for problem in problems:
        if problem.id in seen:
            raise ProblemError(f"duplicate problem id {problem.id!r}; ids must be unique in a problem set")
        seen.add(problem.id)


def _load_path(name: str | Path, cache: Path | None) -> list[Problem]:
    path = Path(name)
    if not path.exists():
        raise ProblemNotFoundError(
            f"no problem set {str(name)!r}: give 'classics', 'families', 'lcb', or the path of a problem "
            f"package or of a folder of packages{_suggest(str(name).lower(), list(ALIASES))}"
        )
    if path.suffix == ".jsonl":
        raise ProblemError(
            f"{path}: to load LiveCodeBench rows, name the set 'lcb' and pass the file as data"
        )
    if (path / "problem.yaml").is_file() or not path.is_dir():
        return [_load_one(path, cache)]
    packages = sorted(file.parent for file in path.rglob("problem.yaml"))
    if not packages:
        raise ProblemNotFoundError(f"{path}: no problem package in it: no problem.yaml found")
    return [_load_one(package, cache) for package in packages]


def _find_family_problem(problem_id: str) -> Problem:
    try:
        return make_problem(Spec.parse(problem_id))
    except ValueError as error:
        raise ProblemNotFoundError(str(error)) from error


def _load_one(path: Path, cache: Path | None) -> Problem:
    """Load a package. The generators of the embedded problems are run, those of others never."""
    if path.resolve().parent == classics_root().resolve():
        return load_classic(path.resolve().name, cache=cache)
    return load_package(path)


def _parse_difficulty(value: Difficulty | str) -> Difficulty:
    try:
        return Difficulty(value)
    except ValueError as error:
        raise ValueError(f"difficulty must be one of {', '.join(Difficulty)}, got {value!r}") from error


def _suggest(word: str, names: list[str]) -> str:
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
