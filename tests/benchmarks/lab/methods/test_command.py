from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from codefrontier.benchmarks.lab.methods.experiment import (
    QUICK,
    Comparison,
    Experiment,
    Outcome,
    Scale,
    Statement,
)

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

if TYPE_CHECKING:
    from codefrontier.benchmarks.lab.methods.command import MethodCommand, scale_of

COMPARISON = Comparison(metric="rate", arm="new", control="old", expected="above")
EXPERIMENT = Experiment(
    name="any",
    statement=Statement(
        method="any", claim="any", metric="rate", control="old", expectation="none", comparisons=(COMPARISON,)
    ),
    arms=("old", "new"),
    run=lambda task: Outcome(metrics={"rate": 0.0}),
    scale=Scale(steps=7, prompts=3, lr=3e-4),
)


def test_a_command_changes_only_the_sizes_that_it_gives() -> None:
    assert scale_of(EXPERIMENT, MethodCommand()) == EXPERIMENT.scale
    given = scale_of(EXPERIMENT, MethodCommand(steps=20, lr=1e-4))
    assert given == Scale(steps=20, prompts=3, lr=1e-4)
    assert scale_of(EXPERIMENT, MethodCommand(quick=True, lr=1e-5)).steps == QUICK.steps
