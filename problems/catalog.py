"""Problem sets and problems by name or path."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from .embedded import classics_root, classics_slugs, load_classic
from .errors import ProblemError, ProblemNotFoundError
from .families import Spec, default_problems, make_problem
from .icpc import load_package
from .known_bad import KnownBad, known_defect
from .livecodebench import Window, load_livecodebench
from .model import Difficulty, Problem
from .proofs import read_proofs
from .store import DOCUMENT, load_stored

ALIASES = {"classics": "classics", "families": "families", "lcb": "lcb", "livecodebench": "lcb"}
"""Names of problem sets, written in any case."""
MARKS = frozenset({"problem.yaml", DOCUMENT})
"""A folder with one of these files is a problem."""
Require = Literal["proved", "any"]
"""Which problems of a set to take."""


@dataclass(frozen=True, kw_only=True)
class ProblemEntry:
    """A problem of a set that is not loaded yet; it can be pickled."""

    id: str
    folder: Path | None
    """Where all of it lies; None where it has no folder of its own."""
    load: Callable[[], Problem] = field(repr=False)
    """Load it, or raise ProblemError."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The problems of a set that are to be used, and why others are not."""

    problems: tuple[Problem, ...] = field(repr=False)
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Reasons by problem id."""


def load_problems(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    difficulty: Difficulty | str | None = None,
    cache: Path | None = None,
    require: Require = "any",
    known_bad: KnownBad = "exclude",
) -> list[Problem]:
    """Load a problem set; arguments and errors as for `select_problems`."""
    return list(
        select_problems(
            name,
            data=data,
            window=window,
            difficulty=difficulty,
            cache=cache,
            require=require,
            known_bad=known_bad,
        ).problems
    )


def select_problems(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    difficulty: Difficulty | str | None = None,
    cache: Path | None = None,
    require: Require = "any",
    known_bad: KnownBad = "exclude",
) -> Selection:
    """Load a problem set, and tell which of its problems are left out and why.

    Args:
        name: `classics` (the embedded set), `families` (200 problems of the validation split), `lcb`
            (LiveCodeBench), or a path: of a problem package, or of a folder of packages.
        data: Where the files of LiveCodeBench are; see `load_livecodebench`.
        window: First and last contest date, both included; only LiveCodeBench has contest dates.
        difficulty: Keep the problems of this difficulty.
        cache: Where generated tests are kept; None is the user's cache folder.
        require: `proved` leaves out what `codefrontier problems check` has not proved, as its proofs beside
            the set tell; only for sets in folders.
        known_bad: Whether the problems of LiveCodeBench are left out that it cannot judge right.

    Returns:
        At least one problem; no two have the same id.

    Raises:
        ValueError: A bad argument, or one that the set has no use for.
        ProblemNotFoundError: No such set, no data for it, or no problem that fits.
        ProblemError: Some problem is broken, or two have the same id.
    """
    wanted = None if difficulty is None else _parse_difficulty(difficulty)
    for argument, value, kind in (("require", require, Require), ("known_bad", known_bad, KnownBad)):
        if value not in get_args(kind):
            raise ValueError(f"{argument} must be one of {', '.join(get_args(kind))}, got {value!r}")
    entries = problem_entries(name, data=data, window=window, cache=cache)
    problems = [entry.load() for entry in entries]
    check_ids(problems)
    fitting = [problem for problem in problems if wanted is None or problem.difficulty is wanted]
    if not fitting:
        raise ProblemNotFoundError(
            f"none of the {len(problems)} problems of {str(name)!r} has the difficulty {wanted!s}"
        )
    objections = _objections(name, entries) if require == "proved" else {}
    if known_bad == "exclude":
        defects = {problem.id: known_defect(problem) for problem in fitting}
        objections |= {name: f"known bad: {defect}" for name, defect in defects.items() if defect}
    excluded = {problem.id: objections[problem.id] for problem in fitting if problem.id in objections}
    kept = tuple(problem for problem in fitting if problem.id not in excluded)
    if not kept:
        first, why = next(iter(excluded.items()))
        raise ProblemNotFoundError(
            f"all {len(excluded)} problems of {str(name)!r} are left out, for example {first!r}: {why}"
        )
    return Selection(problems=kept, excluded=excluded)


def problem_entries(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    cache: Path | None = None,
) -> list[ProblemEntry]:
    """List the problems of a set; those that lie in folders are not read yet.

    Arguments are those of `select_problems`.

    Raises:
        ValueError: An argument that the set has no use for.
        ProblemNotFoundError: No such set, or no data for it.
        ProblemError: A set that is one file is broken.
    """
    known = ALIASES.get(str(name).lower())
    if known != "lcb":
        for argument, value in (("data", data), ("window", window)):
            if value is not None:
                raise ValueError(f"{argument} applies to the problem set 'lcb' only, not to {str(name)!r}")
    if known == "classics":
        return [
            ProblemEntry(
                id=slug, folder=classics_root() / slug, load=partial(load_classic, slug, cache=cache)
            )
            for slug in classics_slugs()
        ]
    if known is None:
        return [
            ProblemEntry(id=folder.name, folder=folder, load=partial(_load_one, folder, cache))
            for folder in _folders(name)
        ]
    problems = load_livecodebench(data, window=window) if known == "lcb" else default_problems()
    return [ProblemEntry(id=problem.id, folder=None, load=partial(_itself, problem)) for problem in problems]


def proofs_root(name: str | Path) -> Path:
    """Tell the folder that holds the proofs of a set.

    Raises:
        ValueError: The set does not lie in folders.
    """
    known = ALIASES.get(str(name).lower())
    if known == "classics":
        return classics_root()
    if known is not None:
        raise ValueError(f"require='proved' applies to problems in folders, not to {str(name)!r}")
    path = Path(name).absolute()
    return path.parent if _is_problem(path) else path


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


def _folders(name: str | Path) -> list[Path]:
    """List the folders of the problems at a path, sorted."""
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
    if _is_problem(path) or not path.is_dir():
        return [path]
    found: list[Path] = []
    for parent, folders, files in os.walk(path):
        if MARKS.isdisjoint(files):
            folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        else:
            found.append(Path(parent))
            folders.clear()
    if not found:
        raise ProblemNotFoundError(f"{path}: no problem package in it: no problem.yaml found")
    return sorted(found)


def _is_problem(path: Path) -> bool:
    return any((path / mark).is_file() for mark in MARKS)


def _itself(problem: Problem) -> Problem:
    return problem


def _objections(name: str | Path, entries: list[ProblemEntry]) -> dict[str, str]:
    """Say of each problem that is not proved why."""
    proofs = read_proofs(proofs_root(name))
    found = {}
    for entry in entries:
        assert entry.folder is not None
        proof = proofs.get(entry.id)
        why = proof.objection(entry.folder) if proof else "not examined: run `codefrontier problems check`"
        if why:
            found[entry.id] = why
    return found


def _find_family_problem(problem_id: str) -> Problem:
    try:
        return make_problem(Spec.parse(problem_id))
    except ValueError as error:
        raise ProblemNotFoundError(str(error)) from error


def _load_one(path: Path, cache: Path | None) -> Problem:
    """Load a package. The generators of the embedded problems are run, those of others never."""
    if path.resolve().parent == classics_root().resolve():
        return load_classic(path.resolve().name, cache=cache)
    if (path / DOCUMENT).is_file():
        return load_stored(path)
    return load_package(path)


def _parse_difficulty(value: Difficulty | str) -> Difficulty:
    try:
        return Difficulty(value)
    except ValueError as error:
        raise ValueError(f"difficulty must be one of {', '.join(Difficulty)}, got {value!r}") from error


def _suggest(word: str, names: list[str]) -> str:
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
