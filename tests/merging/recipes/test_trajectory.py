"""RELEX and other fits over the checkpoints of a run that is named once."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tyro
import yaml

from codefrontier.merging import MergeError
from codefrontier.merging.recipes.command import RecipeCommand
from codefrontier.merging.recipes.recipe_file import parse_recipe

STEPS = (5, 10, 15, 20)


@pytest.fixture
def run(kit: SimpleNamespace, tmp_path: Path) -> Path:
    """Write a base and a run whose weights move along a line, with some noise."""
    random = np.random.default_rng(0)
    base, direction = random.normal(0, 1, (2, 6, 10))
    kit.make_checkpoint(tmp_path / "base", {"w": ("F32", base)})
    for step in STEPS:
        values = base + step / 100 * direction + random.normal(0, 1e-3, base.shape)
        kit.make_checkpoint(tmp_path / "run" / f"checkpoint-{step:06}", {"w": ("F32", values)})
    return tmp_path / "run"


def content(models: Any, **parameters: Any) -> dict[str, Any]:
    return {
        "merge_method": "relex",
        "base_model": "base",
        "models": models,
        "parameters": {"target": 40, **parameters},
    }


def test_a_run_is_all_its_checkpoints_with_their_steps(run: Path, tmp_path: Path) -> None:
    def steps(models: Any, base: str = "base") -> list[float | None]:
        whole = {**content(models), "base_model": base}
        return [each.position for each in parse_recipe(whole, where="file", relative_to=tmp_path).models]

    assert steps("run") == [5, 10, 15, 20]
    assert steps({"run": "run", "until": 15}) == [5, 10, 15]
    assert steps({"run": "run", "every": 10}) == [10, 20]
    assert steps("run", base="run/checkpoint-000005") == [10, 15, 20]
    first = parse_recipe(content("run"), where="file", relative_to=tmp_path).models[0]
    assert first.model == "run/checkpoint-000005"


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ("base", "base is no run: it has no folders checkpoint-STEP"),
        ({"run": "run", "until": 3}, "no checkpoint of .* is left; it has the steps 5 to 20"),
        ({"run": "run", "until": "3"}, "models.until must be a positive number of steps, got '3'"),
        ({"run": "run", "last": 3}, "models has no key 'last'; a run has run, until, every"),
        ({"until": 3}, "models.run must be the folder of a run, got None"),
    ],
)
def test_what_is_no_run_is_refused(models: Any, message: str, run: Path, tmp_path: Path) -> None:
    with pytest.raises(MergeError, match=message):
        parse_recipe(content(models), where="file", relative_to=tmp_path)


@pytest.fixture
def merged(
    run: Path, tmp_path: Path, kit: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, np.ndarray]]:
    def merge(name: str, **parameters: Any) -> tuple[str, np.ndarray]:
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content("run", **parameters)))
        words = [str(tmp_path / f"{name}.yaml"), "--out", str(tmp_path / "out")]
        assert tyro.cli(RecipeCommand, args=words).run() == 0
        (found,) = kit.read_raw(tmp_path / "out" / name).values()
        return capsys.readouterr().out, kit.to_values(*found)

    return merge


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_the_command_prints_the_null_and_the_controls_and_writes_them(
    merged: Callable[..., tuple[str, np.ndarray]], tmp_path: Path, kit: SimpleNamespace
) -> None:
    printed, predicted = merged("prediction")
    for name in ("explained variance", "r squared"):
        assert f"  {name}: " in printed
        assert f"{name} of a random walk: 0." in printed
    (base,) = (kit.to_values(*found) for found in kit.read_raw(tmp_path / "base").values())
    (last,) = (
        kit.to_values(*found) for found in kit.read_raw(tmp_path / "run" / "checkpoint-000020").values()
    )
    fit = json.loads((tmp_path / "out" / "prediction" / "merge.json").read_text())["measured"]["fit"]
    assert min(fit["explained_variance"], fit["r_squared"]) > 0.99
    assert fit["distance_from_the_base"] == pytest.approx(np.linalg.norm(predicted - base), rel=1e-4)
    for control in ("last", "first_delta", "shrunk"):
        _, written = merged(control, control=control)
        away = np.linalg.norm(predicted - written)
        assert fit[f"distance_from_the_control_{control}"] == pytest.approx(away, rel=1e-3)
        assert f"distance from the control {control.replace(chr(95), chr(32))}: " in printed
    assert np.array_equal(merged("again", control="last")[1], last)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_an_unknown_control_is_refused(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(content("run", control="best")))
    words = [str(tmp_path / "x.yaml"), "--out", str(tmp_path / "out")]
    assert tyro.cli(RecipeCommand, args=words).run() == 2
    assert "control must be one of last, first_delta, shrunk, got 'best'" in capsys.readouterr().err
