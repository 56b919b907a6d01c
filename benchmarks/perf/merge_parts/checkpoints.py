"""Synthetic Llama-shaped checkpoints that differ as the checkpoints of reinforcement learning do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codefrontier.merging.checkpoints.formats import (
    BY_CODE,
    Bits,
    FloatFormat,
    Values,
    round_nearest,
    widen,
)
from codefrontier.merging.checkpoints.tensor_file import Tensor, TensorFile, make_header, read_header

TOKENIZER: dict[str, Any] = {
    "version": "1.0",
    "added_tokens": [],
    **dict.fromkeys(("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder")),
    "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"},
}
STEP = 1.5e-5
"""Root mean square of the change of a weight."""
PIECE = 1 << 22
"""Number of weights that are made at a time."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The shape of a model."""

    layers: int
    size: int = 1024
    inner: int = 2816
    vocabulary: int = 8192

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each tensor by name."""
        size, inner = self.size, self.inner
        parts: dict[str, tuple[int, ...]] = {f"self_attn.{part}_proj": (size, size) for part in "qkvo"}
        parts |= {
            "mlp.gate_proj": (inner, size),
            "mlp.up_proj": (inner, size),
            "mlp.down_proj": (size, inner),
        }
        parts |= {"input_layernorm": (size,), "post_attention_layernorm": (size,)}
        return {
            "model.embed_tokens.weight": (self.vocabulary, size),
            **{
                f"model.layers.{layer}.{part}.weight": shape
                for layer in range(self.layers)
                for part, shape in parts.items()
            },
            "model.norm.weight": (size,),
        }

    def config(self, form: FloatFormat) -> dict[str, Any]:
        """Return the configuration for transformers."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": self.size,
            "intermediate_size": self.inner,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.size // 64,
            "num_key_value_heads": self.size // 64,
            "vocab_size": self.vocabulary,
            "tie_word_embeddings": True,
            "torch_dtype": form.name,
        }


def write_line(folders: list[Path], shape: Shape, form: FloatFormat, *, noise: float = 1.0) -> int:
    """Write checkpoints along a noisy line through the first one; return the number of weights of each.

    Args:
        folders: Folder of each checkpoint.
        shape: Shape of the model.
        form: Format of the weights.
        noise: Size of each step's own change, relative to the change that all steps share.
    """
    tensors = [
        Tensor(name=name, code=form.code, shape=size, file=folders[0], start=0)
        for name, size in shape.tensors().items()
    ]
    header = make_header(tensors, [form.code] * len(tensors), {"format": "pt"})
    with ExitStack() as stack:
        files = []
        for folder in folders:
            folder.mkdir(parents=True)
            (folder / "config.json").write_text(json.dumps(shape.config(form)))
            (folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
            (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
            files.append(stack.enter_context((folder / "model.safetensors").open("wb")))
            files[-1].write(header)
        random = np.random.default_rng(0)
        for tensor in tensors:
            for first in range(0, tensor.count, PIECE):
                count = min(PIECE, tensor.count - first)
                values = _normal(random, count, 0.02)
                direction = _normal(random, count, STEP)
                for number, file in enumerate(files):
                    if number:
                        values = values + direction + _normal(random, count, noise * STEP)
                    file.write(round_nearest(values, form).tobytes())
        for file in files:
            file.flush()
            os.fsync(file.fileno())
    return sum(tensor.count for tensor in tensors)


def _normal(random: np.random.Generator, count: int, scale: float) -> Values:
    values: Values = random.standard_normal(count, dtype=np.float32).astype(np.float64)
    values *= scale
    return values


def share_wrong(low: Path, high: Path, merged: Path, alpha: float) -> float:
    """Return the share of merged weights that differ from the float64 result rounded once."""
    wrong = total = 0
    firsts, seconds = _bits(low), _bits(high)
    for name, (form, bits) in _bits(merged).items():
        for first in range(0, bits.size, PIECE):
            part = slice(first, first + PIECE)
            one, two = widen(firsts[name][1][part], form), widen(seconds[name][1][part], form)
            expected = round_nearest(one + alpha * (two - one), form)
            wrong += int(np.count_nonzero(widen(bits[part], form) != widen(expected, form)))
        total += bits.size
    return wrong / total


def _bits(folder: Path) -> dict[str, tuple[FloatFormat, Bits]]:
    def views(file: TensorFile) -> Iterator[tuple[str, tuple[FloatFormat, Any]]]:
        data = np.memmap(file.path, np.uint8, mode="r")
        for tensor in file.tensors:
            form = BY_CODE[tensor.code]
            yield tensor.name, (form, data[tensor.start : tensor.stop].view(form.bits))

    return {name: entry for path in folder.glob("*.safetensors") for name, entry in views(read_header(path))}
