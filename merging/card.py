"""The model card of a merge: README.md with the front matter of the Hub, from the content of merge.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from .checkpoints.checkpoint import Checkpoint

CARD: Final = "README.md"
_FRONT_MATTER: Final = re.compile(r"\A---\r?\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)
_CACHED: Final = re.compile(r"models--(?P<owner>[^/]+?)--(?P<name>[^/]+)/snapshots/[^/]+")
"""Folder of a model in the cache of the Hub."""


def write_card(folder: Path, name: str, content: Mapping[str, Any], parents: Sequence[Checkpoint]) -> None:
    """Write README.md, in place of the card of the anchor that may have been copied.

    Args:
        folder: Folder to write to; not yet of this name while the merge is pending.
        name: Name of the merge.
        content: Content of its merge.json.
        parents: The parents, in the order of merge.json.
    """
    licences = [_licence(parent.folder) for parent in parents]
    agreed = licences[0] if len(set(licences)) == 1 else None
    front: dict[str, Any] = {
        "base_model": list(dict.fromkeys(_public_name(parent.place) for parent in parents)),
        "library_name": "transformers",
        "tags": ["merge", "codefrontier"],
    }
    if agreed:
        front["license"] = agreed
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True)
    parts = [
        f"---\n{head}---",
        f"# {name}",
        f"A merge of {len(parents)} checkpoints, made with codefrontier {content['recipe']['version']}. "
        "`merge.json` holds the whole record.",
        *_licence_note(licences, agreed),
        "## Recipe",
        f"```json\n{json.dumps(_public_recipe(content['recipe']), indent=2)}\n```",
        "## Parents",
        _table(("role", "checkpoint", "SHA-256 of the weights"), _parents(content, parents)),
        "## Precision",
        _table(("figure", "value"), _measures(content["measured"])),
        f"SHA-256 of the merged weights: `{content['output']['digest']}`",
    ]
    (folder / CARD).write_text("\n\n".join(parts) + "\n")


def _licence(folder: Path) -> str | None:
    """Return the licence in the front matter of a card; None without card, front matter or licence."""
    try:
        found = _FRONT_MATTER.match((folder / CARD).read_text())
        front = yaml.safe_load(found[1]) if found else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    value = front.get("license") if isinstance(front, dict) else None
    return value if isinstance(value, str) else None


def _licence_note(licences: Sequence[str | None], agreed: str | None) -> list[str]:
    if agreed:
        return []
    stated = sorted({licence for licence in licences if licence})
    if not stated:
        return ["The cards of the parents state no license, so this card states none."]
    missing = " and not all cards state one" if None in licences else ""
    return [f"The parents' cards state {', '.join(stated)}{missing}, so this card states no license."]


def _public_name(place: Path) -> str:
    """Return a name without the folders of this machine: `owner/name` if it is in the cache of the Hub."""
    if found := _CACHED.search(place.as_posix()):
        return f"{found['owner']}/{found['name']}"
    return "/".join(part for part in place.parts[-2:] if part not in ("/", "..", "."))


def _public_recipe(recipe: Mapping[str, Any]) -> Any:
    """Return the recipe with public names for absolute paths."""

    def public(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: public(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [public(each) for each in value]
        if isinstance(value, str) and Path(value).is_absolute():
            return _public_name(Path(value))
        return value

    return public(dict(recipe))


def _parents(content: Mapping[str, Any], parents: Sequence[Checkpoint]) -> list[tuple[str, str, str]]:
    records = zip(content["parents"].items(), parents, strict=True)
    return [(role, _public_name(parent.place), f"`{record['digest']}`") for (role, record), parent in records]


def _measures(measured: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, value in measured.items():
        if isinstance(value, Mapping):
            rows += _measures(value)
        elif value is not None:
            several = isinstance(value, list | tuple)
            text = ", ".join(map(_number, value)) if several else _number(value)
            rows.append((name.replace("_", " "), text))
    return rows


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
