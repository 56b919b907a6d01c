"""All checkpoints of a run as the models of a recipe, with their steps as positions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..checkpoints.runs import run_checkpoints
from ..errors import MergeError

KEYS: Final = ("run", "until", "every")


def checkpoints_as_models(
    models: str | Mapping[str, Any], *, base_model: Any, where: str, relative_to: Path
) -> list[dict[str, Any]]:
    """Return an entry of `models` per checkpoint of a run, by step.

    Args:
        models: Folder of a run; or an object with the folder as `run`, and optionally with `until`, the last
            step that is taken, and `every`, a number of steps whose multiples are taken.
        base_model: The base of the recipe, which is not taken again.
        where: Name of the recipe in messages.
        relative_to: Folder that relative paths start from.

    Raises:
        MergeError: The folder is no run, an entry has another type, or no checkpoint is left.
    """
    settings: dict[str, Any] = {"run": models} if isinstance(models, str) else dict(models)
    if unknown := sorted(set(settings) - set(KEYS)):
        raise MergeError(f"{where}: models has no key {unknown[0]!r}; a run has {', '.join(KEYS)}")
    run, until, every = settings.get("run"), settings.get("until"), settings.get("every", 1)
    if not isinstance(run, str):
        raise MergeError(f"{where}: models.run must be the folder of a run, got {run!r}")
    for name, value in (("until", until), ("every", every)):
        if value is not None and (type(value) is not int or value < 1):
            raise MergeError(f"{where}: models.{name} must be a positive number of steps, got {value!r}")
    folder = relative_to / Path(run).expanduser()
    found = run_checkpoints(folder)
    if not found:
        raise MergeError(f"{where}: {folder} is no run: it has no folders checkpoint-STEP with a model")
    base = relative_to / Path(str(base_model)).expanduser() if base_model is not None else None
    taken = [
        (step, path)
        for step, path in found
        if (until is None or step <= until)
        and step % every == 0
        and (base is None or path.resolve() != base.resolve())
    ]
    if not taken:
        steps = f"{found[0][0]} to {found[-1][0]}"
        raise MergeError(f"{where}: no checkpoint of {folder} is left; it has the steps {steps}")
    return [{"model": str(Path(run, path.name)), "position": step} for step, path in taken]
