from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.checkpoints.sharded.boxes import Box, assemble
from codefrontier.merging.checkpoints.source import read_elements


def _cut(length: int, random: np.random.Generator) -> list[tuple[int, int]]:
    inner = sorted(random.integers(0, length + 1, size=2).tolist())
    edges = [0, *inner, length]
    return list(pairwise(edges))


@pytest.mark.parametrize("shape", [(), (1,), (9,), (6, 5), (3, 4, 5), (4, 1, 7), (2, 3, 2, 3)], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_any_range_of_any_boxes(shape: tuple[int, ...], seed: int, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    whole = random.integers(0, 1 << 30, size=shape, dtype="<i4")
    places: list[tuple[slice, ...]] = [()]
    for length in shape:
        places = [(*place, slice(*edge)) for place in places for edge in _cut(length, random)]
    boxes = []
    for number, place in enumerate(places):
        path = tmp_path / f"{number}.bin"
        piece = whole[place]
        path.write_bytes(b"head" + piece.tobytes())
        offsets = tuple(each.start for each in place)
        boxes.append(Box(file=path, start=4, offsets=offsets, sizes=piece.shape))
    tensor = assemble("t", "I32", shape, boxes)
    flat = whole.ravel()
    for first in range(0, flat.size, 3):
        for count in (1, 2, 7, flat.size - first):
            read = read_elements(tensor, first, min(count, flat.size - first)).view("<i4")
            assert np.array_equal(read, flat[first : first + count])


def _box(offsets: tuple[int, ...], sizes: tuple[int, ...]) -> Box:
    return Box(file=Path("f"), start=0, offsets=offsets, sizes=sizes)


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ([_box((0, 0), (2, 3))], "pieces are missing"),
        ([_box((0, 0), (2, 3)), _box((1, 0), (2, 3))], "overlap"),
        ([_box((0, 0), (2, 3)), _box((3, 0), (2, 3))], "reach over"),
        ([_box((0,), (12,))], "other dimensions"),
        ([], "pieces are missing"),
    ],
)
def test_boxes_that_do_not_cover_the_tensor(boxes: list[Box], words: str) -> None:
    with pytest.raises(MergeError, match=words):
        assemble("t", "F32", (4, 3), boxes)


def test_a_dtype_that_cannot_be_merged() -> None:
    with pytest.raises(MergeError, match="tensor 't' has dtype 'F64', which cannot be merged"):
        assemble("t", "F64", (4,), [_box((0,), (4,))])
