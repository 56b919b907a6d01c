from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

if TYPE_CHECKING:
    import torch

    from codefrontier.agents.equilibrium import EquilibriumConfig, EquilibriumNetwork
    from codefrontier.benchmarks.lab.equilibrium.__main__ import main
    from codefrontier.benchmarks.lab.equilibrium.measuring import TestPuzzles, auroc, ensemble, measure
    from codefrontier.benchmarks.lab.equilibrium.programs import program_rates
    from codefrontier.benchmarks.lab.equilibrium.report import findings
    from codefrontier.benchmarks.lab.equilibrium.statement import ARMS, FULL, QUICK, claims, settings_of
    from codefrontier.benchmarks.lab.methods.runner import SCALE_FILE, check_scale
    from codefrontier.judge import Judge
    from codefrontier.training.equilibrium import load_network, solve

RESULTS = Path(__file__).parents[4] / "benchmarks" / "lab" / "equilibrium" / "results"


def tiny() -> EquilibriumNetwork:
    config = EquilibriumConfig(family="sudoku-4", cells=16, symbols=5, marks=4, width=8, layers=1)
    return EquilibriumNetwork(config, seed=1)


def test_auroc_worked_by_hand() -> None:
    scores = np.array([1.0, 2.0, 2.0, 3.0])
    assert auroc(scores, np.array([False, False, True, True])) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert auroc(scores, np.array([True] * 4)) == 0.5


def test_findings_worked_by_hand() -> None:
    def run(value: float) -> dict[str, Any]:
        names = {name for claim in claims(QUICK) for name in (claim.metric, claim.control_metric)}
        return {"metrics": dict.fromkeys(names, value)}

    outcomes = {"eqr": {0: run(0.8), 1: run(0.9)}, "untied": {0: run(0.5), 1: run(0.6)}}
    found = {each["claim"]: each for each in findings(outcomes, QUICK)}
    assert found["weight tying helps"]["difference"] == pytest.approx(0.3)
    assert found["weight tying helps"]["verdict"] == "seen"
    assert found["depth beyond training helps"]["verdict"] == "undecided"
    assert "noise helps" not in found


def test_what_is_measured_is_what_the_answers_say() -> None:
    test = TestPuzzles.draw("sudoku-4", 3)
    network = tiny()
    found = measure(network, test, depths=(1, 3), breadths=(1, 2), seed=4)
    answers = solve(network, test.puzzles, depth=3, breadth=2, seed=4).answers(3)
    right = (answers == test.solutions[:, None]).all(dim=-1)
    assert found["puzzles"]["single d3"] == right.double().mean(dim=1).tolist()
    assert found["puzzles"]["oracle d3 b2"] == right.any(dim=1).double().tolist()
    assert set(found["metrics"]) == set(found["puzzles"])
    assert not torch.is_grad_enabled() or found["metrics"]["single d1"] <= 1


def test_the_test_puzzles_are_those_of_the_problem_set() -> None:
    test = TestPuzzles.draw("sudoku-4", 3)
    again = TestPuzzles.draw("sudoku-4", 2)
    assert [each.id for each in test.instances][:2] == [each.id for each in again.instances]
    assert ensemble([tiny(), tiny()], test, 2)["oracle"] <= 1


@pytest.mark.sandbox
def test_programs_are_judged_on_the_same_puzzles(judge: Judge) -> None:
    rates = program_rates(TestPuzzles.draw("sudoku-4", 4).instances, judge)
    assert rates["reference.py"]["rate"] == 1.0
    assert rates["greedy.py"]["rate"] < 1.0


def test_arms_are_equal_in_size_where_the_statement_says() -> None:
    from codefrontier.training.equilibrium.train import config_of

    sizes = {
        arm: sum(
            value.numel()
            for value in EquilibriumNetwork(config_of(settings_of(arm, 0, FULL, Path("x")))).parameters()
        )
        for arm in ARMS
    }
    assert sizes["feedforward"] == sizes["eqr"] == sizes["no noise"]
    assert sizes["untied"] > 5 * sizes["eqr"]


def test_outcomes_of_other_sizes_are_not_mixed(tmp_path: Path) -> None:
    check_scale(tmp_path / SCALE_FILE, asdict(QUICK))
    with pytest.raises(SystemExit, match="other sizes: name another folder"):
        main(["--out", str(tmp_path)])
    check_scale(tmp_path / SCALE_FILE, asdict(QUICK))


@pytest.mark.long
@pytest.mark.sandbox
def test_the_quick_run_prints_json_and_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--quick", "--out", str(tmp_path), "--seeds", "0", "1", "--arms", "eqr", "feedforward"]
    main(words)
    first = capsys.readouterr().out
    summary = json.loads(first.splitlines()[-1])
    assert summary["seeds"] == [0, 1]
    assert summary["programs"]["reference.cpp"]["rate"] == 1.0
    assert load_network(tmp_path / "eqr-0" / f"checkpoint-{QUICK.steps:06d}").config.width == QUICK.width
    written = (tmp_path / "eqr-1" / "outcome.json").stat().st_mtime_ns
    main(words)
    assert (tmp_path / "eqr-1" / "outcome.json").stat().st_mtime_ns == written
