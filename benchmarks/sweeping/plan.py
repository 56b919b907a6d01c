"""The plan of a sweep, and the file in its folder that says which sweep the folder belongs to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...merging.recipes.recipe_file import RecipeFile
from ...merging.recipes.sweep import merge_names, places, swept_parameter
from ...system import entries, write_file
from ...system.provenance import commit, versions
from ..config import BenchConfig
from ..errors import BenchError
from ..plan_file import plain

PLAN: Final = "sweep.json"
PACKAGES: Final = ("codefrontier", "numpy", "gymnasium", "torch", "transformers", "litellm")
NOT_COMPARED: Final = ("out", "resume", "agent", "workers", "model_calls", "sandboxes", "judge_runs", "retry")
"""Options of a benchmark that decide no result, or that the sweep sets itself."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """How the merges are served."""

    device: str
    """Device of the models, for example `cpu` or `cuda`."""


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """What a sweep merges and plays."""

    recipe: RecipeFile
    relative_to: Path
    """Folder that relative paths in the recipe start from."""
    values: tuple[float, ...]
    out: Path
    bench: BenchConfig | None = None
    """Settings of the benchmark of every merge, except its agent and its folder; None only merges."""
    served: Served | None = None
    """How the merges are served; None plays them as agents in this process."""

    @property
    def parameter(self) -> str:
        """The parameter of the recipe that is swept."""
        return swept_parameter(self.recipe)

    @property
    def names(self) -> list[str]:
        """The name of each merge."""
        return merge_names(self.recipe, self.values)

    @property
    def places(self) -> dict[str, float | None]:
        """The place of each merge on the line between parents, by name; None where there is no line."""
        return dict(zip(self.names, places(self.recipe, self.values), strict=True))

    @property
    def merges(self) -> Path:
        """The folder of the merges."""
        return self.out / "merges"

    def records(self, name: str) -> Path:
        """Return the folder of the benchmark of a merge."""
        return self.out / "records" / name

    def described(self) -> dict[str, Any]:
        """Return everything that decides the results, as values of JSON."""
        bench = {} if self.bench is None else plain(dataclasses.asdict(self.bench))
        described = {
            "recipe": self.recipe.model_dump(mode="json", exclude_defaults=True),
            "relative_to": str(self.relative_to.resolve()),
            "values": list(self.values),
            "serve": self.served is not None,
            "bench": {name: value for name, value in bench.items() if name not in NOT_COMPARED},
        }
        same: dict[str, Any] = json.loads(json.dumps(described))
        return same


def claim(plan: SweepPlan) -> None:
    """Claim the folder of a sweep, or check that the same sweep has claimed it.

    Raises:
        BenchError: The folder belongs to another sweep or contains other files.
        OSError: The folder cannot be written.
    """
    file = plan.out / PLAN
    begun = any(path != file for path in entries(plan.out))
    if file.is_file() and begun:
        if differences := _differences(_read(file), plan.described()):
            raise BenchError(
                f"{plan.out}: contains another sweep ({'; '.join(differences)}): name another folder"
            )
        return
    if begun:
        raise BenchError(f"{plan.out}: is not empty and contains no sweep: name another folder")
    content = {"schema": 1, **plan.described(), **versions(PACKAGES), "commit": commit()}
    write_file(file, json.dumps(content, indent=2) + "\n")


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = []
    for name, value in now.items():
        old = before.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            names = dict.fromkeys([*old, *value])
            found += _differences(dict.fromkeys(names) | old, dict.fromkeys(names) | value)
        elif old != value:
            found.append(f"{name}: {_short(old)} -> {_short(value)}")
    return found


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise BenchError(f"{file}: is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BenchError(f"{file}: must contain a JSON object, not {type(content).__name__}")
    return content
