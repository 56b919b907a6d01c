"""Adapters made from two checkpoints: what they hold, and their error."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tyro

from codefrontier.merging import MergeError
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.source import read_elements
from codefrontier.merging.extraction.command import ExtractLoraCommand
from codefrontier.merging.extraction.extract import extract_lora


@pytest.fixture
def pair(kit: SimpleNamespace, tmp_path: Path) -> tuple[Path, Path]:
    """The first matrix differs by rank 2, the second by full rank; a norm and an embedding differ, too."""
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 12, 8))
    base = {
        "embed_tokens.weight": ("F32", random.normal(size=(9, 8))),
        "a.weight": ("F32", first),
        "b.weight": ("F32", second),
        "norm.weight": ("F32", np.ones(8)),
        "same.weight": ("F32", first),
        "ids": ("I64", np.arange(3)),
    }
    change = random.normal(size=(12, 2)) @ random.normal(size=(2, 8))
    new = {
        **base,
        "a.weight": ("F32", first + change),
        "b.weight": ("F32", second + random.normal(size=(12, 8))),
        "norm.weight": ("F32", np.full(8, 1.5)),
        "embed_tokens.weight": ("F32", base["embed_tokens.weight"][1] + 0.25),
    }
    return kit.make_checkpoint(tmp_path / "base", base), kit.make_checkpoint(tmp_path / "new", new)


def _values(folder: Path) -> dict[str, np.ndarray]:
    tensors = open_checkpoint(folder).tensors.values()
    floats = [each for each in tensors if each.form]
    return {
        each.name: read_elements(each, 0, each.count).view("<f4").astype(np.float64).reshape(each.shape)
        for each in floats
    }


def test_the_adapter_merged_into_its_base_is_off_by_the_error_that_is_told(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    done = extract_lora(*pair, tmp_path / "adapter", rank=2, rest="save")
    merged, wanted, base = (_values(folder) for folder in (tmp_path / "adapter", pair[1], pair[0]))
    told = {each.name: each for each in done.tensors}
    assert set(told) == {"embed_tokens.weight", "a.weight", "b.weight", "norm.weight"}
    for name, each in told.items():
        assert np.linalg.norm(merged[name] - wanted[name]) == pytest.approx(each.error, abs=1e-5), name
        assert np.linalg.norm(wanted[name] - base[name]) == pytest.approx(each.norm, rel=1e-6), name
    assert told["a.weight"].relative_error < 1e-6, "its change has rank 2"
    assert 0.3 < told["b.weight"].relative_error < 1
    assert (told["norm.weight"].kind, told["norm.weight"].error) == ("saved", 0)
    whole = np.sqrt(sum(np.linalg.norm(merged[name] - wanted[name]) ** 2 for name in merged))
    assert done.error == pytest.approx(whole, abs=1e-5)
    assert done.equal == 1
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["target_modules"] == ["a", "b"]
    assert config["modules_to_save"] == ["embed_tokens", "lm_head", "norm"], "the head is tied"


def test_what_cannot_be_factors_is_refused_or_dropped(pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(MergeError) as caught:
        extract_lora(*pair, tmp_path / "adapter", rank=2)
    assert "cannot be low-rank factors, but differ: embed_tokens.weight, norm.weight;" in str(caught.value)
    assert "matrices that differ: 2. Use --rest save" in str(caught.value)
    assert not (tmp_path / "adapter").exists()
    done = extract_lora(*pair, tmp_path / "adapter", rank=8, rest="drop")
    errors = {each.name: each.relative_error for each in done.tensors}
    assert errors["norm.weight"] == errors["embed_tokens.weight"] == 1
    assert errors["b.weight"] < 1e-6, "rank 8 is full"
    assert np.array_equal(_values(tmp_path / "adapter")["norm.weight"], np.ones(8))


def test_bad_input(pair: tuple[Path, Path], tmp_path: Path, kit: SimpleNamespace) -> None:
    other = kit.make_checkpoint(tmp_path / "other", {"x.weight": ("F32", np.ones((2, 2)))})
    norm = kit.make_checkpoint(tmp_path / "norm", {"x.weight": ("F32", np.ones((3,)))})
    moved = kit.make_checkpoint(tmp_path / "moved", {"x.weight": ("F32", np.zeros((3,)))})
    cases: tuple[tuple[tuple[Path, Path], dict[str, Any], str], ...] = (
        (pair, {"rank": 0}, "rank must be at least 1, got 0"),
        ((pair[0], pair[0]), {"rank": 1}, "have the same weights"),
        ((pair[0], other), {"rank": 1}, "tensor 'a.weight' is only in"),
        ((other, norm), {"rank": 1}, r"tensor 'x.weight' is F32 \[2, 2\] in the base"),
        ((norm, moved), {"rank": 1, "rest": "save"}, "no matrix of a linear layer differs"),
    )
    for folders, options, words in cases:
        with pytest.raises(MergeError, match=words):
            extract_lora(folders[0], folders[1], tmp_path / "out", **options)
    with pytest.raises(MergeError, match="already exists"):
        extract_lora(*pair, pair[1], rank=1)


def test_the_command_shows_the_error(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(pair[0]), str(pair[1]), "--rank", "2", "--out", str(tmp_path / "adapter")]
    assert tyro.cli(ExtractLoraCommand, args=words).run() == 2
    assert "Use --rest save" in capsys.readouterr().err
    assert tyro.cli(ExtractLoraCommand, args=[*words, "--rest", "save"]).run() == 0
    printed = capsys.readouterr().out
    assert "rank 2, 2 matrices as factors, 2 tensors whole, 0 dropped, 1 equal" in printed
    assert "relative error 0." in printed
    assert "│ factors │" in printed
    words[-1] = str(tmp_path / "again")
    assert tyro.cli(ExtractLoraCommand, args=[*words, "--rest", "save", "--json"]).run() == 0
    document = json.loads(capsys.readouterr().out)
    assert document["relative_error"] == pytest.approx(document["error"] / document["norm"])
