"""Configurations of benchmarks in files: config.json of a run, and files that users write for --config."""

from __future__ import annotations

import dataclasses
import difflib
import json
import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from .config import BenchConfig
from .errors import BenchError

CONFIG = "config.json"
NOT_COMPARED = ("out", "resume")
"""Options that do not affect what a run plays."""


def option_groups() -> dict[str, type[Any]]:
    """Return the fields of a configuration that are groups of options, with their classes."""
    hints = get_type_hints(BenchConfig)
    return {name: kind for name, kind in hints.items() if isinstance(kind, type) and is_dataclass(kind)}


def option_types() -> dict[str, Any]:
    """Return the type of every option, by the name of its flag with underscores."""
    types_by_name: dict[str, Any] = dict(get_type_hints(BenchConfig))
    for name, group in option_groups().items():
        del types_by_name[name]
        types_by_name |= get_type_hints(group)
    return types_by_name


def flat_options(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a configuration in `config.json`, with its groups of options flattened."""
    groups = option_groups()
    flat = {name: value for name, value in plan.items() if name not in groups}
    for name in groups:
        flat |= plan.get(name) or {}
    return flat


def grouped_options(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat options as the arguments of a `BenchConfig`.

    Raises:
        ValueError: The value of an option is not allowed.
    """
    arguments = dict(flat)
    for name, group in option_groups().items():
        names = [entry.name for entry in dataclasses.fields(group) if entry.name in arguments]
        arguments[name] = group(**{entry: arguments.pop(entry) for entry in names})
    return arguments


def read_options(path: Path) -> dict[str, Any]:
    """Read options, named like the flags, from a YAML or JSON file.

    Raises:
        BenchError: The file cannot be read, or an option is unknown or has a wrong value.
    """
    try:
        values = yaml.safe_load(path.read_text())  # JSON is YAML
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BenchError(f"{path}: cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise BenchError(
            f"{path}: must contain options by name, for example `samples: 4`, got {values!r:.100}"
        )
    return typed_options({str(name).replace("-", "_"): value for name, value in values.items()}, path)


def typed_options(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Convert the options of a file to the types of a configuration.

    Raises:
        BenchError: An option is unknown, or its value has a wrong type.
    """
    known = option_types()
    typed = {}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise BenchError(f"{path}: unknown option {name!r}: {hint}allowed are {', '.join(sorted(known))}")
        if isinstance(value, str) and _is_list(known[name]):
            value = (value,)  # a list of one may be written as `agent: reference`
        try:
            typed[name] = TypeAdapter(known[name]).validate_python(value)
        except ValidationError as error:
            reason = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise BenchError(f"{path}: {name}: {reason}, got {value!r}") from error
    return typed


def recorded_options(out: Path) -> dict[str, Any]:
    """Return the options of the last start of the run in a folder, except those in NOT_COMPARED.

    Raises:
        BenchError: There is no config.json in the folder, or it cannot be read.
    """
    path = out / CONFIG
    if not path.is_file():
        raise BenchError(f"{out}: contains no run to resume: there is no {CONFIG} in it")
    flat = flat_options(read_runs(path)[-1]["config"])
    return typed_options({name: value for name, value in flat.items() if name not in NOT_COMPARED}, path)


def differences(config: BenchConfig) -> list[str]:
    """Return the old and new value of each option in which a configuration differs from the resumed run."""
    path = config.out / CONFIG
    if not config.resume or not path.is_file():
        return []
    usual = flat_options(defaults())  # a file of an earlier version lacks newer options
    before = usual | flat_options(read_runs(path)[-1]["config"])
    now = flat_options(plain(dataclasses.asdict(config)))
    return [
        f"{name}: {before.get(name)!r} -> {value!r}"
        for name, value in now.items()
        if name not in NOT_COMPARED and before.get(name) != value
    ]


def read_runs(path: Path) -> list[dict[str, Any]]:
    """Read the entries of config.json, one per start of a run.

    Raises:
        BenchError: The file cannot be read, or is not the configuration of a benchmark.
    """
    try:
        runs = json.loads(path.read_text())["runs"]
        if isinstance(runs, list) and runs and isinstance(runs[-1]["config"], dict):
            return runs
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{path}: cannot be read: {error!r}") from error
    raise BenchError(f"{path}: is not the configuration of a benchmark")


def plain(value: object) -> Any:
    """Convert a configuration to JSON values."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def defaults() -> dict[str, Any]:
    """Return a configuration with the defaults of all options, as in `config.json`."""
    config = BenchConfig(env=("-",), agent=("-",), out=Path())
    return {name: plain(value) for name, value in dataclasses.asdict(config).items()}


def _is_list(kind: Any) -> bool:
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return any(get_origin(part) is tuple and Ellipsis in get_args(part) for part in parts)
