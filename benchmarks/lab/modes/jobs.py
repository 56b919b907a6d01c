"""The jobs and folders of the experiment in three modes, which is part of a lab."""

from __future__ import annotations

from pathlib import Path

from ....agents.records.record import EpisodeRecord
from ....merging import merge_checkpoints
from ....problems.families import Split
from ....training.checkpoint import find_checkpoint
from ..jobs import Job, evaluation_job, in_order, training_job
from ..plan import FULL_COVERAGE, LOW_COVERAGE, MODE_ALPHAS, LabPlan
from .protocol import MODES

_COVERAGES = {"low": LOW_COVERAGE, "high": FULL_COVERAGE}


class ModeRuns:
    """The runs in three modes of a lab; without any if the plan has none.

    Args:
        plan: The settings of the lab.
        out: Folder of the lab.
        judge: Address of a judge; each job opens its own judge unless given.
    """

    def __init__(self, plan: LabPlan, out: Path, judge: str | None) -> None:
        self._plan, self._sizes, self._out, self._judge = plan, plan.modes, out, judge

    @property
    def start(self) -> list[Job]:
        """The job of the supervised start that acts in all modes."""
        if not self._sizes:
            return []
        steps, folder = self._sizes["sft_steps"], self._start
        description = {
            "kind": "sft",
            "modes": True,
            "out": str(folder),
            "steps": steps,
            "lr": self._plan.sft_lr,
            "width": self._plan.width,
            "families": [],
            "combinations": 0,
            "seed": 0,
        }
        return [training_job("sft in three modes", folder, description, steps)]

    def runs(self, seed: int) -> list[Job]:
        """Return the jobs of the runs of a seed, each in a mixture of the modes."""
        if not self._sizes:
            return []
        steps, jobs = self._sizes["rl_steps"], []
        for side, coverage in _COVERAGES.items():
            description = {
                "kind": "rl",
                "modes": True,
                "out": str(self._side(seed, side)),
                "init": str(self._start),
                "coverage": coverage,
                "steps": steps,
                "prompts": self._sizes["prompts"],
                "group": self._plan.group,
                "lr": self._plan.rl_lr,
                "judge": self._judge,
                "seed": seed,
            }
            name = f"rl in three modes, {side} coverage, seed {seed}"
            jobs.append(training_job(name, self._side(seed, side), description, steps))
        return jobs

    def merge(self, seed: int) -> None:
        """Make the merges of a seed that are missing.

        Raises:
            MergeError: The checkpoints cannot be merged.
        """
        missing = [alpha for alpha in MODE_ALPHAS if not self._merged(seed, alpha).exists()]
        if self._sizes and missing:
            low, high = (find_checkpoint(self._side(seed, side)) for side in _COVERAGES)
            merge_checkpoints(low, high, missing, self._folder(seed) / "merged")

    def evaluation(self, seed: int) -> list[Job]:
        """Return the job that plays the merges of a seed in each mode."""
        if not self._sizes:
            return []
        parts = [
            {
                "checkpoint": str(self._merged(seed, alpha)),
                "out": str(self._records(seed, mode, alpha)),
                "split": Split.HELDOUT.value,
                "problems": self._sizes["problems"],
                "samples": self._sizes["samples"],
                "mode": mode,
            }
            for mode in MODES
            for alpha in MODE_ALPHAS
        ]
        return [evaluation_job(f"evaluation in three modes, seed {seed}", parts, self._judge)]

    def episodes(self, seed: int) -> dict[str, dict[float, list[EpisodeRecord]]]:
        """Return the records of a seed by mode and alpha, ordered by problem and sample."""
        if not self._sizes:
            return {}
        return {
            mode: {alpha: in_order(self._records(seed, mode, alpha)) for alpha in MODE_ALPHAS}
            for mode in MODES
        }

    @property
    def _start(self) -> Path:
        return self._out / "modes" / "sft"

    def _folder(self, seed: int) -> Path:
        return self._out / "modes" / f"seed-{seed}"

    def _side(self, seed: int, side: str) -> Path:
        return self._folder(seed) / side

    def _merged(self, seed: int, alpha: float) -> Path:
        return self._folder(seed) / "merged" / f"alpha-{alpha:g}"

    def _records(self, seed: int, mode: str, alpha: float) -> Path:
        return self._folder(seed) / "records" / f"{mode}-alpha-{alpha:g}.jsonl"
