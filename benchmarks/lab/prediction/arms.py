"""Make the predicted checkpoint of a run and its controls, as folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....merging.recipes.recipe_file import parse_recipe
from ....merging.recipes.run import merge_recipe
from ....merging.relex import fit, position_of, random_walk

PREDICTION = "prediction"
CONTROLS = ("last", "first_delta", "shrunk")
SHRINK = 0.5


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """The checkpoints that are made from the first steps of a run, and what the fit says about itself."""

    folders: Mapping[str, Path]
    """Folders of the prediction and of each control, by name."""
    fit: Mapping[str, float]
    """Measures of the fit beside those of a random walk of the same length."""


def predict(start: Path, run: Path, prefix: int, *, target: int, work: Path) -> Predicted:
    """Predict a later step of a run from its first steps; folders that exist are not made again.

    Args:
        start: Checkpoint before the first step.
        run: Folder of the run, with a checkpoint of each step.
        prefix: Number of steps that are known, at least 2.
        target: The step that is predicted.
        work: Folder for the checkpoints that are made; it belongs to this run.

    Raises:
        MergeError: A checkpoint is missing or does not fit the others.
    """
    steps = range(1, prefix + 1)
    known = [run / f"checkpoint-{step:06d}" for step in steps]
    trajectory = fit(start, known)
    position = position_of(target, list(steps))
    rows = trajectory.controls(position, shrink=SHRINK)
    factor = next(iter(rows["first_delta"].values()))[0]
    prediction = _made(
        work,
        f"relex-{prefix}",
        {
            "merge_method": "relex",
            "base_model": str(start),
            "models": [
                {"model": str(folder), "position": step} for step, folder in zip(steps, known, strict=True)
            ],
            "parameters": {"target": target},
        },
    )
    share, straight = random_walk(prefix)
    return Predicted(
        folders={
            PREDICTION: prediction,
            "last": known[-1],
            "first_delta": _between(work, f"first-{prefix}", start, known[0], factor),
            "shrunk": _between(work, f"shrunk-{prefix}", start, prediction, SHRINK),
        },
        fit={
            "explained_variance": float(trajectory.explained_variance),
            "r_squared": float(trajectory.r_squared),
            "explained_variance_of_a_random_walk": share,
            "r_squared_of_a_random_walk": straight,
            "factor_of_the_first_delta": factor,
        },
    )


def _between(work: Path, name: str, start: Path, end: Path, alpha: float) -> Path:
    """Return the checkpoint start + alpha (end - start)."""
    models = [
        {"model": str(start), "parameters": {"weight": 1.0 - alpha}},
        {"model": str(end), "parameters": {"weight": alpha}},
    ]
    return _made(work, name, {"merge_method": "linear", "models": models, "parameters": {"normalize": False}})


def _made(work: Path, name: str, recipe: Mapping[str, Any]) -> Path:
    target = work / name
    if not target.exists():
        merge_recipe(parse_recipe(dict(recipe), where=name), work, name=name)
    return target
