from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import EpisodeRecord, TokenSpan, Usage
from codefrontier.cli import main


def run(*words: object) -> object:
    with pytest.raises(SystemExit) as caught:
        main(["rows", *map(str, words)])
    return caught.value.code


def written(path: Path, episodes: list[EpisodeRecord]) -> Path:
    path.write_text("".join(episode.to_json() + "\n" for episode in episodes))
    return path


@pytest.fixture
def episodes(episode_of: Callable[..., EpisodeRecord], tokenizer: Any) -> list[EpisodeRecord]:
    """Return a group of three episodes whose replies are texts of the tokenizer; the last reply was cut."""
    made = []
    for sample, text in enumerate(("print(1)", "print(2)", "print(1)1")):
        prompt = tokenizer("red task", add_special_tokens=False)["input_ids"]
        reply = tokenizer(text, add_special_tokens=False)["input_ids"]
        span = TokenSpan(
            ids=(*prompt, *reply),
            loss_mask=(False,) * len(prompt) + (True,) * len(reply),
            log_probs=(0.0,) * len(prompt) + (-0.5,) * len(reply),
        )
        reason = "length" if sample == 2 else "stop"
        episode = episode_of(reward=float(sample == 0), sample=sample, finish_reasons=(reason,))
        usage = Usage(requests=1, prompt_tokens=len(prompt), completion_tokens=len(reply))
        step = replace(episode.steps[0], action=text, tokens=span, usage=usage)
        made.append(replace(episode, steps=(step,), usage=usage))
    return made


def test_exported_rows_validate_and_carry_the_advantages_of_their_group(
    tmp_path: Path, episodes: list[EpisodeRecord], tokenizer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    records = written(tmp_path / "records.jsonl", episodes)
    rows = tmp_path / "rows.jsonl"
    assert run("export", records, "--to", rows) == 0
    assert "3 rows of 3 episodes in 1 groups" in capsys.readouterr().out
    lines = [json.loads(line) for line in rows.read_text().splitlines()]
    assert [line["advantages"][-1] for line in lines] == pytest.approx([2 / 3, -1 / 3, -1 / 3])
    assert [line["weights"]["rl"][-1] for line in lines] == [1, 1, 0]
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    assert run("validate", rows, "--tokenizer", tmp_path / "tokenizer") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{rows}: 3 rows, 3 episodes, 1 groups, ")
    assert said.rstrip().endswith("0 faults")


def test_faults_are_printed_with_file_line_and_field_and_end_with_status_1(
    tmp_path: Path, episodes: list[EpisodeRecord], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    run("export", written(tmp_path / "records.jsonl", episodes), "--to", rows)
    lines = [json.loads(line) for line in rows.read_text().splitlines()]
    lines[1]["log_probs"][-1] = 0.25
    rows.write_text("".join(json.dumps(line) + "\n" for line in lines[:2]))
    capsys.readouterr()
    assert run("validate", rows) == 1
    place = len(lines[1]["token_ids"]) - 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{rows}:2: log_probs.{place}: must be at most 0, got 0.25"
    assert said[1] == f"{rows}:1: group_size: is 3, but the file has 2 episodes of the group '0:red-task'"
    assert said[2].endswith("2 faults")
    assert run("validate", rows, "--max-faults", 1, "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert found["stopped"]
    assert len(found["faults"]) == 1


def test_episodes_without_rows_are_counted(
    tmp_path: Path, episodes: list[EpisodeRecord], capsys: pytest.CaptureFixture[str]
) -> None:
    silent = replace(episodes[1], steps=(replace(episodes[1].steps[0], tokens=None),))
    failed = replace(
        episodes[2], reward_valid=False, failure_class=None, error="the judge is gone", stop_reason="error"
    )
    records = written(tmp_path / "records.jsonl", [episodes[0], silent, failed])
    assert run("export", records, "--to", tmp_path / "rows.jsonl", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"rows": 1, "episodes": 1, "groups": 1, "invalid": 1, "without_tokens": 1}


def test_what_cannot_be_read_ends_with_status_2(
    tmp_path: Path, episodes: list[EpisodeRecord], capsys: pytest.CaptureFixture[str]
) -> None:
    records = written(tmp_path / "records.jsonl", episodes)
    assert run("validate", tmp_path / "none.jsonl") == 2
    assert run("validate", records, "--tokenizer", tmp_path) == 2
    assert run("export", tmp_path / "none", "--to", tmp_path / "rows.jsonl") == 2
    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert "has no tokenizer that can be loaded" in said
