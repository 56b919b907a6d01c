"""The commands `codefrontier verifiers` and `codefrontier select`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tyro.conf import OmitArgPrefixes, Positional, arg

from ...agents import AgentError, ModelOptions, agent_factory
from ...agents.records.lines import RecordError
from ...problems import ProblemError
from ...terminal import fail, print_json
from ..analysis.statistics import Interval
from ..analysis.verification import VerifierAnswer, VerifierMetrics, verifier_metrics
from ..errors import BenchError
from .reading import read_answers
from .selecting import SelectionReport, read_candidates, select

DONE = 0
_WIDTH = 130
_COLUMNS = (
    *("agent", "kind", "tasks", "K", "chance", "top-1", "majority", "best-of-N", "tau-b", "parsed"),
    *("bias", "consistent", "ECE"),
)
_ERRORS = (BenchError, RecordError, ProblemError, AgentError, ValueError, OSError)


@dataclass(frozen=True, kw_only=True)
class VerifiersCommand:
    """Measure verifiers from runs of the environment Verification.

    Prints top-1, majority over K, best-of-N, Kendall's tau-b of rankings, the share of replies with an
    answer, position bias, consistency over orders, and calibration, for each agent and kind of tasks, with
    95 % intervals over problems.
    """

    runs: Positional[tuple[Path, ...]]
    """Folders of runs, or files of records."""
    json: bool = False
    """Output as one JSON object."""

    def run(self) -> int:
        """Measure, print, and return the exit status."""
        try:
            if not self.runs:
                raise BenchError("at least one run is needed: name a folder of a run or a file of records")
            rows = [
                (agent, env, kind, verifier_metrics(part))
                for (agent, env), answers in read_answers(self.runs).items()
                for kind, part in _by_kind(answers).items()
            ]
        except _ERRORS as error:
            return fail(error, self)
        if self.json:
            found = [
                {"agent": agent, "env": env, "kind": kind, **asdict(each)} for agent, env, kind, each in rows
            ]
            print_json({"verifiers": found})
            return DONE
        table = Table(*_COLUMNS)
        for agent, _, kind, each in rows:
            table.add_row(escape(agent), kind, *_cells(each))
        _stdout().print(table)
        for agent, _, kind, each in rows:
            places = ", ".join(f"{place}: {share:.2f}" for place, share in enumerate(each.by_place, start=1))
            print(f"{agent}, {kind}: answers by place over a uniform choice: {places}")
        return DONE


@dataclass(frozen=True, kw_only=True)
class SelectCommand:
    """Select one program per problem from recorded runs with a verifier, and compare with other selectors.

    The programs of all runs on a problem are one ensemble. The verifier chooses the best of up to five
    programs at a time, and the winners meet until one is left. It is compared with the oracle (some program
    is accepted), the majority (the most frequent program), and a uniform choice, on the recorded verdicts.
    """

    runs: Positional[tuple[Path, ...]]
    """Folders of runs, or files of records; their submissions are the programs to choose from."""
    verifier: str
    """Agent that chooses, for example `policy:CHECKPOINT` or `litellm:MODEL`; `first` and `longest` are
    controls without a model."""
    programs: int = 8
    """Largest number of programs per problem, in the order of the samples, alternating between the runs."""
    votes: int = 1
    """Number of replies to each question; the most frequent answer counts."""
    thinking: bool = True
    """Whether the verifier may write text before its answer."""
    layout: Literal["markdown", "plain"] = "markdown"
    """Form of the questions; `plain` is for models with a small vocabulary."""
    seed: int = 0
    """Seed of the order in which programs are shown."""
    out: Path | None = None
    """File for the choices, one JSON line per problem."""
    model: Annotated[OmitArgPrefixes[ModelOptions], arg(name="")] = field(default_factory=ModelOptions)
    """Model options of the verifier."""
    json: bool = False
    """Output as one JSON object."""

    def run(self) -> int:
        """Select, print, and return the exit status."""
        try:
            if not self.runs:
                raise BenchError("at least one run is needed: name a folder of a run or a file of records")
            problems = read_candidates(self.runs, most=self.programs)
            control = self.verifier in ("first", "longest")
            report = select(
                problems,
                self.verifier if control else agent_factory(self.verifier, self.model),
                votes=self.votes,
                thinking=self.thinking,
                layout=self.layout,
                seed=self.seed,
            )
            if self.out is not None:
                self.out.write_text("".join(f"{line}\n" for line in report.lines()))
        except _ERRORS as error:
            return fail(error, self)
        if self.json:
            print_json({"verifier": self.verifier, **report.document()})
        else:
            _print_selection(self.verifier, report)
        return DONE


def _print_selection(name: str, report: SelectionReport) -> None:
    table = Table("selector", "accepted", "over a uniform choice")
    for selector, rate in report.rates.items():
        shown = name if selector == "verifier" else selector
        table.add_row(escape(shown), _text(rate), _text(report.gains.get(selector)))
    _stdout().print(table)
    print(
        f"{report.problems} problems, {report.programs} different programs, {report.questions} questions, "
        f"{report.unread} replies without an answer, {report.tokens} tokens"
    )


def _by_kind(answers: Sequence[VerifierAnswer]) -> Mapping[str, list[VerifierAnswer]]:
    found: dict[str, list[VerifierAnswer]] = {}
    for answer in answers:
        found.setdefault(answer.kind, []).append(answer)
    return dict(sorted(found.items()))


def _cells(each: VerifierMetrics) -> list[str]:
    return [
        str(each.tasks),
        str(each.samples),
        f"{each.chance:.2f}",
        *map(_text, (each.top_1, each.majority, each.best_of_n, each.tau_b, each.parsed)),
        f"{each.position_bias:.2f}",
        _text(each.consistency),
        f"{each.calibration_error:.2f}",
    ]


def _text(value: Any) -> str:
    if not isinstance(value, Interval):
        return "-"
    return f"{value.estimate:.2f} [{value.low:.2f}, {value.high:.2f}]"


def _stdout() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH)
