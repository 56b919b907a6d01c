"""The commands `codefrontier records validate|stats|merge|export`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tyro.conf import Positional

from ...terminal import fail, print_json
from ..agent import Usage
from .check import Inspection, inspect_records
from .exporting import export_logs, export_records, export_trajectories
from .files import find_records
from .lines import RecordError
from .merge import Doubles, merge_records
from .statistics import RunStatistics, Statistics, count_records

DONE, FAULTY = 0, 1
_WIDTH = 150
"""Width of the tables, in characters, when the output is no terminal."""


@dataclass(frozen=True, kw_only=True)
class ValidateCommand:
    """Check records: the schema, and whether the fields of each record agree, including the token rules.

    Each fault is printed as `file:line: field: what is wrong`. Exit status 0: no faults; 1: faults were
    found; 2: the records cannot be read.
    """

    runs: Positional[tuple[Path, ...]]
    """Folders of runs, or files of records."""
    max_faults: int = 100
    """Maximum number of faults to print for a file."""
    json: bool = False
    """Output as one JSON object instead of lines."""

    def run(self) -> int:
        """Check, print, and return the exit status."""
        try:
            if self.max_faults < 1:
                raise ValueError(f"max_faults must be at least 1, got {self.max_faults!r}")
            found = [self._check(find_records(run)) for run in _some(self.runs)]
        except (RecordError, ValueError, OSError) as error:
            return fail(error, self)
        if self.json:
            print_json({"files": found})
        return FAULTY if any(each["faults"] for each in found) else DONE

    def _check(self, path: Path) -> dict[str, Any]:
        """Return the faults of a file, and print them unless the output is JSON."""
        console, seen = Console(markup=False, highlight=False, soft_wrap=True, quiet=self.json), Inspection()
        faults: list[dict[str, Any]] = []
        stopped = False
        for fault in inspect_records(path, seen):
            faults.append({"line": fault.line, "field": fault.field, "message": fault.message})
            console.print(": ".join(filter(None, (f"{path}:{fault.line}", fault.field, fault.message))))
            if stopped := len(faults) == self.max_faults:
                console.print(f"{path}: stopped after {len(faults)} faults")
                break
        if not stopped:
            if seen.torn_line is not None:
                console.print(f"{path}:{seen.torn_line}: was cut off by a crash; the next run drops it")
            console.print(f"{path}: {seen.records} records, {len(faults)} faults")
        counts = {"records": seen.records, "torn_line": seen.torn_line, "stopped": stopped}
        return {"path": path, **counts, "faults": faults}


@dataclass(frozen=True, kw_only=True)
class CountCommand:
    """Count the episodes of a run, their outcomes and their cost, for each environment and agent."""

    run_path: Positional[Path]
    """Folder of a run, or a file of records."""
    json: Annotated[bool, tyro.conf.arg(aliases=["--as-json"])] = False
    """Output as one JSON object instead of tables."""

    def run(self) -> int:
        """Count, print, and return the exit status."""
        try:
            found = count_records(find_records(self.run_path))
        except (RecordError, OSError) as error:
            return fail(error, self)
        if self.json:
            groups = [
                {"env": env, "agent": agent, **group.plain()} for (env, agent), group in found.groups.items()
            ]
            totals = {"episodes": found.episodes, "torn_line": found.torn_line, **found.total.plain()}
            print_json({**totals, "groups": groups})
        else:
            _print_statistics(found)
        return DONE


@dataclass(frozen=True, kw_only=True)
class MergeRecordsCommand:
    """Merge the records of several runs into one new file, without repeated lines.

    If two different records belong to the same attempt at an episode, or two valid records to the same
    episode, the command writes nothing and ends with status 2; with `--doubles newest` it keeps the later
    record.
    """

    runs: Positional[tuple[Path, ...]]
    """Folders of runs, or files of records; later ones count as newer."""
    to: Path
    """File to create; compressed if its name ends with `.zst`."""
    doubles: Doubles = "refuse"
    """Treatment of different records of the same episode."""
    json: bool = False
    """Output as one JSON object instead of lines."""

    def run(self) -> int:
        """Merge, print, and return the exit status."""
        try:
            sources = [find_records(run) for run in _some(self.runs)]
            report = merge_records(sources, self.to, doubles=self.doubles)
        except (RecordError, ValueError, OSError) as error:
            return fail(error, self)
        if self.json:
            print_json(asdict(report))
            return DONE
        console = _plain()
        for text in report.replaced:
            console.print(f"left out for a newer one: {text}")
        for place in report.torn:
            console.print(f"left out, as a crash has cut it off: {place}")
        console.print(
            f"{report.written} of {report.read} records are in {self.to}: {report.repeated} were repeated, "
            f"{len(report.replaced)} replaced"
        )
        return DONE


@dataclass(frozen=True, kw_only=True)
class ExportRecordsCommand:
    """Export records: as Parquet, as JSON lines, or in the format of another tool.

    The formats of other tools have one record per episode: the last valid record, or the last if none is
    valid. An episode in which infrastructure failed has an error there, and no score.
    """

    run_path: Positional[Path]
    """Folder of a run, or a file of records."""
    to: Path
    """File to create, whose suffix decides the format of records: `.parquet`, `.jsonl.zst` or `.jsonl`. With
    `--format inspect` and `atif`, a folder."""
    format: Literal["records", "inspect", "atif"] = "records"
    """Format: `records`; `inspect`, an eval log of inspect_ai for each agent in each environment; or `atif`,
    a trajectory of Harbor for each episode."""
    final: bool = False
    """Export of one record per episode only: the last valid record, or the last if none is valid."""

    def run(self) -> int:
        """Export, print, and return the exit status."""
        try:
            source = find_records(self.run_path)
            if self.format == "inspect":
                told = f"{len(export_logs(source, self.to))} logs are in {self.to}"
            elif self.format == "atif":
                told = f"{export_trajectories(source, self.to)} trajectories are in {self.to}"
            else:
                told = f"{export_records(source, self.to, final=self.final)} records are in {self.to}"
        except (RecordError, ValueError, OSError) as error:
            return fail(error, self)
        _plain().print(told)
        return DONE


def _print_statistics(found: RunStatistics) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDTH)
    table = Table(title=f"{found.total.records} records of {found.episodes} episodes", title_justify="left")
    names = ("records", "invalid", "solved", "classes", "verdicts", "steps", "tokens", "USD", "judge CPU s")
    for name in ("environment", "agent", *names):
        table.add_column(name, justify="left" if name in ("environment", "agent") else "right")
    for (env, agent), group in found.groups.items():
        table.add_row(escape(env), escape(agent), *_cells(group))
    if len(found.groups) > 1:
        table.add_row("all", "", *_cells(found.total))
    console.print(table)
    reasons = _counts(found.total.stop_reasons)
    console.print(f"stop reasons: {reasons}", markup=False, highlight=False)
    if found.total.invalid:
        kinds = _counts(found.total.failure_kinds)
        console.print(f"invalid by the part that failed: {kinds}", markup=False, highlight=False)
    if found.total.usage.failures:
        console.print(_failed_requests(found.total.usage), markup=False, highlight=False)
    if found.torn_line is not None:
        console.print(f"line {found.torn_line} was cut off by a crash and is not counted", highlight=False)


def _failed_requests(usage: Usage) -> str:
    tokens = usage.failed_prompt_tokens + usage.failed_completion_tokens
    paid = "" if usage.failed_cost_usd is None else f", {usage.failed_cost_usd:.4f} USD"
    return f"failed requests: {_counts(Counter(usage.failures))} (known of: {tokens} tokens{paid})"


def _cells(group: Statistics) -> list[str]:
    rate, cost = group.solved_rate, group.usage.cost_usd
    return [
        str(group.records),
        str(group.invalid),
        "-" if rate is None else f"{rate:.1%}",
        _counts(group.classes),
        _counts(group.verdicts),
        f"{group.steps / group.records:.1f}",
        str(group.usage.prompt_tokens + group.usage.completion_tokens),
        "-" if cost is None else f"{cost:.4f}",
        f"{group.judge_cpu_s:.1f}",
    ]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "-"


def _some(runs: tuple[Path, ...]) -> tuple[Path, ...]:
    if not runs:
        raise ValueError("give at least one run")
    return runs


def _plain() -> Console:
    return Console(markup=False, highlight=False, soft_wrap=True)
