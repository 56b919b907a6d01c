"""The one command `codefrontier`; each subcommand is a thin call into a folder."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import tyro

USAGE_ERROR = 2
CUT_SHORT = 141
"""As a shell tells of a program that SIGPIPE has ended."""


@dataclass(frozen=True, kw_only=True)
class Subcommand:
    """Where a subcommand is, so that only the one that runs is imported: some need large libraries."""

    module: str
    name: str
    summary: str
    extra: str = ""
    """Of the package, that the subcommand needs."""

    def load(self) -> type[Any]:
        """Import the dataclass that is the command."""
        command = getattr(importlib.import_module(self.module, __package__), self.name)
        assert isinstance(command, type)
        return command


SUBCOMMANDS = {
    "judge": Subcommand(
        module=".judge.command", name="JudgeCommand", summary="judge submissions and print their runs"
    ),
    "judge build-image": Subcommand(
        module=".judge.sandbox.docker.command",
        name="BuildImageCommand",
        summary="build the image of the Docker sandbox",
    ),
    "judge calibrate": Subcommand(
        module=".judge.command",
        name="CalibrateCommand",
        summary="measure how fast this host is, for its judges to tell",
    ),
    "judge serve": Subcommand(
        module=".judge.service.command",
        name="ServeJudgeCommand",
        summary="judge for others over HTTP",
        extra="serve",
    ),
    "problems check": Subcommand(
        module=".judge.doctor.command",
        name="CheckProblemsCommand",
        summary="prove that problems are sound before anything is scored on them",
    ),
    "problems list": Subcommand(
        module=".problems.command", name="ListProblemsCommand", summary="list the problems of a set"
    ),
    "problems show": Subcommand(
        module=".problems.command", name="ShowProblemCommand", summary="show a problem"
    ),
    "problems stats": Subcommand(
        module=".problems.command", name="StatisticsCommand", summary="count what a set consists of"
    ),
    "problems import": Subcommand(
        module=".problems.command",
        name="ImportCommand",
        summary="bring problems into one form on disk",
    ),
    "problems export": Subcommand(
        module=".problems.command",
        name="ExportCommand",
        summary="write problems as packages or rows",
    ),
    "reap": Subcommand(
        module=".judge.sandbox.docker.command",
        name="ReapCommand",
        summary="remove the containers of judges that have died",
    ),
    "check-env": Subcommand(
        module=".envs.command",
        name="CheckEnvCommand",
        summary="put an environment, ours or another, through the conformance checks",
    ),
    "bench": Subcommand(
        module=".benchmarks.command",
        name="BenchCommand",
        summary="play agents on problem sets and compare them",
    ),
    "demo": Subcommand(
        module=".benchmarks.command", name="DemoCommand", summary="agents of known quality in the three modes"
    ),
    "records validate": Subcommand(
        module=".agents.records.command",
        name="ValidateCommand",
        summary="check records line by line and field by field",
    ),
    "records stats": Subcommand(
        module=".agents.records.command", name="CountCommand", summary="count what records hold"
    ),
    "records merge": Subcommand(
        module=".agents.records.command",
        name="MergeRecordsCommand",
        summary="several files of records into one, each episode once",
    ),
    "records export": Subcommand(
        module=".agents.records.command",
        name="ExportRecordsCommand",
        summary="write records as Parquet or compressed",
    ),
    "regrade": Subcommand(
        module=".agents.records.regrade_command",
        name="RegradeCommand",
        summary="judge the stored submissions of a run again",
    ),
    "view": Subcommand(
        module=".agents.viewer.command",
        name="ViewCommand",
        summary="look at the episodes of a run, in a browser or a terminal",
    ),
    "train": Subcommand(
        module=".training.command",
        name="TrainCommand",
        summary="train a small model on the families, supervised or by verdicts",
        extra="train",
    ),
    "serve": Subcommand(
        module=".agents.serving.command",
        name="ServeCommand",
        summary="serve checkpoints by name over the OpenAI protocol, on loopback",
        extra="train,serve",
    ),
    "merge": Subcommand(
        module=".merging.command",
        name="MergeCommand",
        summary="merge checkpoints by inter- and extrapolation",
    ),
    "lab": Subcommand(
        module=".benchmarks.lab.command",
        name="LabCommand",
        summary="the paper's experiment at micro scale, with a report",
        extra="train,report",
    ),
}


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand and exit with its status; bad usage exits with 2.

    Args:
        arguments: Instead of those of the process.
    """
    try:
        _run(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to write
        sys.exit(CUT_SHORT)


def _run(words: Sequence[str]) -> NoReturn:
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        sys.exit(0 if words else USAGE_ERROR)
    name, *rest = words
    if rest and f"{name} {rest[0]}" in SUBCOMMANDS:
        name, rest = f"{name} {rest[0]}", rest[1:]
    if name not in SUBCOMMANDS:
        near = difflib.get_close_matches(name, SUBCOMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        print(f"error: there is no command {name!r}{hint}\n\n{_overview()}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    subcommand = SUBCOMMANDS[name]
    try:
        kind = subcommand.load()
    except ModuleNotFoundError as error:
        if not subcommand.extra or (error.name or "").startswith(str(__package__)):
            raise
        needed = f"pip install 'codefrontier[{subcommand.extra}]'"
        print(f"error: codefrontier {name} needs {error.name}: {needed}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    command = tyro.cli(kind, prog=f"codefrontier {name}", args=rest, config=(tyro.conf.OmitArgPrefixes,))
    sys.exit(command.run())


def _overview() -> str:
    width = max(map(len, SUBCOMMANDS)) + 2
    lines = [f"  {name:<{width}}{subcommand.summary}" for name, subcommand in SUBCOMMANDS.items()]
    return "\n".join(["usage: codefrontier COMMAND [--help] ...", "", *lines])
