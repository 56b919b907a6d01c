"""Runs that differ from those of the lab in how they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..jobs import Job, training_job
from ..stages import Lab


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Changed settings of the reinforcement runs, or of the start as well."""

    name: str
    """Name of the folder."""
    sides: Mapping[str, float] = field(default_factory=dict)
    """Coverage of each run of a seed, by side: `low`, `high`, or both."""
    lr: float | None = None
    """Learning rate; that of the lab unless given."""
    steps: int = 60
    """Number of steps."""
    width: int | None = None
    """Width of the model, which then has a start of its own."""

    def end(self, seed: int, side: str) -> str:
        """Return the name of the last checkpoint of a run, as `Ends` reads it."""
        return f"variants/{self.name}/seed-{seed}/{side}@{self.steps}"

    def stages(self, lab: Lab, seeds: Sequence[int]) -> tuple[list[Job], list[Job]]:
        """Return the job of the start, if the variant has one, and the jobs of its runs.

        Args:
            lab: The lab whose start and settings the variant changes; the runs are in its folder.
            seeds: Seeds of the runs.
        """
        folder = lab.out / "variants" / self.name
        (start,) = lab.stages["supervised"]
        init, first = Path(start.description["out"]), []
        if self.width is not None:
            init = folder / "sft"
            description = {**start.description, "out": str(init), "width": self.width}
            first = [training_job(f"start of {self.name}", init, description, start.units)]
        own = {job.description["seed"]: job for job in lab.stages["reinforcement"]}
        runs = [
            self._run(own[seed], folder / f"seed-{seed}" / side, init, side)
            for seed in seeds
            for side in self.sides
        ]
        return first, runs

    def _run(self, of_lab: Job, out: Path, init: Path, side: str) -> Job:
        changed = {
            "out": str(out),
            "init": str(init),
            "coverage": self.sides[side],
            "steps": self.steps,
            "lr": of_lab.description["lr"] if self.lr is None else self.lr,
        }
        name = f"{self.name}, {side}, seed {of_lab.description['seed']}"
        return training_job(name, out, {**of_lab.description, **changed}, self.steps)
