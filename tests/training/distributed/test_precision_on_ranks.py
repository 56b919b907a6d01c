"""bf16 and adapters on two ranks against one process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.settings import FineTuneSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from safetensors.torch import load_file

    from codefrontier.training.checkpoint import find_checkpoint
    from codefrontier.training.sft.finetune import fine_tune

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
STEPS = 5
CHOICES: dict[str, tuple[str, list[str], bool]] = {
    "bf16, tied": ("gpt2", ["--precision", "bf16"], True),
    "bf16, untied": ("llama", ["--precision", "bf16"], True),
    "bf16, with its head": ("qwen2", ["--precision", "bf16", "--no-fp32-head"], True),
    "lora": ("llama", ["--lora-rank", "3"], False),
    "lora, bf16": ("qwen3", ["--lora-rank", "2", "--precision", "bf16", "--gradient-checkpointing"], True),
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Return a file of conversations of several lengths."""
    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        for number in range(48):
            said = [("user", f"Print {number}."), ("assistant", f"print({number})" + " # yes" * (number % 5))]
            messages = [{"role": role, "content": content} for role, content in said]
            file.write(json.dumps({"messages": messages}) + "\n")
    return path


@pytest.mark.parametrize("choice", CHOICES)
def test_two_ranks_learn_like_one_process(
    choice: str,
    rows: Path,
    tmp_path: Path,
    checkpoint_of: Callable[[str], Path],
    torchrun: Callable[..., Any],
    assert_alike: Callable[..., None],
    tolerances: tuple[float, float],
) -> None:
    shape, words, half = CHOICES[choice]
    if "--lora-rank" in words:
        pytest.importorskip("peft", reason="needs the extra lora")
    start = checkpoint_of(shape)
    sizes = ["--steps", str(STEPS), "--batch", "32", "--part-rows", "8", "--lr", "1e-3"]
    shared = ["--init", str(start), "--rows", str(rows), *sizes, *words]
    command = ["codefrontier", "train", "sft", *shared, "--out", str(tmp_path / "two")]
    done = torchrun(2, "-m", "--", *command)
    assert done.returncode == 0, done.stderr
    chosen = settings_of(words)
    alone = FineTuneSettings(
        init=start, rows=(rows,), out=tmp_path / "one", steps=STEPS, batch=32, part_rows=8, lr=1e-3, **chosen
    )
    fine_tune(alone)
    assert_alike(tmp_path / "one", tmp_path / "two", steps=STEPS, tolerance=tolerances[half])
    one, two = (find_checkpoint(tmp_path / name) for name in ("one", "two"))
    if "lora_rank" in chosen:
        left, right = (load_file(end / "adapter" / "adapter_model.safetensors") for end in (one, two))
        assert left.keys() == right.keys()
        assert all(torch.allclose(left[name], right[name], atol=tolerances[half]) for name in left)
        trained = [weight for name, weight in left.items() if "lora_B" in name]
        assert all(bool(weight.any()) for weight in trained)


def settings_of(words: list[str]) -> dict[str, Any]:
    """Return the settings of a command line."""
    found: dict[str, Any] = {}
    if "--precision" in words:
        found["precision"] = "bf16"
    if "--no-fp32-head" in words:
        found["fp32_head"] = False
    if "--lora-rank" in words:
        found["lora_rank"] = int(words[words.index("--lora-rank") + 1])
    if "--gradient-checkpointing" in words:
        found["gradient_checkpointing"] = True
    return found


def test_asynchronous_updates_of_adapters_in_bf16_on_two_ranks_are_those_of_one(
    run_ranks: Callable[..., Any],
    tmp_path: Path,
    assert_alike: Callable[..., None],
    tolerances: tuple[float, float],
) -> None:
    pytest.importorskip("peft", reason="needs the extra lora")
    for ranks in (1, 2):
        done = run_ranks(ranks, f"async{ranks}", steps=4, staleness=1, precision="bf16", lora_rank=2, lr=1e-3)
        assert done.returncode == 0, done.stderr
    assert_alike(tmp_path / "async1", tmp_path / "async2", steps=4, tolerance=tolerances[True])
