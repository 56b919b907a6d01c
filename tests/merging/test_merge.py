from __future__ import annotations

import hashlib
import importlib.util
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest

from codefrontier.merging import MergeOptions, merge_checkpoints, merge_sweep, read_recipe
from codefrontier.merging.merge import OutDtype
from codefrontier.merging.plan import Rounding

CODES = ("F32", "F16", "BF16")
NAMES: dict[str, OutDtype] = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
ALPHAS = [-0.5, -0.1, 0.0, 0.25, 0.3, 0.5, 1.0, 1.1, 1.25, 1.5]
FORCE = MergeOptions(force=True)


def _pair(kit: SimpleNamespace, root: Path, code: str, high_code: str | None = None) -> tuple[Path, Path]:
    """Write parents with near and distant weights, tiny numbers, both zeros, a scalar and an empty tensor."""
    random = np.random.default_rng(5)
    edge = np.array([0.0, -0.0, -0.0, 1.0, 6e-8, 1e-7, 3.0, -65000.0])
    low = {"edge": edge, "far": random.normal(size=(30, 7)), "near": random.normal(0, 0.02, 3000)}
    high = {
        "edge": np.array([0.0, -0.0, 0.0, -1.0, -6e-8, 3e-7, 3.0, -65000.0]),
        "far": random.normal(size=(30, 7)) * 10.0 ** random.integers(-6, 4, (30, 7)),
        "near": low["near"] + random.normal(0, 1e-4, 3000),
    }
    for tensors in (low, high):
        tensors |= {"scalar": np.array(0.5 if tensors is low else 0.75), "empty": np.zeros((0, 4))}
    steps = {"steps": ("I64", np.arange(5)), "mask": ("BOOL", np.array([True, False]))}
    for name, tensors, form in (("low", low, code), ("high", high, high_code or code)):
        kit.make_checkpoint(root / name, {**steps, **{key: (form, value) for key, value in tensors.items()}})
    return root / "low", root / "high"


@pytest.mark.parametrize("out", [None, *CODES])
@pytest.mark.parametrize("code", CODES)
def test_every_weight_is_the_float64_result_rounded_once(
    code: str, out: str | None, kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = _pair(kit, tmp_path, code)
    options = MergeOptions(out_dtype=NAMES[out] if out else "same", force=True)
    reports = merge_checkpoints(low, high, ALPHAS, tmp_path / "out", options)
    ours, theirs = kit.read_raw(low), kit.read_raw(high)
    for alpha, report in zip(ALPHAS, reports, strict=True):
        merged = kit.read_raw(report.path)
        assert list(merged) == list(ours)
        for name in ("edge", "far", "near", "scalar", "empty"):
            first, second = (kit.to_values(*parent[name]) for parent in (ours, theirs))
            expected = kit.round_exactly((1 - alpha) * first + alpha * second, out or code)
            anchored = kit.round_exactly(first + alpha * (second - first), out or code)
            assert merged[name][0] == (out or code)
            found = kit.to_values(*merged[name])
            assert np.array_equal(found, second if alpha == 1 and not out else anchored), (alpha, name)
            assert np.allclose(found, expected, rtol=2.0**-7, atol=1e-7), "the two ways to write a line agree"


@pytest.mark.parametrize(
    ("code", "rounding"),
    [*((code, "nearest") for code in CODES), ("F16", "stochastic"), ("BF16", "stochastic")],
)
def test_alpha_0_and_1_are_the_parents_to_the_bit(
    code: str, rounding: Rounding, kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = _pair(kit, tmp_path, code)
    options = MergeOptions(force=True, rounding=rounding)
    first, second = merge_checkpoints(low, high, [0, 1], tmp_path / "out", options)
    assert kit.read_raw(first.path) == kit.read_raw(low)
    assert kit.read_raw(second.path) == kit.read_raw(high)
    assert (first.identical_to_low, second.identical_to_high) == (1.0, 1.0)


def test_parents_of_different_formats_keep_lows(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = _pair(kit, tmp_path, "F32", "BF16")
    (report,) = merge_checkpoints(low, high, [0.5], tmp_path / "out", FORCE)
    ours, theirs, merged = map(kit.read_raw, (low, high, report.path))
    first, second = kit.to_values(*ours["near"]), kit.to_values(*theirs["near"])
    assert merged["near"][0] == "F32"
    assert np.array_equal(
        kit.to_values(*merged["near"]), kit.round_exactly(first + 0.5 * (second - first), "F32")
    )


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
def test_chunks_and_sweeps_do_not_change_a_byte(
    rounding: Rounding, kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = _pair(kit, tmp_path, "BF16")
    together = merge_checkpoints(
        low, high, [-0.5, 0.3, 1.1], tmp_path / "together", MergeOptions(rounding=rounding, force=True)
    )
    for chunk, report in zip((37, 300, 3000), together, strict=True):
        alone = MergeOptions(rounding=rounding, force=True, chunk=chunk)
        (other,) = merge_checkpoints(low, high, [report.alpha], tmp_path / str(chunk), alone)
        assert other.digest == report.digest
        assert kit.read_raw(other.path) == kit.read_raw(report.path)
        assert other.effective_alpha == pytest.approx(report.effective_alpha)


def test_memory_does_not_grow_with_the_model(kit: SimpleNamespace, tmp_path: Path) -> None:
    peaks, seen = [], set()

    def forget_the_set_up(done: int, total: int) -> None:
        if total not in seen:
            seen.add(total)
            tracemalloc.reset_peak()

    for count in (200_000, 1_600_000):
        parents = [
            kit.make_checkpoint(tmp_path / f"{name}{count}", {"w": ("F32", np.arange(count) + shift)})
            for name, shift in (("low", 0.0), ("high", 1.0))
        ]
        tracemalloc.start()
        try:
            merge_sweep(
                parents[0],
                parents[1],
                [0.5, 2.0],
                tmp_path / f"out{count}",
                MergeOptions(chunk=40_000),
                on_progress=forget_the_set_up,
            )
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1 + 100_000
    assert peaks[1] < 8_000_000


def test_seeds_change_stochastic_merges_only(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = _pair(kit, tmp_path, "BF16")
    raw = {}
    for rounding in get_args(Rounding):
        for seed in (0, 1):
            options = MergeOptions(rounding=rounding, seed=seed, force=True)
            (report,) = merge_checkpoints(low, high, [0.3], tmp_path / f"{rounding}{seed}", options)
            raw[rounding, seed] = kit.read_raw(report.path)
    assert raw["nearest", 0] == raw["nearest", 1]
    assert raw["stochastic", 0] != raw["stochastic", 1]


@pytest.mark.parametrize("who", ["low", "high", "both"])
def test_shards_do_not_change_a_weight(who: str, kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = kit.rl_pair("F32", count=900)
    whole = [kit.make_checkpoint(tmp_path / name, data) for name, data in (("l", low), ("h", high))]
    names = sorted(low)
    parents = [
        kit.make_checkpoint(tmp_path / f"{name}-shards", data, shards=[names[1:][::-1], names[:1]])
        if who in (name, "both")
        else path
        for name, data, path in (("low", low, whole[0]), ("high", high, whole[1]))
    ]
    (single,) = merge_checkpoints(whole[0], whole[1], [0.3], tmp_path / "single")
    (report,) = merge_checkpoints(parents[0], parents[1], [0.3], tmp_path / "sharded")
    assert kit.read_raw(report.path) == kit.read_raw(single.path)
    assert {path.name for path in report.path.iterdir()} == {path.name for path in parents[0].iterdir()} | {
        "merge.json",
        "README.md",
    }
    recorded = json.loads((report.path / "merge.json").read_text())
    for role, parent in zip(("low", "high"), parents, strict=True):
        assert recorded["parents"][role]["weights"] == {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in parent.glob("*.safetensors")
        }
    if who != "high":
        index = json.loads((report.path / "model.safetensors.index.json").read_text())
        assert index["metadata"] == {"total_size": 4 * 3 * 900, "more": 2}
        assert index["weight_map"].keys() == low.keys()


def test_merge_json_tells_how_from_what_and_what_came_out(
    float_pair: tuple[Path, Path], kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = float_pair
    (report,) = merge_checkpoints(low, high, [1.25], tmp_path / "out")
    recorded = json.loads((report.path / "merge.json").read_text())
    weights = {
        folder: hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        for folder in (low, high, report.path)
    }
    assert recorded["output"]["weights"] == {"model.safetensors": weights[report.path]}
    line = f"{weights[report.path]}  model.safetensors\n"
    assert recorded["output"]["digest"] == report.digest == hashlib.sha256(line.encode()).hexdigest()
    for role, folder in (("low", low), ("high", high)):
        parent = recorded["parents"][role]
        assert parent["weights"] == {"model.safetensors": weights[folder]}
        assert parent["dtypes"] == ["F32"]
        assert set(parent["settings"]) == {
            *("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
        }
    assert read_recipe(report.path) == report.recipe
    assert (report.recipe.method, report.recipe.alpha, report.recipe.seed) == ("lerp", 1.25, 0)
    assert recorded["measured"]["effective_alpha"] == report.effective_alpha
    assert recorded["measured"]["non_finite"] == 0
    content = (report.path / "model.safetensors").read_bytes()
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    assert metadata["format"] == "pt"
    assert json.loads(metadata["codefrontier.merge"]) == recorded["recipe"]


def test_a_merge_of_a_merge_keeps_its_ancestors(float_pair: tuple[Path, Path], tmp_path: Path) -> None:
    low, high = float_pair
    (first,) = merge_checkpoints(low, high, [0.5], tmp_path / "first")
    (second,) = merge_checkpoints(low, first.path, [2.0], tmp_path / "second")
    recorded = json.loads((second.path / "merge.json").read_text())
    assert recorded["parents"]["high"]["merge"] == json.loads((first.path / "merge.json").read_text())
    assert "merge" not in recorded["parents"]["low"]


def test_the_figures_of_a_report_are_right(
    float_pair: tuple[Path, Path], kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = float_pair
    reports = merge_checkpoints(
        low, high, [0.25, 1.5], tmp_path / "out", MergeOptions(out_dtype="bfloat16", force=True)
    )

    def flat(folder: Path) -> np.ndarray:
        return np.concatenate([kit.to_values(*raw) for raw in kit.read_raw(folder).values()])

    first, second = flat(low), flat(high)
    delta = second - first
    for report in reports:
        merged = flat(report.path)
        assert report.weights == len(delta)
        assert report.differing == np.mean(first != second)
        assert report.delta_norm == pytest.approx(np.linalg.norm(delta))
        assert report.largest_delta == np.abs(delta).max()
        assert report.effective_alpha == pytest.approx((merged - first) @ delta / (delta @ delta))
        assert report.identical_to_low == np.mean(merged == kit.round_exactly(first, "BF16"))
        assert report.identical_to_high == np.mean(merged == kit.round_exactly(second, "BF16"))
        assert report.non_finite == 0


def test_everything_but_weights_is_copied_from_low(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = kit.rl_pair("F32", count=200)
    other = json.dumps(
        {**kit.CONFIG, "torch_dtype": "bfloat16", "transformers_version": "9", "use_cache": False}
    )
    parents = (
        kit.make_checkpoint(tmp_path / "low", low),
        kit.make_checkpoint(tmp_path / "high", high, config__json=other, generation_config__json="{}"),
    )
    for name in (
        "optimizer.pt",
        "pytorch_model.bin",
        ".hidden",
        "logs/run.txt",
        "checkpoint-5/model.safetensors",
    ):
        (parents[0] / name).parent.mkdir(exist_ok=True)
        (parents[0] / name).write_text(name)
    allowing = MergeOptions(allow=("temperature",))
    (report,) = merge_checkpoints(parents[0], parents[1], [0.5], tmp_path / "out", allowing)
    found = {str(path.relative_to(report.path)): path for path in report.path.rglob("*") if path.is_file()}
    kept = set(found) - {"merge.json", "README.md", "model.safetensors"}
    assert kept == {
        *("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"),
        *("chat_template.jinja", "modeling_tiny.py", "logs/run.txt"),
    }
    for name in kept:
        assert found[name].read_bytes() == (parents[0] / name).read_bytes()


def test_config_names_the_dtype_of_the_weights_so_that_loaders_do_not_round_again(
    kit: SimpleNamespace, tmp_path: Path
) -> None:
    low, high = kit.rl_pair("BF16", count=2000)
    text = '{"dtype":  "bfloat16",\n "text_config": {"torch_dtype": "bfloat16"}, "note": "bfloat16"}\n'
    parents = [
        kit.make_checkpoint(tmp_path / name, data, config__json=text)
        for name, data in (("l", low), ("h", high))
    ]
    (same,) = merge_checkpoints(parents[0], parents[1], [2.0], tmp_path / "same")
    assert (same.path / "config.json").read_text() == text
    (wide,) = merge_checkpoints(
        parents[0], parents[1], [0.5], tmp_path / "wide", MergeOptions(out_dtype="float32")
    )
    expected = '{"dtype":  "float32",\n "text_config": {"torch_dtype": "float32"}, "note": "bfloat16"}\n'
    assert (wide.path / "config.json").read_text() == expected


def test_files_in_the_usual_order_are_read_once(
    float_pair: tuple[Path, Path], kit: SimpleNamespace, tmp_path: Path
) -> None:
    """The parents change after they were read, but the digests are those of the merged weights."""
    merged = {folder: (folder / "model.safetensors").read_bytes() for folder in float_pair}

    def change(done: int, total: int) -> None:
        seen.append(done)
        if sum(seen) == total:
            for folder in float_pair:
                (folder / "model.safetensors").write_bytes(bytes(len(merged[folder])))

    seen: list[int] = []
    sweep = merge_sweep(float_pair[0], float_pair[1], [0.5], tmp_path / "out", MergeOptions(), change)
    recorded = json.loads((sweep.reports[0].path / "merge.json").read_text())
    for role, folder in zip(("low", "high"), float_pair, strict=True):
        digest = hashlib.sha256(merged[folder]).hexdigest()
        assert recorded["parents"][role]["weights"] == {"model.safetensors": digest}


def test_parents_are_left_as_they_are(float_pair: tuple[Path, Path], tmp_path: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for folder in float_pair for path in folder.iterdir()}

    before = state()
    merge_checkpoints(float_pair[0], float_pair[1], [0.0, 0.5], tmp_path / "out")
    assert state() == before


@pytest.mark.skipif(
    not importlib.util.find_spec("safetensors"), reason="the safetensors library is not there"
)
@pytest.mark.parametrize("code", CODES)
def test_the_safetensors_library_reads_what_is_written(
    code: str, kit: SimpleNamespace, tmp_path: Path
) -> None:
    from safetensors import deserialize  # only here: an optional package

    low, high = _pair(kit, tmp_path, code)
    (report,) = merge_checkpoints(low, high, [0.3], tmp_path / "out", FORCE)
    data = (report.path / "model.safetensors").read_bytes()
    found = dict(deserialize(data))  # type: ignore[no-untyped-call]
    raw = kit.read_raw(report.path)
    assert {name: bytes(entry["data"]) for name, entry in found.items()} == {
        name: data for name, (_, data) in raw.items()
    }
    assert found["far"]["shape"] == [30, 7]
    assert found["scalar"]["shape"] == []
