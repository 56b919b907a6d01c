"""Every experiment runs from its start to its findings, with the real judge; the numbers mean nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.benchmarks.lab.methods.experiment import QUICK
from codefrontier.benchmarks.lab.methods.page import NAMES, experiment

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.command import main


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("methods")


@pytest.mark.long
@pytest.mark.sandbox
@pytest.mark.parametrize("name", NAMES)
def test_a_quick_run_measures_what_the_statement_compares(
    name: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    each = experiment(name)
    first = each.statement.comparisons[0]
    main(each, ["--quick", "--out", str(out), "--seeds", "0", "--arms", first.arm])
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    metrics = summary["means"][first.arm]
    compared = {c.metric for c in each.statement.comparisons if first.arm in (c.arm, c.control)}
    assert compared <= {*metrics}
    outcome = json.loads((out / name / first.arm / "seed-0.json").read_text())
    assert outcome["metrics"][first.metric] == pytest.approx(metrics[first.metric], abs=1e-4)
    assert all(len(values) == QUICK.steps for values in outcome["curves"].values())
    assert summary["findings"] == {}, "one run is no finding"
