"""The kept results of the experiment on verifiers, and the tables of the page that are made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.collected import read_collected
    from codefrontier.benchmarks.lab.methods.experiment import Outcome
    from codefrontier.benchmarks.lab.verification.experiment import EXPERIMENT
    from codefrontier.benchmarks.lab.verification.page import KEPT, MARKS, SHARES, tables

PAGE = Path(__file__).parents[4] / "docs" / "verification.md"


def test_the_page_shows_the_kept_results() -> None:
    between = PAGE.read_text().partition(MARKS[0])[2].partition(MARKS[1])[0]
    assert between.strip() == tables(read_collected(KEPT))


def test_all_arms_have_the_same_seeds_and_sampled_equally_many_replies() -> None:
    kept = read_collected(KEPT)
    assert set(kept) == set(EXPERIMENT.arms)
    assert {tuple(runs) for runs in kept.values()} == {(0, 1, 2)}
    trained = [run for arm, runs in kept.items() if arm != "start" for run in runs.values()]
    replies = {run.metrics["replies"] for run in trained}
    assert len(replies) == 1


def test_the_metrics_of_a_run_are_the_means_over_its_problems() -> None:
    for runs in read_collected(KEPT).values():
        for run in runs.values():
            values = run.problems["tau_b"].values()
            assert sum(values) / len(values) == pytest.approx(run.metrics["tau_b"], abs=1e-3)


def test_an_arm_is_on_the_frontier_unless_another_is_better_and_cheaper() -> None:
    def runs(quality: float, cpu_s: float) -> dict[int, Outcome]:
        names = ("tau_b", "sampled_tokens", "learned_tokens", "updates", "margin easy", "parsed easy")
        shares = {name: {"a": 0.1, "b": 0.2} for name in SHARES}
        metrics = {**dict.fromkeys((*names, *SHARES), 0.0), "top_1 easy": quality, "cpu_s": cpu_s}
        return {0: Outcome(metrics=metrics, problems=shares)}

    results = {"start": runs(0.5, 0), "grpo": runs(0.7, 20), "raft": runs(0.6, 10), "dpo": runs(0.6, 30)}
    lines = [line for line in tables(results).splitlines() if line.endswith((" yes |", " no |"))]
    assert [(line.split("`")[1], line.split(" | ")[-1]) for line in lines] == [
        ("grpo", "yes |"),
        ("raft", "yes |"),
        ("dpo", "no |"),
    ]
