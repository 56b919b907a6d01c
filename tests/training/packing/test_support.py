"""Models whose packed rows would get other log-probs are refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.packing.support import check_packing


@pytest.mark.parametrize(
    "name", ["llama", "qwen2", "qwen2-window", "qwen3", "mistral-window", "gemma3-window", "gpt2"]
)
def test_models_with_attention_functions_are_accepted(name: str, model_of: Callable[..., Any]) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        model = model_of(name, dtype).train()
        check_packing(model, "rows")
        check_packing(model, "prefixes")
        assert model.training


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mamba", "carry a state from token to token"),
        ("qwen3-next", "'linear_attention' carry a state"),
        ("bloom", "cannot be replaced"),
        ("gpt-neo", "cannot be replaced"),
    ],
)
def test_other_models_are_refused_with_the_reason(
    name: str, reason: str, model_of: Callable[..., Any]
) -> None:
    model = model_of(name)
    with pytest.raises(TrainingError, match=f"(?s)packing 'rows' cannot be used with .*{reason}.*'off'"):
        check_packing(model, "rows")
    check_packing(model, "off")


def test_a_model_that_ignores_positions_is_found_by_its_log_probs(model_of: Callable[..., Any]) -> None:
    model = model_of("llama")
    forward = model.model.rotary_emb.forward
    model.model.rotary_emb.forward = lambda x, position_ids: forward(
        x, torch.arange(position_ids.shape[1])[None]
    )
    check_packing(model, "rows")  # rotary positions are relative: rows that begin later score the same
    with pytest.raises(TrainingError, match="log-probs of packed rows differ by"):
        check_packing(model, "prefixes")
