"""FP8 weights: values by definition, scales of every shape, and refusals that say which format it is."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError, merge_checkpoints
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.quantised import table_of
from codefrontier.merging.checkpoints.source import read_elements

DEEPSEEK = {"quant_method": "fp8", "weight_block_size": [2, 3], "fmt": "e4m3"}
TENSORS = {"quant_method": "compressed-tensors", "format": "float-quantized"}


def _write(path: Path, tensors: dict[str, tuple[str, np.ndarray]]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, (code, array) in tensors.items():
        piece = array.tobytes()
        offsets = [len(data), len(data) + len(piece)]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": offsets}
        data += piece
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def _checkpoint(
    kit: SimpleNamespace, folder: Path, tensors: dict[str, tuple[str, np.ndarray]], settings: Any
) -> Path:
    config = {**kit.CONFIG, "quantization_config": settings} if settings else kit.CONFIG
    kit.make_checkpoint(folder, {"n": ("F32", np.zeros(1))}, config__json=json.dumps(config))
    _write(folder / "model.safetensors", tensors)
    return folder


def _bits(shape: tuple[int, ...], code: str = "F8_E4M3") -> np.ndarray:
    finite = np.flatnonzero(np.isfinite(table_of(code))).astype(np.uint8)
    return np.random.default_rng(0).choice(finite, size=shape)


def _read(folder: Path, name: str) -> np.ndarray:
    tensor = open_checkpoint(folder).tensors[name]
    assert tensor.code == "F32"
    return read_elements(tensor, 0, tensor.count).view("<f4").reshape(tensor.shape)


def test_numbers_worked_by_hand() -> None:
    fine, coarse = table_of("F8_E4M3"), table_of("F8_E5M2")
    # Sign, 4 bits of exponent with bias 7, 3 bits of mantissa.
    assert fine[[0x00, 0x38, 0xB8, 0x01, 0x08, 0x7E]].tolist() == [0, 1, -1, 2.0**-9, 2.0**-6, 448]
    assert np.isnan(fine[[0x7F, 0xFF]]).all()
    # Sign, 5 bits of exponent with bias 15, 2 bits of mantissa.
    assert coarse[[0x3C, 0x01, 0x7B, 0x7C, 0xFC]].tolist() == [1, 2.0**-16, 57344, np.inf, -np.inf]
    assert np.isnan(coarse[[0x7D, 0x7E, 0x7F, 0xFF]]).all()


@pytest.mark.parametrize(
    ("ending", "scales", "settings"),
    [
        ("_scale_inv", np.array([[1.0, 2, 4], [0.5, 3, 0.25], [7, 0.1, 9]]), DEEPSEEK),
        ("_scale", np.array([0.37]), TENSORS),
        ("_scale", np.array(0.37), {"quant_method": "modelopt"}),
        ("_scale", np.array([[1.0], [2], [3], [4], [5]]), TENSORS),
        ("_scale", np.array([1.0, 2, 3, 4, 5]), TENSORS),
    ],
    ids=["blocks", "one", "scalar", "rows", "flat rows"],
)
@pytest.mark.parametrize("code", ["F8_E4M3", "F8_E5M2"])
def test_weights_are_dequantised_by_their_scales(
    ending: str, scales: np.ndarray, settings: Any, code: str, kit: SimpleNamespace, tmp_path: Path
) -> None:
    bits = _bits((5, 7), code)
    tensors = {
        "l.weight": (code, bits),
        f"l.weight{ending}": ("F32", scales.astype("<f4")),
        "l.input_scale": ("F32", np.ones(1, "<f4")),
        "norm": ("F32", np.arange(3, dtype="<f4")),
    }
    folder = _checkpoint(kit, tmp_path / "quantised", tensors, settings)
    if ending == "_scale_inv":  # blocks of 2 rows and 3 columns, the last ones smaller
        whole = np.repeat(np.repeat(scales, 2, axis=0)[:5], 3, axis=1)[:, :7]
    else:
        whole = np.broadcast_to(scales.reshape(-1, 1), (5, 7)) if scales.size == 5 else scales.reshape(1, 1)
    expected = (table_of(code)[bits] * whole.astype("<f4").astype(np.float64)).astype("<f4")
    assert np.array_equal(_read(folder, "l.weight"), expected)
    assert set(open_checkpoint(folder).tensors) == {"l.weight", "norm"}
    tensor = open_checkpoint(folder).tensors["l.weight"]
    for first in range(0, 35, 4):
        count = min(9, 35 - first)
        piece = read_elements(tensor, first, count).view("<f4")
        assert np.array_equal(piece, expected.ravel()[first : first + count])


def test_a_merge_has_neither_scales_nor_the_setting(kit: SimpleNamespace, tmp_path: Path) -> None:
    tensors = {"l.weight": ("F8_E4M3", _bits((4, 4))), "l.weight_scale": ("F32", np.ones(1, "<f4"))}
    low = _checkpoint(kit, tmp_path / "low", tensors, TENSORS)
    high = kit.make_checkpoint(tmp_path / "high", {"l.weight": ("BF16", np.ones((4, 4)))})
    (report,) = merge_checkpoints(low, high, [0.5], tmp_path / "out")
    assert set(kit.read_raw(report.path)) == {"l.weight"}
    config = json.loads((report.path / "config.json").read_text())
    assert config == kit.CONFIG
    record = json.loads((report.path / "merge.json").read_text())
    (note,) = record["differences"]["harmless"]
    assert note == (
        "the weights of low are dequantised from F8_E4M3 (quant_method 'compressed-tensors'), tensors: 1; "
        "read as float32"
    )


W = {"l.weight": ("F8_E4M3", _bits((4, 4)))}


@pytest.mark.parametrize(
    ("tensors", "settings", "words"),
    [
        (W, None, "'l.weight' has dtype 'F8_E4M3' and no scale (l.weight_scale_inv or l.weight_scale)"),
        (
            {**W, "l.weight_scale_inv": ("F32", np.ones((2, 2), "<f4"))},
            None,
            "which is neither one scale, nor one per row, nor one per block",
        ),
        ({**W, "l.weight_scale": ("U8", np.ones(1, "u1"))}, None, "its scale has dtype 'U8'"),
        ({"l": ("F32", np.ones(2, "<f4"))}, {"quant_method": "gptq"}, "are quantised with 'gptq', which"),
        (
            {"l": ("F32", np.ones(2, "<f4"))},
            {**TENSORS, "format": "pack-quantized"},
            "'compressed-tensors' in the format 'pack-quantized', which cannot be merged",
        ),
        ({"l": ("F32", np.ones(2, "<f4"))}, {}, ""),
    ],
)
def test_unknown_quantisations_are_refused_by_name(
    tensors: Any, settings: Any, words: str, kit: SimpleNamespace, tmp_path: Path
) -> None:
    folder = _checkpoint(kit, tmp_path / "quantised", tensors, settings)
    if not words:
        assert open_checkpoint(folder).converted == ""
        return
    with pytest.raises(MergeError) as caught:
        open_checkpoint(folder)
    assert words in str(caught.value)
