"""The commands `codefrontier problems list | show | stats | import | export`."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tyro.conf import Positional

from ..terminal import fail, print_json
from .catalog import Require, find_problem, load_problems, select_problems
from .datasets.input_output import Unwrap
from .datasets.known_bad import KnownBad
from .errors import InexpressibleError, ProblemError, ProblemNotFoundError
from .exporting.harbor import PYTHON_IMAGE, export_task
from .exporting.icpc import export_package
from .exporting.livecodebench import export_rows
from .formats import SetFormat, SetOptions
from .model import Limits, Problem
from .selection import LeftOut, Selection
from .statistics import set_statistics
from .store.importing import import_problems
from .testset import TestCase

DONE, SOME_BROKEN = 0, 1
_WIDTH = 120
"""Columns of tables where standard output is not a terminal."""
_SHOWN = 2000
"""Most bytes to show of the input or the answer of a sample."""
_ERRORS = (ProblemError, ValueError, OSError)


@dataclass(frozen=True, kw_only=True)
class RowOptions:
    """Options of sets whose problems are rows of files; the set has a default for each option."""

    solutions: int | None = None
    """Number of accepted and number of wrong programs of a row to keep; 2 if not given."""
    check_tests: bool = False
    """Open the tests of every row, and leave out rows whose tests are broken or missing."""
    tests: tuple[Literal["public", "private", "generated"], ...] | None = None
    """CodeContests: kinds of tests to use as hidden tests; private and generated tests if not given."""
    min_true_positive_rate: float | None = None
    """CodeContests+: least share of right programs that the tests of a problem must accept."""
    min_true_negative_rate: float | None = None
    """CodeContests+: least share of wrong programs that the tests of a problem must reject."""
    min_tests: int | None = None
    """CodeContests+: least number of tests of a problem."""
    testlib: Path | None = None
    """CodeContests+, and import of a Polygon package: path of your `testlib.h`. Without it, the header in the
    Polygon package is used, or else the header that comes with codefrontier."""
    unwrap: Unwrap | None = None
    """APPS and TACO: whether to take away lists of one element around the answers of functions."""
    time_limit: float | None = None
    """Time limit of every problem in seconds, in place of the limits of the rows; memory is then 1024 MiB."""

    def options(self) -> SetOptions:
        """Return the options that were given."""
        found: SetOptions = {}
        for each in fields(RowOptions):
            value = getattr(self, each.name)
            # A switch that is off is not passed on, since sets without this option would refuse it.
            if each.name != "time_limit" and value is not None and value is not False:
                found[each.name] = value  # type: ignore[literal-required]  # the fields have the same names
        if self.time_limit is not None:
            found["limits"] = Limits(time_s=self.time_limit, memory_mib=1024, output_mib=64)
        return found


@dataclass(frozen=True, kw_only=True)
class ProblemSetOptions(RowOptions):
    """Selection of problems."""

    set: Positional[str]
    """Problem set: `classics`, `families`, `microfamilies`, `lcb`, `codecontests`, `codecontests+`, `taco`,
    `apps`, or the path of a problem, of a folder of problems, or of rows."""
    data: Path | None = None
    """File or folder with the rows of a data set; from the Hub if not given."""
    window: tuple[str, str] | None = None
    """First and last contest date, both included, for example `2025-01-01 2025-04-30`."""
    difficulty: Literal["easy", "medium", "hard"] | None = None
    """Difficulty of the problems to select; all if not given."""
    require: Require = "any"
    """Which problems to select: `proved` leaves out problems that `problems check` has not proved."""
    known_bad: KnownBad = "exclude"
    """Whether to leave out problems of LiveCodeBench that its data cannot judge right."""

    def select(self) -> Selection:
        """Load the problems."""
        return select_problems(
            self.set,
            data=self.data,
            window=self.window,
            difficulty=self.difficulty,
            require=self.require,
            known_bad=self.known_bad,
            **self.options(),
        )


@dataclass(frozen=True, kw_only=True)
class ListProblemsCommand(ProblemSetOptions):
    """List the problems of a set, without opening their tests."""

    json: bool = False
    """Print one JSON object instead of a table."""

    def run(self) -> int:
        """Print a line per problem and return the exit status."""
        try:
            selection = self.select()
        except _ERRORS as error:
            return fail(error, self)
        if self.json:
            rows = list(map(_row, selection.problems))
            print_json({"problems": rows, "left_out": dict(selection.excluded)})
            return DONE
        table = Table("id", "title", "difficulty", "judged by", "limit s", "MiB", "date")
        for problem in selection.problems:
            table.add_row(
                escape(problem.id),
                escape(problem.title),
                problem.difficulty.value if problem.difficulty else "",
                _judged_by(problem),
                f"{problem.limits.time_s:g}",
                str(problem.limits.memory_mib),
                str(problem.contest_date or ""),
            )
        _stdout().print(table)
        _print_excluded(selection)
        return DONE


@dataclass(frozen=True, kw_only=True)
class StatisticsCommand(ProblemSetOptions):
    """Count the problems, tests and programs of a set; this opens every testset."""

    json: bool = False
    """Print one JSON object instead of lines."""

    def run(self) -> int:
        """Print the counts and return the exit status."""
        try:
            selection = self.select()
            found = set_statistics(selection.problems)
        except _ERRORS as error:
            return fail(error, self)
        if self.json:
            print_json({**vars(found), "left_out": len(selection.excluded)})
            return DONE
        fewest, most, all_tests = found.tests
        lines = {
            "problems": str(found.problems),
            "left out": str(len(selection.excluded)),
            "difficulty": _counts(found.difficulties),
            "judged by": _counts(found.kinds),
            "from": _counts(found.sources),
            "submissions": _counts(found.labels),
            "tests": f"{all_tests} ({fewest} to {most} per problem), {found.input_bytes} bytes of input",
            "time limit": f"{found.time_s[0]:g} to {found.time_s[1]:g} s",
        }
        for name, value in lines.items():
            print(f"{name:<12}{value}")
        return DONE


@dataclass(frozen=True, kw_only=True)
class ShowProblemCommand:
    """Show a problem: statement, samples, limits, and the sizes of its hidden tests."""

    problem: Positional[str]
    """Problem: `classics/<id>`, `families/<id>`, a folder or archive, or an id in the rows of `data`."""
    data: Path | None = None
    """File or folder with the rows of a data set."""
    json: bool = False
    """Print one JSON object instead of text."""

    def run(self) -> int:
        """Print the problem and return the exit status."""
        try:
            problem = self._find()
            sizes = [case.input_size for case in problem.tests]
            digest = problem.digest()
        except _ERRORS as error:
            return fail(error, self)
        if self.json:
            samples = [{"name": case.name, **_texts(case)} for case in problem.samples]
            more = {"input_bytes": sizes, "digest": digest, "statement": problem.statement}
            print_json({**_row(problem), **more, "samples": samples})
            return DONE
        limits = problem.limits
        print(f"{problem.id}: {problem.title}")
        print(f"limits: {limits.time_s:g} s, {limits.memory_mib} MiB, output {limits.output_mib:g} MiB")
        print(f"judged by: {_judged_by(problem)}")
        print(
            f"hidden tests: {len(sizes)}, inputs of {min(sizes, default=0)} to {max(sizes, default=0)} bytes"
        )
        print(f"digest: {digest}\n")
        print(problem.statement)
        for case in problem.samples:
            for name, text in (("input", case.input()), ("answer", case.answer())):
                print(f"\n--- {case.name} {name}\n{text[:_SHOWN].decode('utf-8', 'replace')}")
        return DONE

    def _find(self) -> Problem:
        if self.data is None:
            return find_problem(self.problem)
        problems = {each.id: each for each in load_problems(self.data, known_bad="keep")}
        if self.problem not in problems:
            raise ProblemNotFoundError(f"no problem {self.problem!r} in {self.data}")
        return problems[self.problem]


@dataclass(frozen=True, kw_only=True)
class ImportCommand(RowOptions):
    """Write problems in the common on-disk form: a folder for each problem, with a manifest of digests.

    A package, row or file that is broken is named on standard error, and the import goes on with the next.
    The exit status is 0 when everything was imported, 1 when something was broken, and 2 when the source
    cannot be read at all or nothing can be written.
    """

    source: Positional[str]
    """Source: rows of a data set (LiveCodeBench, CodeContests, CodeContests+, TACO, APPS) in a file or a
    folder, an ICPC or Polygon package, a folder of packages or zip archives, or the name of a set."""
    to: Path
    """Folder for the problems. A problem that is there already is kept if it is the same; a different problem
    with its id counts as broken: remove it first."""
    format: SetFormat | None = None
    """Format of the source; guessed from its content if not given."""

    def run(self) -> int:
        """Import and return the exit status."""
        fresh = same = 0
        left_out: list[LeftOut] = []
        broken: list[LeftOut] = []

        def report(found: LeftOut) -> None:
            broken.append(found)
            place = "" if found.id in found.reason else f"{found.id}: "
            fail(f"{place}{found.reason}")

        status = DONE
        try:
            for stored in import_problems(
                self.source,
                self.to,
                set_format=self.format,
                left_out=left_out.append,
                broken=report,
                **self.options(),
            ):
                fresh, same = fresh + stored.fresh, same + (not stored.fresh)
        except _ERRORS as error:
            status = fail(error, self)
        counts = f"{fresh} problems written to {self.to}, {same} were there, {len(left_out)} left out"
        print(f"{counts}, {len(broken)} broken" if broken else counts)
        for each in left_out:
            print(f"left out: {each.id}: {each.reason}")
        return status or (SOME_BROKEN if broken else DONE)


@dataclass(frozen=True, kw_only=True)
class ExportCommand(ProblemSetOptions):
    """Write problems in another format; a problem that the format cannot express is an error, unless
    `--skip` is given."""

    to: Path
    """Target: for `icpc` a folder of packages, for `harbor` a folder of tasks, for `lcb` a JSONL file."""
    format: Literal["icpc", "lcb", "harbor"] = "icpc"
    """Format: ICPC problem packages, rows of LiveCodeBench, or tasks of Harbor, with a verifier that keeps
    limits and checker of the problem."""
    problems: tuple[str, ...] = ()
    """Ids of the problems to export; all of the set if not given."""
    skip: bool = False
    """Whether to leave out, and name, problems that a folder of the format cannot express."""
    image: str = PYTHON_IMAGE
    """Base image of the containers of Harbor's tasks; it must have Python."""

    def run(self) -> int:
        """Export and return the exit status."""
        try:
            problems = chosen(self.select().problems, self.problems)
            if self.format == "lcb":
                count = export_rows(problems, self.to)
            else:
                count = sum(1 for _ in self._folders(problems))
        except _ERRORS as error:
            return fail(error, self)
        print(f"{count} problems written to {self.to}")
        return DONE

    def _folders(self, problems: Sequence[Problem]) -> Iterator[Path]:
        for problem in problems:
            try:
                if self.format == "harbor":
                    yield export_task(problem, self.to, image=self.image)
                else:
                    yield export_package(problem, self.to)
            except InexpressibleError as error:
                if not self.skip:
                    raise
                print(f"left out: {error}", file=sys.stderr)


def chosen(problems: Sequence[Problem], ids: Sequence[str]) -> Sequence[Problem]:
    """Return the problems with these ids, in the order of the set; all of them without ids.

    Raises:
        ProblemNotFoundError: An id is unknown.
    """
    known = {problem.id for problem in problems}
    unknown = [each for each in ids if each not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], sorted(known), n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ProblemNotFoundError(f"the set has no problem {unknown[0]!r}{hint}")
    return [problem for problem in problems if not ids or problem.id in ids]


def _row(problem: Problem) -> dict[str, object]:
    """Return the fields of a problem for `--json`."""
    return {
        "id": problem.id,
        "title": problem.title,
        "difficulty": problem.difficulty,
        "judged_by": _judged_by(problem),
        "limits": asdict(problem.limits),
        "contest_date": problem.contest_date,
        "contest": problem.contest,
        "tags": problem.tags,
    }


def _texts(case: TestCase) -> dict[str, str]:
    return {
        "input": case.input().decode("utf-8", "replace"),
        "answer": case.answer().decode("utf-8", "replace"),
    }


def _judged_by(problem: Problem) -> str:
    if problem.functional:
        return f"{'function' if problem.functional.plain else 'method'} {problem.functional.method}"
    words = ["interactor" if problem.interactive else problem.checker.comparison.value]
    words += [f"{problem.passes} passes"] if problem.passes > 1 else []
    return ", ".join([*words, *(["points"] if problem.scoring else [])])


def _print_excluded(selection: Selection) -> None:
    print(f"{len(selection.problems)} problems, {len(selection.excluded)} left out")
    for name, why in selection.excluded.items():
        print(f"left out: {name}: {why}")


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items())) or "none"


def _stdout() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH)
