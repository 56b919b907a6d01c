from __future__ import annotations

import numpy as np
import pytest

from codefrontier.merging.extraction.low_rank import factorise


def test_a_case_worked_by_hand() -> None:
    """diag(5, 3, 1): rank 2 keeps 5 and 3 and loses 1."""
    factors = factorise(np.diag([3.0, 5.0, 1.0]), 2)
    assert np.allclose(factors.left @ factors.right, np.diag([3.0, 5.0, 0.0]))
    assert factors.error == pytest.approx(1)
    assert factors.norm == pytest.approx(np.sqrt(35))
    assert factors.relative_error == pytest.approx(1 / np.sqrt(35))
    assert np.allclose(np.linalg.norm(factors.left, axis=0), np.sqrt([5, 3])), "both get the root"


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (30, 30)])
@pytest.mark.parametrize("rank", [1, 7, 30])
def test_the_error_is_that_of_the_best_approximation(shape: tuple[int, int], rank: int) -> None:
    matrix = np.random.default_rng(0).normal(size=shape)
    values = np.linalg.svd(matrix, compute_uv=False)
    factors = factorise(matrix, rank)
    assert factors.error == pytest.approx(np.sqrt(np.sum(values[rank:] ** 2)), abs=1e-9)
    assert factors.left.shape == (shape[0], rank)
    assert factors.right.shape == (rank, shape[1])


def test_more_rank_than_the_matrix_has_is_padded_with_zeros() -> None:
    matrix = np.random.default_rng(0).normal(size=(3, 5))
    factors = factorise(matrix, 8)
    assert factors.left.shape == (3, 8)
    assert not factors.left[:, 3:].any()
    assert factors.relative_error < 1e-12
    assert factorise(np.zeros((3, 5)), 2).relative_error == 0


@pytest.mark.long
@pytest.mark.parametrize("decay", [0.0, 0.5], ids=["flat", "falling"])
def test_a_large_matrix_within_a_subspace_is_nearly_as_good(decay: float) -> None:
    """A flat spectrum is the hardest case: no direction stands out."""
    random = np.random.default_rng(0)
    rows, columns, rank = 900, 1000, 16
    matrix = random.normal(size=(rows, columns))
    vectors, values, others = np.linalg.svd(matrix, full_matrices=False)
    values = values * np.arange(1, rows + 1) ** -decay
    matrix = (vectors * values) @ others
    best = np.sqrt(np.sum(values[rank:] ** 2))
    factors = factorise(matrix, rank)
    assert best <= factors.error * (1 + 1e-9)
    assert factors.error == pytest.approx(best, rel=2e-3)
    assert factors.error == pytest.approx(np.linalg.norm(matrix - factors.left @ factors.right))
    again = factorise(matrix, rank)
    assert np.array_equal(factors.left, again.left)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="rank must be at least 1, got 0"):
        factorise(np.ones((2, 2)), 0)
    with pytest.raises(ValueError, match=r"two dimensions, got the shape \[2\]"):
        factorise(np.ones(2), 1)
