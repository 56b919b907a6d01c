"""Stochastic rounding depends on the seed, the name of the tensor and the place of the weight alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from codefrontier.merging import MergeOptions, merge_checkpoints


@pytest.mark.parametrize("who", ["low", "high", "both"])
def test_neither_shards_nor_the_order_of_tensors_change_a_weight(
    who: str, kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = kit.rl_pair("BF16", count=900)
    names = [*low]
    layouts = {"plain": ([], []), "cut": ([names[2:], names[:2]], [[names[1]], [names[2], names[0]]])}
    raw = {}
    for layout, shards in layouts.items():
        chosen = [
            cut if who in (role, "both") else [] for role, cut in zip(("low", "high"), shards, strict=True)
        ]
        parents = [
            kit.make_checkpoint(tmp_path / layout / role, dict(reversed(tensors.items())), shards=cut)
            for role, tensors, cut in zip(("low", "high"), (low, high), chosen, strict=True)
        ]
        options = MergeOptions(rounding="stochastic", seed=5, force=True, chunk=101 if shards[0] else 1 << 19)
        (report,) = merge_checkpoints(parents[0], parents[1], [0.3], tmp_path / layout / "out", options)
        raw[layout] = kit.read_raw(report.path)
    assert raw["plain"] == raw["cut"]


def test_merges_in_several_threads_are_equal_to_the_bit(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = (
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("BF16", count=9000), strict=True)
    )

    def merge(number: int) -> str:
        options = MergeOptions(rounding="stochastic", seed=1, force=True, chunk=1000 + number)
        return merge_checkpoints(low, high, [0.3], tmp_path / str(number), options)[0].digest

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(merge, range(6)))) == 1
