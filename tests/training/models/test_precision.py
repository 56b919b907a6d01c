from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.models.settings import ModelSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.rows import Row
    from codefrontier.training.updating.update import UpdateSettings, update


def half(path: Path, **settings: Any) -> TrainedModel:
    chosen = ModelSettings(precision="bf16", **settings)
    return TrainedModel.load(path, chosen, device="cpu", seed=0, resumed=None)


@pytest.mark.parametrize("shape", ["gpt2", "llama", "llama-tied", "qwen3"])
def test_the_body_computes_in_bfloat16_and_the_head_in_float32(
    shape: str, checkpoint_of: Callable[[str], Path]
) -> None:
    model = half(checkpoint_of(shape)).model
    seen: dict[str, Any] = {}
    model.get_input_embeddings().register_forward_hook(lambda *call: seen.update(embedded=call[2]))
    model.get_output_embeddings().register_forward_hook(lambda *call: seen.update(hidden=call[1][0]))
    logits = model(input_ids=torch.tensor([[5, 6, 7]])).logits
    assert seen["embedded"].dtype == torch.bfloat16
    assert seen["hidden"].dtype == logits.dtype == torch.float32
    assert torch.equal(seen["hidden"], seen["hidden"].bfloat16().float()), "what the body gives is bfloat16"
    assert torch.equal(logits, seen["hidden"] @ model.get_output_embeddings().weight.T)


def test_without_a_float32_head_the_logits_are_bfloat16(checkpoint_of: Callable[[str], Path]) -> None:
    model = half(checkpoint_of("llama"), fp32_head=False).model
    assert model(input_ids=torch.tensor([[5, 6, 7]])).logits.dtype == torch.bfloat16
    assert {each.dtype for each in model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("shape", ["gpt2", "llama-tied"])
def test_tied_weights_stay_tied(shape: str, checkpoint_of: Callable[[str], Path]) -> None:
    for fp32_head in (True, False):
        model = half(checkpoint_of(shape), fp32_head=fp32_head).model
        assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_updates_too_small_for_bfloat16_are_not_lost(
    checkpoint_of: Callable[[str], Path], row_of_tokens: Callable[..., Row]
) -> None:
    """A step of at most 1e-4 of a gradient is below half a unit in the last place of most weights."""
    trained = half(checkpoint_of("llama"))
    before = [weight.detach().clone() for weight in trained.weights]
    rounded = [each.detach().clone() for each in trained.model.parameters()]
    optimizer = torch.optim.SGD(trained.weights, lr=1e-4)
    trained.follow(optimizer)
    rows = [row_of_tokens(list(range(3, 40)), prompt=4)]
    update(trained.model, optimizer, rows, UpdateSettings())
    # In float32, too, a step this small is lost next to the 1 of a normalisation.
    moved = [
        float((now.detach() - then).abs().max())
        for now, then in zip(trained.weights, before, strict=True)
        if then.ndim == 2
    ]
    assert len(moved) == 16
    assert all(0 < each < 1e-3 for each in moved)
    same = [
        bool((now == then).float().mean() > 0.9)
        for now, then in zip(trained.model.parameters(), rounded, strict=True)
        if now.dtype == torch.bfloat16
    ]
    assert all(same), "the copies that compute hardly change"
    assert {weight.dtype for weight in trained.weights} == {torch.float32}


def test_the_model_computes_with_the_rounded_master_weights(
    checkpoint_of: Callable[[str], Path], row_of_tokens: Callable[..., Row]
) -> None:
    trained = half(checkpoint_of("qwen2"))
    optimizer = torch.optim.SGD(trained.weights, lr=0.1)
    trained.follow(optimizer)
    update(trained.model, optimizer, [row_of_tokens(list(range(3, 40)), prompt=4)], UpdateSettings())
    for parameter, master in zip(trained.model.parameters(), trained.weights, strict=True):
        assert torch.equal(parameter, master.to(parameter.dtype))


def test_gradients_of_parts_are_added_in_float32(
    checkpoint_of: Callable[[str], Path], row_of_tokens: Callable[..., Row]
) -> None:
    rows = [row_of_tokens(list(range(3, 3 + size)), prompt=2) for size in (30, 31, 32)]

    def gradients(chosen: list[Row]) -> list[torch.Tensor]:
        trained = half(checkpoint_of("llama"))
        for row in chosen:
            ids = row.token_ids[None]
            trained.model(input_ids=ids, labels=ids).loss.backward()
        return [weight.grad for weight in trained.weights if weight.grad is not None]

    together, apart = gradients(rows), [gradients([row]) for row in rows]
    for place, gradient in enumerate(together):
        assert gradient.dtype == torch.float32
        first, second, third = (each[place] for each in apart)
        assert torch.equal(gradient, first + second + third)


def test_the_log_probs_of_the_sampler_are_those_of_the_trainer(checkpoint_of: Callable[[str], Path]) -> None:
    trained = half(checkpoint_of("qwen3"))
    policy = LocalPolicy(trained.model, trained.tokenizer)
    prompt = policy.prompt_ids([{"role": "user", "content": "Print 1."}])
    [sampled] = policy.sample([SampleRequest(prompt_ids=prompt, max_new_tokens=12)])
    scored = policy.score(prompt, sampled.token_ids)
    # A key-value cache changes the shapes of products, and with it their rounding in bfloat16.
    assert sampled.log_probs == pytest.approx(scored, abs=0.02)
