from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import SFTSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.training.checkpoint import checkpoints, find_checkpoint, load_saved
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.models.optimizer import learning_rate
    from codefrontier.training.pretraining.sft import sft_rows, train_sft


def small(out: Path, **changes: Any) -> SFTSettings:
    defaults = {"steps": 6, "batch": 4, "lr": 1e-2, "warmup": 2, "d": 8, "layers": 1, "heads": 2}
    return SFTSettings(out=out, **{**defaults, "checkpoint_every": 2, **changes})


def test_the_loss_falls_to_that_of_the_choices_in_the_corpus(start: Path) -> None:
    lines = read_lines(start.parent / "metrics.jsonl")
    assert [line["step"] for line in lines] == list(range(1, 121))
    assert lines[0]["loss"] > 2
    # A reply has two fair choices (the plan, the number) among its seven tokens.
    assert lines[-1]["loss"] == pytest.approx(2 / 7 * 0.693, abs=0.1)


def test_the_model_writes_programs_of_the_corpus(policy: LocalPolicy) -> None:
    prompt = policy.prompt_ids([{"role": "user", "content": "# Red\n\nred task\n\nPrint 1."}])
    requests = [SampleRequest(prompt_ids=prompt, max_new_tokens=16, seed=seed) for seed in range(40)]
    replies = [policy.decode(item.token_ids) for item in policy.sample(requests)]
    right = {f"```python\n{plan}\nprint({number})\n```" for plan in ("#fast", "#slow") for number in (1, 2)}
    assert right <= set(replies)
    assert sum(reply in right for reply in replies) > 36


def test_only_the_reply_and_its_end_are_learned(tokenizer: Any) -> None:
    [row] = sft_rows(tokenizer, [("red task", "print(1)")])
    learned = row.token_ids[row.loss_mask].tolist()
    assert tokenizer.decode(learned) == "```python\nprint(1)\n```</s>"
    assert tokenizer.decode(row.token_ids[~row.loss_mask].tolist()) == "<s>red task"
    assert torch.equal(row.weights["ce"], row.loss_mask.float())


def test_pairs_that_do_not_fit_are_named(tokenizer: Any) -> None:
    with pytest.raises(TrainingError, match=r"does not know some part .* 'red task'"):
        sft_rows(tokenizer, [("red task", "print(3)")])
    with pytest.raises(TrainingError, match="more than the context of 64"):
        sft_rows(tokenizer, [("red task", "print(1)" * 30)])


def test_a_resumed_run_ends_with_the_same_bits(
    tmp_path: Path, pair_source: Any, pieces: tuple[str, ...], weights_of: Callable[[Path], bytes]
) -> None:
    whole, parted = small(tmp_path / "whole"), small(tmp_path / "parted")
    train_sft(whole, pairs=pair_source, pieces=pieces)

    def stop(metrics: Any) -> None:
        if metrics["step"] == 5:  # after a checkpoint at 4
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_sft(parted, pairs=pair_source, pieces=pieces, on_step=stop)
    train_sft(replace(parted, resume=True), pairs=pair_source, pieces=pieces)
    assert weights_of(parted.out) == weights_of(whole.out)
    ours, theirs = (load_saved(find_checkpoint(settings.out)) for settings in (whole, parted))
    assert ours.state == theirs.state
    lines = [
        [{**line, "time_s": None} for line in read_lines(settings.out / "metrics.jsonl")]
        for settings in (whole, parted)
    ]
    assert lines[0] == lines[1]
    assert [path.name for path in checkpoints(whole.out)] == [f"checkpoint-00000{n}" for n in (2, 4, 6)]


def test_a_run_is_not_resumed_with_other_settings(
    tmp_path: Path, pair_source: Any, pieces: tuple[str, ...]
) -> None:
    settings = small(tmp_path, steps=2)
    train_sft(settings, pairs=pair_source, pieces=pieces)
    with pytest.raises(TrainingError, match="--resume"):
        train_sft(settings, pairs=pair_source, pieces=pieces)
    with pytest.raises(TrainingError, match=r"seed 0 instead of 1"):
        train_sft(replace(settings, resume=True, seed=1), pairs=pair_source, pieces=pieces)


def test_a_finished_run_that_is_resumed_is_left_as_it_is(start: Path) -> None:
    settings = SFTSettings(
        out=start.parent, steps=120, batch=32, lr=2e-2, warmup=5, d=16, layers=1, heads=2, resume=True
    )
    assert train_sft(settings) == start


def test_the_learning_rate_rises_then_falls_to_a_tenth() -> None:
    rates = [learning_rate(step, steps=110, warmup=10, highest=1.0) for step in range(110)]
    assert rates[:10] == pytest.approx([number / 10 for number in range(1, 11)])
    assert rates[10] == pytest.approx(1.0)
    assert rates[60] == pytest.approx(0.55)
    assert rates[109] == pytest.approx(0.1, abs=0.01)
    assert rates[10:] == sorted(rates[10:], reverse=True)


@pytest.mark.parametrize(
    "bad", [{"steps": 0}, {"lr": 0.0}, {"lr": float("nan")}, {"batch": True}, {"weight_decay": -1.0}]
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        small(tmp_path, **bad)
