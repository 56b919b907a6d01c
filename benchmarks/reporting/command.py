"""The command `codefrontier report`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from tyro.conf import EnumChoicesFromValues, Positional, UseAppendAction

from ...agents.records.lines import RecordError
from ...terminal import fail, print_json
from ..analysis.tally import Truncated
from ..comparing.breakdowns import By
from ..comparing.facts import ProblemFacts, read_facts
from ..errors import BenchError
from .findings import Choices, find
from .reading import read_source
from .sections import summary_of
from .write import write_report

DONE = 0
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, kw_only=True)
class ReportCommand:
    """Write a report about recorded runs: one HTML page that works offline, Markdown, figures and tables.

    Everything is computed from the records; nothing is played. Exit status 0: done; 2: the runs cannot be
    read or compared.
    """

    runs: Positional[tuple[Path, ...]] = ()
    """Folders of runs, or files of records; each agent in each environment is a run of its own."""
    out: Path = Path("report")
    """Folder of the report, made if missing; the files of an earlier report in it are replaced."""
    k: UseAppendAction[tuple[int, ...]] = ()
    """Number of samples k of pass@k in the table of rates; may be repeated; 1 unless given."""
    alpha: UseAppendAction[tuple[str, ...]] = ()
    """Place of a run on the line from low coverage (0) to high coverage (1), as RUN=ALPHA, where RUN is its
    name in `codefrontier compare`; may be repeated. Unless given, from the records of merges."""
    by: UseAppendAction[tuple[EnumChoicesFromValues[By], ...]] = ()
    """Further comparison by `coverage`, which reads the verdicts of all tests. Those by `difficulty`, `mode`,
    `month` and `tag` are always made where these are known."""
    problem_facts: Path | None = None
    """File with the output of `codefrontier problems list SET --json`: contests, dates and tags. Problems of
    one contest count as one cluster."""
    cutoff: str | None = None
    """Last month, as YYYY-MM, that the models may have seen in training; with `--problem-facts`, adds the
    parts before and after it."""
    truncated: Truncated = "count"
    """Whether episodes whose last reply was cut by the token limit count as not solved, or are left out."""
    json: bool = False
    """Print the paths and the summary as one JSON object."""

    def run(self) -> int:
        """Write the report, print where it is, and return the exit status."""
        try:
            choices = self._choices()
            paths_read = dict.fromkeys(self.runs)
            findings = find([read_source(path, tests=choices.coverage) for path in paths_read], choices)
            paths = write_report(self.out, findings)
        except (BenchError, RecordError, ValueError, OSError) as error:
            return fail(error, self)
        if self.json:
            listed = {"html": paths.html, "markdown": paths.markdown, "json": paths.json}
            print_json({**listed, "summary": summary_of(findings)})
            return DONE
        console = Console(soft_wrap=True, markup=False, highlight=False)
        for sentence in (*summary_of(findings), *findings.notes):
            console.print(sentence)
        console.print(f"The report is {paths.html}")
        return DONE

    def _choices(self) -> Choices:
        if not self.runs:
            raise BenchError("at least one run is needed: name a folder of a run or a file of records")
        if self.k and min(self.k) < 1:
            raise ValueError(f"k must be at least 1, got {min(self.k)}")
        if self.cutoff is not None and not _MONTH.fullmatch(self.cutoff):
            raise ValueError(f"cutoff must be a month as YYYY-MM, got {self.cutoff!r}")
        return Choices(
            ks=tuple(dict.fromkeys(self.k)) or (1,),
            truncated=self.truncated,
            facts=ProblemFacts() if self.problem_facts is None else read_facts(self.problem_facts),
            cutoff=self.cutoff,
            coverage=By.COVERAGE in self.by,
            alphas=dict(map(_placed, self.alpha)),
        )


def _placed(text: str) -> tuple[str, float]:
    name, mark, alpha = text.rpartition("=")
    try:
        if mark and name:
            return name, float(alpha)
    except ValueError:
        pass
    raise ValueError(f"alpha must be RUN=NUMBER, for example low=0, got {text!r}")
