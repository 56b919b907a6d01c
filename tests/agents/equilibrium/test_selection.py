from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training import equilibrium
    from codefrontier.training.equilibrium import (
        confidence,
        logit_change,
        majority,
        oracle,
        select,
        select_by_residual,
        weighted_vote,
    )


def test_the_score_is_the_norm_of_the_last_changes_worked_by_hand() -> None:
    # Two cells and two marks; restart 0 moves by (3, 4) in its first cell in the last step, restart 1 by 1.
    logits = torch.zeros(5, 2, 2, 2)
    logits[4, 0, 0] = torch.tensor([3.0, 4.0])
    logits[3:, 1, 1, 0] = 1.0
    logits[1, 1] = 100.0  # outside the window of three changes: 2-1, which is inside, is excluded by window=2
    assert logit_change(logits, window=2).tolist() == pytest.approx([5 / 4, 1 / 4])
    assert logit_change(logits, window=1).tolist() == pytest.approx([5 / 2, 0.0])
    assert select(logits, window=2).tolist() == [1, 0]


def test_it_is_importable_where_the_documentation_says() -> None:
    assert equilibrium.select is select


def test_fewer_changes_than_the_window_are_all_used() -> None:
    logits = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    expected = (logits[1] - logits[0]).square().sum(-1).sqrt().mean(-1)
    assert torch.allclose(logit_change(logits, window=9), expected)


def test_one_step_selects_nothing() -> None:
    assert select(torch.randn(1, 4, 2, 3)).tolist() == [0, 1, 2, 3]


def test_equal_scores_keep_their_order() -> None:
    assert select(torch.ones(6, 5, 2, 3)).tolist() == [0, 1, 2, 3, 4]


def test_the_order_does_not_depend_on_the_order_of_cells_and_marks() -> None:
    logits = torch.randn(7, 6, 4, 5, generator=torch.Generator().manual_seed(1))
    order = select(logits)
    assert torch.equal(select(logits.flip(2).flip(3)), order)
    turned = select(logits.flip(1))
    assert torch.equal(5 - turned, order)


def test_residuals_average_the_last_steps() -> None:
    residuals = torch.tensor([[0.0, 9.0], [4.0, 1.0], [4.0, 1.0], [1.0, 3.0]])
    assert select_by_residual(residuals).tolist() == [1, 0]
    assert select_by_residual(residuals, window=1).tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(3, 2, 2), (0, 2, 2, 2), (2, 2, 2, 2, 2)])
def test_a_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\[D, B, L, V\]"):
        select(torch.zeros(shape))


@pytest.mark.parametrize("window", [0, -1, True, 1.5])
def test_a_wrong_window_is_named(window: int) -> None:
    with pytest.raises(ValueError, match="window must be"):
        select(torch.zeros(2, 2, 2, 2), window=window)


def test_votes_are_over_whole_answers_and_the_first_wins_ties() -> None:
    answers = torch.tensor([[1, 2], [1, 3], [2, 3], [1, 3], [1, 2]])
    assert majority(answers).tolist() == [1, 2]
    assert majority(answers[1:]).tolist() == [1, 3]
    weights = torch.tensor([0.1, 0.2, 0.9, 0.2, 0.1])
    assert weighted_vote(answers, weights).tolist() == [2, 3]
    assert oracle(answers, torch.tensor([2, 3]))
    assert not oracle(answers, torch.tensor([2, 2]))
    with pytest.raises(ValueError, match="weights must be"):
        weighted_vote(answers, -weights)


def test_half_the_change_counts_twice() -> None:
    assert confidence(torch.tensor([2.0, 1.0])).tolist() == pytest.approx([1 / 3, 2 / 3])
    assert float(confidence(torch.tensor([0.0, 1.0])).sum()) == pytest.approx(1)
    with pytest.raises(ValueError, match="scores must be"):
        confidence(torch.tensor([float("nan")]))
