from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents import AgentError
from codefrontier.training.errors import TrainingError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from codefrontier.training.checkpoint import (
        TrainerState,
        checkpoints,
        find_checkpoint,
        load_saved,
        save_checkpoint,
    )
    from codefrontier.training.metrics import MetricsLog, read_lines
    from codefrontier.training.models.settings import ModelSettings
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.pretraining.model import tiny_model


Save = Callable[[int], Path]


@pytest.fixture
def save(tokenizer: Any, tmp_path: Path) -> Save:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2)
    optimizer = torch.optim.AdamW(model.parameters())

    def call(step: int) -> Path:
        state = TrainerState(stage="rl", step=step, settings={"seed": 3}, progress={"problems_taken": 5})
        trained = TrainedModel(model, tokenizer, ModelSettings())
        return save_checkpoint(tmp_path, trained, optimizer.state_dict(), state)

    return call


def test_a_checkpoint_is_an_ordinary_transformers_folder_in_float32(save: Save, tokenizer: Any) -> None:
    path = save(10)
    assert path.name == "checkpoint-000010"
    model = AutoModelForCausalLM.from_pretrained(path)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert AutoTokenizer.from_pretrained(path).get_vocab() == tokenizer.get_vocab()


def test_what_was_saved_is_loaded(save: Save) -> None:
    saved = load_saved(save(10))
    assert saved.state == TrainerState(
        stage="rl", step=10, settings={"seed": 3}, progress={"problems_taken": 5}
    )
    assert "param_groups" in saved.optimizer


def test_the_last_complete_checkpoint_is_found(save: Save, tmp_path: Path) -> None:
    first, last = save(9), save(1_000_000)
    (tmp_path / ".checkpoint-2000000.partial").mkdir()
    (tmp_path / "checkpoint-later").mkdir()
    assert checkpoints(tmp_path) == [first, last]
    assert find_checkpoint(tmp_path) == last
    assert find_checkpoint(first) == first


def test_a_half_written_checkpoint_is_written_anew(save: Save, tmp_path: Path) -> None:
    partial = tmp_path / ".checkpoint-000010.partial"
    partial.mkdir()
    (partial / "junk").write_text("")
    path = save(10)
    assert not (path / "junk").exists()
    assert not partial.exists()


def test_no_checkpoint_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="holds no checkpoint"):
        find_checkpoint(tmp_path)
    with pytest.raises(AgentError, match="is no folder"):
        find_checkpoint(tmp_path / "missing")


@pytest.mark.parametrize("content", [None, b"", b"no torch file", {"format": 99}, {"format": 1}])
def test_a_damaged_state_is_an_error_that_names_the_file(save: Save, content: Any) -> None:
    path = save(10)
    target = path / "trainer.pt"
    if content is None:
        target.unlink()
    elif isinstance(content, bytes):
        target.write_bytes(content)
    else:
        torch.save(content, target)
    with pytest.raises(TrainingError, match=r"trainer\.pt"):
        load_saved(path)


def test_a_checkpoint_without_a_state_cannot_be_resumed(start: Path, tmp_path: Path) -> None:
    merged = tmp_path / "checkpoint-000001"
    shutil.copytree(start, merged, ignore=shutil.ignore_patterns("*.pt"))
    with pytest.raises(TrainingError, match="cannot be resumed"):
        load_saved(merged)


def test_metrics_after_the_resumed_step_are_dropped(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path, step=0)
    for step in (1, 2, 3):
        log.write({"step": step})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "rew')  # torn by a crash
    MetricsLog(tmp_path, step=2).write({"step": 3, "again": True})
    assert read_lines(tmp_path / "metrics.jsonl") == [{"step": 1}, {"step": 2}, {"step": 3, "again": True}]


def test_a_line_that_is_no_metrics_is_named(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\nnonsense\n')
    with pytest.raises(TrainingError, match=r"metrics.jsonl, line 2"):
        MetricsLog(tmp_path, step=1)
