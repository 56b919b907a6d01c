"""The reference policy: a frozen checkpoint whose log-probs the divergence component of the loss needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch

from ..models.settings import ModelSettings
from ..models.trained import frozen
from ..packing.attention import packed_attention_in
from ..packing.layout import collate_packed
from ..packing.scoring import score
from ..rows import KL, RL, Row
from ..settings import Packing
from .update import parts


class Reference:
    """A model that scores rows and is never trained.

    Args:
        model: Causal language model of transformers.
        settings: Sizes of the parts that go through the model at a time.
        packing: How rows go through the model.
        freeze: Whether the weights are made constants; a model in training that is only scored is not.
    """

    def __init__(
        self,
        model: Any,
        settings: ModelSettings | None = None,
        *,
        packing: Packing = "off",
        freeze: bool = True,
    ) -> None:
        self._model = model.eval().requires_grad_(False) if freeze else model.eval()
        self._settings = settings or ModelSettings()
        self._packing: Packing = packing

    @classmethod
    def load(cls, path: Path, settings: ModelSettings, *, device: str, packing: Packing = "off") -> Self:
        """Load a checkpoint in the precision of the settings.

        Raises:
            AgentError: The checkpoint cannot be loaded.
        """
        return cls(frozen(path, settings, device=device), settings, packing=packing)

    def score(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows with the reference's log-probs, and a weight for the component `kl`.

        The weight is 1 where the component `rl` has a weight, unless the algorithm has set other weights.
        """
        scored: dict[int, Row] = {}
        size, tokens = self._settings.part_rows, self._settings.part_tokens
        for part in parts(rows, size, tokens=tokens, packing=self._packing):
            batch = collate_packed(part, self._packing, device=self._model.device)
            with torch.no_grad(), packed_attention_in(self._model, self._packing):
                log_probs = score(self._model, batch).log_probs.cpu()
            for row, stream in zip(part, log_probs, strict=True):
                # The first token has no log-prob, and the end of the stream is padding.
                references = torch.cat([torch.zeros(1), stream[: len(row) - 1]])
                kept = row.weights.get(KL, (row.weights[RL] != 0).float())
                scored[id(row)] = replace(
                    row, reference_log_probs=references, weights={**row.weights, KL: kept}
                )
        return [scored.get(id(row), row) for row in rows]
