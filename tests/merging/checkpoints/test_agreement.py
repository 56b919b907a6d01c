"""Differences between parents other than their weights: which are accepted, and how they are reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints

LOW = {"model.embed_tokens.weight": ("F32", np.arange(12.0).reshape(4, 3)), "w": ("F32", np.arange(5.0))}
HIGH = {"model.embed_tokens.weight": ("F32", np.arange(12.0).reshape(4, 3) + 1), "w": ("F32", np.ones(5))}
Parents = Callable[..., tuple[Path, Path]]


@pytest.fixture
def parents(kit: SimpleNamespace, tmp_path: Path) -> Parents:
    """Return a function that makes two parents; its arguments are the files of high."""

    def make(low: Any = LOW, high: Any = HIGH, **files: str | None) -> tuple[Path, Path]:
        return (
            kit.make_checkpoint(tmp_path / "low", low),
            kit.make_checkpoint(tmp_path / "high", high, **files),
        )

    return make


def differences(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "merge.json").read_text())["differences"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("config.json", {"_name_or_path": "/home/me/high"}, "config.json: _name_or_path"),
        ("config.json", {"transformers_version": "9"}, "config.json: transformers_version"),
        ("config.json", {"torch_dtype": None, "dtype": "float32"}, "config.json: dtype"),
        ("config.json", {"use_cache": False}, "config.json: use_cache"),
        ("config.json", {"rope_scaling": None}, "config.json: rope_scaling"),
        ("config.json", {"attention_bias": False}, "config.json: attention_bias"),
        ("tokenizer_config.json", {"padding_side": "left"}, "tokenizer_config.json: padding_side"),
        ("tokenizer_config.json", {"is_local": True}, "tokenizer_config.json: is_local"),
        ("tokenizer_config.json", {"name_or_path": "x"}, "tokenizer_config.json: name_or_path"),
        ("generation_config.json", {"do_sample": False}, "generation_config.json: do_sample"),
        (
            "generation_config.json",
            {"transformers_version": "9"},
            "generation_config.json: transformers_version",
        ),
    ],
)
def test_harmless_differences_pass_with_a_note(
    name: str, change: dict[str, Any], place: str, parents: Parents, tmp_path: Path
) -> None:
    low, high = parents()
    content = json.loads((high / name).read_text())
    # Another order, and other blanks, are no difference at all.
    (high / name).write_text(json.dumps(dict(reversed({**content, **change}.items())), indent=7))
    (merge,) = merge_checkpoints(low, high, [0.5], tmp_path / "out")
    found = differences(merge.path)
    assert (found["taken"], found["allowed"]) == ("low", [])
    assert any(text.startswith(place) for text in found["harmless"])
    assert (merge.path / name).read_bytes() == (low / name).read_bytes()


def test_the_newline_at_the_end_of_a_template_is_harmless(parents: Parents, tmp_path: Path) -> None:
    low, high = parents(chat_template__jinja="{{ messages }}")
    (merge,) = merge_checkpoints(low, high, [0.5], tmp_path / "out")
    assert differences(merge.path)["harmless"] == ["chat_template.jinja: the final newline differs"]
    for place, text in ((low, "{{ x }}\n"), (high, "{{ x }}")):
        (place / "tokenizer_config.json").write_text(json.dumps({"chat_template": text}))
    (merge,) = merge_checkpoints(low, high, [0.75], tmp_path / "out")
    assert len(differences(merge.path)["harmless"]) == 2


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("config.json", {"eos_token_id": 3}, "eos_token_id"),
        ("config.json", {"attention_bias": True}, "attention_bias"),
        ("config.json", {"eos_token_id": None}, "eos_token_id"),
        ("config.json", {"rope": {"theta": 2e4}}, "rope"),
        ("generation_config.json", {"temperature": 0.6}, "temperature"),
        ("generation_config.json", {"eos_token_id": [1, 2]}, "eos_token_id"),
        ("tokenizer_config.json", {"eos_token": "b"}, "eos_token"),
        ("tokenizer_config.json", {"chat_template": "{{ x }}"}, "chat_template"),
    ],
)
def test_other_differences_are_shown_and_allowed_by_name(
    name: str, change: dict[str, Any], field: str, parents: Parents, tmp_path: Path
) -> None:
    low, high = parents()
    content = json.loads((high / name).read_text())
    (high / name).write_text(json.dumps({**content, **change}))
    with pytest.raises(MergeError, match=rf"{name}: {field}.* in low, .* in high(.|\n)*--allow {field}"):
        merge_checkpoints(low, high, [0.5], tmp_path / "out")
    with pytest.raises(MergeError, match=rf"--allow vocab: .* fields that differ: {field}"):
        merge_checkpoints(low, high, [0.5], tmp_path / "out", MergeOptions(allow=(field, "vocab")))
    (merge,) = merge_checkpoints(low, high, [0.5], tmp_path / "out", MergeOptions(allow=(field,)))
    (told,) = differences(merge.path)["allowed"]
    assert told.startswith(f"{name}: {field}")
    assert (merge.path / name).read_bytes() == (low / name).read_bytes()


def test_each_field_needs_a_leave_of_its_own(parents: Parents, tmp_path: Path) -> None:
    low, high = parents(chat_template__jinja="{{ other }}", generation_config__json=None, merges__txt="a b")
    with pytest.raises(MergeError, match=r"--allow chat_template generation_config merges"):
        merge_checkpoints(low, high, [0.5], tmp_path / "out")
    with pytest.raises(MergeError, match=r"--allow merges$"):
        merge_checkpoints(
            low, high, [0.5], tmp_path / "out", MergeOptions(allow=("chat_template", "generation_config"))
        )


@pytest.mark.parametrize("who", ["low", "high"])
@pytest.mark.parametrize("sharded", [False, True])
def test_an_equal_copy_of_a_tied_head_is_left_out(
    who: str, sharded: bool, kit: SimpleNamespace, tmp_path: Path
) -> None:
    tensors = {"low": dict(LOW), "high": dict(HIGH)}
    tensors[who]["lm_head.weight"] = tensors[who]["model.embed_tokens.weight"]
    folders = []
    for role in ("low", "high"):
        names = list(tensors[role])
        shards = ([names[:1], names[1:]]) if sharded else ()
        folders.append(kit.make_checkpoint(tmp_path / role, tensors[role], shards=shards))
    (merge,) = merge_checkpoints(folders[0], folders[1], [0.5], tmp_path / "out")
    found = kit.read_raw(merge.path)
    assert set(found) == set(LOW)
    expected = (LOW["w"][1] + HIGH["w"][1]) / 2
    assert np.array_equal(np.frombuffer(found["w"][1], "<f4"), expected.astype("<f4"))
    (told,) = differences(merge.path)["harmless"]
    assert told == f"tensor 'lm_head.weight' of {who} equals the embedding that it is tied to and is left out"
    if sharded:
        index = json.loads((merge.path / "model.safetensors.index.json").read_text())
        assert set(index["weight_map"]) == set(LOW)


def test_a_head_of_its_own_is_no_copy(kit: SimpleNamespace, tmp_path: Path) -> None:
    head = np.arange(12.0).reshape(4, 3)
    head[3, 2] += 2.0**-20
    low = kit.make_checkpoint(tmp_path / "low", {**LOW, "lm_head.weight": ("F32", head)})
    high = kit.make_checkpoint(tmp_path / "high", HIGH)
    with pytest.raises(MergeError, match=r"'lm_head\.weight' is only in low"):
        merge_checkpoints(low, high, [0.5], tmp_path / "out")


def _touch(*names: str) -> Callable[[Path], None]:
    def touch(folder: Path) -> None:
        for name in names:
            (folder / name).touch()

    return touch


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_touch("model.Q4_K_M.gguf"), r"model\.Q4_K_M\.gguf is a GGUF file"),
        (_touch("optimizer.pt", "scheduler.pt"), r"it contains training state \(optimizer\.pt\)"),
        (_touch("config.json", "pytorch_model.bin"), r"its weights are pickled \(pytorch_model\.bin\)"),
        (_touch(), r"it is empty"),
        (
            lambda folder: (folder / "checkpoint-000010").mkdir(),
            r"folder of a training run: .*checkpoint-000010",
        ),
    ],
)
def test_folders_that_are_something_else_are_named_as_what_they_are(
    make: Callable[[Path], None], words: str, float_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "strange").mkdir()
    make(tmp_path / "strange")
    with pytest.raises(MergeError, match=words):
        merge_checkpoints(float_pair[0], tmp_path / "strange", [0.5], tmp_path / "out")


def test_a_file_and_the_name_of_a_model_on_the_hub(float_pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(MergeError, match=r"it is a file; give the folder that contains it: .*/high"):
        merge_checkpoints(float_pair[0], float_pair[1] / "model.safetensors", [0.5], tmp_path / "out")
    with pytest.raises(
        MergeError, match=r"no such folder; a model of the Hub .* hf download Qwen/Qwen3-0\.6B "
    ):
        merge_checkpoints(float_pair[0], Path("Qwen/Qwen3-0.6B"), [0.5], tmp_path / "out")
