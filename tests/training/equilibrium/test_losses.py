from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.equilibrium.losses import (
        equilibrium_loss,
        stable_max,
        stable_max_cross_entropy,
    )


def test_stable_max_worked_by_hand() -> None:
    values = torch.tensor([0.0, 1.0, 3.0, -1.0, -3.0], requires_grad=True)
    found = stable_max(values)
    assert found.tolist() == pytest.approx([1, 2, 4, 1 / 2, 1 / 4])
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert values.grad.tolist() == pytest.approx([1, 1, 1, 1 / 4, 1 / 16])


def test_cross_entropy_worked_by_hand() -> None:
    logits = torch.tensor([[1.0, -1.0], [0.0, 0.0]])
    found = stable_max_cross_entropy(logits, torch.tensor([0, 1]))
    assert found.tolist() == pytest.approx([-math.log(2 / 2.5), math.log(2)])
    with pytest.raises(ValueError, match="targets must be"):
        stable_max_cross_entropy(logits, torch.tensor([0]))


def test_large_logits_stay_finite() -> None:
    logits = torch.tensor([[1e30, -1e30]], requires_grad=True)
    stable_max_cross_entropy(logits, torch.tensor([0])).sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert bool(logits.grad.isfinite().all())


def test_the_halting_logit_learns_whether_the_whole_grid_is_right() -> None:
    logits = torch.tensor([[[5.0, 0.0], [5.0, 0.0]], [[5.0, 0.0], [5.0, 0.0]]])
    targets = torch.tensor([[0, 0], [0, 1]])
    marks = float(stable_max_cross_entropy(logits, targets).mean())
    halt = torch.tensor([2.0, -2.0])
    expected = marks + 0.5 * math.log(1 + math.exp(-2.0))
    assert float(equilibrium_loss(logits, halt, targets)) == pytest.approx(expected, rel=1e-5)
