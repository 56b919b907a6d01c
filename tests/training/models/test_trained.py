from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.models.settings import ModelSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from safetensors.torch import load_file

    from codefrontier.agents.policy.checkpoint import context_of, load_tokens
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.models.optimizer import make_optimizer
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.rows import Row
    from codefrontier.training.updating.update import UpdateMetrics, UpdateSettings, update

SHAPES = ("gpt2", "llama", "llama-tied", "qwen2", "qwen3")
MESSAGES = [{"role": "user", "content": "  Grüße\n"}]


@pytest.fixture
def some_rows(row_of_tokens: Callable[..., Row]) -> list[Row]:
    """Return rows of 12 to 40 tokens; 5 tokens of each are a prompt."""
    return [
        row_of_tokens([(7 * place) % 200 + 3 for place in range(size)], prompt=5) for size in (40, 12, 23)
    ]


def trained(path: Path, **settings: Any) -> TrainedModel:
    return TrainedModel.load(path, ModelSettings(**settings), device="cpu", seed=0, resumed=None)


def learn(
    model: TrainedModel, rows: list[Row], steps: int = 2, lr: float = 1e-2, **how: Any
) -> UpdateMetrics:
    """Update a model; return the metrics of the last step."""
    optimizer = make_optimizer(model.weights, ModelSettings(), lr=lr)
    model.follow(optimizer)
    return [update(model.model, optimizer, rows, UpdateSettings(**how)) for _ in range(steps)][-1]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_that_has_learned_nothing_is_saved_as_it_was(
    shape: str, precision: str, checkpoint_of: Callable[[str], Path], tmp_path: Path
) -> None:
    path = checkpoint_of(shape)
    trained(path, precision=precision).save(tmp_path)
    saved, begun = (load_file(folder / "model.safetensors") for folder in (tmp_path, path))
    assert saved.keys() == begun.keys()
    assert all(torch.equal(saved[name], begun[name]) for name in saved)
    assert {weight.dtype for weight in saved.values()} == {torch.float32}
    assert '"dtype": "float32"' in (tmp_path / "config.json").read_text()
    assert (tmp_path / "chat_template.jinja").read_bytes() == (path / "chat_template.jinja").read_bytes()
    ours, theirs = (load_tokens(folder).tokenizer for folder in (tmp_path, path))
    assert ours.get_vocab() == theirs.get_vocab()
    assert ours.encode("a<|im_end|> ß") == theirs.encode("a<|im_end|> ß")


@pytest.mark.parametrize("shape", SHAPES)
def test_prompts_context_and_end_of_a_reply_are_those_of_the_checkpoint(
    shape: str, checkpoint_of: Callable[[str], Path], tokenizer_bytes: Any
) -> None:
    policy = LocalPolicy.load(checkpoint_of(shape))
    rendered = "<|im_start|>user\n  Grüße\n<|im_end|>\n<|im_start|>assistant\n"
    assert policy.tokenizer.decode(policy.prompt_ids(MESSAGES)) == rendered
    assert policy.prompt_ids(MESSAGES) == tuple(tokenizer_bytes.encode(rendered))
    assert policy.context == load_tokens(checkpoint_of(shape)).context == 2048
    assert policy._stop_ids == {tokenizer_bytes.eos_token_id}


def test_a_model_without_positions_has_the_context_of_its_tokenizer(tokenizer_bytes: Any) -> None:
    from transformers import MambaConfig

    assert context_of(MambaConfig(), tokenizer_bytes) == 2048


@pytest.mark.parametrize("shape", SHAPES)
def test_activations_that_are_computed_again_change_nothing(
    shape: str, checkpoint_of: Callable[[str], Path], some_rows: list[Row]
) -> None:
    path = checkpoint_of(shape)
    kept, computed = trained(path), trained(path, gradient_checkpointing=True)
    assert learn(kept, some_rows) == learn(computed, some_rows)
    for one, other in zip(kept.weights, computed.weights, strict=True):
        assert torch.equal(one, other)


def test_activations_are_really_computed_again(
    checkpoint_of: Callable[[str], Path], some_rows: list[Row]
) -> None:
    calls = {}
    for recompute in (False, True):
        model = trained(checkpoint_of("llama"), gradient_checkpointing=recompute)
        seen: list[int] = []
        model.model.model.layers[0].self_attn.register_forward_hook(lambda *_, seen=seen: seen.append(1))
        learn(model, some_rows, steps=1)
        calls[recompute] = len(seen)
    # A forward pass, which is repeated, and one in evaluation mode, which checks the updated model.
    assert calls == {False: 2, True: 3}


@pytest.mark.parametrize("shape", ["gpt2", "llama-tied"])
@pytest.mark.parametrize(
    "how", [{"part_rows": 1}, {"part_rows": 2}, {"part_tokens": 30}, {"part_tokens": 50}]
)
def test_the_loss_is_the_same_however_gradients_are_accumulated(
    shape: str, how: dict[str, int], checkpoint_of: Callable[[str], Path], some_rows: list[Row]
) -> None:
    whole, parted = trained(checkpoint_of(shape)), trained(checkpoint_of(shape))
    at_once, in_parts = (
        learn(whole, some_rows, steps=1, lr=1e-3, part_rows=9),
        learn(parted, some_rows, steps=1, lr=1e-3, **how),
    )
    assert in_parts.loss == pytest.approx(at_once.loss, abs=1e-6)
    assert in_parts.grad_norm == pytest.approx(at_once.grad_norm, rel=1e-5)
    for one, other in zip(whole.weights, parted.weights, strict=True):
        assert one.grad is None
        assert torch.allclose(one, other, atol=1e-4)


def test_dropout_is_off(checkpoint_of: Callable[[str], Path]) -> None:
    model = trained(checkpoint_of("gpt2"))
    assert model.model.config.resid_pdrop == 0.1, "the checkpoint keeps its configuration"
    ids = torch.tensor([[5, 6, 7, 8]])
    logits = [model.model.train()(input_ids=ids).logits for _ in range(2)]
    assert torch.equal(*logits)


def test_the_report_names_every_choice(checkpoint_of: Callable[[str], Path]) -> None:
    report = trained(checkpoint_of("llama-tied"), precision="bf16").report()
    assert report["class"] == "LlamaForCausalLM"
    assert report["parameters"] == report["parameters_trained"] > 20_000
    assert report["computation"] == "torch.bfloat16"
    assert report["head"] == report["master_weights"] == "torch.float32"
    assert report["tied_embeddings"] is True
    assert trained(checkpoint_of("llama")).report()["tied_embeddings"] is False


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"precision": "fp16"}, "precision must be one of fp32, bf16, got 'fp16'"),
        ({"schedule": "step"}, "schedule must be one of"),
        ({"part_tokens": 0}, "part_tokens must be a whole number of at least 1, got 0"),
        ({"betas": (0.9, 1.0)}, r"betas must be two numbers in \[0, 1\)"),
        ({"lr_floor": 1.5}, "lr_floor"),
        ({"weight_decay": float("nan")}, "weight_decay"),
        ({"lora_alpha": 4.0}, "lora_alpha and lora_targets need a lora_rank"),
        ({"lora_rank": 2, "lora_targets": ()}, "lora_targets must name at least one layer"),
        ({"lora_rank": 2, "lora_targets": ("all-linear", "q_proj")}, "includes all others"),
    ],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ModelSettings(**bad)


@pytest.mark.parametrize(
    ("shape", "how"),
    [
        ("gpt2", {"precision": "bf16"}),
        ("llama", {"precision": "bf16", "gradient_checkpointing": True}),
        ("qwen2", {"lora_rank": 2}),
        ("qwen3", {"lora_rank": 2, "precision": "bf16", "gradient_checkpointing": True}),
    ],
    ids=str,
)
def test_a_copy_for_another_process_learns_the_same_and_gives_its_weights_back(
    shape: str, how: dict[str, Any], checkpoint_of: Callable[[str], Path], some_rows: list[Row]
) -> None:
    if "lora_rank" in how:
        pytest.importorskip("peft", reason="needs the extra lora")
    here = trained(checkpoint_of(shape), **how)
    sent = pickle.loads(pickle.dumps(here.copied()))
    assert {weight.dtype for weight in sent.parameters()} == {torch.float32}
    there = TrainedModel.of_copy(sent, ModelSettings(**how))
    before = [weight.detach().clone() for weight in here.weights]
    for weight, other in zip(before, there.weights, strict=True):
        assert torch.equal(weight, other)
    ours, theirs = learn(here, some_rows), learn(there, some_rows)
    assert ours == theirs
    after = [weight.detach().clone() for weight in here.weights]
    assert all(torch.equal(weight, other) for weight, other in zip(after, there.weights, strict=True))
    assert not all(torch.equal(weight, other) for weight, other in zip(before, after, strict=True))
    rounded = [weight.detach().clone() for weight in here.model.parameters()]
    here.take(before)
    here.take(there.weights)
    assert all(torch.equal(one, own) for one, own in zip(rounded, here.model.parameters(), strict=True))
