"""Parts of rows that share prompts: the limits hold, every row is in one part, and the update is the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.packing.layout import collate_packed, packed_parts
    from codefrontier.training.rows import Row
    from codefrontier.training.updating.update import UpdateSettings, update

SHAPES = (
    *((0, 20, written) for written in (3, 5, 8, 13, 2)),
    *((1, 11, written) for written in (4, 4, 9)),
    (2, 1, 1),
    (3, 30, 10),
    (4, 0, 6),
    (5, 0, 1),
)
"""Prompt, tokens read and tokens written of each row; the last row has nothing to predict."""


def packed_length(rows: list[Row]) -> int:
    """Return the number of tokens that go through the model."""
    batch: Any = collate_packed(rows, "prefixes")
    return int(batch.layout.token_ids.numel())


@pytest.mark.parametrize("tokens", [1, 40, 60, 100, 1000])
@pytest.mark.parametrize("size", [2, 5, 16])
def test_parts_with_shared_prompts_keep_to_both_limits(
    rows_of: Callable[..., list[Row]], tokens: int, size: int
) -> None:
    rows = rows_of(*SHAPES)
    found = list(packed_parts(rows, size, tokens=tokens))
    assert len(found) > 1 or (size, tokens) == (16, 1000)
    kept = [row.episode_id for row in rows if len(row) > 1]
    assert sorted(row.episode_id for part in found for row in part) == sorted(kept)
    for part in found:
        assert len(part) <= size
        assert len(part) == 1 or packed_length(part) <= tokens
    assert [list(map(id, part)) for part in packed_parts(rows[::-1], size, tokens=tokens)] == [
        list(map(id, part)) for part in found
    ]


def test_a_shared_prompt_counts_once(rows_of: Callable[..., list[Row]]) -> None:
    rows = rows_of((0, 20, 5), (0, 20, 5), (0, 20, 5))
    assert [len(part) for part in packed_parts(rows, 16, tokens=35)] == [3]
    assert [len(part) for part in packed_parts(rows, 16, tokens=34)] == [2, 1]


def test_an_update_in_parts_of_few_tokens_takes_the_same_step(
    model_of: Callable[..., Any], rows_of: Callable[..., list[Row]]
) -> None:
    whole, rows = model_of("llama"), rows_of(*SHAPES)
    split = copy.deepcopy(whole)
    for model, tokens in ((whole, None), (split, 60)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        update(model, optimizer, rows, UpdateSettings(packing="prefixes", part_tokens=tokens))
    for one, other in zip(whole.parameters(), split.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)
