"""The command `codefrontier compare`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any

from rich.console import Console
from tyro.conf import EnumChoicesFromValues, Positional, UseAppendAction, arg

from ...agents.records.lines import RecordError
from ...terminal import fail, print_json
from ..analysis.power import ASSUMED, Components, planned_difference
from ..analysis.tally import Truncated
from ..errors import BenchError
from .breakdowns import Breakdown, By, break_down
from .compare import Comparison, compare, run_components
from .facts import ProblemFacts, read_facts
from .outcomes import RunOutcomes, collect, read_played
from .sheets import Sheet, as_csv, latex, markdown, part_sheet, sheets, terminal_table

DONE = 0
WIDTH = 120
"""Width of the tables, in columns, when the output is not a terminal."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class CompareCommand:
    """Compare recorded runs on the problems that they share.

    Prints pass@k with 95 % intervals, paired tests with Holm's correction, and letters for runs that cannot
    be told apart. Exit status 0: done; 2: the runs cannot be read or compared.
    """

    runs: Positional[tuple[Path, ...]] = ()
    """Folders of runs, or files of records; each agent in each environment is a run of its own."""
    k: UseAppendAction[tuple[int, ...]] = ()
    """Number of samples k of pass@k; may be repeated; 1 unless given."""
    by: UseAppendAction[tuple[EnumChoicesFromValues[By], ...]] = ()
    """Further comparison by `difficulty`, `tag`, `month`, `mode` (gains from tools and turns) or `coverage`;
    may be repeated."""
    cutoff: str | None = None
    """Last month, as YYYY-MM, that the models may have seen in training; for a merge, the latest month of its
    parents. Adds parts before and after it to `--by month`."""
    problem_facts: Path | None = None
    """File with the output of `codefrontier problems list SET --json`: contests, dates and tags. Problems of
    one contest count as one cluster."""
    truncated: Truncated = "count"
    """Whether episodes whose last reply was cut by the token limit count as not solved, or are left out."""
    plan: Annotated[tuple[int, int] | None, arg(metavar="N K")] = None
    """Number of problems and of samples per problem of a planned comparison: print the smallest difference
    that it will detect, with variances from the runs, if there are any."""
    json: bool = False
    """Output as one JSON object."""
    csv: bool = False
    """Output as CSV, with a row for each rate and each pair."""
    markdown: bool = False
    """Output as Markdown tables."""
    latex: bool = False
    """Output as LaTeX tables, for the package booktabs."""

    def run(self) -> int:
        """Compare, print, and return the exit status."""
        try:
            self._check()
            runs = collect(
                (str(path), read_played(path, tests=By.COVERAGE in self.by))
                for path in dict.fromkeys(self.runs)
            )
            if self.plan is not None:
                self._print_plan(self.plan, runs)
                return DONE
            self._compare(runs)
        except (BenchError, RecordError, ValueError, OSError) as error:
            return fail(error, self)
        return DONE

    def _check(self) -> None:
        if not self.runs and self.plan is None:
            raise BenchError("at least one run is needed: name a folder of a run or a file of records")
        if self.k and min(self.k) < 1:
            raise ValueError(f"k must be at least 1, got {min(self.k)}")
        if self.cutoff is not None and not _MONTH.fullmatch(self.cutoff):
            raise ValueError(f"cutoff must be a month as YYYY-MM, got {self.cutoff!r}")
        if self.json + self.csv + self.markdown + self.latex > 1:
            raise BenchError("--json, --csv, --markdown and --latex exclude each other: give one of them")
        if self.plan is not None and (self.csv or self.markdown or self.latex):
            raise BenchError("a plan is printed as text or with --json")

    def _compare(self, runs: Sequence[RunOutcomes]) -> None:
        facts = ProblemFacts() if self.problem_facts is None else read_facts(self.problem_facts)
        compared = partial(
            compare,
            ks=tuple(dict.fromkeys(self.k)) or (1,),
            truncated=self.truncated,
            cluster_of=facts.cluster,
        )
        comparison = compared(runs)
        broken = {
            by: break_down(by, runs, compared, facts, cutoff=self.cutoff) for by in dict.fromkeys(self.by)
        }
        parts = [part for each in broken.values() for part in each.parts]
        if self.json:
            print_json(document(comparison, broken))
        elif self.csv:
            print(as_csv(comparison, parts), end="")
        else:
            self._print_sheets(_all_sheets(comparison, broken))

    def _print_sheets(self, found: Sequence[Sheet]) -> None:
        if self.markdown or self.latex:
            print(markdown(found) if self.markdown else latex(found), end="")
        else:
            print_sheets(_stdout(), found)

    def _print_plan(self, plan: tuple[int, int], runs: Sequence[RunOutcomes]) -> None:
        problems, samples = plan
        known = run_components(runs)
        if known:
            used = Components(
                within=median(each.within for each in known), between=median(each.between for each in known)
            )
            origin = f"median of {len(known)} pairs of runs"
        else:
            used = ASSUMED
            origin = "assumed: half of the variance between problems, correlation 0.8 of two runs"
        difference = planned_difference(problems, samples, used)
        if self.json:
            found = {"problems": problems, "samples": samples, "components": asdict(used), "origin": origin}
            print_json({**found, "detectable": difference})
            return
        print(
            f"{problems} problems x {samples} samples, two runs on the same problems:\n"
            f"smallest detectable difference in pass@1: {difference:.3f} (5 % two-sided, probability 0.8)\n"
            f"variance within problems {used.within:.4f}, of the difference between problems "
            f"{used.between:.4f} ({origin})"
        )


def document(comparison: Comparison, broken: dict[By, Breakdown] | None = None) -> dict[str, Any]:
    """Return a comparison and its breakdowns as JSON values."""
    parts = {
        by.value: {
            "parts": [{"value": part.value, "comparison": asdict(part.comparison)} for part in each.parts],
            "notes": list(each.notes),
        }
        for by, each in (broken or {}).items()
    }
    return {"comparison": asdict(comparison), "by": parts}


def print_sheets(console: Console, found: Sequence[Sheet]) -> None:
    """Print tables with their notes."""
    for sheet in found:
        if sheet.rows:
            console.print(terminal_table(sheet))
        for note in sheet.notes:
            console.print(note, markup=False, highlight=False, soft_wrap=True)
        console.print()


def _all_sheets(comparison: Comparison, broken: dict[By, Breakdown]) -> list[Sheet]:
    found = sheets(comparison)
    for by, each in broken.items():
        if each.parts and by is not By.MODE:
            found.append(part_sheet(each.parts))
        for part in each.parts if by is By.MODE else ():
            found += sheets(part.comparison, title=f"Modes: {part.value}")
        if each.notes:
            found.append(Sheet(title=f"By {by}", columns=("note",), rows=(), notes=each.notes))
    return found


def _stdout() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
