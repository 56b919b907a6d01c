from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codefrontier.agents import EpisodeRecord
from codefrontier.benchmarks.analysis.curves import learning_row, time_row
from codefrontier.benchmarks.analysis.drawing import save
from codefrontier.benchmarks.analysis.figures import (
    frontier_figure,
    learning_figure,
    loss_figure,
    pass_figure,
    profile_figure,
    time_figure,
)
from codefrontier.benchmarks.analysis.frontier import CheckpointPoint, Frontier, make_frontier

EpisodeMaker = Callable[..., EpisodeRecord]
VECTORS = {"A": "AC AC", "W": "AC WA", "R": "RTE AC", "T": "AC TLE"}
WORDS = {-0.5: ["TTTT", "TTTW"], 0.0: ["TTTT", "TTAW"], 0.5: ["AATW", "WTTT"], 1.0: ["AAWR", "WTAA"]}
LINE: dict[str, Any] = {
    "step": 1,
    "reward_mean": 0.5,
    "plans": {"fast": 0.25, "slow": 0.5},
    "verdicts": {"AC": 0.5, "WA": 0.125, "RTE": 0.125, "TLE": 0.25},
    "groups": 8,
    "groups_with_signal": 6,
    "entropy": 0.02,
    "time_s": {"sample": 3.0, "judge": 0.5, "update": 0.5, "other": 0.0, "total": 4.0},
}


@pytest.fixture
def frontier(episode: EpisodeMaker) -> Frontier:
    points = {
        CheckpointPoint(name=f"alpha {alpha:g}", alpha=alpha, trained=alpha in (0, 1)): [
            episode(VECTORS[letter], problem_id=f"p{place}", problem_digest=f"d{place}", sample=sample)
            for place, word in enumerate(words)
            for sample, letter in enumerate(word)
        ]
        for alpha, words in WORDS.items()
    }
    return make_frontier(points, np.random.default_rng(0))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_figure_is_written_as_png_svg_and_csv_with_equal_bytes_each_time(
    frontier: Frontier, tmp_path: Path
) -> None:
    first = save(frontier_figure(frontier.table(), "a title"), tmp_path / "1", "frontier")
    second = save(frontier_figure(frontier.table(), "a title"), tmp_path / "2", "frontier")
    assert first.png.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in first.svg.read_bytes()
    for name in ("png", "svg", "csv"):
        assert getattr(first, name).read_bytes() == getattr(second, name).read_bytes()
    assert b"<dc:date>" not in first.svg.read_bytes()


def test_the_frontier_comes_with_its_rates_and_intervals(frontier: Frontier, tmp_path: Path) -> None:
    rows = read(save(frontier_figure(frontier.table(), ""), tmp_path, "x").csv)
    assert [row["alpha"] for row in rows] == ["-0.5", "0", "0.5", "1"]
    assert float(rows[0]["optimization"]) == pytest.approx(7 / 8)
    assert float(rows[3]["broken"]) == pytest.approx(1 / 8)
    assert float(rows[3]["optimization_low"]) <= float(rows[3]["optimization"])


def test_points_are_filled_when_trained_hollow_when_merged_and_coloured_when_extrapolated(
    frontier: Frontier,
) -> None:
    (axes,) = frontier_figure(frontier.table(), "").figure.axes
    markers = {line.get_label(): line for line in axes.lines if line.get_marker() == "o"}
    assert set(markers) == {"trained", "merged", "extrapolated"}
    filled = {name: line.get_markerfacecolor() == line.get_color() for name, line in markers.items()}
    assert filled == {"trained": True, "merged": False, "extrapolated": False}
    assert len({line.get_color() for line in markers.values()}) == 3


def test_the_line_joins_the_points_in_the_order_of_alpha(frontier: Frontier) -> None:
    table = frontier.table()
    (axes,) = frontier_figure(table, "").figure.axes
    drawn = [np.asarray(line.get_ydata()).tolist() for line in axes.lines]
    joined = next(heights for heights in drawn if len(heights) == len(table))
    assert joined == [row.rates["optimization"].estimate for row in table]


def test_the_bars_of_a_profile_stack_up_to_one(frontier: Frontier) -> None:
    (axes,) = profile_figure(frontier.table(), "").figure.axes
    tops: dict[float, float] = {}
    for bars in axes.containers:
        for bar in bars:
            tops[bar.get_x()] = max(tops.get(bar.get_x(), 0), bar.get_y() + bar.get_height())
    assert list(tops.values()) == pytest.approx([1] * 4)


def test_pass_curves_hold_ensembles_from_where_each_member_has_a_sample(frontier: Frontier) -> None:
    drawing = pass_figure(frontier, [(0.0, 1.0), (-0.5, 0.0, 0.5, 1.0)], "")
    ks: dict[object, list[object]] = {}
    for name, k, *_ in drawing.rows:
        ks.setdefault(name, []).append(k)
    assert ks["alpha 1"] == [1, 2, 4]
    assert ks["ensemble 0 + 1"] == [2, 4]
    assert ks["ensemble -0.5 + 0 + 0.5 + 1"] == [4]


def test_learning_curves_come_with_what_is_drawn() -> None:
    drawing = learning_figure({"low": [LINE], "high": [LINE, {**LINE, "step": 2}]}, "")
    assert [row[:2] for row in drawing.rows] == [("low", 1), ("high", 1), ("high", 2)]
    assert len(drawing.figure.axes) == 6
    assert drawing.rows[0][drawing.columns.index("signal")] == 0.75


def test_a_line_of_metrics_gives_shares() -> None:
    assert learning_row(LINE) == {
        "step": 1,
        "reward": 0.5,
        "share_fast": 0.25,
        "signal": 0.75,
        "entropy": 0.02,
        "AC": 0.5,
        "correctness": 0.25,
        "optimization": 0.25,
    }
    assert time_row(LINE)["sample"] == 0.75
    assert time_row(LINE)["total"] == 4.0


def test_what_a_line_lacks_is_a_gap_and_no_error(tmp_path: Path) -> None:
    lines = [LINE, {"step": 2}, {"step": 3, "groups": 0, "groups_with_signal": 0, "entropy": "odd"}]
    assert set(learning_row({}).values()) == {None}
    assert set(time_row({"time_s": {"total": 0.0, "judge": 0.0}}).values()) == {None, 0.0}
    rows = read(save(learning_figure({"low": lines}, ""), tmp_path, "gaps").csv)
    assert [row["entropy"] for row in rows] == ["0.02", "", ""]


def test_runs_without_steps_say_that_there_is_no_data() -> None:
    figure = time_figure({"low": []}, "").figure
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["no data", "no data"]


def test_the_loss_is_drawn_beside_its_mean() -> None:
    (axes,) = loss_figure([{"step": 1, "loss": 2.0, "loss_ema": 3.0}], "").figure.axes
    assert [line.get_label() for line in axes.lines] == ["loss", "loss_ema"]


def test_figures_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one checkpoint"):
        frontier_figure([], "")
    with pytest.raises(ValueError, match="checkpoint with an alpha"):
        profile_figure([], "")
    with pytest.raises(ValueError, match="at least one run"):
        learning_figure({}, "")
