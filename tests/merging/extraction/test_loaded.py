"""Adapters made from two checkpoints: peft loads them, and they predict as the checkpoint."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.source import read_elements
from codefrontier.merging.extraction.extract import extract_lora

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, GPT2Config, Qwen2Config

with_peft = pytest.mark.skipif(
    find_spec("peft") is None or find_spec("transformers") is None, reason="needs peft and transformers"
)


def _from_config(config: Any) -> Any:
    return AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]


def _values(folder: Path) -> dict[str, np.ndarray]:
    tensors = open_checkpoint(folder).tensors.values()
    floats = [each for each in tensors if each.form]
    return {
        each.name: read_elements(each, 0, each.count).view("<f4").astype(np.float64).reshape(each.shape)
        for each in floats
    }


@with_peft
@pytest.mark.long
@pytest.mark.parametrize("kind", ["qwen", "tied", "gpt2"])
def test_peft_loads_the_adapter_and_predicts_as_the_checkpoint(kind: str, tmp_path: Path) -> None:
    """With the full rank, the adapter is exact up to rounding: biases, norms and embeddings included."""
    torch.manual_seed(0)
    config: Any
    if kind == "gpt2":
        config = GPT2Config(n_embd=16, n_layer=2, n_head=2, n_positions=32, vocab_size=40)
    else:
        config = Qwen2Config(
            vocab_size=40,
            hidden_size=16,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            tie_word_embeddings=kind == "tied",
        )
    model = _from_config(config).eval()
    model.save_pretrained(tmp_path / "base")
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    model.save_pretrained(tmp_path / "new")
    tokens = torch.arange(12)[None]
    wanted = model(tokens).logits
    done = extract_lora(tmp_path / "base", tmp_path / "new", tmp_path / "adapter", rank=16, rest="save")
    assert done.relative_error < 1e-6
    base = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.float32)
    adapted = PeftModel.from_pretrained(base, tmp_path / "adapter").eval()
    assert not torch.allclose(AutoModelForCausalLM.from_pretrained(tmp_path / "base")(tokens).logits, wanted)
    assert torch.allclose(adapted(tokens).logits, wanted, atol=2e-5)
    merged = _values(tmp_path / "adapter")
    state = model.state_dict()
    for name, value in merged.items():
        assert np.allclose(value, state[name].numpy(), atol=1e-6), name
