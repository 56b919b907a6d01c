"""A model in training: what computes, what the optimizer changes, and what a checkpoint holds."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...agents.policy.checkpoint import load_checkpoint, without_progress_bars
from ...terminal import install_hint
from ..errors import TrainingError
from .precision import MasterWeights, half_precision
from .settings import ALL_LINEAR, ModelSettings


class TrainedModel:
    """A causal language model with its tokenizer, prepared for training in place.

    Dropout is switched off: it would make the trainer's log-probs differ from the sampler's, and an exact
    resume would need the state of the generator.

    Args:
        model: Causal language model of transformers in float32.
        tokenizer: Tokenizer of the model.
        settings: Precision and adapters.
        seed: Seed of the initial weights of adapters.
        resumed: Checkpoint of the run that is resumed; its adapters are loaded.

    Raises:
        TrainingError: The model cannot be trained with these settings.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        settings: ModelSettings,
        *,
        seed: int = 0,
        resumed: Path | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self._adapter: Any = None  # its type is in a module that needs peft
        if settings.lora_rank:
            self._adapter = _adapter(model, settings, seed=seed, resumed=resumed)
            model = self._adapter.model
        self.model = model
        _no_dropout(model)
        if settings.gradient_checkpointing:
            recompute_activations(model)
        half = settings.precision == "bf16"
        self._masters = MasterWeights(model, fp32_head=settings.fp32_head) if half else None
        if self._masters is None:
            self.weights: list[Tensor] = [each for each in model.parameters() if each.requires_grad]
            """float32 weights that the optimizer changes."""
        else:
            self.weights = self._masters.trained
        self._settings = settings
        self._base_digest = None if self._adapter is None else self._adapter.base_digest()

    @classmethod
    def load(
        cls, start: Path, settings: ModelSettings, *, device: str, seed: int, resumed: Path | None
    ) -> TrainedModel:
        """Load the checkpoint that a run begins with, or the last checkpoint of a run that is resumed.

        Raises:
            AgentError: The checkpoint cannot be loaded.
            TrainingError: The model cannot be trained with these settings.
        """
        # Adapters are added to the weights that the run began with; the checkpoint holds merged weights.
        folder = start if settings.lora_rank or resumed is None else resumed
        model, tokenizer = load_checkpoint(folder, device=device)
        return cls(model, tokenizer, settings, seed=seed, resumed=resumed)

    @classmethod
    def of_copy(cls, model: Any, settings: ModelSettings) -> TrainedModel:
        """Prepare what `copied` returned for training in another process; without a tokenizer.

        Args:
            model: The copy, with its adapters.
            settings: Settings of the model that was copied.
        """
        # The adapters are part of the copy.
        plain: ModelSettings = replace(settings, lora_rank=0, lora_alpha=None, lora_targets=(ALL_LINEAR,))
        return cls(model, None, plain)

    def copied(self) -> Any:
        """Return a copy of the model that another process can load: with float32 weights and its adapters.

        The copy keeps its activations; see `recompute_activations`.
        """
        with self._in_float32():
            copied = copy.deepcopy(self.model)
        if self._settings.gradient_checkpointing:
            _keep_activations(copied)
        return copied

    @torch.no_grad()
    def take(self, weights: Sequence[Tensor]) -> None:
        """Set the weights that are trained, in the order of `weights`, and round them into the model."""
        for own, new in zip(self.weights, weights, strict=True):
            if own is not new:
                own.copy_(new)
        if self._masters is not None:
            self._masters.publish()

    def follow(self, optimizer: torch.optim.Optimizer) -> None:
        """Keep the model equal to the weights that an optimizer changes, after each of its steps."""
        if self._masters is not None:
            masters = self._masters
            optimizer.register_step_post_hook(lambda *arguments: masters.publish())

    def save(self, folder: Path) -> None:
        """Write the model in float32 and its tokenizer, and adapters where there are some.

        Raises:
            TrainingError: A frozen weight has changed.
        """
        if self._adapter is not None and self._adapter.base_digest() != self._base_digest:
            raise TrainingError(
                "a frozen weight has changed, so the adapters do not fit their model any more"
            )
        with without_progress_bars(), self._in_float32():
            if self._adapter is None:
                self.model.save_pretrained(folder)
            else:
                self.model.save_pretrained(folder, state_dict=self._adapter.merged())
                self._adapter.save(folder)
            self.tokenizer.save_pretrained(folder)

    def _in_float32(self) -> AbstractContextManager[None]:
        """Let the model hold its float32 weights within the context."""
        return nullcontext() if self._masters is None else self._masters.in_model()

    @property
    def bytes(self) -> int:
        """Return the size of the float32 weights in a checkpoint, in bytes."""
        return sum(4 * each.numel() for each in self.model.parameters())

    def report(self) -> dict[str, Any]:
        """Describe the model for run.json."""
        head = self.model.get_output_embeddings()
        embedding = self.model.get_input_embeddings()
        numel = sum(each.numel() for each in self.model.parameters())
        return {
            "class": type(self.model).__name__,
            "parameters": numel,
            "parameters_trained": sum(each.numel() for each in self.weights),
            "computation": str(embedding.weight.dtype if self._masters is None else torch.bfloat16),
            "head": None if head is None else str(head.weight.dtype),
            "tied_embeddings": head is not None and head.weight is embedding.weight,
            "master_weights": "torch.float32",
            "dropout": 0.0,
            **({} if self._base_digest is None else {"base_digest": self._base_digest}),
        }


def frozen(path: Path, settings: ModelSettings, *, device: str) -> Any:
    """Load a checkpoint that only scores, in the precision of a run.

    Raises:
        AgentError: The checkpoint cannot be loaded.
    """
    model, _ = load_checkpoint(path, device=device)
    model.requires_grad_(False)
    if settings.precision == "bf16":
        half_precision(model, fp32_head=settings.fp32_head)
    return model


def _adapter(model: Any, settings: ModelSettings, *, seed: int, resumed: Path | None) -> Any:
    try:
        from .adapter import Adapter  # peft is optional
    except ImportError as error:
        raise TrainingError(f"lora_rank needs peft ({error}): {install_hint('lora')}") from error
    return Adapter.new(model, settings, seed=seed) if resumed is None else Adapter.load(model, resumed)


def _no_dropout(model: Any) -> None:
    """Set all dropout rates of the modules to 0; the configuration is kept as it is."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        for name in ("attention_dropout", "dropout"):  # rates of functional dropout
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


def recompute_activations(model: Any) -> None:
    """Have a model compute activations again in the backward pass, instead of keeping them.

    Raises:
        TrainingError: The model cannot do so.
    """
    try:
        if hasattr(model, "activation_checkpointing_enable"):  # the name since transformers 5.24
            model.activation_checkpointing_enable({"use_reentrant": False})
        else:
            model.gradient_checkpointing_enable({"use_reentrant": False})
    except ValueError as error:
        raise TrainingError(f"gradient_checkpointing: {error}") from error


def _keep_activations(model: Any) -> None:
    """Undo `recompute_activations`, whose hooks another process cannot load."""
    if hasattr(model, "activation_checkpointing_disable"):  # the name since transformers 5.24
        model.activation_checkpointing_disable()
    else:
        model.gradient_checkpointing_disable()
    model.disable_input_require_grads()  # the call before does so only for adapters of transformers
