from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.framework.losses import Clipping, PolicyLoss
    from codefrontier.training.algorithms.gspo import GSPO, gspo_loss
    from codefrontier.training.rows import token_counts


def loss_of(
    ratios: list[list[float]], advantages: list[float], *, mismatch: float = 1.0, weights: Any = None
) -> tuple[PolicyLoss, list[list[float]]]:
    """Return the loss and its gradient for ratios of tokens and one advantage per row, with bounds of 0.2."""
    old = torch.full((len(ratios), len(ratios[0])), -1.0, dtype=torch.float64)
    log_probs = (old + torch.tensor(ratios, dtype=torch.float64).log()).requires_grad_()
    loss = gspo_loss(
        log_probs,
        old_log_probs=old,
        sampler_log_probs=old - math.log(mismatch),
        advantages=torch.tensor(advantages, dtype=torch.float64)[:, None].expand_as(old),
        weights=torch.ones_like(old) if weights is None else torch.tensor(weights, dtype=torch.float64),
        clipping=Clipping(low=0.2, high=0.2),
    )
    (gradient,) = torch.autograd.grad(loss.total, log_probs)
    return loss, gradient.tolist()


def test_the_ratio_of_a_reply_is_the_geometric_mean_of_its_tokens() -> None:
    # The square root of 4.84 * 0.25 is 1.1, within the bounds although both tokens are far out.
    loss, gradient = loss_of([[4.84, 0.25]], [2.0])
    assert loss.total.item() == pytest.approx(-(1.1 * 2 + 1.1 * 2))
    assert gradient[0] == pytest.approx([-2.2, -2.2])
    assert (loss.clipped_low, loss.clipped_high, loss.capped) == (0, 0, 0)


def test_whole_replies_are_clipped_where_the_surrogate_would_grow() -> None:
    # The ratios of the rows are 1.5, 1.5, 0.5 and 0.5.
    ratios = [[1.5, 1.5], [2.25, 1.0], [0.5, 0.5], [0.25, 1.0]]
    loss, gradient = loss_of(ratios, [1.0, -1.0, 1.0, -1.0])
    assert loss.total.item() == pytest.approx(-2 * (1.2 - 1.5 + 0.5 - 0.8))
    for row, expected in zip(gradient, [0.0, 1.5, -0.5, 0.0], strict=True):
        assert row == pytest.approx([expected] * 2)
    assert (loss.clipped_low, loss.clipped_high) == (2, 2)


def test_the_correction_for_the_sampler_is_capped() -> None:
    loss, gradient = loss_of([[1.0, 1.0]], [1.0], mismatch=5.0)
    assert gradient[0] == pytest.approx([-2.0, -2.0])
    assert loss.capped == 2


def test_tokens_without_weight_count_nowhere_whatever_their_values() -> None:
    one = torch.tensor([[-1.0, -math.inf], [-1.0, -1.0]], requires_grad=True)
    other = torch.tensor([[-1.0, math.nan], [-1.0, -1.0]])
    loss = gspo_loss(
        one,
        old_log_probs=other,
        sampler_log_probs=other,
        advantages=torch.tensor([[1.0, math.inf], [1.0, 1.0]]),
        weights=torch.tensor([[1.0, 0.0], [0.0, 0.0]]),
    )
    (gradient,) = torch.autograd.grad(loss.total, one)
    assert gradient.tolist() == [[-1.0, 0.0], [0.0, 0.0]]
    assert loss.total.item() == -1.0


def test_the_token_form_has_value_and_gradient_of_the_formula_of_replies() -> None:
    generator = torch.Generator().manual_seed(3)
    mask = torch.tensor(
        [[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]], dtype=torch.float64
    )
    lengths = mask.sum(dim=1, keepdim=True)
    old = -torch.rand(mask.shape, generator=generator, dtype=torch.float64)
    point = old + 0.5 * torch.randn(mask.shape, generator=generator, dtype=torch.float64)
    advantages = torch.tensor([0.7, -1.2, 0.4], dtype=torch.float64)

    def formula(log_probs: Tensor) -> Tensor:
        ratio = ((log_probs - old) * mask).sum(dim=1).div(lengths[:, 0]).exp()
        clipped = ratio.clamp(1 - 0.2, 1 + 0.28)
        return -torch.minimum(ratio * advantages, clipped * advantages).mean()

    current = point.clone().requires_grad_()
    loss = gspo_loss(
        current,
        old_log_probs=old,
        sampler_log_probs=old,
        advantages=advantages[:, None].expand_as(old),
        weights=mask / lengths / 3,
        clipping=Clipping(low=0.2, high=0.28),
    )
    assert loss.total.item() == pytest.approx(formula(point).item())
    (gradient,) = torch.autograd.grad(loss.total, current)
    assert gradient.any()
    for place in mask.nonzero().tolist():
        step = torch.zeros_like(point)
        step[tuple(place)] = 1e-6
        numeric = (formula(point + step) - formula(point - step)) / 2e-6
        assert gradient[tuple(place)].item() == pytest.approx(numeric.item(), abs=1e-8)
    assert not gradient[mask == 0].any()


def test_streams_of_other_shapes_are_refused() -> None:
    one, two, flat = torch.zeros(1, 2), torch.zeros(2, 2), torch.zeros(2)
    with pytest.raises(ValueError, match=r"one shape \[B, T\]"):
        gspo_loss(one, old_log_probs=one, sampler_log_probs=one, advantages=one, weights=two)
    with pytest.raises(ValueError, match=r"one shape \[B, T\]"):
        gspo_loss(flat, old_log_probs=flat, sampler_log_probs=flat, advantages=flat, weights=flat)


def test_each_reply_weighs_the_same_whatever_its_length(scored_group: Callable[..., Group]) -> None:
    algorithm = GSPO(group_size=8, scale_by_std=False)
    group = algorithm.score_group(scored_group(1.0, 0.0, 0.5, 0.5, cut=3, turns=(1, 2, 3, 1)))
    (weighted,) = algorithm.score_batch([group])
    sums = [row.weights["rl"].sum().item() for row in weighted.rows]
    # The mean over 12 tokens gives each of the three replies that are learned from a share of 1/3.
    assert [each / token_counts(weighted.rows)["rl"] for each in sums] == pytest.approx([1 / 3] * 3 + [0.0])
    assert [row.advantages[-1].item() for row in weighted.rows] == [0.5, -0.5, 0.0, 0.0]


def test_the_class_names_its_loss_and_its_bounds(scored_group: Callable[..., Group]) -> None:
    algorithm = GSPO(group_size=8, low=0.01, high=0.02, importance_cap=1.5)
    assert algorithm.surrogate is gspo_loss
    assert algorithm.clipping == Clipping(low=0.01, high=0.02, importance_cap=1.5)
    assert (GSPO().clipping.low, GSPO().clipping.high) == (3e-4, 4e-4)
    group = algorithm.score_group(scored_group(1.0, 0.0, 0.0, 1.0))
    expected = [value * math.sqrt(3) / 2 for value in (1, -1, -1, 1)]
    assert [row.advantages[-1].item() for row in group.rows] == pytest.approx(expected, 1e-5)


def test_equal_rewards_and_single_episodes_have_no_signal(scored_group: Callable[..., Group]) -> None:
    assert not GSPO().score_group(scored_group(0.1, 0.1, 0.1)).has_signal
    assert not GSPO().score_group(scored_group(1.0)).has_signal
    assert list(GSPO().score_batch([])) == []
    (silent,) = GSPO().score_batch([scored_group(1.0, turns=(0,))])
    assert not silent.has_signal


@pytest.mark.parametrize("bad", [{"group_size": 0}, {"low": 0.0}, {"high": 0.0}, {"importance_cap": 0.5}])
def test_fields_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        GSPO(**bad)
