"""Read pickles of torch without torch and without running code of theirs.

A pickle can name any function and have it called. Here a name is never imported. The names of torch become
inert records that keep their arguments and their state; the few others that checkpoints need are listed; and
any other name is refused.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Self

from ...errors import MergeError

Hook = Callable[..., Any]
_SAFE: Final[dict[str, Any]] = {
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "__builtin__.set": set,  # the names in older protocols, such as that of torch.save
    "__builtin__.frozenset": frozenset,
    "torch.Size": tuple,
}
_INERT: Final = ("torch", "pathlib")
"""Packages whose names become inert records."""
_ERRORS: Final = (
    *(pickle.UnpicklingError, AttributeError, EOFError, IndexError, KeyError, TypeError, ValueError),
    *(OverflowError, RecursionError, ImportError),
)


class Record:
    """An object of a class that is not imported: its arguments and its state."""

    kind: str = ""
    """Full name of the class or function."""
    arguments: tuple[Any, ...]
    state: Any

    def __new__(cls, *arguments: Any, **named: Any) -> Self:
        """Keep the arguments."""
        record = super().__new__(cls)
        record.arguments, record.state = arguments, {}
        return record

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.state = state

    @classmethod
    def of(cls, **state: Any) -> Self:
        """Return a record with a state."""
        record = cls()
        record.state = state
        return record

    def is_a(self, name: str) -> bool:
        """Return whether the record is of a class or function with this name, in any module."""
        return self.kind.rpartition(".")[2] == name

    def __getitem__(self, field: str) -> Any:
        return self.state[field]


def unpickle(
    data: bytes, where: str, *, hooks: dict[str, Hook] | None = None, load: Hook | None = None
) -> Any:
    """Return the content of a pickle.

    Args:
        data: The pickle.
        where: Description of its place for messages.
        hooks: Functions that are called in place of functions that the pickle names.
        load: Returns the object of a persistent id.

    Raises:
        MergeError: The pickle is damaged, or names what tensors and their layout do not need.
    """
    try:
        return _Unpickler(data, where, hooks or {}, load).load()
    except _ERRORS as error:
        raise MergeError(f"{where}: cannot be read: {error}") from error


def name_of(value: Any) -> str:
    """Return the last part of the name of an inert class or record, such as `float32`."""
    kind = getattr(value, "kind", "")
    return str(kind).rpartition(".")[2]


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, where: str, hooks: dict[str, Hook], load: Hook | None) -> None:
        super().__init__(io.BytesIO(data))
        self._where, self._hooks, self._load = where, hooks, load
        self._kinds: dict[str, type[Record]] = {}

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in self._hooks:
            return self._hooks[full]
        if full in _SAFE:
            return _SAFE[full]
        if module.partition(".")[0] not in _INERT:
            raise MergeError(
                f"{self._where}: its pickle names {full!r}, which weights do not need and which could run "
                "code; it was not opened. Only tensors and their layout are read: save the state dict alone, "
                "or convert the checkpoint to safetensors where you trust it"
            )
        if full not in self._kinds:
            self._kinds[full] = type(name.rpartition(".")[2], (Record,), {"kind": full})
        return self._kinds[full]

    def persistent_load(self, pid: Any) -> Any:
        if self._load is None:
            raise MergeError(f"{self._where}: its pickle refers to {pid!r} outside of itself")
        return self._load(pid)
