"""Adapters as parents of a recipe, with the base that the recipe gives."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.recipes.recipe_file import parse_recipe
from codefrontier.merging.recipes.run import merge_recipe

A, B = np.array([[1.0, 0, 2, 0]]), np.array([[1.0], [0], [3]])
W = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def folder(kit: SimpleNamespace, tmp_path: Path) -> Path:
    """Write two bases, and two adapters that name a base which is not here."""
    for name, shift in (("base", 0.0), ("other", 1.0)):
        kit.make_checkpoint(tmp_path / name, {"layer.weight": ("F32", W + shift)})
    for name, factor in (("math", 1.0), ("code", -0.5)):
        (tmp_path / name).mkdir()
        settings = {"peft_type": "LORA", "r": 1, "lora_alpha": 1, "base_model_name_or_path": "far/away"}
        (tmp_path / name / "adapter_config.json").write_text(json.dumps(settings))
        factors = {
            "base_model.model.layer.lora_A.weight": ("F32", A),
            "base_model.model.layer.lora_B.weight": ("F32", factor * B),
        }
        kit.write_file(tmp_path / name / "adapter_model.safetensors", factors)
    return tmp_path


def merge(kit: SimpleNamespace, folder: Path, models: list[Any], **more: Any) -> np.ndarray:
    content = {"merge_method": "linear", "models": models, "parameters": {"weight": 1}, **more}
    parsed = parse_recipe(content, where="test")
    report = merge_recipe(parsed, folder / "out", name="mix", relative_to=folder, force=True)
    ((code, data),) = kit.read_raw(report.path).values()
    values: np.ndarray = kit.to_values(code, data).reshape(W.shape)
    return values


@pytest.mark.parametrize(
    "models",
    [
        [{"model": "math", "base": "base"}, {"model": "code", "base": "other"}],
        [{"model": "base+math"}, {"model": "other+code"}],
        [
            {"model": {"model": {"path": "base"}, "lora": {"path": "math"}}},
            {"model": "code", "base": "other"},
        ],
    ],
)
def test_each_adapter_has_its_own_base(models: list[Any], kit: SimpleNamespace, folder: Path) -> None:
    wanted = W + 0.5 * B @ A + 0.5 * (1 - 0.5 * B @ A)
    assert np.allclose(merge(kit, folder, models), wanted, atol=1e-6)


def test_an_adapter_may_be_merged_with_its_base(kit: SimpleNamespace, folder: Path) -> None:
    merged = merge(kit, folder, [{"model": "base"}, {"model": "base+math"}])
    assert np.allclose(merged, W + 0.5 * B @ A, atol=1e-6)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            [{"model": "base+math", "base": "other"}, {"model": "base"}],
            "names the base 'base', but `base` is",
        ),
        ([{"model": "base", "base": "other"}, {"model": "other"}], "is no LoRA adapter: leave the base out"),
        ([{"model": "math"}, {"model": "base"}], "its base 'far/away' is no folder here"),
        ([{"model": "base+nothing"}, {"model": "base"}], "nothing: is neither a folder nor"),
    ],
)
def test_a_base_without_meaning_is_refused(
    models: list[Any], message: str, kit: SimpleNamespace, folder: Path
) -> None:
    with pytest.raises(MergeError, match=message):
        merge(kit, folder, models)
