"""A synthesis that is killed again and again ends with what an undisturbed one makes."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import read_episodes
from codefrontier.problems import load_problems, verify_stored

PLAYER = Path(__file__).with_name("fickle.py")


def start(out: Path, *sizes: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, str(PLAYER), str(out), *map(str, sizes)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


def lines_in(out: Path) -> int:
    files = [out / name for name in ("journal.jsonl", "records.jsonl")]
    return sum(path.read_bytes().count(b"\n") for path in files if path.exists())


def kill_at(out: Path, lines: int, sizes: tuple[int, ...]) -> bool:
    """Kill a process when the files have so many lines; return whether it was killed."""
    player, deadline = start(out, *sizes), time.monotonic() + 120
    while lines_in(out) < lines and player.poll() is None:
        assert time.monotonic() < deadline, "the run does not get on"
        time.sleep(0.002)
    player.send_signal(signal.SIGKILL)
    return player.wait(60) == -signal.SIGKILL


def result(out: Path) -> dict[str, Any]:
    """Return what a run made, without times and what depends on them."""
    events: dict[tuple[str, int, int], dict[str, Any]] = {}
    for line in (out / "journal.jsonl").read_text().splitlines():
        event = json.loads(line)
        key = (event.pop("kind"), event.pop("lineage"), event.pop("turn"))
        if key[0] != "asked":
            assert key not in events, f"doubled: {key}"
            event.pop("seconds", None)
            events[key] = event
    episodes = read_episodes(out / "records.jsonl").episodes
    counted = Counter((episode.problem_id, episode.sample) for episode in episodes)
    assert set(counted.values()) == {1}, f"doubled: {counted.most_common(3)}"
    problems = load_problems(out / "problems")
    for problem in problems:
        verify_stored(out / "problems" / problem.id)
    return {
        "events": events,
        "attempts": sorted(
            (each.problem_id, each.sample, each.submission, each.failure_class) for each in episodes
        ),
        "problems": {each.id: (each.digest(), each.metadata["pass_rate"]) for each in problems},
    }


def kill_and_compare(folder: Path, *, sizes: tuple[int, int, int], kills: int, seed: int) -> None:
    disturbed, undisturbed = folder / "disturbed", folder / "undisturbed"
    assert start(undisturbed, *sizes).wait(240) == 0
    wanted, chance = lines_in(undisturbed), random.Random(seed)
    killed = 0
    for number in range(kills):
        killed += kill_at(disturbed, round(wanted * (number + chance.random()) / (kills + 1)), sizes)
        if number == kills // 2 and (disturbed / "journal.jsonl").exists():
            with (disturbed / "journal.jsonl").open("ab") as file:
                file.write(b'{"kind": "ended", "lineage": 0, "tu')  # what a kill within a write leaves
    assert killed == kills
    assert start(disturbed, *sizes).wait(240) == 0
    found = result(disturbed)
    assert found == result(undisturbed)
    assert found["problems"], "nothing was kept"
    before = (disturbed / "journal.jsonl").read_bytes()
    assert start(disturbed, *sizes).wait(240) == 0
    assert (disturbed / "journal.jsonl").read_bytes() == before, "a finished run made a request"


@pytest.mark.long
@pytest.mark.sandbox
def test_a_synthesis_killed_twice_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, sizes=(3, 2, 4), kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.timeout(1800)
def test_a_synthesis_killed_twelve_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, sizes=(6, 4, 6), kills=12, seed=2)
