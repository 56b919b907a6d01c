from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefrontier.training.tracking.metric import Stage
from codefrontier.training.watching.command import WatchCommand

Make = Callable[..., Path]


def test_the_same_curves_are_the_same_picture(
    make_run: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    runs = (make_run("low"), make_run("high", steps=5), make_run("sft", stage=Stage.SFT))
    for name in ("one.png", "two.png"):
        assert WatchCommand(runs=runs, png=tmp_path / name).run() == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "one.png"), str(tmp_path / "two.png")]
    picture = (tmp_path / "one.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert picture == (tmp_path / "two.png").read_bytes()
    assert WatchCommand(runs=runs[:2], png=tmp_path / "three.png").run() == 0
    assert (tmp_path / "three.png").read_bytes() != picture


def test_a_run_without_steps_has_no_picture(
    make_run: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    assert WatchCommand(runs=(make_run("low", steps=0),), png=tmp_path / "x.png").run() == 2
    assert "no step yet in " in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()


def test_bad_values_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"smoothing must be in \[0, 1\), got 1"):
        WatchCommand(runs=(tmp_path,), smoothing=1)
    with pytest.raises(ValueError, match="at least one folder of a run"):
        WatchCommand(runs=())
    assert WatchCommand(runs=(tmp_path / "none",)).run() == 2
    assert "is no folder of a run" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(
    make_run: Make, capsys: pytest.CaptureFixture[str], free_port_taken: Any
) -> None:
    assert WatchCommand(runs=(make_run("low"),), port=free_port_taken).run() == 2
    assert "(--port): address already in use" in capsys.readouterr().err


@pytest.fixture
def free_port_taken() -> Any:
    from codefrontier.system.listening import listen

    with listen(0) as taken:
        yield taken.getsockname()[1]
