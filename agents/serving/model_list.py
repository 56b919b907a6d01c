"""The model list: addresses of served checkpoints, in the configuration format of litellm's proxy.

`frontier/<name>` stands for `openai/<name>` at the server's base URL. What is under `model_list` is also the
argument of litellm's Router.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..errors import AgentError

PREFIX = "frontier/"
NO_KEY = "none"
"""Key for a server that needs none; litellm's client refuses an empty key."""


@dataclass(frozen=True, kw_only=True)
class ListedModel:
    """An entry of a model list."""

    name: str
    """Name with the prefix, for example `frontier/merged-0.5`."""
    model: str
    """Name of the model in litellm, for example `openai/merged-0.5`."""
    api_base: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"api_key": NO_KEY}, repr=False)
    """Further parameters of litellm."""
    info: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Further information on the model, as JSON values."""


def write_model_list(
    path: Path, names: Sequence[str], api_base: str, *, info: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Write the model list of one server.

    Args:
        path: File to write.
        names: Names of the served models, without the prefix.
        api_base: Base URL of the server.
        info: Further information on each model, as JSON values.

    Raises:
        OSError: The file cannot be written.
    """
    listed = [
        ListedModel(
            name=f"{PREFIX}{name}",
            model=f"openai/{name}",
            api_base=api_base,
            info=dict((info or {}).get(name, {})),
        )
        for name in names
    ]
    write_listed(path, listed)


def write_listed(path: Path, listed: Sequence[ListedModel]) -> None:
    """Write a model list, atomically: JSON if the file's name ends with `.json`, otherwise YAML.

    Raises:
        OSError: The file cannot be written.
    """
    entries = [
        {
            "model_name": model.name,
            "litellm_params": {"model": model.model, "api_base": model.api_base, **model.parameters},
            "model_info": dict(model.info),
        }
        for model in listed
    ]
    content = {"model_list": entries}
    as_json = path.suffix == ".json"
    text = json.dumps(content, indent=2) + "\n" if as_json else yaml.safe_dump(content, sort_keys=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.partial")
    scratch.write_text(text)
    # Atomic: a reader sees the old list or the new list.
    os.replace(scratch, path)


def read_model_list(path: Path) -> dict[str, ListedModel]:
    """Return the entries of a model list by name.

    Raises:
        AgentError: The file cannot be read or is no model list.
    """
    try:
        entries = yaml.safe_load(path.read_text())["model_list"]  # JSON is YAML
        listed = [
            ListedModel(
                name=str(entry["model_name"]),
                model=str(entry["litellm_params"]["model"]),
                api_base=str(entry["litellm_params"]["api_base"]),
                parameters={
                    k: v for k, v in entry["litellm_params"].items() if k not in ("model", "api_base")
                },
                info=dict(entry.get("model_info") or {}),
            )
            for entry in entries
        ]
    except (
        OSError,
        UnicodeDecodeError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        raise AgentError(f"{path}: is no model list: {error!r}") from error
    return {model.name: model for model in listed}
