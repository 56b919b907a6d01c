"""Find problem sets and problems by name or path."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, Unpack, get_args

from .datasets.known_bad import KnownBad, known_defect
from .datasets.livecodebench import DateWindow, Window
from .datasets.rows.sets import select_rows
from .embedded.classics import classics_root, classics_slugs, load_classic
from .errors import ProblemError, ProblemNotFoundError
from .formats import ROW_FORMATS, SetOptions, guess_format, row_format
from .generated import GENERATED, VERIFICATION, generated_set_name
from .model import Difficulty, Problem
from .packages.icpc import load_package
from .packages.polygon import is_polygon, load_polygon
from .packages.tree import PackageTree
from .proofs import read_proofs
from .selection import Selection
from .store.folders import DOCUMENT, load_stored
from .verification import is_task_set

FOLDER = "folder"
"""Name of the set whose problems are in the folder that `data` names."""
ALIASES = {
    "classics": "classics",
    "livecodebench": "lcb",
    **{name: name for name in (*ROW_FORMATS, *GENERATED)},
    "codecontestsplus": "codecontests+",
    FOLDER: FOLDER,
}
"""Names of problem sets by the names users may give, in any case."""
WITH_DATA = (*ROW_FORMATS, *(name for name, each in GENERATED.items() if each.takes_data), FOLDER)
"""Sets that can be read from a place of the user, given as `data`."""
MARKS = frozenset({"problem.yaml", "problem.xml", DOCUMENT})
"""Files that mark the folder of a problem."""
Require = Literal["proved", "any"]
"""Which problems of a set to select."""


@dataclass(frozen=True, kw_only=True)
class ProblemEntry:
    """A problem of a set that is not loaded yet. Can be pickled."""

    id: str
    folder: Path | None
    """Folder or archive of the problem; None where it has none of its own."""
    load: Callable[[], Problem] = field(repr=False)
    """Loads the problem, or raises ProblemError."""


def load_problems(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    difficulty: Difficulty | str | None = None,
    cache: Path | None = None,
    require: Require = "any",
    known_bad: KnownBad = "exclude",
    **options: Unpack[SetOptions],
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
            **options,
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
    **options: Unpack[SetOptions],
) -> Selection:
    """Load a problem set, and say which of its problems are left out and why.

    Args:
        name: `classics` (the embedded set), `families` (600 problems of their test part; another draw is
            `families:PART:COUNT:SEED` or the beginning of this), `microfamilies` (the same for the micro
            families alone, which tiny models can read), `grids` (60 puzzles of the test part; another draw is
            `grids:PART:COUNT:SEED:FAMILY` or the beginning of this), `grid-programs` (programs for such
            puzzles), `induction`, `abduction`, `deduction` and `fuzzing`
            (tasks about functions, with draws as those of the families), `verification` (tasks that ask which
            program is right), `lcb` (LiveCodeBench), `codecontests`, `codecontests+`, `taco`, `apps`,
            `folder` (the problems in the folder `data`), or the path of a problem package, of a folder of
            packages, or of rows of one of these data sets.
        data: File or folder with the rows of a data set; None downloads the data set from the Hub. For
            `induction` to `fuzzing`: a folder of functions, or of tasks made of them. For `verification`: a
            folder of tasks; None takes the embedded tasks.
        window: First and last contest date, both included; only LiveCodeBench has contest dates.
        difficulty: Keep the problems of this difficulty.
        cache: Folder of generated tests; None is the user's cache folder.
        require: `proved` leaves out problems without a proof by `codefrontier problems check` beside the set;
            only for sets in folders.
        known_bad: Whether to leave out problems of LiveCodeBench that its data cannot judge right.
        options: Options of a set in rows.

    Returns:
        At least one problem; no two have the same id.

    Raises:
        ValueError: A bad argument, or an argument that does not apply to the set.
        ProblemNotFoundError: There is no such set, no data for it, or no problem that fits.
        ProblemError: Some problem is broken, or two have the same id.
    """
    wanted = None if difficulty is None else _parse_difficulty(difficulty)
    for argument, value, kind in (("require", require, Require), ("known_bad", known_bad, KnownBad)):
        if value not in get_args(kind):
            raise ValueError(f"{argument} must be one of {', '.join(get_args(kind))}, got {value!r}")
    entries, left_out = _entries(name, data, window, cache, options)
    problems = [entry.load() for entry in entries]
    if not problems:
        raise _nothing_left(name, left_out)
    check_ids(problems)
    fitting = [problem for problem in problems if wanted is None or problem.difficulty is wanted]
    if not fitting:
        raise ProblemNotFoundError(
            f"none of the {len(problems)} problems of {str(name)!r} has the difficulty {wanted!s}"
        )
    root = data if _set_name(name) == FOLDER and data is not None else name
    objections = _objections(root, entries) if require == "proved" else {}
    if known_bad == "exclude":
        defects = {problem.id: known_defect(problem) for problem in fitting}
        objections |= {name: f"known bad: {defect}" for name, defect in defects.items() if defect}
    excluded = left_out | {
        problem.id: objections[problem.id] for problem in fitting if problem.id in objections
    }
    kept = tuple(problem for problem in fitting if problem.id not in excluded)
    if not kept:
        raise _nothing_left(name, excluded)
    return Selection(problems=kept, excluded=excluded)


def problem_entries(
    name: str | Path,
    *,
    data: str | Path | None = None,
    window: Window | None = None,
    cache: Path | None = None,
    **options: Unpack[SetOptions],
) -> list[ProblemEntry]:
    """List the problems of a set; problems in folders of their own are not read yet.

    Arguments are those of `select_problems`. Rows that make no problem are left out.

    Raises:
        ValueError: An argument does not apply to the set.
        ProblemNotFoundError: There is no such set, or no data for it.
        ProblemError: The rows of a set are broken.
    """
    return _entries(name, data, window, cache, options)[0]


def _entries(
    name: str | Path,
    data: str | Path | None,
    window: Window | None,
    cache: Path | None,
    options: SetOptions,
) -> tuple[list[ProblemEntry], dict[str, str]]:
    """List the problems of a set, and the reasons why rows make no problem, by id."""
    name, known, data = _located(name, data)
    if window is not None and known != "lcb":
        raise ValueError(f"window applies to the problem set 'lcb' only, not to {str(name)!r}")
    if known in ROW_FORMATS:
        dates = DateWindow.parse(window)
        selection = select_rows(data, row_format(known, options))
        return _loaded(dates.select(selection.problems)), dict(selection.excluded)
    if options:
        raise ValueError(f"{min(options)!r} is an option of sets in rows only, not of {str(name)!r}")
    if known is not None and known in GENERATED:
        problems, refused = GENERATED[known].select(str(name), data)
        return _loaded(problems), dict(refused)
    if known == "classics":
        names = [
            (classics_root() / slug, partial(load_classic, slug, cache=cache)) for slug in classics_slugs()
        ]
        return [ProblemEntry(id=folder.name, folder=folder, load=load) for folder, load in names], {}
    return [
        ProblemEntry(id=folder.name, folder=folder, load=partial(_load_one, folder, cache))
        for folder in _folders(name)
    ], {}


def _located(name: str | Path, data: str | Path | None) -> tuple[str | Path, str | None, str | Path | None]:
    """Return the name or path of a set, the set it means (None for folders of problems), and its data."""
    known = _set_name(name)
    if known == FOLDER:
        if data is None:
            raise ValueError("the problem set 'folder' needs data, the folder of its problems")
        return data, None, None
    if data is not None and known not in WITH_DATA:
        sets = ", ".join(map(repr, WITH_DATA))
        raise ValueError(f"data applies to the problem sets {sets} only, not to {str(name)!r}")
    if known is None and is_task_set(Path(name)):
        return name, VERIFICATION, name
    # The path of rows alone, without the name of their set: the content shows which set it is.
    if known is None and (guessed := guess_format(Path(name))) in ROW_FORMATS:
        return name, guessed, name
    return name, known, data


def _set_name(name: str | Path) -> str | None:
    """Return the set that a name means; None for a path. A draw of a generated set is `SET:...`."""
    return generated_set_name(str(name)) or ALIASES.get(str(name).lower())


def _loaded(problems: Iterable[Problem]) -> list[ProblemEntry]:
    return [ProblemEntry(id=problem.id, folder=None, load=partial(_itself, problem)) for problem in problems]


def _nothing_left(name: str | Path, excluded: Mapping[str, str]) -> ProblemNotFoundError:
    first, why = next(iter(excluded.items()))
    return ProblemNotFoundError(
        f"all {len(excluded)} problems of {str(name)!r} are left out, for example {first!r}: {why}"
    )


def proofs_root(name: str | Path) -> Path:
    """Return the folder that holds the proofs of a set.

    Raises:
        ValueError: The problems of the set are not in folders.
    """
    known = _set_name(name)
    if known == "classics":
        return classics_root()
    if known is not None:
        raise ValueError(f"require='proved' applies to problems in folders, not to {str(name)!r}")
    path = Path(name).absolute()
    return path.parent if _is_problem(path) else path


def find_problem(spec: str | Path, *, cache: Path | None = None) -> Problem:
    """Load one problem.

    Args:
        spec: `classics/<id>`, `families/<id>` or `grids/<id>` (of any split), `grid-programs/<id>`,
            `deduction/<id>` (and likewise the other tasks about the built-in functions), `verification/<id>`,
            or the path of a problem package.
        cache: Folder of generated tests; None is the user's cache folder.

    Raises:
        ProblemNotFoundError: There is no such problem; the message names similar ones.
        ProblemError: The problem is broken.
    """
    path = Path(spec)
    # A folder `classics/<id>` of the user takes precedence over the embedded problem.
    first, _, slug = str(spec).strip("/").partition("/")
    if ALIASES.get(first.lower()) == "classics" and not path.is_dir():
        slugs = classics_slugs()
        if slug in slugs:
            return load_classic(slug, cache=cache)
        raise ProblemNotFoundError(f"no problem {slug!r} in the set 'classics'{_suggest(slug, slugs)}")
    if first.lower() in GENERATED and not path.is_dir():
        return GENERATED[first.lower()].find_problem(slug)
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
        ProblemError: Two problems have the same id.
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
        known = ", ".join(map(repr, dict.fromkeys(ALIASES.values())))
        raise ProblemNotFoundError(
            f"no problem set {str(name)!r}: give {known}, or the path of a problem package, of a folder of "
            f"packages, or of rows{_suggest(str(name).lower(), list(ALIASES))}"
        )
    if _is_problem(path) or not path.is_dir():
        return [path]
    found: list[Path] = []
    unlisted: list[OSError] = []
    for parent, folders, files in os.walk(path, onerror=unlisted.append):
        if MARKS.isdisjoint(files):
            found += [Path(parent, file) for file in files if _is_archive(file)]
            folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        else:
            found.append(Path(parent))
            folders.clear()  # whatever is inside belongs to this problem
    # A folder that cannot be listed may hold problems, so it is listed as a problem that fails to load.
    found += [Path(error.filename) for error in unlisted]
    if not found:
        raise ProblemNotFoundError(f"{path}: no problem package in it: no problem.yaml found")
    return sorted(found)


def _is_archive(name: str) -> bool:
    return name.endswith(".zip") and not name.startswith(".")


def _is_problem(path: Path) -> bool:
    return any((path / mark).is_file() for mark in MARKS)


def _itself(problem: Problem) -> Problem:
    return problem


def _objections(name: str | Path, entries: list[ProblemEntry]) -> dict[str, str]:
    """Return the reasons why problems are not proved, by id."""
    proofs = read_proofs(proofs_root(name))
    found = {}
    for entry in entries:
        assert entry.folder is not None
        proof = proofs.get(entry.id)
        why = proof.objection(entry.folder) if proof else "not examined: run `codefrontier problems check`"
        if why:
            found[entry.id] = why
    return found


def _load_one(path: Path, cache: Path | None) -> Problem:
    """Load a package. Only generators of embedded problems are run, never those of other packages."""
    # The generators of other packages would be foreign code outside of the sandbox.
    if path.resolve().parent == classics_root().resolve():
        return load_classic(path.resolve().name, cache=cache)
    if (path / DOCUMENT).is_file():
        return load_stored(path)
    if not (path / "problem.yaml").is_file() and is_polygon(path):
        return load_polygon(path)
    if path.suffix == ".zip" and path.is_file():
        raise ProblemError(_archive_without(path))
    return load_package(path)


def _archive_without(path: Path) -> str:
    """Return why an archive cannot be loaded as it is."""
    if "problem.yaml" in PackageTree.open(path).sizes:
        return (
            f"{path}: an ICPC package in an archive: unpack it, or bring it into a folder with "
            "`codefrontier problems import`"
        )
    return f"{path}: no problem package in this archive: neither problem.xml nor problem.yaml on top"


def _parse_difficulty(value: Difficulty | str) -> Difficulty:
    try:
        return Difficulty(value)
    except ValueError as error:
        raise ValueError(f"difficulty must be one of {', '.join(Difficulty)}, got {value!r}") from error


def _suggest(word: str, names: list[str]) -> str:
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
