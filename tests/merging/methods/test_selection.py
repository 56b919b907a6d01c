"""The largest numbers of a stream against a sorted array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from codefrontier.merging.methods.selection import largest

NUMBERS = npst.arrays(
    np.float64, st.integers(0, 60), elements=st.sampled_from([0.0, 5e-324, 1e-7, 1.0, 1.5, 2.0, 1e300])
)


@given(NUMBERS, st.integers(0, 60), st.integers(1, 9))
def test_the_largest_are_those_of_a_stable_sort(values: np.ndarray, count: int, size: int) -> None:
    count = min(count, len(values))

    def stream() -> Iterator[np.ndarray]:
        return (values[first : first + size] for first in range(0, len(values), size))

    found = largest(stream, count)
    mask = np.concatenate(
        [np.zeros(0, bool), *(found.mask(part, size * n) for n, part in enumerate(stream()))]
    )
    assert set(np.flatnonzero(mask)) == set(np.argsort(-values, kind="stable")[:count])


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2 numbers, 3 are asked for"):
        largest(lambda: [np.ones(2)], 3)
    with pytest.raises(ValueError, match="at least 0"):
        largest(list, -1)
