"""Pickles of strangers: nothing in them runs, and what weights do not need is refused."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from codefrontier.merging import MergeError
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.sharded.pickles import Record, unpickle
from codefrontier.merging.checkpoints.sharded.torch_file import read_archive


class _Runs:
    """An object whose pickle runs a function when an ordinary unpickler reads it."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self._call


def _archive(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
    return path


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (os.system, ("touch {mark}",), "posix.system"),
        (eval, ("open({mark!r}, 'w')",), "builtins.eval"),
        (getattr, ("", "upper"), "builtins.getattr"),
        (os.fspath, ("{mark}",), "posix.fspath"),
        (__import__, ("{mark}",), "builtins.__import__"),
    ],
)
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(
    function: Any, arguments: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    told = tuple(argument.format(mark=str(mark)) for argument in arguments)
    data = pickle.dumps({"weight": _Runs(function, *told)})
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({}))
    _archive(folder / "model_world_size_1_rank_0.pt", data)
    with pytest.raises(MergeError) as caught:
        open_checkpoint(folder)
    assert f"its pickle names {name!r}" in str(caught.value)
    assert "could run code; it was not opened" in str(caught.value)
    (folder / "model_world_size_1_rank_0.pt").unlink()
    (folder / ".metadata").write_bytes(data)
    with pytest.raises(MergeError, match="could run code"):
        open_checkpoint(folder)
    assert not mark.exists()


def test_names_of_torch_become_records_and_import_nothing() -> None:
    data = b"\x80\x02ctorch.hub\nload\n(X\x01\x00\x00\x00atR}X\x01\x00\x00\x00kK\x01sb."
    record = unpickle(data, "here")
    assert isinstance(record, Record)
    assert (record.kind, record.arguments, record["k"]) == ("torch.hub.load", ("a",), 1)


@pytest.mark.parametrize("protocol", [2, 4])
def test_plain_containers_pass(protocol: int) -> None:
    content = OrderedDict(a=[1, 2.5, None, True], b={"c": ({1, 2}, frozenset("x"))})
    assert unpickle(pickle.dumps(content, protocol), "here") == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps([1]), "holds list, not a state dict"),
        (pickle.dumps({"weight": 3}), "'weight' is a int; only tensors and DTensors are read"),
        (b"\x80\x02", "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_other_content_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    _archive(tmp_path / "model_world_size_1_rank_0.pt", content)
    with pytest.raises(MergeError) as caught:
        open_checkpoint(tmp_path)
    assert words in str(caught.value)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "file.pt").write_bytes(b"\x80\x02" * 40)
    with pytest.raises(MergeError, match=r"not a file of torch\.save in the zip format"):
        read_archive(tmp_path / "file.pt")
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as archive:
        archive.writestr("a", b"b")
    with pytest.raises(MergeError, match=r"no data\.pkl in it"):
        read_archive(tmp_path / "other.pt")


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02ctorch.distributed.checkpoint.metadata\nMetadata\n)\x81}b.",
        b"\x80\x02ctorch.distributed.checkpoint.metadata\nMetadata\n)\x81"
        b"}X\x13\x00\x00\x00state_dict_metadataK\x01sb.",
    ],
)
def test_records_without_the_expected_fields(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / ".metadata").write_bytes(content)
    with pytest.raises(MergeError, match=r"looks like a folder of torch\.distributed\.checkpoint, but its"):
        open_checkpoint(tmp_path)
