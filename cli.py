"""The one command `codefrontier`; each subcommand is a thin call into a folder."""

from __future__ import annotations

import difflib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from io import TextIOWrapper
from typing import Any

import tyro

from .terminal import INTERRUPTED, fail, install_hint, output_is_broken

USAGE_ERROR = 2
CUT_SHORT = 141
"""Exit status when the reader of the output is gone: what a shell reports after SIGPIPE, 128 + 13."""
_HELP = ("-h", "--help")
_VERSION = "--version"
_NO_THREAD = "can't start new thread"


@dataclass(frozen=True, kw_only=True)
class Subcommand:
    """Where a subcommand is defined. Only the one that runs is imported: some need large libraries."""

    module: str
    name: str
    summary: str
    extra: str = ""
    """Extras of the package that the subcommand needs, separated by commas."""

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
        summary="measure how fast this host is, and keep it for its judges",
    ),
    "judge serve": Subcommand(
        module=".judge.service.command",
        name="ServeJudgeCommand",
        summary="judge for others over HTTP",
        extra="serve",
    ),
    "doctor": Subcommand(
        module=".judge.host.command",
        name="DoctorCommand",
        summary="report what this host can do, and how to fix what it cannot",
    ),
    "problems check": Subcommand(
        module=".judge.doctor.command",
        name="CheckProblemsCommand",
        summary="check that problems are sound before anything is scored on them",
    ),
    "problems list": Subcommand(
        module=".problems.command", name="ListProblemsCommand", summary="list the problems of a set"
    ),
    "problems show": Subcommand(
        module=".problems.command", name="ShowProblemCommand", summary="show a problem"
    ),
    "problems stats": Subcommand(
        module=".problems.command", name="StatisticsCommand", summary="print counts of a problem set"
    ),
    "problems import": Subcommand(
        module=".problems.command",
        name="ImportCommand",
        summary="convert problems into the on-disk form",
    ),
    "problems export": Subcommand(
        module=".problems.command",
        name="ExportCommand",
        summary="write problems as packages, as rows, or as tasks of Harbor",
    ),
    "problems functions": Subcommand(
        module=".envs.functions.command",
        name="FunctionsCommand",
        summary="make tasks of the functions of a folder",
    ),
    "problems verification": Subcommand(
        module=".agents.verification.command",
        name="VerificationCommand",
        summary="build or check a set of tasks that ask which of several programs is right",
    ),
    "problems synthesize": Subcommand(
        module=".agents.synthesis.command",
        name="SynthesizeCommand",
        summary="let a teacher write problems that a student's pass rate steers",
    ),
    "reap": Subcommand(
        module=".judge.sandbox.docker.command",
        name="ReapCommand",
        summary="remove the containers of judges that have died",
    ),
    "check-env": Subcommand(
        module=".envs.conformance.command",
        name="CheckEnvCommand",
        summary="run the conformance checks on a Gymnasium environment",
    ),
    "bench": Subcommand(
        module=".benchmarks.command",
        name="BenchCommand",
        summary="run agents on problem sets and compare them",
    ),
    "compare": Subcommand(
        module=".benchmarks.comparing.command",
        name="CompareCommand",
        summary="compare recorded runs: rates with intervals, paired tests, ties",
    ),
    "compare verifiers": Subcommand(
        module=".benchmarks.verifying.command",
        name="VerifiersCommand",
        summary="measure verifiers from runs of the environment Verification",
    ),
    "select": Subcommand(
        module=".benchmarks.verifying.command",
        name="SelectCommand",
        summary="select a program per problem with a verifier, against oracle and majority",
    ),
    "report": Subcommand(
        module=".benchmarks.reporting.command",
        name="ReportCommand",
        summary="write a page about recorded runs: rates, frontier, ensembles, problems",
        extra="report",
    ),
    "demo": Subcommand(
        module=".benchmarks.command",
        name="DemoCommand",
        summary="run agents of known quality in the three modes",
    ),
    "records validate": Subcommand(
        module=".agents.records.command",
        name="ValidateCommand",
        summary="check each line and field of record files",
    ),
    "records stats": Subcommand(
        module=".agents.records.command", name="CountCommand", summary="print counts of record files"
    ),
    "records merge": Subcommand(
        module=".agents.records.command",
        name="MergeRecordsCommand",
        summary="merge record files into one, with each episode once",
    ),
    "records export": Subcommand(
        module=".agents.records.command",
        name="ExportRecordsCommand",
        summary="write records as Parquet, JSON lines, logs of inspect_ai or trajectories",
    ),
    "rows export": Subcommand(
        module=".training.row_files.command",
        name="ExportRowsCommand",
        summary="write the episodes of a run as training rows",
    ),
    "rows validate": Subcommand(
        module=".training.row_files.command",
        name="ValidateRowsCommand",
        summary="check each line and field of training rows",
    ),
    "traces record": Subcommand(
        module=".agents.debugging.command",
        name="RecordTracesCommand",
        summary="run Python programs and write every state that they go through",
    ),
    "traces rows": Subcommand(
        module=".agents.debugging.command",
        name="TraceRowsCommand",
        summary="write walks through traces as rows for `train sft`",
    ),
    "traces crux": Subcommand(
        module=".agents.debugging.crux_command",
        name="CruxCommand",
        summary="predict outputs and inputs of functions by debugger actions, and score them",
    ),
    "regrade": Subcommand(
        module=".agents.regrading.command",
        name="RegradeCommand",
        summary="judge the stored submissions of a run again",
    ),
    "view": Subcommand(
        module=".agents.viewer.command",
        name="ViewCommand",
        summary="show the episodes of a run in a browser or a terminal",
    ),
    "train sft": Subcommand(
        module=".training.command",
        name="SFTCommand",
        summary="train a new small model, or a checkpoint on accepted episodes",
        extra="train",
    ),
    "train dpo": Subcommand(
        module=".training.command",
        name="DPOCommand",
        summary="train a checkpoint on pairs of better and worse replies from records",
        extra="train",
    ),
    "train rl": Subcommand(
        module=".training.command",
        name="RLCommand",
        summary="train a checkpoint with rewards from the verdicts on its programs",
        extra="train",
    ),
    "train equilibrium": Subcommand(
        module=".training.command",
        name="EquilibriumCommand",
        summary="train a network that fills in grids by iterating",
        extra="train",
    ),
    "train watch": Subcommand(
        module=".training.watching.command",
        name="WatchCommand",
        summary="draw the curves of training runs in a browser or as PNG",
    ),
    "serve": Subcommand(
        module=".agents.serving.command",
        name="ServeCommand",
        summary="serve checkpoints by name over the OpenAI protocol, on loopback",
        extra="train,serve",
    ),
    "vllm write": Subcommand(
        module=".agents.serving.fleet.command",
        name="WriteFleetCommand",
        summary="write commands that serve checkpoints with vLLM, and litellm's model list",
        extra="train",
    ),
    "vllm check": Subcommand(
        module=".agents.serving.fleet.command",
        name="CheckFleetCommand",
        summary="check by tokens that servers sample from the right checkpoints",
        extra="train",
    ),
    "merge": Subcommand(
        module=".merging.command",
        name="MergeCommand",
        summary="merge checkpoints by interpolation and extrapolation",
    ),
    "merge recipe": Subcommand(
        module=".merging.recipes.command",
        name="RecipeCommand",
        summary="merge any number of checkpoints as a recipe file says",
    ),
    "merge sweep": Subcommand(
        module=".benchmarks.sweeping.command",
        name="SweepCommand",
        summary="merge a recipe at several alphas, play every merge, draw the frontier",
    ),
    "merge soup": Subcommand(
        module=".benchmarks.soups.command",
        name="SoupCommand",
        summary="average checkpoints: all, or those that do not lower a held-out score",
    ),
    "merge doctor": Subcommand(
        module=".merging.doctor.command",
        name="DoctorCommand",
        summary="show what a merge is made of and what rounding did to it",
    ),
    "merge extract-lora": Subcommand(
        module=".merging.extraction.command",
        name="ExtractLoraCommand",
        summary="write the difference of two checkpoints as a LoRA adapter",
    ),
    "merge delta pack": Subcommand(
        module=".merging.deltas.command",
        name="PackCommand",
        summary="store a checkpoint as its difference from a base, exactly",
    ),
    "merge delta unpack": Subcommand(
        module=".merging.deltas.command",
        name="UnpackCommand",
        summary="restore a checkpoint from its base and its difference",
    ),
    "lab": Subcommand(
        module=".benchmarks.lab.command",
        name="LabCommand",
        summary="run the experiment of the paper at micro scale and write a report",
        extra="train,report",
    ),
}


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand and exit with its status; bad usage exits with 2.

    Args:
        arguments: Command line without the program name; None takes it from `sys.argv`.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # set by the package's __init__ during the imports
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # the locale may lack characters of statements and tables
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _status(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        status = CUT_SHORT
    except KeyboardInterrupt:
        fail("stopped")
        status = INTERRUPTED
    except OSError as error:
        status = fail(error)
    if output_is_broken():
        # The interpreter flushes the stream again at exit, which must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = status or USAGE_ERROR
    sys.exit(status)


def _status(words: Sequence[str]) -> Any:
    try:
        return _run(words)
    except SystemExit as ended:  # raised by tyro for --help and for bad usage
        return ended.code


def _run(words: Sequence[str]) -> int:
    if not words or words[0] in _HELP:
        print(_overview())
        return 0 if words else USAGE_ERROR
    if words[0] == _VERSION:
        print(f"codefrontier {version('codefrontier')}")
        return 0
    name, *rest = words
    while rest and (f"{name} {rest[0]}" in SUBCOMMANDS or _is_group(f"{name} {rest[0]}")):
        name, rest = f"{name} {rest[0]}", rest[1:]
    if " " in name and name in SUBCOMMANDS:
        return _run_subcommand(name, rest)
    if _is_group(name) and (not rest or (name not in SUBCOMMANDS and rest[0] in _HELP)):
        print(_overview(name))
        return 0 if rest else USAGE_ERROR
    if _is_group(name) and rest[0] in _HELP:
        print(f"{_overview(name)}\n")
    elif _is_misspelt(name, rest):
        return _unknown(name if not _is_group(name) else f"{name} {rest[0]}")
    return _run_subcommand(name, rest)


def _run_subcommand(name: str, rest: Sequence[str]) -> int:
    subcommand = SUBCOMMANDS[name]
    try:
        kind = subcommand.load()
    except ModuleNotFoundError as error:
        if not subcommand.extra or (error.name or "").startswith(str(__package__)):
            raise
        hint = install_hint(*subcommand.extra.split(","))
        return fail(f"codefrontier {name} needs {error.name}: {hint}")
    prog = f"codefrontier {name}"
    if hasattr(kind, "parse"):  # the command also takes options from a file
        command = kind.parse(rest, prog=prog)
    else:
        command = tyro.cli(kind, prog=prog, args=rest, config=(tyro.conf.OmitArgPrefixes,))
    try:
        status = command.run()
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(error, command)
    except RuntimeError as error:
        if _NO_THREAD not in str(error):
            raise
        return fail("no more threads can be started; `ulimit -u` and the control group's pids.max bound them")
    assert isinstance(status, int)
    return status


def _is_group(name: str) -> bool:
    return any(other.startswith(f"{name} ") for other in SUBCOMMANDS)


def _is_misspelt(name: str, rest: Sequence[str]) -> bool:
    """Return whether the words name no command.

    `judge` is both a command that takes a problem and a group, so its next word counts as a misspelt command
    only when it is close to one.
    """
    if name not in SUBCOMMANDS:
        return True
    # A single word that is no file is more likely a mistyped subcommand than a problem without sources.
    alone = len(rest) == 1 and not rest[0].startswith("-") and not os.path.exists(rest[0])
    return _is_group(name) and alone and bool(_near(f"{name} {rest[0]}", name))


def _near(words: str, group: str = "") -> list[str]:
    names = [name for name in SUBCOMMANDS if not group or name.startswith(f"{group} ")]
    names += [] if group else list(dict.fromkeys(name.split()[0] for name in SUBCOMMANDS))
    # 0.75 finds one or two mistyped letters, and keeps problem ids from looking like commands.
    return difflib.get_close_matches(words, names, n=1, cutoff=0.75)


def _unknown(words: str) -> int:
    group = words.split()[0] if _is_group(words.split()[0]) else ""
    near = _near(words, group) or ([] if group else _near(words))
    hint = f"; did you mean {near[0]!r}?" if near else ""
    print(f"error: there is no command {words!r}{hint}\n\n{_overview(group)}", file=sys.stderr)
    return USAGE_ERROR


def _overview(group: str = "") -> str:
    """Return the list of all commands, or of the commands of a group."""
    shown = {
        name: subcommand.summary
        for name, subcommand in SUBCOMMANDS.items()
        if not group or name == group or name.startswith(f"{group} ")
    }
    width = max(map(len, shown)) + 2
    lines = [f"  {name:<{width}}{summary}" for name, summary in shown.items()]
    usage = f"usage: codefrontier {f'{group} ' if group else ''}COMMAND [--help] ..."
    if not group:
        usage += f"\n       codefrontier {_VERSION}"
    if group in SUBCOMMANDS:
        usage += f"\n       codefrontier {group} [--help] ..."
    return "\n".join([usage, "", *lines])
