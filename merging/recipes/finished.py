"""Check that a merge with a name is the one that a recipe makes of its parents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..checkpoints.checkpoint import MERGE
from ..checkpoints.digests import file_digest
from ..errors import MergeError
from .locate import locate_parent
from .methods import order_parents
from .recipe_file import RecipeFile
from .run import RecipeReport, recorded_recipe


def check_finished(folders: list[Path], recipes: list[RecipeFile], *, relative_to: Path) -> None:
    """Check that finished merges have these recipes, and that their parents are still the same.

    A folder has its name only since it was complete, so the weights of the merges are not read again.

    Args:
        folders: Folder of each merge.
        recipes: Recipe of each merge; all have the same parents.
        relative_to: Folder that relative paths in the recipes start from.

    Raises:
        MergeError: A folder is another merge, or a parent has other weights than then.
        OSError: A file cannot be read.
    """
    written = [_read(folder) for folder in folders]
    for folder, content, recipe in zip(folders, written, recipes, strict=True):
        found, wanted = content.get("recipe"), json.loads(json.dumps(recorded_recipe(recipe)))
        if found != wanted:
            raise MergeError(
                f"{folder}: is another merge than wanted: its recipe is {found!r}, not {wanted!r}"
            )
    ordered = order_parents(recipes[0])
    for number, named in enumerate(zip(ordered.names, ordered.bases, strict=True)):
        parent = locate_parent(*named, relative_to=relative_to).open()
        now = {name: file_digest(path) for path, name in parent.file_names.items()}
        for folder, content in zip(folders, written, strict=True):
            if content.get("parents", {}).get(str(number), {}).get("weights") != now:
                raise MergeError(
                    f"{folder}: was merged from other weights of {parent.place} than are there now: remove "
                    "the merge, or name another folder"
                )


def finished_report(folder: Path) -> RecipeReport:
    """Return the report of a finished merge from its merge.json.

    Raises:
        MergeError: The folder is not the merge of a recipe.
        OSError: A file cannot be read.
    """
    content = _read(folder)
    try:
        parents = content["parents"]
        return RecipeReport(
            path=folder,
            digest=content["output"]["digest"],
            method=content["recipe"]["merge_method"],
            parents=tuple(parents[str(number)]["path"] for number in range(len(parents))),
            **{name: _fixed(value) for name, value in content["measured"].items()},
        )
    except (KeyError, TypeError) as error:
        raise MergeError(f"{folder / MERGE}: is not the record of a recipe: {error!r}") from error


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MERGE).read_bytes())
    except FileNotFoundError as error:
        raise MergeError(f"{folder}: not a merge: no {MERGE} in it") from error
    except ValueError as error:
        raise MergeError(f"{folder / MERGE}: is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise MergeError(f"{folder / MERGE}: must contain a JSON object, not {type(content).__name__}")
    return content
