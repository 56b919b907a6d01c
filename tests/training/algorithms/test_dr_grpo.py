from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.dr_grpo import DrGRPO, constant_length_weight
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss
    from codefrontier.training.rows import collate, token_counts


def scored(algorithm: DrGRPO, *groups: Group) -> list[Group]:
    return list(algorithm.score_batch([algorithm.score_group(group) for group in groups]))


def test_the_weight_turns_a_mean_over_tokens_into_a_constant_length() -> None:
    # 12 tokens in 4 episodes: the trainer's 1/12 becomes 1/(4 * 6).
    assert constant_length_weight(12, episodes=4, length=6) / 12 == pytest.approx(1 / 24)
    assert constant_length_weight(0, episodes=1, length=1) == 0


@pytest.mark.parametrize(("tokens", "episodes", "length"), [(-1, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_numbers_that_make_no_sense_are_refused(tokens: int, episodes: int, length: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        constant_length_weight(tokens, episodes=episodes, length=length)
    with pytest.raises(ValueError, match="length must be at least 1"):
        DrGRPO(length=0)


def test_streams_of_a_group_of_two_lengths(scored_group: Callable[..., Group]) -> None:
    (group,) = scored(DrGRPO(group_size=8, length=10), scored_group(1.0, 0.0, turns=(1, 2)))
    assert [row.advantages[row.loss_mask].tolist() for row in group.rows] == [[0.5] * 2, [-0.5] * 4]
    # 6 tokens, 2 episodes: 6 / (2 * 10).
    for row in group.rows:
        assert row.weights["rl"][row.loss_mask].tolist() == pytest.approx([0.3] * int(row.loss_mask.sum()))
        assert not row.weights["rl"][~row.loss_mask].any()


def test_the_weight_of_a_reply_does_not_depend_on_the_length_of_the_others(
    scored_group: Callable[..., Group],
) -> None:
    shares = []
    for turns in ((1, 1), (1, 5)):
        groups = scored(DrGRPO(length=10), scored_group(1.0, 0.0, turns=turns))
        rows = [row for group in groups for row in group.rows]
        shares.append(rows[0].weights["rl"].sum().item() / token_counts(rows)["rl"])
    assert shares == pytest.approx([2 / (2 * 10)] * 2)


def test_truncated_replies_count_as_episodes_and_are_not_learned(scored_group: Callable[..., Group]) -> None:
    (group,) = scored(DrGRPO(length=4), scored_group(1.0, 0.0, 0.0, cut=1))
    assert group.rows[0].advantages[-1].item() == pytest.approx(2 / 3)
    assert [row.weights["rl"][-1].item() for row in group.rows] == pytest.approx([4 / 12, 0, 4 / 12])


def test_equal_rewards_and_single_episodes_have_no_signal(scored_group: Callable[..., Group]) -> None:
    algorithm = DrGRPO(group_size=8)
    assert not algorithm.score_group(scored_group(0.1, 0.1, 0.1)).has_signal
    assert not algorithm.score_group(scored_group(1.0)).has_signal
    assert list(algorithm.score_batch([])) == []


def test_the_gradient_is_that_of_the_formula(scored_group: Callable[..., Group]) -> None:
    groups = scored(DrGRPO(length=7), scored_group(1.0, 0.0, 0.5, turns=(1, 2, 3)), scored_group(1.0, 0.0))
    rows = [row for group in groups for row in group.rows]
    batch, count = collate(rows), token_counts(rows)["rl"]
    generator = torch.Generator().manual_seed(0)
    shape = batch.advantages.shape
    log_probs = -torch.rand(shape, generator=generator, dtype=torch.float64)

    def trainer(current: Tensor) -> Tensor:
        return (
            policy_loss(
                current,
                old_log_probs=log_probs,
                sampler_log_probs=log_probs,
                advantages=batch.advantages.double(),
                weights=batch.weights["rl"].double(),
                clipping=Clipping(),
            ).total
            / count
        )

    point = log_probs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(trainer(point), point)
    rewards = [[1.0, 0.0, 0.5], [1.0, 0.0]]
    centred = [value - math.fsum(group) / len(group) for group in rewards for value in group]
    sampled = batch.loss_mask.double()
    formula = -torch.tensor(centred, dtype=torch.float64)[:, None] * sampled / (len(rows) * 7)
    assert torch.allclose(gradient, formula, atol=1e-8)  # the streams are float32
    direction = torch.rand(shape, generator=generator, dtype=torch.float64)
    step = 1e-6 * direction
    numeric = (trainer(log_probs + step) - trainer(log_probs - step)) / 2e-6
    assert numeric.item() == pytest.approx((gradient * direction).sum().item(), abs=1e-8)
