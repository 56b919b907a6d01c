"""What the experiment claims, written before its runs; and its arms and sizes.

Departures from the paper: Sudoku of size 4 instead of Sudoku-Extreme; a width of 32 instead of 512; AdamW
instead of AdamATan2; 2 updates of the low state per cycle instead of 6; learned positions. Each arm gets the
same number of optimizer steps on the same puzzles. `feedforward` has as many layers as the block of `eqr`, so
as many parameters, each applied once. `untied` applies as many blocks as an outer step of `eqr`, each with
weights of its own. Both are trained and used with one outer step and without random start, noise and damping,
which belong to iteration.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....training.equilibrium import EquilibriumSettings

MAIN = "eqr"
_ONCE: dict[str, Any] = {"segments": 1, "tied": False, "noise": 0.0, "random_start": False, "damping": 0.0}
ARMS: dict[str, dict[str, Any]] = {
    MAIN: {},
    "no random start": {"random_start": False},
    "no noise": {"noise": 0.0},
    "untied": _ONCE,
    "feedforward": {**_ONCE, "h_cycles": 1, "l_cycles": 1, "layers": 1},
}
"""Settings of each arm that differ from those of `eqr`."""
ONCE = ("untied", "feedforward")
"""Arms that are used with one outer step."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Sizes of the experiment."""

    steps: int
    batch: int
    puzzles: int
    """Puzzles for training."""
    width: int
    test: int
    """Puzzles of the test part."""
    depths: tuple[int, ...]
    breadths: tuple[int, ...]
    middle: int
    """Depth at which breadth and selection are compared."""
    few: int
    """Restarts of the ablations."""


FULL = Scale(
    steps=600,
    batch=64,
    puzzles=1000,
    width=32,
    test=100,
    depths=(1, 2, 4, 8, 16, 32, 64),
    breadths=(1, 2, 4, 8, 16),
    middle=16,
    few=4,
)
QUICK = Scale(
    steps=8,
    batch=8,
    puzzles=10,
    width=8,
    test=6,
    depths=(1, 2, 4),
    breadths=(1, 2),
    middle=2,
    few=2,
)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A comparison of two metrics, of which the first is claimed to be above the second."""

    name: str
    arm: str
    metric: str
    control: str
    control_metric: str


def claims(scale: Scale) -> tuple[Claim, ...]:
    """Return the claims, in the words of metrics of `measuring`.

    They are about exact accuracy: all cells of a puzzle are right. The 95 % interval of Student's t over the
    differences of single seeds decides.
    """
    last, middle, many = scale.depths[-1], scale.middle, scale.breadths[-1]
    within = [
        ("iteration helps: the middle depth above 1 step", f"single d{middle}", f"single d{scale.depths[0]}"),
        ("depth beyond training helps", f"single d{last}", f"single d{scale.depths[len(scale.depths) // 2]}"),
        (
            "breadth with selection by convergence helps",
            f"convergence d{middle} b{many}",
            f"single d{middle}",
        ),
        (
            "selection by convergence beats a majority vote",
            f"convergence d{middle} b{many}",
            f"majority d{middle} b{many}",
        ),
        ("a large residual tells an error (AUROC above 0.5)", "auroc residual", "half"),
    ]
    few = f"convergence d{last} b{scale.few}"
    between = [
        ("random start helps", few, "no random start", few),
        ("noise helps", few, "no noise", few),
        ("weight tying helps", f"single d{last}", "untied", f"single d{scale.depths[0]}"),
        (
            "iteration beats a net of equal size",
            f"single d{last}",
            "feedforward",
            f"single d{scale.depths[0]}",
        ),
    ]
    return (
        *(Claim(name=name, arm=MAIN, metric=a, control=MAIN, control_metric=b) for name, a, b in within),
        *(Claim(name=name, arm=MAIN, metric=a, control=arm, control_metric=b) for name, a, arm, b in between),
    )


def settings_of(arm: str, seed: int, scale: Scale, out: Path) -> EquilibriumSettings:
    """Return the settings of the training of an arm."""
    common: dict[str, Any] = {
        "family": "sudoku-4",
        "steps": scale.steps,
        "batch": scale.batch,
        "puzzles": scale.puzzles,
        "width": scale.width,
        "layers": 2,
        "segments": 8,
        "lr": 3e-3,
        "ema": 0.995,
        "checkpoint_every": scale.steps,
        "keep": 1,
        "resume": True,
    }
    return EquilibriumSettings(out=out, seed=seed, **{**common, **ARMS[arm]})
