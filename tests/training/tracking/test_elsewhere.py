"""wandb, offline, and trackio, in a folder of the test. Neither is installed by default: see the extras.

They run in a process of their own, because both keep threads and settings for the whole process.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from codefrontier.training.pretraining.sft import train_sft
from codefrontier.training.settings import SFTSettings

class StoppedError(Exception):
    pass

def stop(metrics):
    if metrics["step"] == 3:
        raise StoppedError

settings = SFTSettings(
    out=Path(sys.argv[1]), steps=5, batch=2, checkpoint_every=2, d=8, layers=1, heads=2, track=(sys.argv[2],)
)
try:
    train_sft(settings, on_step=stop)
except StoppedError:
    pass
train_sft(replace(settings, resume=True))
"""


def train_with(tracker: str, tmp_path: Path) -> Path:
    """Train to step 3, resume from the checkpoint of step 2 to step 5; return the folder of the run."""
    if find_spec(tracker) is None:
        pytest.skip(f"{tracker} is not installed here")
    home = {"WANDB_MODE": "offline", "TRACKIO_DIR": str(tmp_path / "trackio"), "HOME": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path / "run"), tracker],
        env={**os.environ, **home},
        check=True,
        timeout=200,
        capture_output=True,
    )
    ledger = json.loads((tmp_path / "run" / f"{tracker}.json").read_text())
    assert ledger["recorded"] == 5
    return tmp_path / "run"


def losses(out: Path) -> list[tuple[int, float]]:
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [(line["step"], line["loss"]) for line in lines]


def records(path: Path) -> Iterator[Any]:
    """Yield the records of an offline run: frames of at most 32 KiB after a header of 7 bytes."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, place, whole = path.read_bytes(), 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        _, size, kind = struct.unpack("<IHB", data[place : place + 7])
        whole += data[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # a whole record, or its last part
            yield Record.FromString(whole)
            whole = b""


def test_wandb_gets_every_step_once_and_nothing_about_the_machine(tmp_path: Path) -> None:
    out = train_with("wandb", tmp_path)
    files = sorted(out.glob("wandb/offline-run-*/*.wandb"))
    assert len(files) == 2, "one per start, which `wandb sync` joins by the id of the run"
    assert len({path.name for path in files}) == 1
    found, kinds = [], set()
    for path in files:
        for record in records(path):
            kinds.add(record.WhichOneof("record_type"))
            values = {item.key or "/".join(item.nested_key): item.value_json for item in record.history.item}
            if values:
                found.append((int(values["_step"]), float(values["loss"])))
                assert "time_s/total" in values
    assert found == losses(out)
    assert not kinds & {"stats", "output", "output_raw", "environment"}
    assert [path.name for path in out.glob("wandb/offline-run-*/files/*")] == []


def test_trackio_gets_every_step_once(tmp_path: Path) -> None:
    out = train_with("trackio", tmp_path)
    [file] = (tmp_path / "trackio").glob("*.db")
    with sqlite3.connect(file) as database:
        rows = database.execute("select step, metrics from metrics order by id").fetchall()
    database.close()
    assert [(step, json.loads(text)["loss"]) for step, text in rows] == losses(out)
