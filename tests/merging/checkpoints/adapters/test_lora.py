"""Adapters as parents: worked by hand, and refused by name where the formula is another."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.source import read_elements

PREFIX = "base_model.model."


def _values(folder: Path, **options: Any) -> dict[str, np.ndarray]:
    tensors = open_checkpoint(folder, **options).tensors
    assert {tensor.code for tensor in tensors.values()} == {"F32"}
    return {
        name: read_elements(tensor, 0, tensor.count).view("<f4").reshape(tensor.shape)
        for name, tensor in tensors.items()
    }


def _write_adapter(
    kit: SimpleNamespace, folder: Path, tensors: dict[str, Any], base: Path | None = None, **config: Any
) -> Path:
    folder.mkdir()
    settings = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, **config}
    if base:
        settings["base_model_name_or_path"] = str(base)
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    kit.write_file(folder / "adapter_model.safetensors", tensors)
    return folder


A = np.array([[1.0, 0, 2, 0], [0, 1.0, 0, -1]])
B = np.array([[1.0, 2], [0, 1], [3, 0]])
W = np.arange(12.0).reshape(3, 4)
FACTORS = {
    f"{PREFIX}layer.lora_A.weight": ("F32", A),
    f"{PREFIX}layer.lora_B.weight": ("F32", B),
}


@pytest.fixture
def base(kit: SimpleNamespace, tmp_path: Path) -> Path:
    tensors = {"layer.weight": ("BF16", W), "norm.weight": ("BF16", np.ones(4)), "ids": ("I64", np.arange(2))}
    path: Path = kit.make_checkpoint(tmp_path / "base", tensors)
    return path


def test_a_case_worked_by_hand(kit: SimpleNamespace, base: Path, tmp_path: Path) -> None:
    saved = {f"{PREFIX}norm.weight": ("F32", np.array([1.0, 2, 3, 4]))}
    adapter = _write_adapter(kit, tmp_path / "adapter", {**FACTORS, **saved}, base)
    tensors = open_checkpoint(adapter).tensors
    merged = read_elements(tensors["layer.weight"], 0, 12).view("<f4").reshape(3, 4)
    # Row 0 of B @ A is (1, 2, 2, -2); the scale is 4 / 2.
    assert merged[0].tolist() == [2.0, 5.0, 6.0, -1.0]
    assert np.array_equal(merged, W + 2 * B @ A)
    assert read_elements(tensors["norm.weight"], 0, 4).view("<f4").tolist() == [1, 2, 3, 4]
    for first in range(12):
        piece = read_elements(tensors["layer.weight"], first, min(5, 12 - first)).view("<f4")
        assert piece.tolist() == merged.ravel()[first : first + 5].tolist()


def test_the_result_does_not_depend_on_what_is_read_at_a_time(kit: SimpleNamespace, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows, columns, rank = 300, 700, 9
    base = kit.make_checkpoint(tmp_path / "base", {"l.weight": ("F32", random.normal(size=(rows, columns)))})
    factors = {
        f"{PREFIX}l.lora_A.weight": ("BF16", random.normal(size=(rank, columns))),
        f"{PREFIX}l.lora_B.weight": ("BF16", random.normal(size=(rows, rank))),
    }
    adapter = _write_adapter(kit, tmp_path / "adapter", factors, base)
    for chunk in (501, 1 << 19):
        options = MergeOptions(chunk=chunk)
        merge_checkpoints(adapter, base, [0.5], tmp_path / str(chunk), options)
    read = [kit.read_raw(tmp_path / str(chunk) / "alpha-0.5") for chunk in (501, 1 << 19)]
    assert read[0] == read[1]


def test_a_merge_with_an_adapter_says_so_and_is_float32(
    kit: SimpleNamespace, base: Path, tmp_path: Path
) -> None:
    adapter = _write_adapter(kit, tmp_path / "adapter", FACTORS)
    (report,) = merge_checkpoints(adapter, base, [1.5], tmp_path / "out", MergeOptions(base=base))
    merged = kit.read_raw(report.path)
    assert merged["layer.weight"][0] == "F32"
    values = kit.to_values(*merged["layer.weight"]).reshape(3, 4)
    assert np.array_equal(values, W - 0.5 * 2 * B @ A), "1.5 away from the adapter, beyond the base"
    config = json.loads((report.path / "config.json").read_text())
    assert config["torch_dtype"] == "float32"
    record = json.loads((report.path / "merge.json").read_text())["parents"]["low"]
    assert record["path"] == str(adapter)
    assert record["converted"] == f"a LoRA adapter, merged into its base {base}; read as float32"
    assert {"adapter_model.safetensors", "model.safetensors"} == set(record["weights"])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"peft_type": "IA3"}, "peft_type is 'IA3', and only LORA adapters are merged"),
        ({"use_dora": True}, "the adapter is DoRA, which is not supported: merge it with peft"),
        ({"alora_invocation_tokens": [1]}, "activated LoRA"),
        ({"lora_bias": True}, "a bias of B"),
        ({"init_lora_weights": "pissa_niter_4"}, "'pissa_niter_4', which also changes the base"),
        ({"new_variant": 3}, "has the setting 'new_variant': 3, which this version does not know"),
    ],
)
def test_variants_are_refused_by_name(
    config: dict[str, Any], words: str, kit: SimpleNamespace, base: Path, tmp_path: Path
) -> None:
    adapter = _write_adapter(kit, tmp_path / "adapter", FACTORS, base, **config)
    with pytest.raises(MergeError) as caught:
        open_checkpoint(adapter)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({f"{PREFIX}layer.lora_magnitude_vector": ("F32", B)}, "a variant of LoRA that is not supported"),
        ({f"{PREFIX}layer.lora_B.weight": ("F32", np.ones((5, 2)))}, "gives a change of shape [5, 4]"),
        ({f"{PREFIX}layer.lora_B.weight": ("F32", np.ones((3, 3)))}, "only matrices [r, inputs]"),
        ({f"{PREFIX}other.lora_A.weight": ("F32", A)}, "has no partner"),
        (
            {
                f"{PREFIX}other.lora_A.weight": ("F32", A),
                f"{PREFIX}other.lora_B.weight": ("F32", B),
            },
            "changes other.weight, which is no tensor of the base",
        ),
        ({f"{PREFIX}gone.weight": ("F32", A)}, "is no tensor of the base"),
        ({f"{PREFIX}norm.weight": ("F32", A)}, "has shape [2, 4], but [4] in the base"),
    ],
)
def test_adapters_that_do_not_fit(
    change: dict[str, Any], words: str, kit: SimpleNamespace, base: Path, tmp_path: Path
) -> None:
    adapter = _write_adapter(kit, tmp_path / "adapter", {**FACTORS, **change}, base)
    with pytest.raises(MergeError) as caught:
        open_checkpoint(adapter)
    assert words in str(caught.value)


def test_the_base_must_be_known_and_here(kit: SimpleNamespace, base: Path, tmp_path: Path) -> None:
    adapter = _write_adapter(kit, tmp_path / "adapter", FACTORS)
    with pytest.raises(MergeError, match="names no base: give it with --base FOLDER"):
        open_checkpoint(adapter)
    with pytest.raises(MergeError, match="is an adapter, too"):
        open_checkpoint(adapter, base=adapter)
    other = _write_adapter(kit, tmp_path / "other", FACTORS, Path("Qwen/Qwen3"))
    with pytest.raises(MergeError, match="its base 'Qwen/Qwen3' is no folder here"):
        open_checkpoint(other)
    beside = _write_adapter(kit, tmp_path / "beside", FACTORS, Path("../base"))
    assert open_checkpoint(beside).folder.resolve() == base
    (beside / "adapter_model.safetensors").unlink()
    with pytest.raises(MergeError, match="adapters in pickled files are not read"):
        open_checkpoint(beside)


def test_a_base_in_shards_gives_a_merge_in_shards(kit: SimpleNamespace, tmp_path: Path) -> None:
    tensors = {"layer.weight": ("BF16", W), "norm.weight": ("BF16", np.ones(4))}
    base = kit.make_checkpoint(tmp_path / "base", tensors, shards=[["norm.weight"], ["layer.weight"]])
    adapter = _write_adapter(kit, tmp_path / "adapter", FACTORS, base)
    (report,) = merge_checkpoints(adapter, base, [0.5], tmp_path / "out")
    index = json.loads((report.path / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == 4 * 16
    assert index["weight_map"] == {
        "layer.weight": "model-00002-of-00002.safetensors",
        "norm.weight": "model-00001-of-00002.safetensors",
    }
    again = open_checkpoint(report.path)
    assert set(again.tensors) == set(tensors)


def test_a_head_that_the_base_ties_must_equal_the_embedding(kit: SimpleNamespace, tmp_path: Path) -> None:
    tensors = {"embed_tokens.weight": ("F32", W), "layer.weight": ("F32", W)}
    base = kit.make_checkpoint(tmp_path / "base", tensors)
    saved = {f"{PREFIX}embed_tokens.weight": ("F32", W + 1), f"{PREFIX}lm_head.weight": ("F32", W + 1)}
    good = _write_adapter(kit, tmp_path / "good", {**FACTORS, **saved}, base)
    assert np.array_equal(_values(good)["embed_tokens.weight"], W + 1)
    saved[f"{PREFIX}lm_head.weight"] = ("F32", W + 2)
    bad = _write_adapter(kit, tmp_path / "bad", {**FACTORS, **saved}, base)
    with pytest.raises(MergeError, match="is no tensor of the base, which ties it to its embedding"):
        open_checkpoint(bad)
