"""Files of a workspace in one run of bytes: an index as JSON, then the data of each file, without holes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]
"""`path`; `kind`, which is file, folder, link or same (as an earlier file); `mode`, `time` (ns), `size` and
`parts`, the (offset, length) of its data, of a file; `mode` and `time` of a folder; `target` of the rest.

A file whose data is not in here has `bundle`, the number of what it is in, and `start`, where it begins."""

_LENGTH_BYTES = 4
_MODE = 0o644


def head(entries: list[Entry], left_out: int) -> bytes:
    """Return what comes before the data.

    Args:
        entries: A folder comes before what is in it.
        left_out: How many files could not be packed.
    """
    return head_of(index(entries, left_out))


def index(entries: list[Entry], left_out: int) -> bytes:
    """Return a description of files, without a word on how long it is."""
    return json.dumps({"entries": entries, "left_out": left_out}).encode()


def head_of(description: bytes) -> bytes:
    """Return what comes before the data, of a description."""
    return len(description).to_bytes(_LENGTH_BYTES, "big") + description


def head_size(first: bytes) -> int:
    """Return where the data begins, told by the first four bytes."""
    return _LENGTH_BYTES + int.from_bytes(first[:_LENGTH_BYTES], "big")


def read_head(data: bytes, whole: int | None = None) -> tuple[list[Entry], int, int]:
    """Return the entries, how many files were left out, and where the data begins.

    Args:
        data: The parcel, or what comes before its data.
        whole: Bytes of the parcel, if that is not all of it.

    Raises:
        ValueError: This is no such parcel.
    """
    start = head_size(data)
    there = len(data) if whole is None else whole
    index = json.loads(data[_LENGTH_BYTES:start])
    if not isinstance(index, dict) or not isinstance(index.get("entries"), list):
        raise ValueError("no index")
    inside = [entry for entry in index["entries"] if "bundle" not in entry]
    size = sum(length for entry in inside for _, length in entry.get("parts", ()))
    if there != start + size:
        raise ValueError(f"{there} bytes, where there should be {start + size}")
    return index["entries"], index["left_out"], start


def wrap(files: Mapping[str, bytes]) -> bytes:
    """Pack files by their relative names; the folders that they are in are made too."""
    entries: list[Entry] = []
    folders: set[str] = set()
    for name, data in files.items():
        parts = name.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in folders:
                folders.add(folder)
                entries.append({"path": folder, "kind": "folder"})
        whole = [[0, len(data)]] if data else []
        entries.append({"path": name, "kind": "file", "mode": _MODE, "size": len(data), "parts": whole})
    return head(entries, 0) + b"".join(files.values())


def unwrap(data: bytes) -> dict[str, bytes]:
    """Return the files of a parcel without holes."""
    entries, _, start = read_head(data)
    files = {}
    for entry in entries:
        if entry["kind"] == "file":
            size = sum(length for _, length in entry["parts"])
            files[entry["path"]] = data[start : start + size]
            start += size
    return files
