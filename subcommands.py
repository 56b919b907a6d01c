"""The table of subcommands: where each is defined."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


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
    "verifiers": Subcommand(
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
