"""The checkpoints that attempts merge, and their merges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ....merging.recipes.recipe_file import parse_recipe
from ....merging.recipes.run import merge_recipe
from ....training.checkpoint import find_checkpoint
from ...errors import BenchError
from ..controls import read_weights


class Ends:
    """The checkpoints of the reinforcement runs of a lab, by name.

    Args:
        trained: Folder of a lab whose runs have ended.
        work: Folder for merges.
        every: Number of steps between the checkpoints of a run.
    """

    START = "start"
    """Name of the common supervised start."""

    def __init__(self, trained: Path, work: Path, *, every: int) -> None:
        self._trained, self._work, self._every = trained, work, every
        self.last = int(find_checkpoint(self._run(0, "low")).name.rpartition("-")[2])
        """Number of steps of the last checkpoint."""
        self.share_along_drift = cache(self._share_along_drift)

    @staticmethod
    def name(seed: int, side: str, step: int | str) -> str:
        """Return the name of a checkpoint; its side is `low` or `high`."""
        return f"seed-{seed}/{side}@{step}"

    def folder(self, name: str) -> Path:
        """Return the folder of a named checkpoint; a fit over a run is made when it is missing."""
        if name == self.START:
            return find_checkpoint(self._trained / "sft")
        run, _, step = name.partition("@")
        if step.isdigit():
            return self._trained / run / f"checkpoint-{int(step):06d}"
        return self._fitted(run)

    def merged(self, row: Mapping[str, Any]) -> Path:
        """Return the folder of a weighted sum, which is made when it is missing."""
        kept = {name: weight for name, weight in row.items() if weight != 0}
        if list(kept.values()) == [1.0]:
            return self.folder(*kept)
        models = [
            {"model": str(self.folder(name)), "parameters": {"weight": weight}}
            for name, weight in kept.items()
        ]
        recipe = {"merge_method": "linear", "models": models, "parameters": {"normalize": False}}
        return self._made(key_of(kept), recipe)

    def _run(self, seed: int, side: str) -> Path:
        return self._trained / f"seed-{seed}" / side

    def _fitted(self, run: str) -> Path:
        steps = range(self._every, self.last + 1, self._every)
        models = [
            {"model": str(self._trained / run / f"checkpoint-{step:06d}"), "position": step} for step in steps
        ]
        recipe = {
            "merge_method": "relex",
            "base_model": str(self.folder(self.START)),
            "models": models,
            "parameters": {"target": self.last},
        }
        return self._made(f"relex-{run.replace('/', '-')}", recipe)

    def _made(self, name: str, recipe: Mapping[str, Any]) -> Path:
        target = self._work / name
        if not target.exists():
            merge_recipe(parse_recipe(dict(recipe), where=name), self._work, name=name)
        return target

    def _share_along_drift(self, seed: int) -> float:
        start = read_weights(self.folder(self.START))
        low, high = (read_weights(self.folder(self.name(seed, side, self.last))) for side in ("low", "high"))
        products = np.zeros(2)
        for tensor, origin in start.items():
            change = (low[tensor] + high[tensor]) / 2 - origin
            difference = high[tensor] - low[tensor]
            products += [np.vdot(difference, change), np.vdot(change, change)]
        if not products[1]:
            raise BenchError(f"the runs of seed {seed} in {self._trained} changed nothing")
        return float(products[0] / products[1])


def key_of(value: Any) -> str:
    """Return a short name for a JSON value: equal values have equal names."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
