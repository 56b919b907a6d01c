"""Recipe files: what they may say, what they give, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tyro
import yaml

from codefrontier.merging import MergeError
from codefrontier.merging.recipes.command import RecipeCommand
from codefrontier.merging.recipes.methods import NAMES
from codefrontier.merging.recipes.recipe_file import parse_recipe
from codefrontier.merging.recipes.run import RecipeReport, merge_recipe
from codefrontier.merging.recipes.setting import layer_places, parse_setting

Values = dict[str, np.ndarray]
SHAPES = {
    "model.embed_tokens.weight": (4, 6),
    "model.layers.0.mlp.weight": (6, 6),
    "model.layers.1.mlp.weight": (6, 6),
    "model.layers.2.self_attn.weight": (6, 6),
    "model.norm.weight": (6,),
}
RECIPES: dict[str, dict[str, Any]] = {
    "linear": {"models": [("low", {"weight": 0.5}), ("high", {"weight": 1.5})]},
    "soup": {"models": ["base", "low", "high"]},
    "lerp": {"models": ["low", "high"], "parameters": {"alpha": 1.25}},
    "wise_ft": {"base_model": "base", "models": ["high"], "parameters": {"alpha": 0.5}},
    "expo": {"base_model": "base", "models": ["high"], "parameters": {"alpha": 0.3}},
    "task_arithmetic": {"base_model": "base", "models": ["low", "high"], "parameters": {"weight": 0.4}},
    "ties": {"base_model": "base", "models": ["low", "high"], "parameters": {"weight": 1, "density": 0.5}},
    "dare_linear": {
        "base_model": "base",
        "models": ["low", "high"],
        "parameters": {"weight": 0.5, "density": 0.5},
    },
    "dare_ties": {
        "base_model": "base",
        "models": ["low", "high"],
        "parameters": {"weight": 0.5, "density": 0.5},
    },
    "breadcrumbs": {
        "base_model": "base",
        "models": ["low"],
        "parameters": {"weight": 1, "density": 0.5, "gamma": 0.1},
    },
    "breadcrumbs_ties": {
        "base_model": "base",
        "models": ["low", "high"],
        "parameters": {"weight": 1, "density": 0.5},
    },
    "della": {
        "base_model": "base",
        "models": ["low", "high"],
        "parameters": {"weight": 1, "density": 0.5, "epsilon": 0.1},
    },
    "della_linear": {"base_model": "base", "models": ["low"], "parameters": {"weight": 1, "density": 0.5}},
    "slerp": {"base_model": "low", "models": ["low", "high"], "parameters": {"t": 0.5}},
    "multislerp": {"models": ["low", "high"], "parameters": {"weight": 1}},
    "karcher": {"models": ["base", "low", "high"]},
    "sce": {"base_model": "base", "models": ["low", "high"], "parameters": {"select_topk": 0.5}},
    "polynomial": {
        "base_model": "base",
        "models": [{"model": "low", "position": 10}, {"model": "high", "position": 20}],
        "parameters": {"target": 40},
    },
    "relex": {
        "base_model": "base",
        "models": [{"model": "low", "position": 10}, {"model": "high", "position": 20}],
        "parameters": {"target": 40},
    },
}


def recipe(method: str, **changes: Any) -> dict[str, Any]:
    content = {**RECIPES[method], "merge_method": method, **changes}
    models = []
    for each in content["models"]:
        if isinstance(each, tuple):
            models.append({"model": each[0], "parameters": each[1]})
        else:
            models.append({"model": each} if isinstance(each, str) else each)
    return {**content, "models": models}


@pytest.fixture
def parents(kit: SimpleNamespace, tmp_path: Path) -> dict[str, Values]:
    """Write base, low and high to the folder of the test, and return their values."""
    random = np.random.default_rng(0)
    base = {name: random.normal(0, 1, shape) for name, shape in SHAPES.items()}
    written = {}
    for name in ("base", "low", "high"):
        values = {
            key: (value + 0.3 * random.normal(0, 1, value.shape)).astype("f4").astype("f8")
            for key, value in base.items()
        }
        kit.make_checkpoint(tmp_path / name, {key: ("F32", value) for key, value in values.items()})
        written[name] = values
    return written


@pytest.fixture
def run(
    tmp_path: Path, kit: SimpleNamespace, parents: dict[str, Values]
) -> Callable[..., tuple[RecipeReport, Values]]:
    """Return a function that merges a recipe, and returns its report and values."""

    def merge(content: dict[str, Any], name: str = "merge") -> tuple[RecipeReport, Values]:
        parsed = parse_recipe(content, where="test")
        report = merge_recipe(parsed, tmp_path / "out", name=name, relative_to=tmp_path)
        found = kit.read_raw(report.path)
        return report, {
            key: kit.to_values(code, data).reshape(SHAPES[key]) for key, (code, data) in found.items()
        }

    return merge


@pytest.mark.parametrize("method", NAMES)
def test_every_method_writes_a_checkpoint_that_says_how_it_was_made(
    method: str, run: Callable[..., tuple[RecipeReport, Values]], parents: dict[str, Values]
) -> None:
    report, values = run(recipe(method))
    assert all(np.isfinite(value).all() for value in values.values())
    assert any((values[name] != parents["base"][name]).any() for name in values)
    assert max(report.identical) < 1
    written = json.loads((report.path / "merge.json").read_text())
    assert (written["schema"], written["recipe"]["merge_method"]) == (2, method)
    assert len(written["parents"]) == len(report.parents)
    assert written["output"]["digest"] == report.digest
    assert (report.path / "config.json").is_file()


def test_every_method_has_an_example_above() -> None:
    assert set(RECIPES) == set(NAMES)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("linear", lambda base, low, high: 0.25 * low + 0.75 * high),
        ("soup", lambda base, low, high: (base + low + high) / 3),
        ("lerp", lambda base, low, high: low + 1.25 * (high - low)),
        ("wise_ft", lambda base, low, high: base + 0.5 * (high - base)),
        ("expo", lambda base, low, high: base + 1.3 * (high - base)),
        ("task_arithmetic", lambda base, low, high: base + 0.4 * (low - base) + 0.4 * (high - base)),
    ],
)
def test_linear_methods_are_their_formula(
    method: str,
    expected: Callable[..., np.ndarray],
    run: Callable[..., tuple[RecipeReport, Values]],
    parents: dict[str, Values],
) -> None:
    _, values = run(recipe(method))
    for name, value in values.items():
        wanted = expected(*(parents[parent][name] for parent in ("base", "low", "high")))
        np.testing.assert_allclose(value, wanted, rtol=2e-7, atol=1e-7)


def test_relex_reports_its_fit_beside_that_of_a_random_walk(
    run: Callable[..., tuple[RecipeReport, Values]],
) -> None:
    report, _ = run(recipe("relex"))
    assert report.fit["position"] == 3
    assert 0 < report.fit["explained_variance"] <= 1
    assert 0 < report.fit["explained_variance_of_a_random_walk"] < 1
    assert {"r_squared", "r_squared_of_a_random_walk"} <= set(report.fit)


def test_a_gradient_over_layers_and_a_filter(
    run: Callable[..., tuple[RecipeReport, Values]], parents: dict[str, Values]
) -> None:
    alpha = [{"filter": "self_attn", "value": 0}, {"filter": "norm", "value": 2.0}, {"value": [0, 1]}]
    _, values = run(recipe("lerp", parameters={"alpha": alpha}))
    wanted = {
        "model.embed_tokens.weight": 0.0,
        "model.layers.0.mlp.weight": 0.0,
        "model.layers.1.mlp.weight": 0.5,
        "model.layers.2.self_attn.weight": 0.0,
        "model.norm.weight": 2.0,
    }
    for name, share in wanted.items():
        low, high = parents["low"][name], parents["high"][name]
        np.testing.assert_allclose(values[name], low + share * (high - low), rtol=2e-7, atol=1e-7)


def test_places_go_from_the_first_layer_to_the_last() -> None:
    place = layer_places([*SHAPES, "lm_head.weight"])
    assert [place(name) for name in SHAPES] == [0, 0, 0.5, 1, 1]
    assert place("lm_head.weight") == 1
    setting = parse_setting([1.0, 3.0, 2.0], "weight", place)
    assert [setting(name) for name in SHAPES] == [1, 1, 3, 2, 2]


def test_an_own_parameter_comes_before_the_common_one(
    run: Callable[..., tuple[RecipeReport, Values]], parents: dict[str, Values]
) -> None:
    content = recipe("linear", models=["low", ("high", {"weight": 3})], parameters={"weight": 1})
    _, values = run(content)
    name = "model.norm.weight"
    np.testing.assert_allclose(
        values[name], (parents["low"][name] + 3 * parents["high"][name]) / 4, rtol=2e-7
    )


def test_the_dtype_and_the_seed_of_a_recipe_decide_the_bytes(
    run: Callable[..., tuple[RecipeReport, Values]],
) -> None:
    first, _ = run(recipe("dare_linear", dtype="bfloat16"), "first")
    again, _ = run(recipe("dare_linear", dtype="bfloat16"), "again")
    other, _ = run(recipe("dare_linear", dtype="bfloat16", seed=1), "other")
    assert first.digest == again.digest
    assert first.digest != other.digest
    assert json.loads((first.path / "config.json").read_text())["torch_dtype"] == "bfloat16"


def test_a_run_stands_for_its_last_checkpoint(
    kit: SimpleNamespace,
    tmp_path: Path,
    run: Callable[..., tuple[RecipeReport, Values]],
    parents: dict[str, Values],
) -> None:
    for step, name in ((9, "low"), (10, "high")):
        content = {key: ("F32", value) for key, value in parents[name].items()}
        kit.make_checkpoint(tmp_path / "trained" / f"checkpoint-{step}", content)
    report, _ = run(recipe("soup", models=["base", "trained"]))
    assert report.parents[1].endswith("trained/checkpoint-10")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (recipe("lerp", merge_method="lerpp"), "merge_method must be one of linear, .*got 'lerpp'"),
        (recipe("lerp", parameters={}), "lerp needs the parameter 'alpha'"),
        (recipe("lerp", parameters={"alpha": 1, "beta": 2}), "lerp has no parameter 'beta'; it has alpha"),
        (recipe("lerp", parameters={"alpha": "half"}), "alpha must be a number"),
        (recipe("lerp", parameters={"alpha": float("inf")}), "alpha must be finite"),
        (recipe("lerp", parameters={"alpha": [{"filter": "mlp", "value": 1}]}), "no case fits the tensor"),
        (recipe("lerp", models=["low"]), "at least two parents"),
        (recipe("lerp", models=["low", "high", "base"]), "exactly 2 parents, got 3"),
        (recipe("lerp", models=["low", "low"]), "'low' is named twice"),
        (recipe("lerp", models=["low", "./low"]), "the same folder"),
        (recipe("lerp", models=["low", "gone"]), "gone: is neither a folder nor"),
        (recipe("ties", base_model=None), "ties needs a base_model"),
        (recipe("ties", parameters={"density": 0.5}), "needs the parameter 'weight' of low"),
        (recipe("ties", parameters={"weight": 1, "density": 2}), "density must be in"),
        (
            recipe("ties", parameters={"weight": 1, "normalize": "yes"}),
            "normalize must be of type bool, got 'yes'",
        ),
        (recipe("polynomial", models=["low"]), "needs a `position` of low"),
        (recipe("polynomial", parameters={}), "needs the parameter 'target'"),
        (recipe("relex", models=[{"model": "low", "position": 10}]), "at least two"),
    ],
)
def test_a_recipe_without_meaning_is_refused(
    content: dict[str, Any], message: str, run: Callable[..., tuple[RecipeReport, Values]], tmp_path: Path
) -> None:
    with pytest.raises(MergeError, match=message):
        run(content)
    assert not (tmp_path / "out" / "merge").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"slices": [1], "merge_method": "linear"}, "`slices` is not supported: layers"),
        (
            {"merge_method": "linear", "models": [{"model": "a"}], "tokenizer_source": "union"},
            "tokenizer_source",
        ),
        ({"merge_method": "linear", "models": []}, "models: "),
        ({"merge_method": "linear", "models": [{"model": "a", "weight": 1}]}, "weight: Extra inputs"),
        ({"merge_method": "linear", "models": [{"model": "a"}], "dtype": "int8"}, "dtype: .*got 'int8'"),
        (["a"], "must contain an object"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(content: Any, message: str) -> None:
    with pytest.raises(MergeError, match=message):
        parse_recipe(content, where="file")


def test_the_command_merges_files_and_prints(
    tmp_path: Path, parents: dict[str, Values], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mix.yaml").write_text(yaml.safe_dump(recipe("linear")))
    (tmp_path / "line.json").write_text(json.dumps(recipe("lerp")))
    files = [str(tmp_path / "mix.yaml"), str(tmp_path / "line.json")]
    assert tyro.cli(RecipeCommand, args=[*files, "--out", str(tmp_path / "out")]).run() == 0
    printed = capsys.readouterr().out
    assert "out/mix: linear of 2 parents, 138 weights" in printed
    assert "effective coefficient 1.2500" in printed
    assert tyro.cli(RecipeCommand, args=[*files, "--out", str(tmp_path / "out")]).run() == 2
    assert "already exists" in capsys.readouterr().err
    assert (
        tyro.cli(RecipeCommand, args=[*files, "--out", str(tmp_path / "out"), "--force", "--json"]).run() == 0
    )
    merges = json.loads(capsys.readouterr().out)["merges"]
    assert [merge["method"] for merge in merges] == ["linear", "lerp"]
    shutil.rmtree(tmp_path / "out" / "line")  # as if the command had been stopped
    kept = (tmp_path / "out" / "mix" / "model.safetensors").stat().st_mtime_ns
    assert tyro.cli(RecipeCommand, args=[*files, "--out", str(tmp_path / "out"), "--json"]).run() == 0
    assert json.loads(capsys.readouterr().out)["merges"] == merges
    assert (tmp_path / "out" / "mix" / "model.safetensors").stat().st_mtime_ns == kept
    shutil.rmtree(tmp_path / "out" / "line")
    (tmp_path / "mix.yaml").write_text(yaml.safe_dump(recipe("soup")))
    assert tyro.cli(RecipeCommand, args=[*files, "--out", str(tmp_path / "out")]).run() == 2
    assert "is another merge than wanted" in capsys.readouterr().err
