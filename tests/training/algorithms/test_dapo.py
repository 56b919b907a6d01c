from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.dapo import DAPO, longest_reply, overlong_penalty
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss
    from codefrontier.training.rows import collate, token_counts


def test_the_penalty_grows_over_the_buffer() -> None:
    # The paper's numbers: 20480 tokens at most, of which 4096 are the buffer.
    lengths = torch.tensor([0, 16384, 17408, 18432, 20480, 30000])
    penalties = overlong_penalty(lengths, max_length=20480, buffer=4096)
    assert penalties.tolist() == [0.0, 0.0, -0.25, -0.5, -1.0, -1.0]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=9), st.integers(1, 100), st.integers(1, 100))
def test_the_penalty_is_bounded_and_never_smaller_for_longer_replies(
    lengths: list[int], max_length: int, buffer: int
) -> None:
    penalties = overlong_penalty(
        torch.tensor(sorted(lengths)), max_length=max_length, buffer=min(buffer, max_length)
    )
    assert bool(((penalties >= -1) & (penalties <= 0)).all())
    assert bool((penalties.diff() <= 0).all())


@pytest.mark.parametrize("buffer", [0, 11])
def test_a_buffer_that_does_not_fit_is_refused(buffer: int) -> None:
    with pytest.raises(ValueError, match=r"buffer must be in 1\.\.max_length = 10"):
        overlong_penalty(torch.tensor([1]), max_length=10, buffer=buffer)


def test_negative_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must not be negative, got -1\.0"):
        overlong_penalty(torch.tensor([3, -1]), max_length=10, buffer=2)


@pytest.mark.parametrize("bad", [{"group_size": 0}, {"max_length": 0}, {"buffer_share": 0.0}])
def test_fields_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        DAPO(**bad)


def test_the_longest_reply_of_an_episode_counts(scored_group: Callable[..., Group]) -> None:
    (row,) = scored_group(1.0, turns=(3,)).rows
    assert longest_reply(row) == 2
    (empty,) = scored_group(1.0, turns=(0,)).rows
    assert longest_reply(empty) == 0


def test_without_penalty_rewards_are_standardised(scored_group: Callable[..., Group]) -> None:
    group = DAPO(group_size=8).score_group(scored_group(1.0, 0.0, 0.0, 1.0, cut=1))
    expected = [value * math.sqrt(3) / 2 for value in (1, -1, -1, 1)]
    assert [row.advantages[-1].item() for row in group.rows] == pytest.approx(expected, 1e-5)
    assert [row.weights["rl"][-1].item() for row in group.rows] == [1.0, 0.0, 1.0, 1.0]


def test_the_penalty_is_part_of_the_reward(scored_group: Callable[..., Group]) -> None:
    # Replies of 2 tokens at a limit of 3 with a buffer of 2 lose 0.5; the empty episode loses nothing.
    algorithm = DAPO(scale_by_std=False, max_length=3, buffer_share=0.67)
    group = algorithm.score_group(scored_group(1.0, 0.0, 0.0, cut=1, turns=(1, 1, 0)))
    mean = (0.5 - 0.5 + 0.0) / 3
    assert [row.advantages[-1].item() for row in group.rows[:2]] == pytest.approx([0.5 - mean, -0.5 - mean])
    assert bool(group.rows[1].weights["rl"].any()), "with a penalty, truncated replies are learned from"


@pytest.mark.parametrize("max_length", [None, 3])
def test_groups_that_are_all_solved_or_all_failed_have_no_signal(
    scored_group: Callable[..., Group], max_length: int | None
) -> None:
    algorithm = DAPO(group_size=8, max_length=max_length, buffer_share=1.0)
    assert not algorithm.score_group(scored_group(0.1, 0.1, 0.1, turns=(1, 0, 1))).has_signal
    assert not algorithm.score_group(scored_group(1.0)).has_signal


def test_the_loss_and_its_gradient_are_those_of_the_formula(scored_group: Callable[..., Group]) -> None:
    group = DAPO(scale_by_std=False).score_group(scored_group(1.0, 0.0, 0.5, turns=(1, 2, 3)))
    batch, count = collate(group.rows), token_counts(group.rows)["rl"]
    generator = torch.Generator().manual_seed(1)
    old = -torch.rand(batch.advantages.shape, generator=generator, dtype=torch.float64)
    point = old + 0.6 * torch.rand(old.shape, generator=generator, dtype=torch.float64) - 0.3

    def trainer(log_probs: Tensor) -> Tensor:
        loss = policy_loss(
            log_probs,
            old_log_probs=old,
            sampler_log_probs=old,
            advantages=batch.advantages.double(),
            weights=batch.weights["rl"].double(),
            clipping=Clipping(),
        )
        return loss.total / count

    advantages = [0.5, -0.5, 0.0]
    total = 0.0
    for i, t in batch.loss_mask.nonzero().tolist():
        ratio = math.exp(point[i, t] - old[i, t])
        clipped = min(max(ratio, 0.8), 1.28)
        total -= min(ratio * advantages[i], clipped * advantages[i]) / 12
    assert trainer(point).item() == pytest.approx(total)
    assert torch.autograd.gradcheck(trainer, (point.requires_grad_(),))
