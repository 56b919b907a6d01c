from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.framework.losses import (
        Clipping,
        cross_entropy,
        policy_loss,
        sampler_divergence,
        score_tokens,
    )
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.rows import Batch


@functools.cache
def usual_clipping() -> Clipping:
    return Clipping(low=0.2, high=0.28, importance_cap=2.0)


def loss_of(
    ratios: list[float], advantages: list[float], *, mismatch: list[float] | None = None, weights: Any = None
) -> tuple[float, list[float], Any]:
    """Return loss, gradient and counts for ratios of current to old policy, and of old policy to sampler."""
    count = len(ratios)
    old = torch.full((1, count), -1.0)
    log_probs = (old + torch.tensor([ratios]).log()).requires_grad_()
    sampler = old - torch.tensor([mismatch or [1.0] * count]).log()
    loss = policy_loss(
        log_probs,
        old_log_probs=old,
        sampler_log_probs=sampler,
        advantages=torch.tensor([advantages]),
        weights=torch.tensor([weights or [1.0] * count]),
        clipping=usual_clipping(),
    )
    loss.total.backward()  # type: ignore[no-untyped-call]
    assert log_probs.grad is not None
    return loss.total.item(), log_probs.grad[0].tolist(), loss


def test_on_policy_the_gradient_is_minus_the_advantage() -> None:
    total, gradient, loss = loss_of([1.0, 1.0], [0.5, -2.0])
    assert total == pytest.approx(1.5)
    assert gradient == pytest.approx([-0.5, 2.0])
    assert (loss.clipped_low, loss.clipped_high, loss.capped) == (0, 0, 0)


def test_ratios_are_clipped_only_where_the_surrogate_would_grow() -> None:
    # Worked by hand: min(r A, clip(r, 0.8, 1.28) A).
    ratios = [1.5, 1.5, 0.5, 0.5]
    advantages = [1.0, -1.0, 1.0, -1.0]
    total, gradient, loss = loss_of(ratios, advantages)
    assert total == pytest.approx(-(1.28 - 1.5 + 0.5 - 0.8))
    assert gradient == pytest.approx([0.0, 1.5, -0.5, 0.0])
    assert (loss.clipped_low, loss.clipped_high) == (1, 1)


def test_the_correction_for_the_sampler_is_capped_and_has_no_gradient() -> None:
    total, gradient, loss = loss_of([1.0, 1.0], [1.0, 1.0], mismatch=[0.5, 5.0])
    assert total == pytest.approx(-(0.5 + 2.0))
    assert gradient == pytest.approx([-0.5, -2.0])
    assert loss.capped == 1


def test_tokens_without_weight_count_nowhere() -> None:
    total, gradient, loss = loss_of([1.0, 3.0], [1.0, 1.0], mismatch=[1.0, 9.0], weights=[1.0, 0.0])
    assert total == pytest.approx(-1.0)
    assert gradient == pytest.approx([-1.0, 0.0])
    assert (loss.clipped_high, loss.capped) == (0, 0)


def test_far_ratios_do_not_overflow() -> None:
    total, gradient, _ = loss_of([1e-30, 1.0], [1.0, 1.0], mismatch=[1.0, 1e30])
    assert math.isfinite(total)
    assert all(map(math.isfinite, gradient))


def test_streams_of_unlike_shape_are_refused() -> None:
    one, two = torch.zeros(1, 2), torch.zeros(2, 2)
    with pytest.raises(ValueError, match="one shape"):
        policy_loss(
            one,
            old_log_probs=one,
            sampler_log_probs=one,
            advantages=one,
            weights=two,
            clipping=usual_clipping(),
        )
    with pytest.raises(ValueError, match="equal shapes"):
        cross_entropy(one, weights=two)


@pytest.mark.parametrize("bad", [{"low": 0.0}, {"low": 1.5}, {"high": 0.0}, {"importance_cap": math.nan}])
def test_bounds_that_make_no_sense_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Clipping(**bad)


def test_cross_entropy_sums_the_weighted_surprise() -> None:
    log_probs = torch.tensor([[0.5, 0.25, 0.1]]).log()
    loss = cross_entropy(log_probs, weights=torch.tensor([[1.0, 2.0, 0.0]]))
    assert loss.item() == pytest.approx(math.log(2) + 2 * math.log(4))


def test_divergence_is_zero_where_both_agree_and_positive_elsewhere() -> None:
    trainer = torch.tensor([-1.0, -1.0, -1.0])
    divergence = sampler_divergence(trainer, torch.tensor([-1.0, -1.5, -0.5]))
    assert divergence.tolist() == pytest.approx([0.0, math.exp(0.5) - 1.5, math.exp(-0.5) - 0.5])


def test_tokens_are_scored_by_those_before_them(tokenizer: Any) -> None:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2)
    ids = torch.tensor([[1, 5, 6, 7], [1, 5, 0, 0]])
    none: Tensor = torch.zeros(2, 3)
    batch = Batch(
        token_ids=ids, loss_mask=none.bool(), sampler_log_probs=none, advantages=none, weights={"rl": none}
    )
    scores = score_tokens(model, batch)
    logits = model(input_ids=ids[:1]).logits[0].detach()
    expected = torch.log_softmax(logits, -1)
    assert scores.log_probs[0].tolist() == pytest.approx(
        [expected[0, 5].item(), expected[1, 6].item(), expected[2, 7].item()], abs=1e-5
    )
    # Tokens at the end, such as padding, do not affect earlier tokens.
    assert scores.log_probs[1, 0].item() == pytest.approx(scores.log_probs[0, 0].item(), abs=1e-6)
    probabilities = expected[0].exp()
    assert scores.entropy[0, 0].item() == pytest.approx(-(probabilities * expected[0]).sum().item(), abs=1e-5)
