"""Whether parents may be merged: the same tensors, the same model, the same tokenizer.

Merging changes weights only. Whatever else differs is shown and refused, because a checkpoint with one
parent's weights and another's tokenizer or settings works, and is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .checkpoint import CONFIG, Checkpoint
from .errors import MergeError

UNIMPORTANT_KEYS: Final = frozenset(
    {
        *("_name_or_path", "name_or_path", "_commit_hash", "transformers_version"),
        *("torch_dtype", "dtype", "use_cache"),
    }
)
"""Keys of config.json, at any depth, in which parents may differ."""
_SHOWN = 5
_LONGEST_VALUE = 70


def check_agreement(low: Checkpoint, high: Checkpoint) -> None:
    """Refuse parents that differ in anything but the values of their weights.

    Raises:
        MergeError: Names the tensors, keys or files that differ, with both values.
    """
    differences = [*_tensor_differences(low, high), *_config_differences(low, high)]
    differences += _tokenizer_differences(low, high)
    if differences:
        shown = "\n  ".join(differences[:_SHOWN])
        more = f"\n  and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise MergeError(f"{low.folder} and {high.folder} cannot be merged:\n  {shown}{more}")


def _tensor_differences(low: Checkpoint, high: Checkpoint) -> Iterator[str]:
    tied = " (tied weights that only one of them stores?)" if len(low.tensors) != len(high.tensors) else ""
    for name in sorted(low.tensors.keys() ^ high.tensors.keys()):
        yield f"tensor {name!r} is only in {'low' if name in low.tensors else 'high'}{tied}"
    for name in sorted(low.tensors.keys() & high.tensors.keys()):
        ours, theirs = low.tensors[name], high.tensors[name]
        if ours.shape != theirs.shape:
            yield f"tensor {name!r} has shape {list(ours.shape)} in low, {list(theirs.shape)} in high"
        elif ours.code != theirs.code and not (ours.form and theirs.form):
            yield f"tensor {name!r} has dtype {ours.code} in low, {theirs.code} in high"


def _config_differences(low: Checkpoint, high: Checkpoint) -> Iterator[str]:
    yield from _key_differences(CONFIG, low.config, high.config)


def _tokenizer_differences(low: Checkpoint, high: Checkpoint) -> Iterator[str]:
    for name in sorted({*low.tokenizer_files, *high.tokenizer_files}):
        if name not in low.tokenizer_files or name not in high.tokenizer_files:
            yield f"{name} is only in {'low' if name in low.tokenizer_files else 'high'}"
            continue
        ours, theirs = ((parent.folder / name).read_bytes() for parent in (low, high))
        if ours != theirs:
            yield from _file_differences(name, ours, theirs)


def _file_differences(name: str, ours: bytes, theirs: bytes) -> Iterator[str]:
    """Show the keys in which two JSON files differ, or the first line in which others do."""
    if Path(name).suffix == ".json":
        try:
            keys = list(_key_differences(name, json.loads(ours), json.loads(theirs), unimportant=frozenset()))
        except ValueError:
            keys = []
        if keys:
            yield from keys
            return
    pairs = zip([*ours.split(b"\n"), b""], [*theirs.split(b"\n"), b""], strict=False)
    for number, (our_line, their_line) in enumerate(pairs, start=1):
        if our_line != their_line:
            yield f"{name}, line {number}: {_short(our_line)} in low, {_short(their_line)} in high"
            return
    yield f"{name}: {len(ours)} bytes in low, {len(theirs)} in high"


_MISSING = object()


def _key_differences(
    place: str, ours: Any, theirs: Any, unimportant: frozenset[str] = UNIMPORTANT_KEYS
) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs} - unimportant):
            inner = (ours.get(key, _MISSING), theirs.get(key, _MISSING))
            yield from _key_differences(f"{place}: {key}", *inner, unimportant=unimportant)
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{place} is {_short(ours)} in low, {_short(theirs)} in high"


def _short(value: object) -> str:
    text = "missing" if value is _MISSING else repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
