"""Low-rank adapters (LoRA) by peft; needs the extra `lora`.

A checkpoint holds the *merged* model, an ordinary folder of transformers in which the adapters are added to
the weights, and in its folder `adapter` what peft reads.

References:
    LoRA: arXiv 2106.09685.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import Tensor
from transformers.pytorch_utils import Conv1D

from ..errors import TrainingError
from .settings import ALL_LINEAR, ModelSettings

FOLDER = "adapter"
"""Folder within a checkpoint that holds the adapter."""
_BASE = ".base_layer"
_NAME = "default"
"""Name that peft gives to a single adapter."""


class Adapter:
    """A model whose weights are frozen, with adapters that are trained.

    Args:
        wrapped: Model of peft.
    """

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        self.model: Any = wrapped.get_base_model()
        """The causal language model of transformers, with the adapters in its layers."""

    @classmethod
    def new(cls, model: Any, settings: ModelSettings, *, seed: int) -> Adapter:
        """Add new adapters, which change nothing yet, to a model; the model is frozen in place.

        Raises:
            TrainingError: No layer of the model has a name of the settings.
        """
        targets = settings.lora_targets
        alpha: Any = 2 * settings.lora_rank if settings.lora_alpha is None else settings.lora_alpha
        config = LoraConfig(
            r=settings.lora_rank,
            lora_alpha=alpha,
            target_modules=ALL_LINEAR if targets == (ALL_LINEAR,) else sorted(targets),
            lora_dropout=0.0,
            task_type="CAUSAL_LM",
            # The linear layers of GPT-2 hold their weights transposed.
            fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
        )
        # peft draws initial weights from the generator of the process: seed a fork of that generator.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            try:
                return cls(get_peft_model(model, config))
            except ValueError as error:
                raise TrainingError(f"lora_targets {', '.join(targets)}: {error}") from error

    @classmethod
    def load(cls, model: Any, folder: Path) -> Adapter:
        """Add the adapters of a checkpoint to a model; the model is frozen in place.

        Raises:
            TrainingError: The folder holds no adapters of this model.
        """
        try:
            return cls(PeftModel.from_pretrained(model, str(folder / FOLDER), is_trainable=True))
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise TrainingError(f"{folder / FOLDER}: cannot be loaded: {error}") from error

    def base_digest(self) -> str:
        """Return the SHA-256 of the frozen weights."""
        digest = hashlib.sha256()
        for name, parameter in self.model.named_parameters():
            if not parameter.requires_grad:
                digest.update(name.encode())
                digest.update(parameter.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()

    @torch.no_grad()
    def merged(self) -> dict[str, Tensor]:
        """Return the weights of the model with the adapters added, by their names without adapters."""
        layers: dict[str, Any] = {
            name: module for name, module in self.model.named_modules() if isinstance(module, LoraLayer)
        }
        deltas = {f"{name}.weight": layer.get_delta_weight(_NAME) for name, layer in layers.items()}
        weights = {
            name.replace(_BASE, ""): weight
            for name, weight in self.model.state_dict().items()
            if ".lora_" not in name
        }
        return {
            name: weight + deltas[name].to(weight.device) if name in deltas else weight
            for name, weight in weights.items()
        }

    def save(self, folder: Path) -> None:
        """Write the adapters to the folder `adapter` of a checkpoint."""
        self._wrapped.save_pretrained(str(folder / FOLDER))
