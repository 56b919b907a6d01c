"""The reference policy: a frozen checkpoint whose log-probs the divergence component of the loss needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch

from .algorithms.framework.losses import score_tokens
from .models.settings import ModelSettings
from .models.trained import frozen
from .rows import KL, RL, Row, collate
from .update import parts


class Reference:
    """A model that scores rows and is never trained.

    Args:
        model: Causal language model of transformers.
        settings: Sizes of the parts that go through the model at a time.
    """

    def __init__(self, model: Any, settings: ModelSettings | None = None) -> None:
        self._model = model.eval().requires_grad_(False)
        self._settings = settings or ModelSettings()

    @classmethod
    def load(cls, path: Path, settings: ModelSettings, *, device: str) -> Self:
        """Load a checkpoint in the precision of the settings.

        Raises:
            AgentError: The checkpoint cannot be loaded.
        """
        return cls(frozen(path, settings, device=device), settings)

    def score(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows with the reference's log-probs, and a weight for the component `kl`.

        The weight is 1 where the component `rl` has a weight, unless the algorithm has set other weights.
        """
        scored: dict[int, Row] = {}
        for part in parts(rows, self._settings.part_rows, tokens=self._settings.part_tokens):
            batch = collate(part, device=self._model.device)
            with torch.no_grad():
                log_probs = score_tokens(self._model, batch).log_probs.cpu()
            for row, stream in zip(part, log_probs, strict=True):
                # The first token has no log-prob, and the end of the stream is padding.
                references = torch.cat([torch.zeros(1), stream[: len(row) - 1]])
                kept = row.weights.get(KL, (row.weights[RL] != 0).float())
                scored[id(row)] = replace(
                    row, reference_log_probs=references, weights={**row.weights, KL: kept}
                )
        return [scored.get(id(row), row) for row in rows]
