"""Merges of shards with an ordinary checkpoint load in transformers and predict as they should."""

from __future__ import annotations

import copy
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.merging import merge_checkpoints

if TYPE_CHECKING:
    import torch
    from torch.distributed.checkpoint.state_dict_saver import save
    from transformers import AutoModelForCausalLM, Qwen2Config

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        find_spec("torch") is None or find_spec("transformers") is None, reason="needs transformers"
    ),
]


def _from_config(config: Any) -> Any:
    return AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")
def test_a_merge_with_a_dcp_folder_loads_and_predicts(tied: bool, tmp_path: Path) -> None:
    """The shards hold a tied head that the other parent does not store."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=tied,
    )
    low = _from_config(config).eval()
    high = copy.deepcopy(low)
    with torch.no_grad():
        for weight in high.parameters():
            weight.add_(torch.randn_like(weight) * 0.02)
    low.save_pretrained(tmp_path / "low")
    shards = tmp_path / "high" / "pytorch_model_fsdp_0"
    save({"model": high.state_dict()}, checkpoint_id=shards, no_dist=True)
    for path in (tmp_path / "low").glob("*.json"):
        shutil.copy(path, tmp_path / "high")
    (report,) = merge_checkpoints(tmp_path / "low", tmp_path / "high", [0.5], tmp_path / "out")
    merged: Any = AutoModelForCausalLM.from_pretrained(report.path, dtype="auto")
    merged.eval()
    with torch.no_grad():
        for ours, a, b in zip(low.parameters(), low.parameters(), high.parameters(), strict=True):
            ours.copy_((a.double() + 0.5 * (b.double() - a.double())).float())
    tokens = torch.arange(12)[None]
    assert torch.equal(merged(tokens).logits, low(tokens).logits)
