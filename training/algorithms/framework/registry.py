"""The algorithms by name, with their fields as options of `codefrontier train rl`."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..algorithm import Algorithm

ALGORITHMS: dict[str, tuple[str, str]] = {
    "axpo": ("axpo", "AXPO"),
    "cispo": ("cispo", "CISPO"),
    "dapo": ("dapo", "DAPO"),
    "dr_grpo": ("dr_grpo", "DrGRPO"),
    "grpo": ("grpo", "GRPO"),
    "exprl": ("exprl", "ExpRL"),
    "gspo": ("gspo", "GSPO"),
    "max_at_k": ("maxrl", "MaxAtK"),
    "maxrl": ("maxrl", "MaxRL"),
    "online_fixing": ("online_fixing", "OnlineFixing"),
    "pow3r": ("pow3r", "POW3R"),
    "repro": ("repro", "RePro"),
    "resample_only": ("online_fixing", "ResampleOnly"),
    "rloo": ("rloo", "RLOO"),
    "stare": ("stare", "STARE"),
    "vpo": ("vpo", "VPO"),
}
"""Module in the folder above and class, by name. A module is imported when its algorithm is made."""
_TRUTH = {"true": True, "false": False}


def algorithm_class(name: str) -> type[Algorithm]:
    """Return the class of an algorithm.

    Raises:
        ValueError: There is no algorithm of this name.
    """
    if name not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {', '.join(sorted(ALGORITHMS))}, got {name!r}")
    module, class_name = ALGORITHMS[name]
    found = getattr(import_module(f"..{module}", __package__), class_name)
    assert isinstance(found, type)
    assert issubclass(found, Algorithm)
    return found


def algorithm_fields(name: str) -> dict[str, Any]:
    """Return the types of the fields of an algorithm, by name.

    They are the fields of its settings, if its constructor takes `settings`, and otherwise the keyword
    arguments of the constructor but `group_size`. Fields that are no number, truth value or text are left
    out, as they can be set in Python only.

    Raises:
        ValueError: There is no algorithm of this name.
    """
    kind = algorithm_class(name)
    settings = _settings_class(kind)
    if settings is not None:
        types = typing.get_type_hints(settings)
        found = {field.name: types[field.name] for field in dataclasses.fields(settings)}
    else:
        types = typing.get_type_hints(kind.__init__)
        found = {
            field: types[field]
            for field, parameter in inspect.signature(kind.__init__).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY and field != "group_size"
        }
    return {field: each for field, each in found.items() if _has_text(each)}


def make_algorithm(name: str, *, group_size: int, options: Mapping[str, str] | None = None) -> Algorithm:
    """Make an algorithm from the texts of a command line.

    Args:
        name: Name in `ALGORITHMS`.
        group_size: Number of episodes per problem.
        options: Values of its fields as text, by the name of the field.

    Raises:
        ValueError: There is no such algorithm or field, or a value is not allowed.
    """
    kind, fields = algorithm_class(name), algorithm_fields(name)
    values: dict[str, Any] = {}
    for field, text in (options or {}).items():
        if field not in fields:
            known = ", ".join(sorted(fields)) or "it has none"
            raise ValueError(f"algorithm {name!r} has no field {field!r}; its fields: {known}")
        values[field] = _value(f"--algorithm.{field}", fields[field], text)
    settings = _settings_class(kind)
    if settings is not None:
        values = {"settings": settings(**values)}
    return kind(group_size=group_size, **values)


def parse_options(options: typing.Iterable[str]) -> dict[str, str]:
    """Return the fields in texts of the form `FIELD=VALUE`.

    Raises:
        ValueError: A text has another form, or a field is given twice.
    """
    found: dict[str, str] = {}
    for option in options:
        field, separator, text = option.partition("=")
        if not separator or not field.isidentifier():
            raise ValueError(f"an option of the algorithm must be FIELD=VALUE, got {option!r}")
        if field in found:
            raise ValueError(f"the field {field!r} of the algorithm is given twice")
        found[field] = text
    return found


def _settings_class(kind: type[Algorithm]) -> type[Any] | None:
    """Return the dataclass of the argument `settings` of a constructor, or None without such an argument."""
    hint = typing.get_type_hints(kind.__init__).get("settings")
    found = [each for each in (typing.get_args(hint) or (hint,)) if dataclasses.is_dataclass(each)]
    return found[0] if found and isinstance(found[0], type) else None


def _has_text(kind: Any) -> bool:
    """Whether a value of a type can be written as text."""
    plain = (bool, int, float, str, type(None))
    return all(each in plain or isinstance(each, str) for each in (typing.get_args(kind) or (kind,)))


def _value(flag: str, kind: Any, text: str) -> Any:
    """Convert a text to the type of a field."""
    kinds = typing.get_args(kind) or (kind,)
    if type(None) in kinds and text.lower() == "none":
        return None
    try:
        for each in (bool, int, float):
            if each in kinds:
                return _TRUTH[text.lower()] if each is bool else each(text)
    except (KeyError, ValueError):
        names = " or ".join(getattr(each, "__name__", str(each)) for each in kinds)
        raise ValueError(f"{flag} must be of type {names}, got {text!r}") from None
    return text
