"""A causal language model of transformers in this process, for sampling and scoring.

Needs torch and transformers (`codefrontier[train]`); `codefrontier.agents` imports this module only when a
policy is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch

from .checkpoint import (
    CheckpointIdentity,
    checkpoints,
    context_of,
    find_checkpoint,
    identify,
    load_checkpoint,
)
from .pool import Pool
from .running import RunningBatch, sample_all
from .sampler import Sampled, SampleRequest
from .tokenizer import PolicyTokenizer, eos_ids

__all__ = ["LocalPolicy", "SampleRequest", "Sampled"]

BATCH_SIZE = 256


class LocalPolicy(PolicyTokenizer):
    """A model with its tokenizer. Not thread-safe; several threads use a `Batcher`.

    Args:
        model: Causal language model of transformers. It may be trained between calls.
        tokenizer: Tokenizer of the model.
        identity: Identity of the checkpoint; None for a model that was not loaded from disk.
        batch_size: Maximum number of sequences that are sampled at a time; further requests join when earlier
            ones end.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        identity: CheckpointIdentity | None = None,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size!r}")
        super().__init__(
            tokenizer,
            eos_ids=eos_ids(model.generation_config),
            context=context_of(model.config, tokenizer),
            identity=identity,
        )
        self.model = model
        self._batch_size = batch_size

    @classmethod
    def load(
        cls, path: Path | str, device: str = "cpu", *, batch_size: int = BATCH_SIZE, pool: Pool | None = None
    ) -> Self:
        """Load a checkpoint, or the last checkpoint of a run, in float32.

        Args:
            path: Folder of the checkpoint or of the run.
            device: Device of the model.
            batch_size: Maximum number of sequences that are sampled at a time.
            pool: Shares equal tensors with other policies that are loaded with it, none of which may be
                trained.

        Raises:
            AgentError: The checkpoint cannot be loaded; the message says why.
        """
        folder = Path(path)
        if checkpoints(folder):
            folder = find_checkpoint(folder)
        identity = identify(folder)
        model, tokenizer = load_checkpoint(folder, device=device, pool=pool)
        return cls(model, tokenizer, identity=identity, batch_size=batch_size)

    def sample(self, requests: Sequence[SampleRequest]) -> list[Sampled]:
        """Sample a continuation of every prompt; results are in the order of the requests.

        Raises:
            ValueError: A request does not fit the context or names a token that does not exist.
            ModelError: The model's output is not finite.
        """
        for request in requests:
            self._check(request)
        return sample_all(self.running(), requests)

    def running(self, slots: int | None = None) -> RunningBatch:
        """Return an empty batch that requests can join.

        Args:
            slots: Maximum number of sequences that are sampled at a time; by default that of the policy.
        """
        return RunningBatch(
            self.model,
            slots=self._batch_size if slots is None else slots,
            stop_ids=self._stop_ids,
            ends=self._ends,
            check=self._check,
        )

    @torch.inference_mode()
    def score(self, prompt_ids: Sequence[int], token_ids: Sequence[int]) -> tuple[float, ...]:
        """Return the model's log-prob of each token after the prompt, computed in float32.

        Raises:
            ValueError: The prompt is empty, or prompt and tokens do not fit the context.
        """
        if not prompt_ids:
            raise ValueError("prompt_ids must hold at least one token")
        if not token_ids:
            return ()
        whole = [*prompt_ids, *token_ids]
        if len(whole) > self.context:
            raise ValueError(f"{len(whole)} tokens do not fit the context of {self.context}")
        self.model.eval()
        ids = torch.tensor([whole[:-1]], device=self.model.device)
        # Logits of the prompt are not needed; for a long prompt they would take most of the memory.
        kept = self.model(input_ids=ids, logits_to_keep=len(token_ids)).logits[0].float()
        scores = torch.log_softmax(kept, dim=-1)
        wanted = torch.tensor(list(token_ids), device=scores.device)
        return tuple(scores.gather(-1, wanted[:, None]).squeeze(-1).tolist())

    def _check(self, request: SampleRequest) -> None:
        wanted = len(request.prompt_ids) + request.max_new_tokens
        if wanted > self.context:
            raise ValueError(
                f"prompt ({len(request.prompt_ids)} tokens) and max_new_tokens ({request.max_new_tokens}) "
                f"do not fit the context of {self.context}"
            )
        rows = self.model.get_input_embeddings().weight.shape[0]
        if not all(0 <= token < rows for token in request.prompt_ids):
            raise ValueError(f"prompt_ids must be in [0, {rows}), got {sorted(set(request.prompt_ids))[-3:]}")

    def _ends(self, request: SampleRequest, token_ids: Sequence[int]) -> bool:
        text = self.decode(token_ids)
        return any(stop in text for stop in request.stop)
