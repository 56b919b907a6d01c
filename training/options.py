"""Fields of dataclasses and constructors as texts of a command line, such as `--algorithm.FIELD VALUE`."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any

_TRUTH = {"true": True, "false": False}


def parse_options(options: Iterable[str], *, of: str = "the algorithm") -> dict[str, str]:
    """Return the fields in texts of the form `FIELD=VALUE`.

    Args:
        options: The texts.
        of: What has the fields, for messages.

    Raises:
        ValueError: A text has another form, or a field is given twice.
    """
    found: dict[str, str] = {}
    for option in options:
        field, separator, text = option.partition("=")
        if not separator or not field.isidentifier():
            raise ValueError(f"an option of {of} must be FIELD=VALUE, got {option!r}")
        if field in found:
            raise ValueError(f"the field {field!r} of {of} is given twice")
        found[field] = text
    return found


def settings_class(kind: type[Any]) -> type[Any] | None:
    """Return the dataclass of the argument `settings` of a constructor, or None without such an argument."""
    hint = typing.get_type_hints(kind.__init__).get("settings")
    found = [each for each in (typing.get_args(hint) or (hint,)) if dataclasses.is_dataclass(each)]
    return found[0] if found and isinstance(found[0], type) else None


def text_fields(kind: type[Any], *, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the types of the fields that can be written as text, by name.

    They are the fields of a dataclass or of the dataclass that a constructor takes as `settings`, and
    otherwise the keyword-only arguments of the constructor.

    Args:
        kind: The class.
        but: Names of fields to leave out.
    """
    settings = kind if dataclasses.is_dataclass(kind) else settings_class(kind)
    if settings is not None:
        types = typing.get_type_hints(settings)
        found = {field.name: types[field.name] for field in dataclasses.fields(settings) if field.init}
    else:
        types = typing.get_type_hints(kind.__init__)
        found = {
            field: types[field]
            for field, parameter in inspect.signature(kind.__init__).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }
    return {field: each for field, each in found.items() if field not in but and _has_text(each)}


def typed_options(
    options: Mapping[str, str], fields: Mapping[str, Any], *, owner: str, flag: str
) -> dict[str, Any]:
    """Return the values of fields from texts.

    Args:
        options: Texts by the name of the field.
        fields: Types by the name of the field.
        owner: What has the fields, for messages, such as `algorithm 'grpo'`.
        flag: Prefix of the flags, for messages, such as `--algorithm.`.

    Raises:
        ValueError: There is no such field, or a value is not allowed.
    """
    values: dict[str, Any] = {}
    for field, text in options.items():
        if field not in fields:
            known = ", ".join(sorted(fields)) or "it has none"
            raise ValueError(f"{owner} has no field {field!r}; its fields: {known}")
        values[field] = _value(f"{flag}{field}", fields[field], text)
    return values


def _kinds(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, and the values of a `Literal`."""
    if isinstance(kind, UnionType) or typing.get_origin(kind) in (typing.Union, typing.Literal):
        return tuple(each for part in typing.get_args(kind) for each in _kinds(part))
    return (kind,)


def _has_text(kind: Any) -> bool:
    """Whether a value of a type can be written as text."""
    plain = (bool, int, float, str, Path, type(None))
    return all(
        each in plain or isinstance(each, str) or (isinstance(each, type) and issubclass(each, Enum))
        for each in _kinds(kind)
    )


def _value(flag: str, kind: Any, text: str) -> Any:
    """Convert a text to the type of a field; values of a `Literal` are checked by the class of the field."""
    kinds = _kinds(kind)
    if type(None) in kinds and text.lower() == "none":
        return None
    try:
        for each in kinds:
            if isinstance(each, type) and issubclass(each, Enum):
                return each(text)
        for each in (bool, int, float):
            if each in kinds:
                return _TRUTH[text.lower()] if each is bool else each(text)
    except (KeyError, ValueError):
        names = " or ".join(getattr(each, "__name__", str(each)) for each in kinds)
        raise ValueError(f"{flag} must be of type {names}, got {text!r}") from None
    return Path(text) if Path in kinds else text
