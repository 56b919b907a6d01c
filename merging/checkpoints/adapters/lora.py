"""Read a LoRA adapter of peft as changes of the tensors of its base.

The change of a weight is `scale * B @ A` with scale alpha / r, or alpha / sqrt(r) with rank stabilisation
(arXiv 2312.03732). Tensors that the adapter holds whole, such as those of `modules_to_save`, replace those of
the base.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ...errors import MergeError
from ..float32 import LowRank, as_float32
from ..source import equal_elements
from ..tensor_file import Tensor, TensorFile, read_header

ADAPTER_CONFIG: Final = "adapter_config.json"
ADAPTER_WEIGHTS: Final = "adapter_model.safetensors"
PREFIX: Final = "base_model.model."
HEAD: Final = "lm_head.weight"
_FACTOR: Final = re.compile(r"(?P<module>.+)\.lora_(?P<kind>embedding_)?(?P<side>[AB])(?:\.weight)?")
_VARIANTS: Final = {
    "use_dora": "DoRA",
    "use_qalora": "QA-LoRA",
    "use_bdlora": "BD-LoRA",
    "alora_invocation_tokens": "activated LoRA, whose change applies to some tokens only",
    "arrow_config": "Arrow",
    "kasa_config": "KaSA",
    "velora_config": "VeLoRA",
    "monteclora_config": "MonteCLoRA",
    "lora_bias": "LoRA with a bias of B (lora_bias)",
    "layer_replication": "LoRA with replicated layers",
    "trainable_token_indices": "LoRA with trained tokens",
    "target_parameters": "LoRA of parameters (target_parameters)",
    "megatron_config": "LoRA of Megatron layers",
}
"""Settings that change the formula, and the names of the variants in messages."""
_CHANGES_BASE: Final = ("pissa", "olora", "corda", "loftq", "lora_ga", "mica")
"""Initialisations that also change the base, so that the adapter belongs to a base that was not saved."""
_NEUTRAL: Final = frozenset(
    {
        *("alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "eva_config"),
        *("ensure_weight_tying", "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights"),
        *("layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout"),
        *("lora_ga_config", "megatron_core", "modules_to_save", "peft_type", "peft_version"),
        *("qalora_group_size", "r", "rank_pattern", "revision", "runtime_config", "target_modules"),
        *("task_type", "use_rslora", "parent_library", "base_model_class", "is_prompt_learning"),
    }
)
"""Settings without an effect on the formula, or that are applied here."""
_TRANSPOSED: Final = re.compile(r"\.(c_attn|c_proj|c_fc|q_attn)$")
"""Modules of GPT-2 that store their weights as [inputs, outputs]."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """An adapter whose headers are read and whose settings are supported."""

    folder: Path
    config: Mapping[str, Any]
    file: TensorFile

    @property
    def base(self) -> str:
        """The name of the base in the settings; empty if there is none."""
        return str(self.config.get("base_model_name_or_path") or "")

    def scale(self, module: str, rank: int) -> float:
        """Return the factor of `B @ A` of a module.

        Args:
            module: Name of the module in the base.
            rank: Number of rows of A.
        """
        patterns = self.config.get("alpha_pattern") or {}
        # As in peft: the first pattern that matches the end of the name.
        found = next((key for key in patterns if re.match(rf"(.*\.)?({key})$", module)), None)
        alpha = float(patterns[found] if found is not None else self.config.get("lora_alpha", 8))
        return alpha / (math.sqrt(rank) if self.config.get("use_rslora") else rank)


def is_adapter(folder: Path) -> bool:
    """Return whether a folder is an adapter of peft."""
    return (folder / ADAPTER_CONFIG).is_file()


def read_adapter(folder: Path) -> Adapter:
    """Read the settings and the header of an adapter.

    Raises:
        MergeError: The adapter is damaged, is not in safetensors, or is a variant that is not supported.
        OSError: A file cannot be read.
    """
    path = folder / ADAPTER_CONFIG
    try:
        config = json.loads(path.read_bytes())
    except ValueError as error:
        raise MergeError(f"{path}: is not JSON: {error}") from error
    if not isinstance(config, dict):
        raise MergeError(f"{path}: must contain a JSON object, not {type(config).__name__}")
    _check_variant(path, config)
    weights = folder / ADAPTER_WEIGHTS
    if not weights.is_file():
        raise MergeError(
            f"{folder}: the adapter has no {ADAPTER_WEIGHTS}; adapters in pickled files are not read: load "
            "the adapter with peft and save it again"
        )
    return Adapter(folder=folder, config=config, file=read_header(weights))


def _check_variant(path: Path, config: Mapping[str, Any]) -> None:
    kind = config.get("peft_type")
    if kind != "LORA":
        raise MergeError(f"{path}: peft_type is {kind!r}, and only LORA adapters are merged")
    for field, variant in _VARIANTS.items():
        if config.get(field):
            raise MergeError(
                f"{path}: the adapter is {variant}, which is not supported: merge it with peft "
                "(model.merge_and_unload().save_pretrained(FOLDER)) and give that folder"
            )
    start = config.get("init_lora_weights")
    if isinstance(start, str) and start.lower().startswith(_CHANGES_BASE):
        raise MergeError(
            f"{path}: init_lora_weights is {start!r}, which also changes the base: merge the adapter with "
            "peft and give that folder"
        )
    for field, value in config.items():
        if value and field not in _NEUTRAL and field not in _VARIANTS:
            raise MergeError(
                f"{path}: has the setting {field!r}: {value!r}, which this version does not know; merge the "
                "adapter with peft and give that folder"
            )


def apply(
    adapter: Adapter, shards: tuple[TensorFile, ...], *, model_type: str = ""
) -> tuple[TensorFile, ...]:
    """Return the shards of the base with the adapter merged into its tensors; all weights become float32.

    Args:
        adapter: The adapter.
        shards: Headers of the base.
        model_type: Type of the model in config.json; modules of GPT-2 are stored as their transposes.

    Raises:
        MergeError: The adapter does not fit the base, or holds tensors of an unknown kind.
    """
    tensors = {tensor.name: tensor for shard in shards for tensor in shard.tensors}
    changed: dict[str, Tensor] = {}
    heads: list[Tensor] = []
    factors: dict[tuple[str, bool], dict[str, Tensor]] = {}
    for tensor in adapter.file.tensors:
        # peft writes the first form, but some versions keep the wrapper of a saved module in the name.
        name = tensor.name.removeprefix(PREFIX).replace(".modules_to_save.", ".").replace(".base_layer.", ".")
        if match := _FACTOR.fullmatch(name):
            factors.setdefault((match["module"], bool(match["kind"])), {})[match["side"]] = tensor
        elif "lora_" in name or "token_adapter" in name:
            raise _unfit(adapter, tensor, "is of a variant of LoRA that is not supported")
        elif name == HEAD and HEAD not in tensors:
            heads.append(tensor)
        else:
            changed[name] = _replacement(adapter, tensor, tensors.get(name))
    for head in heads:
        # The base ties its head to the embedding, so only a head that equals the new embedding has a place.
        if not any(_could_tie(head, other) and equal_elements(head, other) for other in changed.values()):
            raise _unfit(adapter, head, "is no tensor of the base, which ties it to its embedding")
    for (module, embedding), sides in factors.items():
        name = f"{module}.weight"
        base = changed.get(name) or tensors.get(name)
        changed[name] = _adapted(adapter, module, base, sides, embedding or is_conv1d(model_type, module))
    return tuple(
        replace(shard, tensors=tuple(as_float32(changed.get(each.name, each)) for each in shard.tensors))
        for shard in shards
    )


def _could_tie(head: Tensor, other: Tensor) -> bool:
    return (head.shape, head.code) == (other.shape, other.code)


def _replacement(adapter: Adapter, tensor: Tensor, base: Tensor | None) -> Tensor:
    if base is None:
        raise _unfit(adapter, tensor, "is no tensor of the base")
    if base.shape != tensor.shape:
        raise _unfit(adapter, tensor, f"has shape {list(tensor.shape)}, but {list(base.shape)} in the base")
    return replace(tensor, name=base.name)


def _adapted(
    adapter: Adapter, module: str, base: Tensor | None, sides: Mapping[str, Tensor], transposed: bool
) -> Tensor:
    """Return the tensor of a module with its change."""
    some = next(iter(sides.values()))
    if set(sides) != {"A", "B"}:
        raise _unfit(adapter, some, "has no partner: an adapter needs A and B of each module")
    if base is None:
        raise _unfit(adapter, some, f"changes {module}.weight, which is no tensor of the base")
    a, b = sides["A"], sides["B"]
    if len(a.shape) != 2 or len(b.shape) != 2 or len(base.shape) != 2 or a.shape[0] != b.shape[1]:
        raise _unfit(
            adapter,
            a,
            f"has shape {list(a.shape)}, its partner {list(b.shape)} and its weight {list(base.shape)}: only "
            "matrices [r, inputs] and [outputs, r] are merged, not convolutions",
        )
    outputs, inputs = b.shape[0], a.shape[1]
    if base.shape == (inputs, outputs) and (transposed or inputs != outputs or _flag(adapter)):
        left, right, transposed = a, b, True
    elif base.shape == (outputs, inputs):
        left, right, transposed = b, a, False
    else:
        raise _unfit(
            adapter, a, f"gives a change of shape [{outputs}, {inputs}], but the base has {list(base.shape)}"
        )
    source = LowRank(
        base=base,
        left=left,
        right=right,
        scale=adapter.scale(module, a.shape[0]),
        transposed=transposed,
    )
    return replace(base, code="F32", start=0, source=source)


def _flag(adapter: Adapter) -> bool:
    return bool(adapter.config.get("fan_in_fan_out"))


def is_conv1d(model_type: str, module: str) -> bool:
    """Return whether a module stores its weight as [inputs, outputs], as the layers of GPT-2 do."""
    return model_type in ("gpt2", "openai-gpt") and bool(_TRANSPOSED.search(f".{module}"))


def _unfit(adapter: Adapter, tensor: Tensor, why: str) -> MergeError:
    return MergeError(f"{adapter.folder}: tensor {tensor.name!r} {why}")
