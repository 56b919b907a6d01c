"""Packed rows give the log-probs, entropies, gradients and weights of padded rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.packing.attention import packed_attention_in
    from codefrontier.training.packing.layout import collate_packed
    from codefrontier.training.packing.scoring import score
    from codefrontier.training.rows import Row
    from codefrontier.training.settings import Packing
    from codefrontier.training.updating.update import UpdateSettings, update

MODELS = ("llama", "qwen2", "qwen2-window", "qwen3", "mistral-window", "gemma3-window", "gpt2")
PACKINGS: tuple[Packing, ...] = ("rows", "prefixes")
SHAPES = ((0, 7, 9), (0, 7, 1), (1, 12, 3), (0, 7, 14), (2, 3, 5), (1, 12, 8), (3, 1, 4))
"""Prompt, tokens of the prompt, tokens of the reply: three rows share a prompt, two another."""


def scored(model: Any, rows: list[Row], packing: Packing) -> tuple[torch.Tensor, ...]:
    """Return the log-probs and entropies of the weighed tokens, and the gradient of a weighted sum."""
    model.zero_grad()
    batch = collate_packed(rows, packing)
    weighed = batch.weights["rl"] != 0
    with packed_attention_in(model, packing):
        scores = score(model, batch)
        factors = torch.arange(int(weighed.sum())).to(scores.log_probs.dtype).cos()
        (scores.log_probs[weighed] * factors).sum().backward()  # type: ignore[no-untyped-call]
    gradient = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    return scores.log_probs[weighed].detach(), scores.entropy[weighed], gradient


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", MODELS)
def test_log_probs_entropies_and_gradients_are_those_of_padded_rows(
    name: str, packing: Packing, model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    rows = rows_of(*SHAPES)
    for dtype, close in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        model = model_of(name, dtype)
        for expected, found in zip(scored(model, rows, "off"), scored(model, rows, packing), strict=True):
            assert found.dtype == dtype
            # Relative to the largest value: gradients of these models reach hundreds.
            assert float((found - expected).abs().max() / expected.abs().max().clamp(min=1)) < close


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_row_is_not_affected_by_the_other_rows(
    packing: Packing, model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    model = model_of("llama", torch.float64)
    rows = rows_of(*SHAPES)
    before, _, _ = scored(model, rows, packing)
    rows[0].token_ids[7:] = (rows[0].token_ids[7:] + 1) % 40
    after, _, _ = scored(model, rows, packing)
    assert not torch.equal(before[:9], after[:9])
    assert torch.equal(before[9:], after[9:])


def test_the_own_attention_of_a_model_is_restored(
    model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    model = model_of("llama")
    scored(model, rows_of(*SHAPES), "prefixes")
    assert model.config._attn_implementation == "sdpa"
    with pytest.raises(RuntimeError, match="stop"), packed_attention_in(model, "rows"):
        raise RuntimeError("stop")
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_update_takes_the_same_step(
    packing: Packing, model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    def learned(way: Packing, part_rows: int) -> tuple[torch.Tensor, float, float]:
        model = model_of("llama")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        settings = UpdateSettings(passes=2, part_rows=part_rows, packing=way)
        metrics = update(model, optimizer, rows_of(*SHAPES), settings)
        weights = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
        return weights, metrics.loss, metrics.entropy

    expected = learned("off", 4)
    for part_rows in (3, 16):
        found = learned(packing, part_rows)
        assert torch.allclose(found[0], expected[0], atol=1e-5)
        assert found[1:] == pytest.approx(expected[1:], abs=1e-5)


@pytest.mark.parametrize("packing", PACKINGS)
def test_gradient_checkpointing_computes_the_same_gradient(
    packing: Packing, model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    model = model_of("llama", torch.float64)
    rows = rows_of(*SHAPES)
    model.train()
    _, _, plain = scored(model, rows, packing)
    model.gradient_checkpointing_enable()
    _, _, again = scored(model, rows, packing)
    assert torch.equal(plain, again)


def test_packing_gives_equal_results_each_time(
    model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    model, rows = model_of("llama"), rows_of(*SHAPES)
    first, second = (scored(model, rows, "prefixes") for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
