"""Checkpoints with random tensors, merged by a method through the whole engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.methods.method import Method
from codefrontier.merging.plan import MergePlan
from codefrontier.merging.sweep import run_sweep

Arrays = dict[str, np.ndarray]
Merge = Callable[[Sequence[Arrays], Method], Arrays]
SHAPES = {"matrix": (31, 23), "bias": (37,), "layers.1.weight": (5, 300)}


def random_parents(count: int, *, scale: float = 0.1, seed: int = 0) -> list[Arrays]:
    """Return parents around one center, as float32 numbers in float64 arrays."""
    random = np.random.default_rng(seed)
    center = {name: random.normal(0, 1, shape) for name, shape in SHAPES.items()}
    return [
        {
            name: (values + scale * random.normal(0, 1, values.shape)).astype("f4").astype("f8")
            for name, values in center.items()
        }
        for _ in range(count)
    ]


@pytest.fixture
def merge(kit: SimpleNamespace, tmp_path: Path) -> Merge:
    """Return a function that writes parents, merges them into float32, and returns the merged values."""

    def run(parents: Sequence[Arrays], method: Method) -> Arrays:
        number = len(list(tmp_path.iterdir()))
        folders = [tmp_path / f"{number}-{index}" for index in range(len(parents))]
        for folder, arrays in zip(folders, parents, strict=True):
            kit.make_checkpoint(folder, {name: ("F32", values) for name, values in arrays.items()})
        opened = tuple(map(open_checkpoint, folders))
        out = tmp_path / f"{number}-out"
        out.mkdir()
        plan = MergePlan(
            parents=opened,
            names=tuple(f"parent {index}" for index in range(len(parents))),
            methods=(method,),
            labels=("merge",),
            form=None,
            rounding="nearest",
            seed=0,
            pairs=(),
            metadata=({},),
            chunk=1000,
        )
        run_sweep(plan, [out], lambda done: None)
        return {
            name: kit.to_values(code, data).reshape(parents[0][name].shape)
            for name, (code, data) in kit.read_raw(out).items()
        }

    return run


@pytest.fixture
def make_parents() -> Callable[..., list[Arrays]]:
    """Return `random_parents`, which test modules cannot import."""
    return random_parents
