"""Eval logs: their structure, and, where inspect_ai is installed, what it reads and shows of them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import RecordError
from codefrontier.agents.records.command import ExportRecordsCommand
from codefrontier.agents.records.exporting import export_logs

RecordsMaker = Callable[..., Path]
with_inspect = pytest.mark.skipif(
    not find_spec("inspect_ai"),
    reason="inspect_ai (the extra `inspect`, tested with 0.3.285) is not installed",
)


def contents(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.fixture
def logs(exported: Path, tmp_path: Path) -> dict[str, Path]:
    """Paths of the logs by environment."""
    paths = export_logs(exported, tmp_path / "logs")
    return {path.name.split("_")[1]: path for path in paths}


def test_each_agent_has_a_log_in_each_environment(logs: dict[str, Path]) -> None:
    assert sorted(logs) == ["Classics-single", "Classics-tool"]
    for env_id, path in logs.items():
        found = contents(path)
        header = found["header.json"]
        assert (header["version"], header["status"]) == (2, "success")
        assert (header["eval"]["task"], header["eval"]["model"]) == (env_id, "a")
        assert header["eval"]["task_args"] == {"coverage": 1.0}
        assert header["eval"]["metadata"]["agent"]["digest"]
        samples = [value for name, value in found.items() if name.startswith("samples/")]
        assert header["results"]["total_samples"] == len(samples) == len(found["summaries.json"])
        for sample in samples:
            assert f"samples/{sample['id']}_epoch_{sample['epoch']}.json" in found
            (row,) = (
                row
                for row in found["summaries.json"]
                if (row["id"], row["epoch"]) == (sample["id"], sample["epoch"])
            )
            assert row.get("scores") == sample.get("scores")


def test_a_failure_of_infrastructure_is_an_error_and_never_a_score(logs: dict[str, Path]) -> None:
    found = contents(logs["Classics-single"])
    failed = found["samples/sums_epoch_4.json"]
    assert failed["error"]["message"] == "judge failed: CheckerError"
    assert "scores" not in failed
    assert [retry["message"] for retry in failed["error_retries"]] == ["judge failed: CheckerError"]
    repeated = found["samples/sums_epoch_3.json"]
    assert repeated["scores"]["verdict"]["value"] == "TLE"
    assert len(repeated["error_retries"]) == 1
    assert "error" not in repeated
    results = found["header.json"]["results"]
    # sums: 1 of 4 valid samples; diffs: 0 of 1; the problem of the same name: 1 of 1.
    assert results["scores"][0]["metrics"]["accuracy"]["value"] == pytest.approx((0.25 + 0 + 1) / 3)
    assert results["completed_samples"] == results["total_samples"] - 1 == 6
    rates = {row["sample_id"]: row["value"] for row in found["reductions.json"][0]["samples"]}
    assert rates == {"sums": 0.25, "diffs": 0.0, "sums (2)": 1.0}


def test_the_transcript_has_the_replies_the_calls_and_the_scores(logs: dict[str, Path]) -> None:
    sample = contents(logs["Classics-tool"])["samples/sums_epoch_1.json"]
    kinds = [event["event"] for event in sample["events"]]
    assert kinds == ["sample_init", "model", "tool", "tool", "model", "tool", "score", "score", "score"]
    models = [event for event in sample["events"] if event["event"] == "model"]
    assert [event["input_refs"] for event in models] == [[[0, 2]], [[0, 5]]]
    assert sample["events_data"]["messages"] == sample["messages"]
    assert models[0]["output"]["usage"]["total_cost"] == 0.25
    tools = [event for event in sample["events"] if event["event"] == "tool"]
    assert [(event["function"], event["result"]) for event in tools] == [
        ("run_samples", "1 of 2 samples passed."),
        ("python", "out"),
        ("submit", "Submitted. Verdict: AC."),
    ]
    reply = sample["messages"][2]
    assert reply["content"][0] == {"type": "reasoning", "reasoning": "Think ≤ ?"}
    assert [call["function"] for call in reply["tool_calls"]] == ["run_samples", "python"]
    assert sample["messages"][3]["function"] == "run_samples"
    assert sample["model_usage"]["a"] == {
        "input_tokens": 24,
        "output_tokens": 14,
        "total_tokens": 38,
        "total_cost": 0.5,
    }
    begun = [event["working_start"] for event in sample["events"]]
    assert begun == sorted(begun)


def test_nothing_of_a_hidden_test_is_in_a_log_and_equal_records_give_equal_bytes(
    exported: Path, logs: dict[str, Path], tmp_path: Path, secret: str
) -> None:
    again = export_logs(exported, tmp_path / "again")
    assert sorted(path.read_bytes() for path in again) == sorted(path.read_bytes() for path in logs.values())
    assert secret in exported.read_text()
    for path in logs.values():
        text = json.dumps(contents(path))
        assert secret not in text
        assert "input_size" not in text


def test_bad_input_leaves_nothing_behind(
    records: RecordsMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = records([], "empty.jsonl")
    with pytest.raises(RecordError, match="there are no records to export"):
        export_logs(empty, tmp_path / "none")
    used = tmp_path / "used"
    used.mkdir()
    (used / "file").touch()
    for kind in ("inspect", "atif"):
        assert ExportRecordsCommand(run_path=empty, to=used, format=kind).run() == 2
        assert "exists already; name another folder" in capsys.readouterr().err


def test_the_command_says_how_many_logs_there_are(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ExportRecordsCommand(run_path=exported, to=tmp_path / "out", format="inspect").run() == 0
    assert capsys.readouterr().out == f"2 logs are in {tmp_path / 'out'}\n"


@with_inspect
@pytest.mark.filterwarnings("ignore")
def test_inspect_ai_reads_the_logs(logs: dict[str, Path]) -> None:
    from inspect_ai.analysis import messages_df, samples_df
    from inspect_ai.log import list_eval_logs, read_eval_log

    folder = logs["Classics-tool"].parent
    listed = list_eval_logs(str(folder))
    assert {each.task for each in listed} == set(logs)
    log = read_eval_log(str(logs["Classics-tool"]))
    assert log.results.scores[0].metrics["accuracy"].value == 0.5
    first = log.samples[0]
    assert [len(event.input) for event in first.events if event.event == "model"] == [2, 5]
    assert first.messages[2].tool_calls[1].arguments == {"code": "y"}
    frame = samples_df(str(folder), quiet=True)
    assert len(frame) == 9
    single = frame[frame["log"].str.contains("single")]
    assert sorted(single["score_verdict"].dropna()) == ["AC", "AC", "CE", "TLE", "WA", "WA"]
    assert [told for told in single["error"] if told] == ["judge failed: CheckerError"]
    assert len(messages_df(str(folder), quiet=True)) == sum(
        len(sample.messages) for path in logs.values() for sample in read_eval_log(str(path)).samples
    )


@pytest.fixture
def view(logs: dict[str, Path]) -> Iterator[str]:
    """Serve the logs with the viewer of inspect_ai, and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = logs["Classics-tool"].parent
    words = ["-m", "inspect_ai", "view", "start", "--log-dir", str(folder), "--host", "127.0.0.1"]
    with subprocess.Popen(
        [sys.executable, *words, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                    break
                except OSError:
                    assert server.poll() is None
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@with_inspect
def test_the_viewer_of_inspect_ai_shows_the_transcript(
    view: str, logs: dict[str, Path], browser: Any
) -> None:
    has = "return document.body.innerText.includes(arguments[0])"
    browser.open(view)
    browser.wait(has, "Classics-tool")
    browser.open(f"{view}/#/logs/{logs['Classics-tool'].name}/samples/sample/sums/1")
    for text in ("You solve.", "Think ≤", "1 of 2 samples passed.", "Submitted. Verdict: AC."):
        browser.wait(has, text)
    browser.wait("return document.body.innerText.toLowerCase().includes('model call')")
