from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group
    from codefrontier.training.algorithms.cispo import CISPO, cispo_loss
    from codefrontier.training.algorithms.framework.losses import Clipping, PolicyLoss


def loss_of(
    ratios: list[float],
    advantages: list[float],
    *,
    mismatch: Any = None,
    weights: Any = None,
    high: float = 1.0,
) -> tuple[PolicyLoss, list[float]]:
    """Return the loss and its gradient; every log-prob of the old policy is -1."""
    count = len(ratios)
    old = torch.full((1, count), -1.0, dtype=torch.float64)
    log_probs = (old + torch.tensor([ratios], dtype=torch.float64).log()).requires_grad_()
    loss = cispo_loss(
        log_probs,
        old_log_probs=old,
        sampler_log_probs=old - torch.tensor([mismatch or [1.0] * count], dtype=torch.float64).log(),
        advantages=torch.tensor([advantages], dtype=torch.float64),
        weights=torch.tensor([weights or [1.0] * count], dtype=torch.float64),
        clipping=Clipping(high=high),
    )
    (gradient,) = torch.autograd.grad(loss.total, log_probs)
    return loss, gradient[0].tolist()


def test_clipped_tokens_keep_a_bounded_gradient() -> None:
    # Worked by hand: -clip(r) A log pi with clip(r) = min(r, 2), and its gradient -clip(r) A.
    loss, gradient = loss_of([1.0, 3.0, 3.0, 0.1], [1.0, 1.0, -1.0, 0.5])
    log3, log01 = math.log(3) - 1, math.log(0.1) - 1
    assert loss.total.item() == pytest.approx(-(-1 + 2 * log3 - 2 * log3 + 0.05 * log01))
    assert gradient == pytest.approx([-1.0, -2.0, 2.0, -0.05])
    assert (loss.clipped_low, loss.clipped_high, loss.capped) == (0, 2, 0)


def test_the_correction_for_the_sampler_is_capped() -> None:
    loss, gradient = loss_of([1.0, 1.0], [1.0, 1.0], mismatch=[0.5, 5.0])
    assert gradient == pytest.approx([-0.5, -2.0])
    assert loss.capped == 1


def test_tokens_without_weight_count_nowhere_whatever_their_values() -> None:
    one = torch.tensor([[-1.0, -math.inf]], requires_grad=True)
    other = torch.tensor([[-1.0, math.nan]])
    loss = cispo_loss(
        one,
        old_log_probs=other,
        sampler_log_probs=other,
        advantages=torch.tensor([[1.0, math.inf]]),
        weights=torch.tensor([[1.0, 0.0]]),
    )
    (gradient,) = torch.autograd.grad(loss.total, one)
    assert gradient.tolist() == [[-1.0, 0.0]]
    assert (loss.total.item(), loss.clipped_high, loss.capped) == (1.0, 0, 0)


def test_weights_and_advantages_scale_the_loss() -> None:
    once, gradient = loss_of([1.5, 0.5], [1.0, -2.0])
    twice, doubled = loss_of([1.5, 0.5], [2.0, -4.0], weights=[2.0, 2.0])
    assert twice.total.item() == pytest.approx(4 * once.total.item())
    assert doubled == pytest.approx([4 * value for value in gradient])
    nothing, zero = loss_of([1.5, 9.0], [0.0, 0.0])
    assert (nothing.total.item(), zero) == (0.0, [0.0, 0.0])


def test_the_gradient_is_that_of_the_formula_with_its_factor_held_constant() -> None:
    generator = torch.Generator().manual_seed(0)
    old, point, advantages = (torch.randn(2, 5, generator=generator, dtype=torch.float64) for _ in range(3))
    weights = torch.tensor([[1.0, 1.0, 0.0, 2.0, 1.0], [0.5, 1.0, 1.0, 1.0, 0.0]], dtype=torch.float64)
    held = (point - old).exp().clamp(max=2.0)  # the stopped gradient of the formula

    def formula(log_probs: Tensor) -> Tensor:
        return -(weights * held * advantages * log_probs).sum()

    current = point.clone().requires_grad_()
    loss = cispo_loss(
        current,
        old_log_probs=old,
        sampler_log_probs=old,
        advantages=advantages,
        weights=weights,
        clipping=Clipping(high=1.0),
    )
    assert loss.total.item() == pytest.approx(formula(point).item())
    (gradient,) = torch.autograd.grad(loss.total, current)
    for place in weights.nonzero().tolist():
        step = torch.zeros_like(point)
        step[tuple(place)] = 1e-6
        numeric = (formula(point + step) - formula(point - step)) / 2e-6
        assert gradient[tuple(place)].item() == pytest.approx(numeric.item(), abs=1e-8)


def test_streams_of_unlike_shape_are_refused() -> None:
    one, two = torch.zeros(1, 2), torch.zeros(2, 2)
    with pytest.raises(ValueError, match="one shape"):
        cispo_loss(one, old_log_probs=one, sampler_log_probs=one, advantages=one, weights=two)


def test_the_class_names_its_loss_and_its_bounds(scored_group: Callable[..., Group]) -> None:
    algorithm = CISPO(group_size=8, high=3.0, importance_cap=1.5)
    assert algorithm.surrogate is cispo_loss
    assert (algorithm.clipping.high, algorithm.clipping.importance_cap) == (3.0, 1.5)
    assert CISPO().clipping == CISPO.clipping
    group = algorithm.score_group(scored_group(1.0, 0.0, 0.0, 1.0, cut=1))
    expected = [value * math.sqrt(3) / 2 for value in (1, -1, -1, 1)]
    assert [row.advantages[-1].item() for row in group.rows] == pytest.approx(expected, 1e-5)
    assert [row.weights["rl"][-1].item() for row in group.rows] == [1.0, 0.0, 1.0, 1.0]
    centred = CISPO(scale_by_std=False).score_group(scored_group(1.0, 0.0))
    assert [row.advantages[-1].item() for row in centred.rows] == [0.5, -0.5]


def test_equal_rewards_and_single_episodes_have_no_signal(scored_group: Callable[..., Group]) -> None:
    assert not CISPO().score_group(scored_group(0.1, 0.1, 0.1)).has_signal
    assert not CISPO().score_group(scored_group(1.0)).has_signal


@pytest.mark.parametrize("bad", [{"group_size": 0}, {"high": 0.0}, {"importance_cap": 0.5}])
def test_fields_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        CISPO(**bad)
