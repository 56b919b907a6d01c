"""Trackers: which packages they need, what becomes of a tracker that fails, and what is remembered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings, SFTSettings
from codefrontier.training.tracking.tracker import Ledger, TrackedRun, TrackerError
from codefrontier.training.tracking.trackers import Trackers, check_installed, open_trackers


class ListTracker:
    """Keeps what it is given, and fails from some step on."""

    name = "list"

    def __init__(self, *, recorded: int = 0, fails_at: int = 1000) -> None:
        self.recorded = recorded
        self.taken: list[tuple[int, Mapping[str, float]]] = []
        self.closed: list[bool] = []
        self._fails_at = fails_at

    def record(self, step: int, values: Mapping[str, float]) -> None:
        if step >= self._fails_at:
            raise TrackerError("the line is dead")
        self.taken.append((step, values))

    def close(self, *, failed: bool) -> None:
        self.closed.append(failed)


def test_a_tracker_gets_the_numbers_of_later_steps() -> None:
    tracker = ListTracker(recorded=1)
    trackers = Trackers([tracker])
    for step in (1, 2):
        trackers.record({"step": step, "verdicts": {"AC": 0.5}, "error": "text"})
    trackers.close(failed=False)
    trackers.close(failed=True)
    assert tracker.taken == [(2, {"verdicts/AC": 0.5})]
    assert tracker.closed == [False], "closing twice is harmless"


def test_a_tracker_that_fails_is_turned_off_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = ListTracker(fails_at=2), ListTracker()
    trackers = Trackers([bad, good])
    for step in (1, 2, 3):
        trackers.record({"step": step, "loss": 1.0})
    assert [step for step, _ in bad.taken] == [1]
    assert [step for step, _ in good.taken] == [1, 2, 3]
    assert bad.closed == [True]
    assert len(caplog.records) == 1, "one warning, and not one per step"
    assert "the tracker list is turned off at step 2: the line is dead" in caplog.text


@pytest.mark.parametrize("name", ["wandb", "trackio"])
def test_a_missing_package_is_told_before_anything_is_trained(
    name: str, settings: Callable[..., RLSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_spec(name) is not None:
        pytest.skip(f"{name} is installed here")
    from codefrontier.training.trainer import train

    (tmp_path / name).mkdir()  # as `wandb` leaves one where it ran: a folder is no package
    monkeypatch.syspath_prepend(tmp_path)
    chosen = settings(track=(name,))
    with pytest.raises(
        TrainingError, match=rf"the tracker '{name}' \(--track\) needs the package {name}: run `"
    ):
        train(chosen)
    assert not chosen.out.exists()
    assert name not in sys.modules


def test_nothing_is_tracked_by_default(tmp_path: Path) -> None:
    assert RLSettings(out=tmp_path, init=tmp_path).track == ()
    assert SFTSettings(out=tmp_path).track == ()
    check_installed(())
    open_trackers((), TrackedRun(out=tmp_path, project="p", step=0, settings={}), []).record({"step": 1})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_tracker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"track must be among .*, got \['tensor'\]"):
        SFTSettings(out=tmp_path, track=("tensor",))  # type: ignore[arg-type]  # that is the point


def test_a_ledger_remembers_the_run_and_its_last_step(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "wandb.json")
    first.note(7)
    again = Ledger(tmp_path / "wandb.json")
    assert (again.run_id, again.recorded) == (first.run_id, 7)
    (tmp_path / "wandb.json").write_text("{}")
    with pytest.raises(TrackerError, match=r"wandb\.json: cannot be read"):
        Ledger(tmp_path / "wandb.json")
