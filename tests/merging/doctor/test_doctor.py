"""The command `codefrontier merge doctor` on real merges."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tyro

from codefrontier.merging import MergeOptions, merge_checkpoints
from codefrontier.merging.doctor.command import DoctorCommand


def _run(*words: object) -> int:
    return tyro.cli(DoctorCommand, args=[str(word) for word in words]).run()


@pytest.fixture
def pair(kit: SimpleNamespace, tmp_path: Path) -> tuple[Path, Path]:
    low, high = kit.rl_pair("F32", count=4000, delta=1e-3)
    return kit.make_checkpoint(tmp_path / "low", low), kit.make_checkpoint(tmp_path / "high", high)


def _merge(pair: tuple[Path, Path], alpha: float, **options: object) -> Path:
    low, high = pair
    chosen = MergeOptions(force=True, **options)  # type: ignore[arg-type]
    (report,) = merge_checkpoints(low, high, [alpha], low.parent / "out", chosen)
    return report.path


def test_a_good_merge_is_healthy_and_each_figure_is_explained(
    pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    merged = _merge(pair, 0.25)
    assert _run(merged, "--parents", *pair) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    text = " ".join(printed.out.split())
    for words in (
        "effective alpha │ 0.25 │ place on the line from low (0) to high (1); 0.25 was requested",
        "cosine with the change of high │ 1 │",
        "noise gain │ 0.7906 │ factor by which rounding errors of the parents reach the merge",
        "distance from high │ 0.75 │ in units of the distance between the parents",
        "identical to low │ 0.",
        "dead zone │",
        "below 16-bit resolution │",
        "tensors farthest from the whole",
    ):
        assert words in text, text


def test_the_staircase_is_a_fault(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = (
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("BF16", count=4000), strict=True)
    )
    nearest = _merge((low, high), 0.25)
    assert _run(nearest, "--parents", low, high, "--json") == 1
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    whole = document["whole"]
    assert whole["effective_alpha"] < 0.1
    assert whole["one_unit"] > 0.7, "most changes of 16-bit parents are single units"
    assert whole["dead_zone"] == 0, "what 16 bits lost is not in the parents any more"
    assert document["requested_alpha"] == 0.25
    assert any("0.25 was requested, but the weights are at 0.0" in fault for fault in document["faults"])
    assert set(document["tensors"]) == {"embed.weight", "layers.0.weight", "norm.weight"}
    random = _merge((low, high), 0.25, rounding="stochastic")
    assert _run(random, "--parents", low, high, "--json") == 0
    assert json.loads(capsys.readouterr().out)["whole"]["effective_alpha"] == pytest.approx(0.25, abs=0.03)


def test_small_float32_changes_are_in_the_dead_zone(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = (
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("F32", count=4000, delta=3e-6), strict=True)
    )
    assert _run(_merge((low, high), 0.5), "--parents", low, high) == 1
    printed = capsys.readouterr()
    assert "of the parents' changes vanish in 16 bits: merge float32 checkpoints" in printed.err
    assert "in float32 the merge is right, but served in 16 bits it loses them" in printed.err


def test_a_base_moves_the_anchor(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    base, first, second = random.normal(0, 0.02, (3, 50, 40))
    merged = base + 0.5 * (first - base) + 0.75 * (second - base)
    folders = [
        kit.make_checkpoint(tmp_path / name, {"w": ("F32", values)})
        for name, values in {"base": base, "a": first, "b": second, "merged": merged}.items()
    ]
    words = (folders[3], "--parents", folders[1], folders[2], "--base", folders[0])
    assert _run(*words) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "effective coefficient of a │ 0.5 │" in text
    assert "effective coefficient of b │ 0.75 │" in text
    assert "norm of the base │" in text
    assert _run(*words, "--json") == 0
    whole = json.loads(capsys.readouterr().out)["whole"]
    assert whole["coefficients"] == pytest.approx([0.5, 0.75], abs=1e-6)
    assert whole["outside"] == pytest.approx(0, abs=1e-5)
    assert len(whole["cosines"]) == 2


def test_a_merge_that_is_a_parent_and_weights_that_are_not_finite(
    kit: SimpleNamespace, pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(pair[1], "--parents", *pair) == 1
    assert f"the weights equal {pair[1]} to the bit: the merge is this parent" in capsys.readouterr().err
    low, _ = kit.rl_pair("F32", count=4000, delta=1e-3)
    low["norm.weight"][1][3, 4] = np.nan
    broken = kit.make_checkpoint(tmp_path / "broken", low)
    assert _run(broken, "--parents", *pair) == 1
    assert "fault: 1 weights are NaN or infinite" in capsys.readouterr().err


def test_bad_input_is_told_with_status_2(
    kit: SimpleNamespace, pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = kit.make_checkpoint(tmp_path / "other", {"w": ("F32", np.ones(3))})
    shape = kit.make_checkpoint(tmp_path / "shape", {"w": ("F32", np.ones((1, 3)))})
    for words, message in (
        ((pair[0], "--parents", pair[1]), "give a second parent, or the base"),
        ((pair[0], "--parents", pair[1], other), "tensor 'embed.weight' is only in"),
        ((other, "--parents", other, shape), "tensor 'w' is F32 [3] in"),
        ((tmp_path / "gone", "--parents", *pair), "gone: not a checkpoint folder: no such folder"),
        ((pair[0], "--parents", *pair, "--picture", "a.jpg"), "one of .png, .svg, .pdf, got '.jpg'"),
    ):
        assert _run(*words) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="needs matplotlib")
@pytest.mark.long
@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_picture_is_drawn_and_repeats_itself(
    suffix: str, start: bytes, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    merged = _merge(pair, 0.5)
    paths = [tmp_path / f"{number}.{suffix}" for number in range(2)]
    for path in paths:
        assert _run(merged, "--parents", *pair, "--picture", path) == 0
    contents = [path.read_bytes() for path in paths]
    assert contents[0].startswith(start)
    assert len(contents[0]) > 5000
    assert contents[0] == contents[1]


def test_parents_of_one_name_are_told_apart(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / side / "checkpoint-60" for side in ("low", "high")]
    pair = kit.rl_pair("F32", count=4000, delta=1e-3)
    low, high = (kit.make_checkpoint(folder, each) for folder, each in zip(folders, pair, strict=True))
    assert _run(_merge((low, high), 0.25), "--parents", low, high, "--picture", tmp_path / "p.svg") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "place on the line from low/checkpoint-60 (0) to high/checkpoint-60 (1)" in text
    assert "cosine with the change of high/checkpoint-60 │ 1 │" in text
