from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.merging import MergeOptions, merge_checkpoints
from codefrontier.training.errors import TrainingError
from codefrontier.training.models.settings import ModelSettings

if find_spec("peft") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("needs the extra lora", allow_module_level=True)

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from codefrontier.agents.policy.handover import WeightFolders
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.models.optimizer import make_optimizer
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.rows import Row
    from codefrontier.training.updating.update import UpdateSettings, update

IDS = [[5, 6, 7, 8, 9]]


def adapted(path: Path, resumed: Path | None = None, seed: int = 0, **settings: Any) -> TrainedModel:
    chosen = ModelSettings(**{"lora_rank": 4, **settings})
    return TrainedModel.load(path, chosen, device="cpu", seed=seed, resumed=resumed)


def learn(trained: TrainedModel, row_of_tokens: Callable[..., Row], steps: int = 3) -> None:
    optimizer = make_optimizer(trained.weights, ModelSettings(), lr=1e-2)
    trained.follow(optimizer)
    for _ in range(steps):
        update(trained.model, optimizer, [row_of_tokens(list(range(3, 40)), prompt=4)], UpdateSettings())


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        scores: torch.Tensor = model.eval()(input_ids=torch.tensor(IDS)).logits
    return scores


@pytest.mark.parametrize("shape", ["gpt2", "llama", "llama-tied", "qwen2", "qwen3"])
def test_a_checkpoint_holds_the_merged_model_and_what_peft_reads(
    shape: str, checkpoint_of: Callable[[str], Path], row_of_tokens: Callable[..., Row], tmp_path: Path
) -> None:
    trained = adapted(checkpoint_of(shape))
    learn(trained, row_of_tokens)
    trained.save(tmp_path)
    learned = logits(trained.model)
    merged = LocalPolicy.load(tmp_path).model
    assert torch.allclose(logits(merged), learned, atol=1e-5)
    base: Any = AutoModelForCausalLM.from_pretrained(checkpoint_of(shape), dtype=torch.float32)
    before = logits(base)
    assert not torch.allclose(before, learned, atol=1e-3), "it has learned something"
    assert torch.equal(logits(PeftModel.from_pretrained(base, str(tmp_path / "adapter"))), learned)


def test_only_the_adapters_change(checkpoint_of: Callable[[str], Path], row_of_tokens: Any) -> None:
    trained = adapted(checkpoint_of("llama"), lora_targets=("q_proj", "v_proj"))
    before = {name: each.detach().clone() for name, each in trained.model.named_parameters()}
    learn(trained, row_of_tokens)
    changed = {name for name, each in trained.model.named_parameters() if not torch.equal(each, before[name])}
    assert {name.rsplit(".lora_", 1)[0].rsplit(".", 1)[1] for name in changed} == {"q_proj", "v_proj"}
    assert all(".lora_" in name for name in changed)
    report = trained.report()
    # Two layers with two adapters each, of 4 * (32 + 32) and 4 * (32 + 16) weights.
    assert report["parameters_trained"] == 2 * (4 * 64 + 4 * 48)
    assert len(report["base_digest"]) == 64


def test_a_base_that_has_changed_is_not_saved(checkpoint_of: Callable[[str], Path], tmp_path: Path) -> None:
    trained = adapted(checkpoint_of("llama"))
    with torch.no_grad():
        trained.model.get_input_embeddings().weight[0, 0] += 1
    with pytest.raises(TrainingError, match="a frozen weight has changed"):
        trained.save(tmp_path)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_adapters_are_loaded_exactly_and_new_ones_change_nothing(
    precision: str, checkpoint_of: Callable[[str], Path], row_of_tokens: Any, tmp_path: Path
) -> None:
    path = checkpoint_of("qwen3")
    new = adapted(path, precision=precision)
    plain = TrainedModel.load(
        path, ModelSettings(precision=new._settings.precision), device="cpu", seed=0, resumed=None
    )
    assert torch.equal(logits(new.model), logits(plain.model))
    learn(new, row_of_tokens)
    new.save(tmp_path)
    again = adapted(path, resumed=tmp_path, seed=5, precision=precision)
    for one, other in zip(new.weights, again.weights, strict=True):
        assert torch.equal(one, other)
    assert torch.equal(logits(new.model), logits(again.model))


def test_the_seed_decides_new_adapters(checkpoint_of: Callable[[str], Path]) -> None:
    path = checkpoint_of("llama")
    state = torch.get_rng_state()
    first, same, other = adapted(path, seed=1), adapted(path, seed=1), adapted(path, seed=2)
    assert torch.equal(torch.get_rng_state(), state), "the generator of the process is unchanged"
    assert all(torch.equal(*pair) for pair in zip(first.weights, same.weights, strict=True))
    assert not all(torch.equal(*pair) for pair in zip(first.weights, other.weights, strict=True))


def test_layers_that_do_not_exist_are_named(checkpoint_of: Callable[[str], Path]) -> None:
    with pytest.raises(TrainingError, match="lora_targets nothing: "):
        adapted(checkpoint_of("llama"), lora_targets=("nothing",))


def test_a_server_gets_the_merged_weights(
    checkpoint_of: Callable[[str], Path], row_of_tokens: Any, tmp_path: Path
) -> None:
    trained = adapted(checkpoint_of("llama"), precision="bf16")
    learn(trained, row_of_tokens)
    policy = LocalPolicy(trained.model, trained.tokenizer)
    folder = WeightFolders(tmp_path, trained.save).write(1)
    trained.save(tmp_path / "saved")
    name = "model.safetensors"
    assert (folder / name).read_bytes() == (tmp_path / "saved" / name).read_bytes()
    assert LocalPolicy.load(folder).context == policy.context


def test_merged_checkpoints_are_parents_of_a_merge(
    checkpoint_of: Callable[[str], Path], row_of_tokens: Any, tmp_path: Path
) -> None:
    for number in (1, 2):
        trained = adapted(checkpoint_of("llama-tied"), seed=number)
        learn(trained, row_of_tokens, steps=number)
        trained.save(tmp_path / str(number))
    [report] = merge_checkpoints(tmp_path / "1", tmp_path / "2", [0.5], tmp_path / "out", MergeOptions())
    halves = [LocalPolicy.load(tmp_path / name).model.state_dict() for name in ("1", "2")]
    middle = LocalPolicy.load(report.path).model.state_dict()
    name = "model.layers.0.self_attn.q_proj.weight"
    assert torch.allclose(middle[name], (halves[0][name] + halves[1][name]) / 2, atol=1e-7)
