from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from codefrontier.agents import EpisodeRecord, Usage
from codefrontier.cli import main
from codefrontier.envs import FailureKind

EpisodeMaker = Callable[..., EpisodeRecord]
RecordsMaker = Callable[..., Path]
Samples = Callable[[int], list[EpisodeRecord]]


def run(*words: object) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["records", *map(str, words)])
    return caught.value.code


def test_sound_records_of_a_folder_validate(
    tmp_path: Path, records: RecordsMaker, samples: Samples, capsys: pytest.CaptureFixture[str]
) -> None:
    path = records(samples(2))
    assert run("validate", tmp_path, path) == 0
    assert capsys.readouterr().out.splitlines() == [f"{path}: 2 records, 0 faults"] * 2


def test_faults_are_printed_with_line_and_field(
    records: RecordsMaker, episode: EpisodeMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    path = records([episode("AC"), episode("AC", sample=1, reward=7.0), episode("AC", sample=-1)])
    assert run("validate", path) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:2: reward: is 7.0, but the steps sum to 1.0",
        f"{path}:3: sample: must be at least 0, got -1",
        f"{path}: 3 records, 2 faults",
    ]
    assert run("validate", path, "--max-faults", 1) == 1
    assert "stopped after 1 faults" in capsys.readouterr().out


def test_what_cannot_be_read_ends_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["validate", tmp_path], ["stats", tmp_path / "no"], ["merge", "--to", tmp_path / "x"]):
        assert run(*words) == 2
    said = capsys.readouterr().err
    assert "is neither a file of records nor a folder with records.jsonl" in said
    assert "give at least one run" in said


def test_statistics_count_by_environment_and_agent(
    records: RecordsMaker, episode: EpisodeMaker, invalid: EpisodeMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    path = records(
        [
            episode("AC"),
            episode("TLE", sample=1),
            invalid(sample=2, failure_kind=FailureKind.SANDBOX),
            invalid(sample=2, attempt=2),
        ]
    )
    with path.open("ab") as file:
        file.write(b"{")
    assert run("stats", path, "--as-json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["episodes"], told["invalid"], told["torn_line"]) == (4, 3, 2, 5)
    assert told["failure_kinds"] == {"sandbox": 1, "unknown": 1}
    assert told["solved_rate"] == 0.5
    assert told["verdicts"] == {"AC": 1, "TLE": 1}
    assert (told["sampled_tokens"], told["completion_tokens"], told["cost_usd"]) == (4, 4, 1.0)
    assert [(group["env"], group["agent"]) for group in told["groups"]] == [("Classics-single", "a")]
    assert run("stats", path) == 0
    shown = capsys.readouterr().out
    assert "4 records of 3 episodes" in shown
    assert "50.0%" in shown
    assert "invalid by the part that failed: sandbox 1, unknown 1" in shown
    assert "line 5 was cut off" in shown


def test_failed_requests_are_counted_apart(
    tmp_path: Path, records: RecordsMaker, invalid: EpisodeMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    [step] = invalid().steps
    lost = replace(Usage(prompt_tokens=9, completion_tokens=4, cost_usd=0.5).failed("timeout"), requests=3)
    path = records([invalid(usage=step.usage + lost, usage_without_step=lost)])
    assert run("stats", path, "--as-json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["requests"], told["failed_requests"]) == (4, {"timeout": 1})
    assert (told["failed_prompt_tokens"], told["failed_completion_tokens"]) == (9, 4)
    assert (told["cost_usd"], told["failed_cost_usd"]) == (0.75, 0.5)
    assert run("stats", path) == 0
    assert "failed requests: timeout 1 (known of: 13 tokens, 0.5000 USD)" in capsys.readouterr().out
    to = tmp_path / "some.jsonl"
    assert run("merge", path, "--to", to) == run("validate", to) == 0
    assert run("export", to, "--to", tmp_path / "some.parquet") == 0
    [row] = pyarrow.parquet.read_table(tmp_path / "some.parquet").to_pylist()
    assert (row["failed_requests"], row["failed_cost_usd"]) == (1, 0.5)


def test_merging_and_exporting_say_what_they_did(
    tmp_path: Path, records: RecordsMaker, samples: Samples, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = samples(2)
    one = records([first, second], "one.jsonl")
    two = records([replace(first, seed=1), second], "two.jsonl")
    to = tmp_path / "all.jsonl.zst"
    assert run("merge", one, two, "--to", to) == 2
    assert "nothing was merged" in capsys.readouterr().err
    assert run("merge", one, two, "--to", to, "--doubles", "newest") == 0
    said = capsys.readouterr().out
    assert "left out for a newer one: Classics-single" in said
    assert f"2 of 4 records are in {to}: 1 were repeated, 1 replaced" in said
    assert run("export", to, "--to", tmp_path / "all.parquet") == 0
    assert "2 records are in" in capsys.readouterr().out
    assert run("export", to, "--to", tmp_path / "all.txt") == 2
