"""Adapters as parents: equal to the merge of peft itself."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.source import read_elements

if TYPE_CHECKING:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, GPT2Config, Qwen2Config

with_peft = pytest.mark.skipif(
    find_spec("peft") is None or find_spec("transformers") is None, reason="needs peft and transformers"
)


def _from_config(config: Any) -> Any:
    return AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]


def _values(folder: Path, **options: Any) -> dict[str, np.ndarray]:
    tensors = open_checkpoint(folder, **options).tensors
    assert {tensor.code for tensor in tensors.values()} == {"F32"}
    return {
        name: read_elements(tensor, 0, tensor.count).view("<f4").reshape(tensor.shape)
        for name, tensor in tensors.items()
    }


def _tiny(kind: str) -> Any:
    torch.manual_seed(0)
    if kind == "gpt2":
        sizes: dict[str, Any] = {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32, "vocab_size": 40}
        return _from_config(GPT2Config(**sizes))
    config = Qwen2Config(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=kind == "tied",
    )
    return _from_config(config)


CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain": ("qwen", "float32", {"target_modules": ["q_proj", "down_proj"], "r": 4, "lora_alpha": 6}),
    "rank-stabilised with patterns": (
        "qwen",
        "float32",
        {
            "target_modules": "all-linear",
            "r": 4,
            "lora_alpha": 6,
            "use_rslora": True,
            "rank_pattern": {"down_proj": 7, "layers.0.self_attn.q_proj": 2},
            "alpha_pattern": {"layers.1.*q_proj": 11, "up_proj": 3},
            "modules_to_save": ["lm_head", "norm"],
        },
    ),
    "biases": ("qwen", "float32", {"target_modules": ["q_proj", "v_proj"], "bias": "all"}),
    "16-bit base": ("qwen", "bfloat16", {"target_modules": ["q_proj", "o_proj"], "r": 3}),
    "embedding": ("qwen", "float32", {"target_modules": ["embed_tokens", "gate_proj"], "r": 3}),
    "transposed": ("gpt2", "float32", {"target_modules": ["c_attn", "c_proj"], "fan_in_fan_out": True}),
}


@with_peft
@pytest.mark.long
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_adapter_gives_the_weights_of_pefts_own_merge(
    case: tuple[str, str, dict[str, Any]], tmp_path: Path
) -> None:
    kind, dtype, settings = case
    _tiny(kind).to(getattr(torch, dtype)).save_pretrained(tmp_path / "base")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.float32)
    adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if weight.requires_grad or "lora_" in name:
                weight.add_(torch.randn_like(weight) * 0.1)
    adapted.save_pretrained(str(tmp_path / "adapter"))
    expected = adapted.merge_and_unload().state_dict()
    read = _values(tmp_path / "adapter")
    assert read
    base = _values(tmp_path / "base") if dtype == "float32" else {}
    moved = 0
    for name, value in read.items():
        assert np.allclose(value, expected[name].numpy(), rtol=1e-6, atol=2e-7), name
        moved += bool(base) and not np.array_equal(value, base[name])
    assert moved >= 2 or not base
