"""Refused merges: the messages, and that no files are left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints, read_recipe

W = {"w": ("F32", np.arange(12.0).reshape(3, 4)), "n": ("I64", np.arange(3))}
V = {"w": ("F32", np.arange(12.0).reshape(3, 4) + 1), "n": ("I64", np.arange(3))}


@pytest.fixture
def refused(kit: SimpleNamespace, tmp_path: Path) -> Any:
    """Return a function that merges, checks the refusal and that no files remain, and returns its message."""

    def call(low: Any = W, high: Any = V, *, alphas: Any = (0.5,), **rest: Any) -> str:
        options = {name: rest.pop(name) for name in ("out_dtype", "rounding") if name in rest}
        change = rest.pop("change", lambda low, high: None)
        parents = (
            kit.make_checkpoint(tmp_path / "low", low),
            kit.make_checkpoint(tmp_path / "high", high, **rest),
        )
        change(*parents)
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(MergeError) as caught:
            merge_checkpoints(
                parents[0], parents[1], alphas, tmp_path / "new" / "out", MergeOptions(**options)
            )
        assert sorted(tmp_path.rglob("*")) == before
        return str(caught.value)

    return call


@pytest.mark.parametrize(
    ("alphas", "words"),
    [
        ([], "at least one alpha"),
        ([0.5, float("nan")], "alpha must be a finite number, got nan"),
        ([float("-inf")], "alpha must be a finite number, got -inf"),
        ([0.5, 1, 0.50], "alpha 0.5 is given twice"),
        ([0.0, -0.0], "alpha 0.0 is given twice"),
    ],
)
def test_alphas(alphas: list[float], words: str, refused: Any) -> None:
    assert words in refused(alphas=alphas)


@pytest.mark.parametrize(
    ("high", "words"),
    [
        ({"w": V["w"]}, "tensor 'n' is only in low (tied weights that only one parent stores?)"),
        ({**V, "lm_head": V["w"]}, "tensor 'lm_head' is only in high (tied"),
        ({**V, "w": ("F32", np.zeros((4, 3)))}, "tensor 'w' has shape [3, 4] in low, [4, 3] in high"),
        ({**V, "w": ("I64", np.zeros((3, 4)))}, "contains no floating-point weights"),
        ({**V, "n": ("F32", np.arange(3))}, "tensor 'n' has dtype I64 in low, F32 in high"),
        ({**V, "n": ("U8", np.arange(3))}, "tensor 'n' has dtype I64 in low, U8 in high"),
        ({**V, "n": ("I64", [0, 1, 7])}, "tensor 'n' (I64) differs between low"),
    ],
)
def test_tensors_that_do_not_fit(high: Any, words: str, refused: Any) -> None:
    assert words in refused(high=high)


def test_the_place_of_an_unequal_integer_is_named(refused: Any) -> None:
    assert "at element 2: only floating-point" in refused(high={**V, "n": ("I64", [0, 1, 7])})


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("code", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("who", ["low", "high"])
def test_weights_that_are_not_finite(
    who: str, code: str, bad: float, kit: SimpleNamespace, refused: Any
) -> None:
    def change(low: Path, high: Path) -> None:
        folder = low if who == "low" else high
        words = {"F32": "<u4", "F16": "<u2", "BF16": "<u2"}[code]
        upper = np.array([bad], "<f4").view("<u4") >> (16 if code == "BF16" else 0)
        bits = np.array([bad], "<f2").view("<u2") if code == "F16" else upper
        content = bytearray((folder / "model.safetensors").read_bytes())
        content[-2 * len(bits.astype(words).tobytes()) :][:0] = b""
        size = len(bits.astype(words).tobytes())
        content[-2 * size : -size] = bits.astype(words).tobytes()
        (folder / "model.safetensors").write_bytes(bytes(content))

    near = {"w": (code, np.arange(6.0))}
    words = refused({"n": W["n"], **near}, {"n": W["n"], "w": (code, np.arange(6.0) + 1)}, change=change)
    assert f"tensor 'w' of {who} (" in words
    assert f"is {bad} at element 4" in words


def test_results_beyond_the_range_of_the_output(refused: Any) -> None:
    words = refused(alphas=[0.5, 1e5], out_dtype="float16")
    assert "tensor 'w' leaves the range of float16 in alpha-100000 at element 0" in words
    assert "+-65504" in words
    assert "leaves the range of float32" in refused(alphas=[1e300])


def test_config_values_that_matter(kit: SimpleNamespace, refused: Any) -> None:
    changed = {
        **kit.CONFIG,
        "rope": {"theta": 5e5},
        "new": [1],
        "transformers_version": "x",
        "dtype": "float16",
    }
    del changed["vocab_size"]
    words = refused(config__json=json.dumps(changed))
    assert "config.json: rope: theta is 10000.0 in low, 500000.0 in high" in words
    assert "config.json: new is missing in low, [1] in high" in words
    assert "config.json: vocab_size is 7 in low, missing in high" in words
    assert "dtype" not in words
    assert "transformers_version" not in words


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"tokenizer__json": '{"model": {"vocab": {"b": 0}}}'},
            "tokenizer.json: model: vocab: a is 0 in low, missing",
        ),
        (
            {"tokenizer_config__json": '{"eos_token":  "b"}'},
            "tokenizer_config.json: eos_token is 'a' in low, 'b' in high",
        ),
        ({"chat_template__jinja": "{{ messages }}\n{{ more }}\n"}, "chat_template.jinja, line 2: b'' in low"),
        ({"chat_template__jinja": None}, "chat_template.jinja is only in low"),
        ({"merges__txt": "a b"}, "merges.txt is only in high"),
        ({"special_tokens_map__json": "{"}, "special_tokens_map.json is only in high"),
    ],
)
def test_tokenizers_that_differ(files: dict[str, str | None], words: str, refused: Any) -> None:
    assert words in refused(**files)


def _truncate(low: Path, high: Path) -> None:
    path = high / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-5])


def _rewrite_header(high: Path, old: str, new: str) -> None:
    content = (high / "model.safetensors").read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    text = content[8:start].decode().replace(old, new).encode()
    (high / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + content[start:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_truncate, "damaged or truncated"),
        (lambda low, high: (high / "model.safetensors").write_bytes(b"abc"), "not a safetensors file"),
        (lambda low, high: (high / "model.safetensors").write_bytes(b"\xff" * 64), "not a safetensors file"),
        (
            lambda low, high: _rewrite_header(
                high,
                "{",
                "[",
            ),
            "the header is not JSON",
        ),
        (lambda low, high: _rewrite_header(high, '"F32"', '"F4"'), "'w' has dtype 'F4'"),
        (lambda low, high: _rewrite_header(high, "[3, 4]", "[3, 5]"), "does not have 48 bytes"),
        (lambda low, high: _rewrite_header(high, "[3, 4]", "[-3, -4]"), "impossible shape"),
        (lambda low, high: _rewrite_header(high, '"dtype": "F32", ', ""), "no dtype, shape and data_offsets"),
        (lambda low, high: _rewrite_header(high, '"n"', '"w"'), "a name occurs twice"),
        (lambda low, high: _rewrite_header(high, "[48, 72]", "[24, 48]"), "damaged or truncated"),
        (lambda low, high: (high / "model.safetensors").unlink(), "neither model.safetensors nor"),
        (lambda low, high: (high / "config.json").unlink(), "no config.json"),
        (lambda low, high: (high / "config.json").write_text("{"), "config.json: is not JSON"),
        (lambda low, high: (high / "config.json").write_text("[]"), "must contain a JSON object, not list"),
        (lambda low, high: shutil.rmtree(high), "no such folder"),
        (lambda low, high: (high / "model.safetensors.index.json").write_text("{}"), "has both"),
    ],
)
def test_folders_that_are_no_checkpoints(change: Any, words: str, refused: Any) -> None:
    assert words in refused(change=change)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ({}, "has no weight_map"),
        ({"weight_map": {"w": "a.safetensors", "n": "../a.safetensors"}}, "'../a.safetensors', which is not"),
        ({"weight_map": {"w": "a.safetensors", "n": "b.safetensors"}}, "'b.safetensors', which is not"),
        ({"weight_map": {"w": "a.safetensors"}}, "disagrees with 'a.safetensors' about the tensor 'n'"),
        ({"weight_map": dict.fromkeys("wnx", "a.safetensors")}, "about the tensor 'x'"),
    ],
)
def test_an_index_that_does_not_fit_its_shards(index: Any, words: str, refused: Any) -> None:
    def change(low: Path, high: Path) -> None:
        (high / "model.safetensors").rename(high / "a.safetensors")
        (high / "model.safetensors.index.json").write_text(json.dumps(index))

    assert words in refused(change=change)


def test_stochastic_rounding_without_16_bit_output(refused: Any) -> None:
    assert "stochastic rounding needs 16-bit output" in refused(rounding="stochastic")


@pytest.mark.parametrize("option", [{"out_dtype": "int8"}, {"rounding": "up"}])
def test_unknown_options(option: dict[str, Any]) -> None:
    with pytest.raises(MergeError, match=f"must be one of .*, got {next(iter(option.values()))!r}"):
        MergeOptions(**option)


def test_one_folder_as_both_parents(float_pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(MergeError, match="are the same folder"):
        merge_checkpoints(float_pair[0], float_pair[0] / ".", [0.5], tmp_path / "out")


def test_more_bytes_than_the_disk_has(kit: SimpleNamespace, tmp_path: Path) -> None:
    """The weights are a sparse file of eight tebibytes, which takes no space until it is merged."""
    count = 1 << 41
    parents = [kit.make_checkpoint(tmp_path / name, W) for name in ("low", "high")]
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    for parent in parents:
        with (parent / "model.safetensors").open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + 4 * count)
    with pytest.raises(MergeError, match=r"needs 17592\.\d+ GB on disk, \d"):
        merge_checkpoints(parents[0], parents[1], [0.5, 0.6], tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


def test_reading_a_recipe_where_there_is_none(float_pair: tuple[Path, Path]) -> None:
    with pytest.raises(MergeError, match=r"not a merge: no merge\.json"):
        read_recipe(float_pair[0])
    for content, words in (
        ("{", "is not JSON"),
        ("[]", "a JSON object, not list"),
        ('{"schema": 99}', "schema 99"),
        ('{"schema": 1, "recipe": {"alpha": 1}}', "no complete recipe"),
    ):
        (float_pair[0] / "merge.json").write_text(content)
        with pytest.raises(MergeError, match=words):
            read_recipe(float_pair[0])
