from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.command import FineTuneCommand, SFTCommand
from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import FineTuneSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.sft.finetune import epoch_order, fine_tune, rows_of_step


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    """Return rows that teach to answer a letter with the same letter in upper case."""
    path = tmp_path / "rows.jsonl"
    conversations = [
        [{"role": "user", "content": letter}, {"role": "assistant", "content": letter.upper() * 2}]
        for letter in "abcdef"
    ]
    path.write_text("".join(json.dumps({"messages": each}) + "\n" for each in conversations))
    return path


@pytest.fixture
def settings(
    rows_file: Path, tmp_path: Path, checkpoint_of: Callable[[str], Path]
) -> Callable[..., FineTuneSettings]:
    def make(shape: str = "llama", **changes: Any) -> FineTuneSettings:
        defaults: dict[str, Any] = {
            "init": checkpoint_of(shape),
            "out": tmp_path / "run",
            "rows": (rows_file,),
            "steps": 4,
            "batch": 4,
            "lr": 1e-2,
            "checkpoint_every": 2,
        }
        return FineTuneSettings(**{**defaults, **changes})

    return make


@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_a_checkpoint_learns_the_replies(shape: str, settings: Callable[..., FineTuneSettings]) -> None:
    last = fine_tune(settings(shape, steps=150, batch=6, lr=2e-2, checkpoint_every=150))
    lines = read_lines(last.parent / "metrics.jsonl")
    assert lines[-1]["loss"] < 0.2 < 5 < lines[0]["loss"]
    policy = LocalPolicy.load(last)
    prompt = policy.prompt_ids([{"role": "user", "content": "c"}])
    [reply] = policy.sample([SampleRequest(prompt_ids=prompt, max_new_tokens=8, temperature=0.0)])
    assert policy.decode(reply.token_ids) == "CC"
    assert reply.finish_reason == "stop"


@pytest.mark.parametrize("how", [{}, {"lora_rank": 2, "precision": "bf16"}])
def test_a_resumed_run_ends_with_the_same_bits(
    how: dict[str, Any],
    settings: Callable[..., FineTuneSettings],
    tmp_path: Path,
    weights_of: Callable[[Path], bytes],
) -> None:
    if how:
        pytest.importorskip("peft", reason="needs the extra lora")
    whole = settings(out=tmp_path / "whole", **how)
    parted = replace(whole, out=tmp_path / "parted")

    def stop(metrics: Any) -> None:
        if metrics["step"] == 3:  # after a checkpoint at 2
            raise KeyboardInterrupt

    fine_tune(whole)
    with pytest.raises(KeyboardInterrupt):
        fine_tune(parted, on_step=stop)
    fine_tune(replace(parted, resume=True))
    assert weights_of(whole.out) == weights_of(parted.out)
    lines = [
        [{**line, "time_s": None} for line in read_lines(chosen.out / "metrics.jsonl")]
        for chosen in (whole, parted)
    ]
    assert lines[0] == lines[1]


def test_a_run_is_not_resumed_on_other_rows(
    settings: Callable[..., FineTuneSettings], rows_file: Path
) -> None:
    fine_tune(settings(steps=2))
    rows_file.write_text(rows_file.read_text().replace("AA", "AB"))
    with pytest.raises(TrainingError, match="rows_digest"):
        fine_tune(settings(steps=2, resume=True))


def test_each_row_is_learned_once_per_epoch(settings: Callable[..., FineTuneSettings]) -> None:
    rows: list[Any] = list(range(6))
    taken: list[Any] = [row for step in range(3) for row in rows_of_step(rows, step, batch=4, seed=0)]
    assert Counter(taken) == dict.fromkeys(rows, 2)
    assert sorted(taken[:6]) == rows
    assert epoch_order(6, 0, seed=0) != epoch_order(6, 1, seed=0)
    assert epoch_order(6, 0, seed=0) != epoch_order(6, 0, seed=1)
    last = fine_tune(settings(steps=None, epochs=2))
    assert last.name == "checkpoint-000003", "12 rows in steps of 4"


def test_run_json_has_the_selection_and_the_model(
    settings: Callable[..., FineTuneSettings], tmp_path: Path
) -> None:
    fine_tune(settings(steps=1))
    [start] = json.loads((tmp_path / "run" / "run.json").read_text())["starts"]
    model = start["settings"]["model"]
    assert model["class"] == "LlamaForCausalLM"
    assert model["selection"]["rows"] == 6
    assert model["selection"]["tokens_learned"] == 6 * 3


def test_the_options_choose_the_command(tmp_path: Path) -> None:
    common = ["--out", str(tmp_path)]
    assert type(SFTCommand.parse(common, prog="x")) is SFTCommand
    words = [*common, "--init", "a", "--from-records", "b", "c", "--verdict", "AC", "TLE", "--lora-rank", "4"]
    command = SFTCommand.parse(words, prog="x")
    assert isinstance(command, FineTuneCommand)
    assert command.from_records == (Path("b"), Path("c"))
    assert command.verdict == ("AC", "TLE")
    assert command.lora_rank == 4


def test_the_command_trains_and_says_what_is_wrong(
    settings: Callable[..., FineTuneSettings], rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings()
    words = ["--out", str(chosen.out), "--init", str(chosen.init), "--steps", "1", "--batch", "2"]
    assert SFTCommand.parse([*words, "--rows", str(rows_file)], prog="x").run() == 0
    assert capsys.readouterr().out.strip() == str(chosen.out / "checkpoint-000001")
    rows_file.write_text("")
    assert SFTCommand.parse([*words, "--rows", str(rows_file), "--resume"], prog="x").run() == 2
    assert "nothing to learn from: the files are empty" in capsys.readouterr().err
