from __future__ import annotations

from pathlib import Path

import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.checkpoints.sharded.find import as_files, find_sharded, settings_folder
from codefrontier.merging.checkpoints.sharded.names import choose_model, plain_name
from codefrontier.merging.checkpoints.tensor_file import Tensor


def _tensors(*counts: int) -> list[Tensor]:
    return [
        Tensor(name=f"t{number}", code="F32", shape=(count,), file=Path("f"), start=0)
        for number, count in enumerate(counts)
    ]


def test_tensors_are_spread_over_files_of_a_largest_size() -> None:
    files = as_files(_tensors(10, 10, 10, 100, 1), Path("x"), largest=80)
    assert [[tensor.name for tensor in file.tensors] for file in files] == [
        ["t0", "t1"], ["t2"], ["t3"], ["t4"]
    ]  # fmt: skip
    assert [file.path.name for file in files][::3] == [
        "model-00001-of-00004.safetensors", "model-00004-of-00004.safetensors"
    ]  # fmt: skip
    assert all(file.metadata == {"format": "pt"} for file in files)
    (single,) = as_files(_tensors(10, 10), Path("x"))
    assert single.path == Path("x/model.safetensors")


def test_the_settings_may_lie_in_or_around_the_weights(tmp_path: Path) -> None:
    weights = tmp_path / "run" / "weights"
    places = [weights, weights / "huggingface", tmp_path / "run", tmp_path / "run" / "huggingface"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "config.json").touch()
    for place in places:
        found = settings_folder(weights)
        assert found is not None
        assert found.samefile(place)
        (place / "config.json").unlink()
    assert settings_folder(weights) is None


def test_several_folders_with_weights_must_be_chosen_from(tmp_path: Path) -> None:
    for name in ("actor", "critic", "optimizer_0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".metadata").touch()
    with pytest.raises(MergeError, match=r"give one of the folders with weights in it: .*actor, .*critic$"):
        find_sharded(tmp_path)
    assert find_sharded(tmp_path / "gone") is None


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        ({"a": ("a",), "b": ("b",)}, ["a", "b"]),
        ({"m.a": ("model", "a"), "o": ("optim", "state", "a", "exp_avg")}, ["m.a"]),
        ({"p.m.a": ("app", "model", "a"), "p.o": ("app", "optim", "a", "step")}, ["p.m.a"]),
        ({"m.a": ("model", "a"), "e.a": ("ema", "a")}, ["m.a"]),
        ({"w.a": ("weights", "a")}, ["w.a"]),
    ],
)
def test_the_model_is_found_in_a_nested_state_dict(
    paths: dict[str, tuple[str, ...]], chosen: list[str]
) -> None:
    assert list(choose_model(paths, Path("x"))) == chosen


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ({"o": ("optim", "a")}, "contains no weights of a model, only optim"),
        ({"a": ("one", "a"), "b": ("two", "b")}, "several parts that may be the model: one, two"),
        ({"a": ("model", "a"), "b": ("actor", "b")}, "several parts that may be the model: actor, model"),
    ],
)
def test_no_model_or_several(paths: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(MergeError, match=words):
        choose_model(paths, Path("x"))


def test_names_lose_the_modules_of_wrappers() -> None:
    name = "_orig_mod.model._fsdp_wrapped_module.layers.0._checkpoint_wrapped_module.weight"
    assert plain_name(name) == "model.layers.0.weight"
