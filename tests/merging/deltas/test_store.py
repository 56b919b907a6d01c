"""Deltas restore a checkpoint to the bit, are smaller than it, and notice damage and another base."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tyro

from codefrontier.merging import MergeError
from codefrontier.merging.deltas.bits import difference, restore
from codefrontier.merging.deltas.command import PackCommand, UnpackCommand
from codefrontier.merging.deltas.store import pack, unpack

pytestmark = pytest.mark.skipif(find_spec("zstandard") is None, reason="needs zstandard")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_bits_by_hand() -> None:
    data = np.array([[1, 2], [3, 4], [0xFF, 0]], np.uint8)
    base = np.array([[1, 3], [3, 4], [0, 0]], np.uint8)
    packed = difference(data, base)
    assert packed == bytes([0, 0, 0xFF, 1, 0, 0]), "all first bytes, then all second bytes"
    assert np.array_equal(restore(packed, base), data)


@pytest.mark.parametrize(
    "codes", [("BF16", "BF16"), ("F32", "F32"), ("F32", "BF16"), ("BF16", "F32")], ids=str
)
def test_a_checkpoint_is_restored_to_the_bit(
    codes: tuple[str, str], kit: SimpleNamespace, tmp_path: Path
) -> None:
    """The checkpoint has other shards than the base, a tensor of its own, integers, and an odd NaN."""
    low, high = kit.rl_pair(codes[0], count=4000)[0], kit.rl_pair(codes[1], count=4000)[1]
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45])
    base = kit.make_checkpoint(tmp_path / "base", {**low, "n": ("I64", np.arange(5)), "s": ("F32", special)})
    new = {**high, "n": ("I64", np.arange(5) + 1), "s": ("F32", -special), "more": ("F16", np.ones((2, 3)))}
    names = list(new)
    checkpoint = kit.make_checkpoint(
        tmp_path / "new", new, shards=[names[:2], names[2:]], chat_template__jinja="{{ other }}"
    )
    (checkpoint / "digests.json").write_text("{}")
    (checkpoint / "optimizer.pt").write_bytes(b"state")
    report = pack(base, checkpoint, tmp_path / "delta" / "new.cfdelta")
    restored = unpack(base, report.path, tmp_path / "restored")
    expected = _files(checkpoint)
    del expected["optimizer.pt"]
    assert _files(tmp_path / "restored") == expected
    assert restored.checkpoint_bytes == report.checkpoint_bytes == sum(map(len, expected.values()))
    assert report.identical is not None
    assert (0.5 if codes == ("BF16", "BF16") else 0) <= report.identical < 1


def test_changes_of_reinforcement_in_16_bits_become_several_times_smaller(
    kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = (
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("BF16"), strict=True)
    )
    report = pack(low, high, tmp_path / "d")
    assert report.ratio > 4
    assert report.identical == pytest.approx(0.75, abs=0.05)
    alone = pack(kit.make_checkpoint(tmp_path / "other", {"x": ("F32", np.ones(1))}), high, tmp_path / "e")
    assert alone.ratio < 2, "without a base that knows the tensors"


def test_a_base_with_other_shards_restores_too(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = kit.rl_pair("BF16", count=400)
    base = kit.make_checkpoint(tmp_path / "base", low)
    names = list(low)
    sharded = kit.make_checkpoint(tmp_path / "sharded", low, shards=[names[1:], names[:1]])
    checkpoint = kit.make_checkpoint(tmp_path / "high", high)
    pack(base, checkpoint, tmp_path / "d")
    unpack(sharded, tmp_path / "d", tmp_path / "out")
    assert _files(tmp_path / "out") == _files(checkpoint)


@pytest.fixture
def packed(float_pair: tuple[Path, Path], tmp_path: Path) -> Path:
    pack(*float_pair, tmp_path / "d")
    return tmp_path / "d"


def test_another_base_is_noticed_and_nothing_stays(
    packed: Path, float_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(MergeError, match=r"does not have the weights of .*low, from which"):
        unpack(float_pair[1], packed, tmp_path / "new" / "out")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-40], "is truncated"),
        (lambda data: b"x" + data[1:], "is no delta of `merge delta pack`"),
        (lambda data: b"", "is no delta"),
        (lambda data: data[:8], "is truncated"),
        (lambda data: data[:40] + bytes(200) + data[240:], "is damaged at byte"),
    ],
)
def test_damage_is_noticed(
    change: Any, words: str, packed: Path, float_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    packed.write_bytes(change(packed.read_bytes()))
    with pytest.raises(MergeError, match=words):
        unpack(float_pair[0], packed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_existing_files_and_other_bad_input(
    packed: Path, float_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(MergeError, match="already exists; remove it"):
        pack(*float_pair, packed)
    pack(*float_pair, packed, force=True)
    with pytest.raises(MergeError, match="level must be from 1 to 22, got 0"):
        pack(*float_pair, tmp_path / "e", level=0)
    with pytest.raises(MergeError, match="already exists"):
        unpack(float_pair[0], packed, float_pair[1])
    (float_pair[0] / "tokenizer.json").write_text("{}")
    with pytest.raises(MergeError, match=r"tokenizer\.json: has changed since the delta was made"):
        unpack(float_pair[0], packed, tmp_path / "out")
    assert not list(tmp_path.glob(".*"))


def test_the_commands_print_the_ratio(
    float_pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = map(str, float_pair)
    out = str(tmp_path / "high.cfdelta")
    assert tyro.cli(PackCommand, args=[low, high, "--out", out]).run() == 0
    assert "1,200 weights, 0.00% equal to the base; checkpoint 0.01 MB, delta" in capsys.readouterr().out
    assert tyro.cli(PackCommand, args=[low, high, "--out", out]).run() == 2
    assert "already exists" in capsys.readouterr().err
    words = [low, out, "--out", str(tmp_path / "out"), "--json"]
    assert tyro.cli(UnpackCommand, args=words).run() == 0
    assert json.loads(capsys.readouterr().out)["ratio"] > 1
    assert tyro.cli(UnpackCommand, args=[low, high, "--out", str(tmp_path / "o")]).run() == 2
