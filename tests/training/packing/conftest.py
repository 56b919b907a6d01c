"""Tiny models of several architectures, and rows of which some share their prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds
    import torch

    from codefrontier.training.rows import Row

VOCABULARY = 40
_SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,  # predictions far from uniform, so that wrong attention shows
}
_GROUPED = {**_SIZES, "num_key_value_heads": 2}
_WINDOW = 5
"""Sliding window, shorter than the prompts."""


def _configs() -> dict[str, Callable[[], Any]]:
    import transformers as hf

    return {
        "llama": lambda: hf.LlamaConfig(**_GROUPED),
        "qwen2": lambda: hf.Qwen2Config(**_GROUPED),
        "qwen2-window": lambda: hf.Qwen2Config(
            **_GROUPED, use_sliding_window=True, sliding_window=_WINDOW, max_window_layers=1
        ),
        "qwen3": lambda: hf.Qwen3Config(**_GROUPED, head_dim=8),
        "mistral-window": lambda: hf.MistralConfig(**_GROUPED, sliding_window=_WINDOW),
        "gemma3-window": lambda: hf.Gemma3TextConfig(**_GROUPED, head_dim=8, sliding_window=_WINDOW),
        "gpt2": lambda: hf.GPT2Config(
            vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.3
        ),
        "mamba": lambda: hf.MambaConfig(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2),
        "bloom": lambda: hf.BloomConfig(vocab_size=VOCABULARY, hidden_size=32, n_layer=2, n_head=4),
        "gpt-neo": lambda: hf.GPTNeoConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            num_layers=2,
            num_heads=4,
            attention_types=[[["global", "local"], 1]],
            window_size=_WINDOW,
        ),
        "qwen3-next": lambda: hf.Qwen3NextConfig(
            **_GROUPED,
            head_dim=8,
            linear_num_key_heads=2,
            linear_num_value_heads=2,
            linear_key_head_dim=8,
            linear_value_head_dim=8,
            num_experts=0,
        ),
    }


@pytest.fixture(scope="session")
def model_of() -> Callable[..., Any]:
    """Return a function that makes a model of an architecture in evaluation mode, without dropout."""
    import torch
    from transformers import AutoModelForCausalLM

    def make(name: str, dtype: torch.dtype = torch.float32) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            loader: Any = AutoModelForCausalLM  # transformers leaves it untyped
            model = loader.from_config(_configs()[name]()).to(dtype).eval()
        if dtype == torch.float64:
            # The norms of transformers compute in float32 whatever the dtype of the model.
            norms = {
                path: old for path, old in model.named_modules() if type(old).__name__.endswith("RMSNorm")
            }
            for path, old in norms.items():
                model.set_submodule(path, torch.nn.RMSNorm(old.weight.shape, eps=1e-6, dtype=dtype))
        return model

    return make


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., list[Row]]:
    """Return a function that makes rows of prompts and replies of given lengths.

    Rows with the same first number have the same prompt.
    """
    import torch

    from codefrontier.training.rows import Row

    def make(*shapes: tuple[int, int, int]) -> list[Row]:
        generator = torch.Generator().manual_seed(5)
        prompts = torch.randint(VOCABULARY, (8, 32), generator=generator)
        rows = []
        for number, (prompt, read, written) in enumerate(shapes):
            reply = torch.randint(VOCABULARY, (written,), generator=generator)
            ids = torch.cat([prompts[prompt, :read], reply])
            mask = torch.arange(len(ids)) >= read
            rows.append(
                Row(
                    episode_id=f"{prompt}#{number}",
                    group_id=str(prompt),
                    token_ids=ids,
                    loss_mask=mask,
                    sampler_log_probs=-mask.float(),
                    advantages=mask * float(torch.randn((), generator=generator)),
                    weights={"rl": mask.float()},
                    turn_ids=torch.zeros(len(ids), dtype=torch.int64),
                    reward=0.0,
                    truncated=False,
                    policy_version=0,
                )
            )
        return rows

    return make
