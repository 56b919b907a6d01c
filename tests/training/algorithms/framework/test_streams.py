from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.framework.streams import (
        group_rewards,
        learned_tokens,
        scale_weights,
        write_advantages,
    )
    from codefrontier.training.algorithms.grpo import standardised_advantages


def test_rewards_are_divided_by_the_deviation_of_the_group() -> None:
    advantages = standardised_advantages(torch.tensor([[1.0, 0.0, 0.0, 1.0]], dtype=torch.float64))
    # The standard deviation is sqrt(4 * 0.25 / 3).
    assert advantages[0].tolist() == pytest.approx(
        [value * math.sqrt(3) / 2 for value in (1, -1, -1, 1)], 1e-5
    )


@given(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=2, max_size=9), st.floats(1, 50))
def test_the_scale_of_rewards_does_not_matter(rewards: list[float], scale: float) -> None:
    values = torch.tensor([rewards], dtype=torch.float64)
    advantages = standardised_advantages(values, eps=1e-12)
    assert advantages.sum().item() == pytest.approx(0, abs=1e-9)
    assert torch.allclose(advantages, standardised_advantages(values * scale, eps=1e-12))


def test_equal_rewards_give_nothing_and_rounding_next_to_nothing() -> None:
    assert not standardised_advantages(torch.full((1, 7), 0.1)).any()
    noise = torch.tensor([[0.3, 0.1 + 0.2]], dtype=torch.float64)
    assert standardised_advantages(noise).abs().max() < 1e-9


@pytest.mark.parametrize("shape", [(4,), (2, 1), (1, 2, 3)])
def test_rewards_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be \[P, G\]"):
        standardised_advantages(torch.zeros(shape))


def test_advantages_are_written_to_sampled_tokens_only(scored_group: Callable[..., Group]) -> None:
    group = scored_group(1.0, 0.0, cut=1)
    written = write_advantages(group, torch.tensor([0.5, -2.0], dtype=torch.float64))
    assert [row.advantages.tolist() for row in written.rows] == [[0, 0, 0.5, 0.5], [0, 0, -2, -2]]
    assert [row.weights["rl"].tolist() for row in written.rows] == [[0, 0, 1, 1], [0, 0, 0, 0]]
    assert not any(row.advantages.any() for row in group.rows), "the group itself is unchanged"
    both = write_advantages(group, torch.tensor([0.5, -2.0]), learn_truncated=True)
    assert [learned_tokens(row) for row in both.rows] == [2, 2]


def test_there_is_one_advantage_per_episode(scored_group: Callable[..., Group]) -> None:
    with pytest.raises(ValueError, match=r"advantages must be \[2\], got \[1, 2\]"):
        write_advantages(scored_group(1.0, 0.0), torch.zeros(1, 2))


def test_weights_of_rows_are_multiplied(scored_group: Callable[..., Group]) -> None:
    group = scored_group(1.0, 0.5, turns=(1, 2))
    (scaled,) = scale_weights([group], lambda row: 10 * row.reward)
    assert [row.weights["rl"][:3].tolist() for row in scaled.rows] == [[0, 0, 10], [0, 0, 5]]
    assert [learned_tokens(row) for row in scaled.rows] == [2, 4]
    assert group_rewards(scaled).tolist() == [[1.0, 0.5]]
