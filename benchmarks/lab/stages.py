"""The stages of a lab experiment; work that is already done is skipped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...agents.records.record import EpisodeRecord
from ...merging import merge_checkpoints
from ...problems.families import Split
from ...system import entries
from ...training.checkpoint import find_checkpoint
from ..errors import BenchError
from .jobs import Job, evaluation_job, in_order, run_jobs, training_job
from .modes.jobs import ModeRuns
from .plan import EVALUATED, FULL_COVERAGE, LOW_COVERAGE, MIDDLE_COVERAGE, SERVED_ALPHAS, LabPlan

PLAN_FILE = "plan.json"
SIDES = {"low": LOW_COVERAGE, "high": FULL_COVERAGE}
"""Coverages of the runs that are merged."""
MIDDLE = "middle"
AT_A_TIME = 2


class Lab:
    """An experiment in a folder.

    Args:
        plan: The settings of the experiment.
        out: The folder; it must be empty, missing, or of an experiment with the same plan.
        judge: Address of a judge, in the form that `open_judge` accepts; each job opens its own judge unless
            given.

    Raises:
        BenchError: The folder belongs to another plan or contains other files.
    """

    def __init__(self, plan: LabPlan, out: Path, *, judge: str | None = None) -> None:
        self.plan = plan
        self.judge = judge
        self.out = out
        self.modes = ModeRuns(plan, out, judge)
        _claim(out, plan)

    @property
    def stages(self) -> dict[str, list[Job]]:
        """The jobs of each stage that runs in processes, in order."""
        return {
            "supervised": [self._sft(), *self.modes.start],
            "reinforcement": [
                *(self._rl(seed, side) for seed in self.plan.seeds for side in self.sides),
                *(job for seed in self.plan.seeds for job in self.modes.runs(seed)),
            ],
            "evaluation": [
                *(self._evaluation(seed) for seed in self.plan.seeds),
                *(job for seed in self.plan.seeds for job in self.modes.evaluation(seed)),
            ],
            "serving": [self._serving(self.plan.seeds[0])],
        }

    def run(self, on_progress: Callable[[], None]) -> None:
        """Run the stages that are not done.

        Raises:
            JobError: A job failed.
            MergeError: The checkpoints cannot be merged.
        """
        stages = self.stages
        run_jobs(stages["supervised"], at_a_time=AT_A_TIME, on_progress=on_progress)
        run_jobs(stages["reinforcement"], at_a_time=AT_A_TIME, on_progress=on_progress)
        for seed in self.plan.seeds:
            self._merge(seed)
            self.modes.merge(seed)
        run_jobs([*stages["evaluation"], *stages["serving"]], at_a_time=AT_A_TIME, on_progress=on_progress)

    @property
    def sides(self) -> dict[str, float]:
        """The coverage of each run of a seed."""
        return {**SIDES, MIDDLE: MIDDLE_COVERAGE} if self.plan.middle else SIDES

    def episodes(self, seed: int, alpha: float, split: str) -> list[EpisodeRecord]:
        """Return the records of a merge's evaluation, ordered by problem and sample."""
        return in_order(self._records(seed, alpha, split))

    def middle_episodes(self, seed: int) -> dict[str, list[EpisodeRecord]]:
        """Return the records of the run under middle coverage by split; none if there is no such run."""
        splits = EVALUATED if self.plan.middle else ()
        return {split.value: in_order(self._middle_records(seed, split.value)) for split in splits}

    def served_alphas(self, seed: int) -> tuple[float, ...]:
        """Return the alphas of the merges of a seed that are also played over HTTP."""
        return SERVED_ALPHAS if seed == self.plan.seeds[0] else ()

    def served(self, seed: int, alpha: float) -> list[EpisodeRecord]:
        """Return the records of a merge that was played over HTTP, ordered by problem and sample."""
        return in_order(self._served_records(seed, alpha))

    def metrics(self, name: str) -> list[dict[str, Any]]:
        """Return the metrics of a training run, named `sft` or by seed and side, such as `seed-0/low`."""
        text = (self.out / name / "metrics.jsonl").read_text()
        return [json.loads(line) for line in text.split("\n") if line]

    def merge_reports(self, seed: int) -> list[Mapping[str, Any]]:
        """Return the merge report of each alpha."""
        files = [self.merged(seed, alpha) / "merge.json" for alpha in self.plan.alphas]
        return [json.loads(file.read_text()) for file in files]

    @property
    def _subset(self) -> dict[str, Any]:
        return {"families": list(self.plan.families), "combinations": self.plan.combinations}

    def side(self, seed: int, side: str) -> Path:
        """Return the folder of a reinforcement run; its side is `low` or `high`."""
        return self._seed(seed) / side

    def merged(self, seed: int, alpha: float) -> Path:
        """Return the folder of a merge."""
        return self._seed(seed) / "merged" / f"alpha-{alpha:g}"

    @property
    def _model(self) -> dict[str, Any]:
        """What the jobs must know about a language model; empty for a new model."""
        if self.plan.model is None:
            return {}
        return {"device": self.plan.device, "max_completion_tokens": self.plan.max_completion_tokens}

    def _sft(self) -> Job:
        plan, folder = self.plan, self.out / "sft"
        if plan.model is not None:
            described = {"kind": "finetune", "init": str(plan.model), "out": str(folder), "lr": plan.sft_lr}
            described |= {"steps": plan.sft_steps, "judge": self.judge, "seed": 0, **self._model}
            return training_job("fine-tuning", folder, described, plan.sft_steps)
        description = {
            "kind": "sft",
            "out": str(folder),
            "steps": plan.sft_steps,
            "lr": plan.sft_lr,
            "width": plan.width,
            **self._subset,
            "seed": 0,
        }
        return training_job("sft", folder, description, plan.sft_steps)

    def _rl(self, seed: int, side: str) -> Job:
        plan, folder = self.plan, self.side(seed, side)
        description = {
            "kind": "rl",
            "out": str(folder),
            "init": str(self.out / "sft"),
            "coverage": self.sides[side],
            "steps": plan.rl_steps,
            "prompts": plan.prompts,
            "group": plan.group,
            "lr": plan.rl_lr,
            **self._subset,
            "judge": self.judge,
            "seed": seed,
            **self._model,
        }
        return training_job(f"rl {side} coverage, seed {seed}", folder, description, plan.rl_steps)

    def _merge(self, seed: int) -> None:
        missing = [alpha for alpha in self.plan.alphas if not self.merged(seed, alpha).exists()]
        if missing:
            low, high = (find_checkpoint(self.side(seed, side)) for side in SIDES)
            merge_checkpoints(low, high, missing, self._seed(seed) / "merged")

    def _evaluation(self, seed: int) -> Job:
        plan = self.plan
        played = [
            (self.merged(seed, alpha), split.value, self._records(seed, alpha, split.value))
            for alpha in plan.alphas
            for split in EVALUATED
        ]
        if plan.middle:
            folder = self.side(seed, MIDDLE)
            played += [(folder, split.value, self._middle_records(seed, split.value)) for split in EVALUATED]
        parts = [
            {
                "checkpoint": str(checkpoint),
                "out": str(records),
                "split": split,
                "problems": plan.problems[split],
                "samples": plan.samples,
            }
            for checkpoint, split, records in played
        ]
        return evaluation_job(f"evaluation, seed {seed}", parts, self.judge, **self._model)

    def _serving(self, seed: int) -> Job:
        plan, split = self.plan, Split.HELDOUT.value
        parts = [
            {
                "name": f"alpha-{alpha:g}",
                "checkpoint": str(self.merged(seed, alpha)),
                "out": str(self._served_records(seed, alpha)),
            }
            for alpha in SERVED_ALPHAS
        ]
        records = tuple(self._served_records(seed, alpha) for alpha in SERVED_ALPHAS)
        return Job(
            name=f"serving, seed {seed}",
            description={
                "kind": "serve",
                "split": split,
                "problems": plan.problems[split],
                "served": plan.served["problems"],
                "samples": plan.served["samples"],
                "parts": parts,
                "judge": self.judge,
                **self._model,
            },
            products=records,
            lines=(*records, *(path.with_suffix(".partial") for path in records)),
            units=len(parts) * plan.served["problems"] * plan.served["samples"],
        )

    def _seed(self, seed: int) -> Path:
        return self.out / f"seed-{seed}"

    def _records(self, seed: int, alpha: float, split: str) -> Path:
        return self._seed(seed) / "records" / f"alpha-{alpha:g}-{split}.jsonl"

    def _middle_records(self, seed: int, split: str) -> Path:
        return self._seed(seed) / "records" / f"{MIDDLE}-{split}.jsonl"

    def _served_records(self, seed: int, alpha: float) -> Path:
        return self._seed(seed) / "records" / f"served-alpha-{alpha:g}.jsonl"


def _claim(out: Path, plan: LabPlan) -> None:
    """Claim the folder for this plan, or check that this plan has claimed it."""
    file = out / PLAN_FILE
    if file.exists():
        if json.loads(file.read_text()).get("digest") != plan.digest:
            raise BenchError(f"{out} contains another experiment (see {file}): name another folder")
        return
    if entries(out):
        raise BenchError(f"{out} is not empty and contains no experiment: name another folder")
    out.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")  # renamed when complete: a torn plan would block the folder
    partial.write_text(json.dumps({"digest": plan.digest, **plan.settings()}, indent=2) + "\n")
    partial.rename(file)
