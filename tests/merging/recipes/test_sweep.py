"""Sweeps of recipes: one pass gives the bytes of single merges, and what cannot be swept is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.checkpoints.shards import ShardReader
from codefrontier.merging.recipes.methods import NAMES
from codefrontier.merging.recipes.recipe_file import RecipeFile, parse_recipe
from codefrontier.merging.recipes.run import RunOptions, merge_recipe
from codefrontier.merging.recipes.sweep import (
    SWEPT,
    RecipeSweepRefusedError,
    merge_recipe_sweep,
    parse_values,
    places,
    sweep_recipes,
)

STEPS = [{"model": "low", "position": 10}, {"model": "high", "position": 20}]
MODELS: dict[str, list[Any]] = {"expo": ["high"], "polynomial": STEPS, "relex": STEPS}
VECTORS = {"weight": 0.5, "density": 0.5, "lambda": 3}
OWN = {name: VECTORS for name, parameter in SWEPT.items() if parameter == "lambda"}
VALUES = (-0.5, 0.25, 1.5)


def recipe(method: str, **changes: Any) -> RecipeFile:
    models = [
        each if isinstance(each, dict) else {"model": each} for each in MODELS.get(method, ["low", "high"])
    ]
    base = {} if method in ("lerp", "wise_ft", "slerp") else {"base_model": "base"}
    content = {"merge_method": method, "models": models, "parameters": OWN.get(method, {}), **base, **changes}
    return parse_recipe(content, where="test")


@pytest.fixture
def parents(kit: SimpleNamespace, tmp_path: Path) -> Path:
    """Write base, low and high, and return their folder."""
    random = np.random.default_rng(0)
    shapes = {
        "model.embed_tokens.weight": (40, 30),
        "model.layers.0.mlp.weight": (30, 25),
        "model.norm.weight": (30,),
    }
    base = {name: random.normal(0, 1, shape) for name, shape in shapes.items()}
    for name in ("base", "low", "high"):
        values = {key: ("F32", value + 0.3 * random.normal(0, 1, value.shape)) for key, value in base.items()}
        kit.make_checkpoint(tmp_path / name, values)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("method", [name for name in SWEPT if name != "relex"])
def test_a_sweep_gives_the_bytes_of_single_merges(method: str, parents: Path) -> None:
    made = merge_recipe_sweep(
        recipe(method), VALUES, parents / "out", RunOptions(relative_to=parents, chunk=100)
    )
    assert (made.parameter, made.values, made.faults) == (SWEPT[method], VALUES, ())
    for report, single in zip(made.reports, sweep_recipes(recipe(method), VALUES), strict=True):
        name = report.path.name
        alone = merge_recipe(single, parents / "alone", name=name, relative_to=parents, chunk=100)
        assert alone.digest == report.digest
        assert contents(alone.path) == contents(report.path)
    assert len({report.digest for report in made.reports}) == len(VALUES)


def test_relex_is_fitted_once_for_all_targets(parents: Path) -> None:
    made = merge_recipe_sweep(recipe("relex"), (30, 60), parents / "out", RunOptions(relative_to=parents))
    assert [report.fit["position"] for report in made.reports] == [2, 5]
    alone = merge_recipe(
        sweep_recipes(recipe("relex"), [60])[0], parents / "alone", name="one", relative_to=parents
    )
    assert alone.digest == made.reports[1].digest


@pytest.mark.parametrize(
    ("method", "passes"), [("lerp", 1), ("task_arithmetic", 1), ("slerp", 2), ("ties", 11)]
)
def test_each_tensor_is_read_as_often_as_for_one_merge(
    method: str, passes: int, parents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = ShardReader.read

    def counted(self: ShardReader, tensor: Any, first: int, buffer: Any) -> None:
        read.append(len(buffer) // 4)
        original(self, tensor, first, buffer)

    monkeypatch.setattr(ShardReader, "read", counted)
    merge_recipe_sweep(recipe(method), VALUES, parents / "out", RunOptions(relative_to=parents))
    models = 2 if method in ("lerp", "slerp") else 3
    assert sum(read) <= passes * models * (1200 + 750 + 30)


def test_every_method_can_be_swept_or_is_refused_with_those_that_can(parents: Path) -> None:
    for method in set(NAMES) - set(SWEPT):
        with pytest.raises(MergeError, match=f"{method} has no single number to sweep.*alpha of lerp"):
            merge_recipe_sweep(recipe(method), VALUES, parents / "out", RunOptions(relative_to=parents))
    with pytest.raises(MergeError, match=r"merge_method must be one of .*got 'lerpp'"):
        merge_recipe_sweep(recipe("lerpp"), VALUES, parents / "out")
    with pytest.raises(MergeError, match=r"replaces alpha by one number .* \[0, 1\]: leave it out"):
        merge_recipe_sweep(recipe("lerp", parameters={"alpha": [0, 1]}), VALUES, parents / "out")
    assert not (parents / "out").exists()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-0.5:1.5:0.25", (-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5)),
        ("0:0.3:0.1", (0, 0.1, 0.2, 0.3)),
        ("1:-1:-1", (1, 0, -1)),
        ("2:2:1", (2,)),
        ("1, 0.5,-1e-1", (1, 0.5, -0.1)),
        ("-0", (0,)),
    ],
)
def test_values_are_exact_decimals(text: str, values: tuple[float, ...]) -> None:
    assert parse_values(text) == values
    assert "-0.0" not in map(repr, parse_values(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "START:STOP:STEP"),
        ("0:1", "START:STOP:STEP"),
        ("half", "'half'"),
        ("nan", "START:STOP:STEP"),
        ("0:inf:1", "START:STOP:STEP"),
        ("0:1:0.3", "1 is not a whole number of steps of 0.3 from 0"),
        ("0:1:0", "the step must lead"),
        ("0:1:-0.5", "the step must lead"),
        ("0:1:0.0001", "at most 1000 values"),
        ("1,0.5,1.0", "the value 1 occurs twice"),
    ],
)
def test_other_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(MergeError, match=words):
        parse_values(text)


def test_a_place_on_the_line_is_told_where_there_is_one() -> None:
    assert places(recipe("lerp"), VALUES) == list(VALUES)
    assert places(recipe("expo"), VALUES) == [0.5, 1.25, 2.5]
    assert places(recipe("polynomial"), (10, 40)) == [0.5, 2]
    assert places(recipe("ties"), VALUES) == [None] * 3


@pytest.mark.parametrize("method", ["lerp", "task_arithmetic"])
def test_neighbours_that_hardly_differ_are_refused(method: str, kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = kit.rl_pair("BF16")
    kit.make_checkpoint(tmp_path / "low", low)
    kit.make_checkpoint(tmp_path / "high", high)
    content = recipe(
        method,
        models=[{"model": "high"}],
        base_model="low",
        parameters={} if method == "lerp" else {"weight": 1},
    )
    close = (1.1, 1.1001)
    how = RunOptions(relative_to=tmp_path)
    with pytest.raises(RecipeSweepRefusedError, match=r"1\.1 and 1\.1001 (share|are)") as refused:
        merge_recipe_sweep(content, close, tmp_path / "out", how)
    assert len(refused.value.sweep.reports) == 2
    assert not (tmp_path / "out").exists()
    assert merge_recipe_sweep(content, close, tmp_path / "out", replace(how, force=True)).faults
