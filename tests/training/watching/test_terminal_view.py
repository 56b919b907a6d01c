from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from codefrontier.training.tracking.metric import Stage
from codefrontier.training.watching.terminal_view import RunView


def console(*, terminal: bool, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None, _environ={})


def written(to: Console) -> str:
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


def test_a_terminal_of_80_columns_shows_everything(metrics_line: Any) -> None:
    screen = console(terminal=True)
    with RunView(screen, name="low", steps=4) as view:
        for step in (1, 2):
            view.show(metrics_line(step, groups=20, groups_with_signal=15, truncated=0.25))
        shown = console(terminal=False)
        shown.print(view.panel())
    lines = written(shown).splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(line.rstrip() for line in lines)
    assert "2/4 0:00:00 0:00:04 left" in text, "two steps of two seconds"
    assert "2.000 (mean of 2: 1.500)" in text
    assert "AC 20% WA 80%" in text
    assert "signal in 15 of 20 groups, 2 masked" in text
    assert "nats" in text
    assert "25% of replies cut off" in text
    assert "sample 50% judge 25% update 12% other 12%" in text
    assert "2 s per step, 1 tokens/s" in text


@pytest.mark.parametrize("stage", list(Stage))
def test_the_panel_keeps_its_height(metrics_line: Any, stage: Stage) -> None:
    view = RunView(console(terminal=True), name="x" * 100, steps=1000)
    heights = set()
    for step in range(1, 60):
        view.show(metrics_line(step, stage))
        shown = console(terminal=False)
        shown.print(view.panel())
        heights.add(len(written(shown).splitlines()))
        assert max(map(len, written(shown).splitlines())) <= 80
    assert len(heights) == 1, "a panel that grows and shrinks flickers"


def test_what_is_not_a_terminal_gets_lines_with_everything(metrics_line: Any) -> None:
    screen = console(terminal=False)
    with RunView(screen, name="low", steps=2) as view:
        view.show(metrics_line(1, groups=20, groups_with_signal=15))
        view.show(metrics_line(2, groups=20, groups_with_signal=15, invalid_episodes=0))
    assert written(screen).splitlines() == [
        "step 1 of 2: reward 1.00 (AC 0.10, WA 0.90), signal in 15 of 20 groups, 1 masked, entropy 1.00, "
        "2 s per step (sample 50%, judge 25%, update 12%, other 12%), 0 tokens/s, 0:00:02 left",
        "step 2 of 2: reward 2.00 (AC 0.20, WA 0.80), signal in 15 of 20 groups, entropy 2.00, "
        "2 s per step (sample 50%, judge 25%, update 12%, other 12%), 1 tokens/s",
    ]


def test_supervised_training_has_a_line_too(metrics_line: Any) -> None:
    screen = console(terminal=False)
    with RunView(screen, name="sft", steps=3) as view:
        view.show({**metrics_line(1, Stage.SFT), "loss_ema": 0.5, "tokens": 50, "time_s": {"total": 0.5}})
    assert written(screen).splitlines() == [
        "step 1 of 3: loss 0.500, entropy 1.00, 0.5 s per step, 100 tokens/s, 0:00:01 left"
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_quiet_run_shows_nothing(metrics_line: Any, terminal: bool) -> None:
    screen = console(terminal=terminal)
    with RunView(screen, name="low", steps=1, quiet=True) as view:
        view.show(metrics_line(1))
    assert written(screen) == ""


def test_a_step_with_unknown_metrics_is_shown(metrics_line: Any) -> None:
    """Algorithms may add metrics, and a stage of its own may lack some."""
    screen = console(terminal=False)
    with RunView(screen, name="x", steps=1) as view:
        view.show({"step": 1, "loss": 1.5, "own": {"figure": 3}})
        screen.print(view.panel())
    assert "step 1 of 1: loss 1.500" in written(screen)
