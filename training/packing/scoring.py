"""Log-probs and entropies of the tokens of a batch, packed or padded."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor

from ..algorithms.framework.losses import TokenScores, score_tokens, widened
from ..rows import Batch
from .layout import Layout, PackedBatch


def score(model: Any, batch: Batch) -> TokenScores:
    """Score the tokens of a batch; a packed batch needs `packed_attention_in` around this call.

    A packed batch gets scores for the tokens with a weight for some component; the scores of all other tokens
    are 0, because nothing reads them. Logits are computed for those tokens only.
    """
    return score_packed(model, batch) if isinstance(batch, PackedBatch) else score_tokens(model, batch)


def score_packed(model: Any, batch: PackedBatch) -> TokenScores:
    """Score the tokens of a packed batch that have a weight for some component."""
    layout = batch.layout
    weighed = torch.stack([weights != 0 for weights in batch.weights.values()]).any(dim=0)
    if not bool(weighed.any()):
        weighed[0, 0] = True  # the result must have a gradient, as the result of `score_tokens` has
    nodes, targets = layout.nodes[weighed], batch.token_ids[:, 1:][weighed]
    needed = torch.unique(nodes)
    distribution = torch.log_softmax(packed_logits(model, layout, needed), dim=-1)
    at = torch.searchsorted(needed, nodes)
    empty = distribution.new_zeros(weighed.shape)
    with torch.no_grad():
        entropy = -(distribution.exp() * distribution).sum(dim=-1)
    return TokenScores(
        log_probs=empty.masked_scatter(weighed, distribution[at, targets]),
        entropy=empty.masked_scatter(weighed, entropy[at]),
    )


def packed_logits(model: Any, layout: Layout, needed: Tensor) -> Tensor:
    """Return the logits after some packed tokens: float32 or wider, [K, V].

    Args:
        model: Causal language model of transformers, inside `packed_attention_in`.
        layout: The packed rows.
        needed: int64 [K]: packed tokens, in ascending order.
    """
    keywords = {"logits_to_keep": needed} if _keeps_logits(model) else {}
    output = model(
        input_ids=layout.token_ids,
        position_ids=layout.position_ids,
        # A mask of four dimensions is handed on as it is, so that no mask of the packed length is built.
        attention_mask=torch.ones((1, 1, 1, 1), dtype=torch.bool, device=needed.device),
        use_cache=False,
        layout=layout,
        **keywords,
    )
    logits: Tensor = output.logits[0]
    return widened(logits if keywords else logits[needed])


def _keeps_logits(model: Any) -> bool:
    plain = model.get_base_model() if hasattr(model, "get_base_model") else model  # an adapter hides it
    return "logits_to_keep" in inspect.signature(plain.forward).parameters
