"""Find the tensors in files of `torch.save` without torch; their data are not read.

A file is a zip archive with a pickle and one uncompressed member per storage, so the data of a tensor are a
range of the file.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import MergeError
from .pickles import Hook, Record, name_of, unpickle

_CODES: Final = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float64": "F64",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}
_STORAGES: Final = {
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "DoubleStorage": "float64",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "UntypedStorage": "uint8",
}
_LOCAL_HEADER: Final = 30
"""Size in bytes of the fixed part of a member's header in a zip archive."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A plain tensor in a file."""

    dtype: str
    """Name of the dtype in torch."""
    shape: tuple[int, ...]
    file: Path
    start: int
    """Offset of its first byte in the file."""
    contiguous: bool
    """Whether its elements lie in the file without gaps in row-major order."""

    @property
    def code(self) -> str:
        """The name of the dtype in safetensors; the torch name if there is none."""
        return _CODES.get(self.dtype, self.dtype)


@dataclass(frozen=True, kw_only=True)
class _Storage:
    dtype: str
    start: int


def read_archive(path: Path, *, offset: int = 0, length: int | None = None) -> Any:
    """Return what `torch.save` wrote, with a `Stored` in place of each tensor.

    Args:
        path: The file.
        offset: Offset of the archive in the file.
        length: Size of the archive in bytes; up to the end of the file unless given.

    Raises:
        MergeError: It is not an archive of `torch.save`, is damaged, or holds more than tensors.
        OSError: The file cannot be read.
    """
    where = str(path) if length is None else f"{path} at byte {offset}"
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        window = _Window(file, offset, min(size - offset, size if length is None else length))
        try:
            archive = zipfile.ZipFile(window)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise MergeError(
                f"{where}: not a file of torch.save in the zip format, or truncated: {error}"
            ) from error
        with archive:
            return _read(archive, window, path, where, offset)


def _read(archive: zipfile.ZipFile, window: _Window, path: Path, where: str, offset: int) -> Any:
    members = {info.filename.partition("/")[2]: info for info in archive.infolist()}
    if "data.pkl" not in members:
        raise MergeError(f"{where}: not a file of torch.save: no data.pkl in it")
    if "byteorder" in members and archive.read(members["byteorder"]) != b"little":
        raise MergeError(f"{where}: was saved on a big-endian machine")

    def load(pid: Any) -> _Storage:
        kind, storage, key, _, _ = pid
        info = members.get(f"data/{key}")
        dtype = _STORAGES.get(name_of(storage))
        if kind != "storage" or info is None or dtype is None or info.compress_type != zipfile.ZIP_STORED:
            raise MergeError(f"{where}: has a storage that cannot be read: {pid!r}")
        window.seek(info.header_offset)
        header = window.read(_LOCAL_HEADER)
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        return _Storage(dtype=dtype, start=offset + info.header_offset + _LOCAL_HEADER + names)

    def tensor(storage: _Storage, first: int, shape: Any, strides: Any, dtype: str) -> Stored:
        size = _item_size(dtype)
        return Stored(
            dtype=dtype,
            shape=tuple(shape),
            file=path,
            start=storage.start + first * size,
            contiguous=_is_contiguous(tuple(shape), tuple(strides)),
        )

    def rebuild(storage: _Storage, first: int, shape: Any, strides: Any, *_: Any) -> Stored:
        return tensor(storage, first, shape, strides, storage.dtype)

    def rebuild_with_dtype(storage: _Storage, first: int, shape: Any, strides: Any, *more: Any) -> Stored:
        return tensor(storage, first, shape, strides, name_of(more[2]))

    def rebuild_subclass(function: Any, kind: Any, arguments: Any, state: Any) -> Any:
        if name_of(kind) == "DTensor":
            record = kind()
            record.state = state[1] if isinstance(state, tuple) else state
            return record
        return function(*arguments)

    hooks: dict[str, Hook] = {
        "torch._tensor._rebuild_from_type_v2": rebuild_subclass,
        "torch._utils._rebuild_tensor_v2": rebuild,
        "torch._utils._rebuild_tensor_v3": rebuild_with_dtype,
        "torch._utils._rebuild_parameter": lambda data, *_: data,
        "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
    }
    return unpickle(archive.read(members["data.pkl"]), where, hooks=hooks, load=load)


def describe(value: Any) -> str:
    """Return the name of the type of a value in a pickle."""
    return value.kind if isinstance(value, Record) else type(value).__name__


def _item_size(dtype: str) -> int:
    digits = "".join(letter for letter in dtype.partition("_")[0] if letter.isdigit())
    # "bfloat16" has 16 bits, "float8_e4m3fn" has 8, and "bool" one byte.
    return int(digits) // 8 if digits else 1


def _is_contiguous(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    expected = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    triples = zip(shape, strides, expected, strict=True)
    return not math.prod(shape) or all(length == 1 or got == want for length, got, want in triples)


class _Window(io.RawIOBase):
    """A range of a file as a file of its own."""

    def __init__(self, file: Any, offset: int, length: int) -> None:
        self._file, self._offset, self._length, self._position = file, offset, max(length, 0), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        if start + position < 0:
            raise ValueError(f"negative position {start + position}")
        self._position = start + position
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        left = max(self._length - self._position, 0)
        self._file.seek(self._offset + self._position)
        data: bytes = self._file.read(left if size < 0 else min(size, left))
        self._position += len(data)
        return data
