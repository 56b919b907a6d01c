"""The experiments on synthesis run from start to findings; the numbers of quick runs mean nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.problems.families import Spec, Split, shuffled_specs
from codefrontier.problems.synthesis import family_proposal

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.collected import read_collected
    from codefrontier.benchmarks.lab.methods.command import main
    from codefrontier.benchmarks.lab.synthesis import made, schedules, yields


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("synthesis")


@pytest.mark.long
@pytest.mark.sandbox
def test_a_control_measures_what_the_statement_compares(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arm = yields.CONTROLS[0]
    main(yields.EXPERIMENT, ["--quick", "--out", str(out), "--seeds", "0", "--arms", arm])
    metrics = json.loads(capsys.readouterr().out.splitlines()[-1])["means"][arm]
    assert {each.metric for each in yields.STATEMENT.comparisons} <= {*metrics}
    assert metrics["requests"] == 4


@pytest.mark.long
@pytest.mark.sandbox
def test_a_schedule_trains_on_the_synthesized_set(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(schedules.EXPERIMENT, ["--quick", "--out", str(out), "--seeds", "0", "--arms", "soft"])
    assert "solve rate" in json.loads(capsys.readouterr().out.splitlines()[-1])["means"]["soft"]
    assert len(list((out / "starts-12-32" / "synthesized" / "problems").glob("syn-*"))) >= 5


def test_the_length_student_solves_short_programs_only() -> None:
    lengths = [len(family_proposal(spec).code.split()) for spec in specs()]
    assert min(lengths) < made.LONGEST_EASY < made.LONGEST_SOLVED < max(lengths)
    assert sum(length >= 56 for length in lengths) == pytest.approx(len(lengths) / 2, rel=0.2)


def specs() -> list[Spec]:
    return [spec for spec, _ in zip(shuffled_specs(Split.TRAIN, 0), range(200), strict=False)]


@pytest.mark.parametrize("name", ["yields"])
def test_the_results_that_the_page_shows_are_of_the_arms_of_the_script(name: str) -> None:
    found = read_collected(made.RESULTS / f"{name}.json")
    experiment = {"yields": yields, "schedules": schedules}[name].EXPERIMENT
    assert set(found) <= {*experiment.arms, *experiment.calibration_arms}
    assert {len(runs) for runs in found.values()} == {3}
