"""The model list: where litellm finds each served checkpoint, in the form of its proxy's configuration.

`frontier/<name>` stands for `openai/<name>` at the server's base URL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import AgentError

PREFIX = "frontier/"
NO_KEY = "none"
"""The client wants some key; a server on loopback wants none."""


@dataclass(frozen=True, kw_only=True)
class ListedModel:
    """An entry of a model list."""

    name: str
    """With the prefix, for example `frontier/merged-0.5`."""
    model: str
    """As litellm is asked for it, for example `openai/merged-0.5`."""
    api_base: str


def write_model_list(
    path: Path, names: Sequence[str], api_base: str, *, info: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Write a model list, atomically: JSON when the file's name ends so, else YAML.

    Args:
        path: Of the file.
        names: Of the served models, without the prefix.
        api_base: The server's base URL.
        info: More about each model, as JSON values.

    Raises:
        OSError: It cannot be written.
    """
    entries = [
        {
            "model_name": f"{PREFIX}{name}",
            "litellm_params": {"model": f"openai/{name}", "api_base": api_base, "api_key": NO_KEY},
            "model_info": dict((info or {}).get(name, {})),
        }
        for name in names
    ]
    content = {"model_list": entries}
    as_json = path.suffix == ".json"
    text = json.dumps(content, indent=2) + "\n" if as_json else yaml.safe_dump(content, sort_keys=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.partial")
    scratch.write_text(text)
    os.replace(scratch, path)


def read_model_list(path: Path) -> dict[str, ListedModel]:
    """Read a model list by name.

    Raises:
        AgentError: It cannot be read or is none.
    """
    try:
        entries = yaml.safe_load(path.read_text())["model_list"]  # JSON is YAML
        listed = [
            ListedModel(
                name=str(entry["model_name"]),
                model=str(entry["litellm_params"]["model"]),
                api_base=str(entry["litellm_params"]["api_base"]),
            )
            for entry in entries
        ]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise AgentError(f"{path}: is no model list: {error!r}") from error
    return {model.name: model for model in listed}
