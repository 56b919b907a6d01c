"""The provenance of a merge: `merge.json` in its folder, and the recipe in its weight files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from .checkpoints.checkpoint import MERGE, Checkpoint
from .checkpoints.digests import combined_digest, file_digests
from .errors import MergeError

SCHEMA: Final = 1
METADATA_KEY: Final = "codefrontier.merge"
"""Key of the recipe in the metadata of every weight file."""
LERP: Final = "lerp"
FORMULA: Final = "low + alpha * (high - low)"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The settings of a merge; equal parents and recipes give equal bytes."""

    method: str = LERP
    formula: str = FORMULA
    alpha: float
    """Place on the line: 0 is low, 1 is high, and alphas outside [0, 1] extrapolate. The alpha of ExPO (arXiv
    2404.16792) is this alpha minus 1."""
    arithmetic: str = "float64, rounded once"
    out_dtype: str
    """Dtype of the merged weights: `float32`, `float16`, `bfloat16`, or `same` for the dtype in low."""
    rounding: str
    seed: int
    """Seed of the noise of stochastic rounding."""
    version: str
    """Version of the package."""

    def metadata(self) -> dict[str, str]:
        """Return the recipe as metadata for the header of a weight file."""
        return {METADATA_KEY: json.dumps(dataclasses.asdict(self), sort_keys=True)}


@dataclass(frozen=True, kw_only=True)
class MergeReport:
    """A finished merge: its recipe, and statistics of its weights."""

    path: Path
    recipe: Recipe
    digest: str
    """Digest of the weight files; see `digests.combined_digest`."""
    weights: int
    """Number of floating-point weights; the shares below are shares of these."""
    differing: float
    """Share of the weights in which the parents differ."""
    effective_alpha: float | None
    """Coefficient of the projection of out - low on high - low; None when the parents are equal."""
    identical_to_low: float
    """Share of the weights that equal low to the bit, with low rounded to the output's dtype."""
    identical_to_high: float
    """Share of the weights that equal high to the bit, with high rounded to the output's dtype."""
    delta_norm: float
    """Euclidean norm of high - low."""
    largest_delta: float
    """Largest absolute value of high - low."""
    non_finite: int = 0
    """Number of NaN and infinite weights in the output; always 0, because such a merge is refused."""

    @property
    def alpha(self) -> float:
        """The requested alpha."""
        return self.recipe.alpha


def package_version() -> str:
    """Return the version of this package; `unknown` when it is not installed."""
    try:
        return version("codefrontier")
    except PackageNotFoundError:
        return "unknown"


def parent_record(parent: Checkpoint, weights: Mapping[str, str]) -> dict[str, Any]:
    """Return the description of a parent: its path, the digests of its files, its own merge.json."""
    settings = file_digests(parent.folder, ("config.json", *parent.tokenizer_files))
    record: dict[str, Any] = {
        "path": str(parent.place),
        "digest": combined_digest(weights),
        "weights": dict(weights),
        "settings_digest": combined_digest(settings),
        "settings": settings,
        "dtypes": sorted({tensor.code for tensor in parent.tensors.values()}),
    }
    if parent.converted:
        record |= {"converted": parent.converted, "settings_path": str(parent.folder)}
    elif (parent.folder / MERGE).is_file():
        record["merge"] = _read(parent.folder / MERGE)
    return record


def write_merge_json(
    folder: Path,
    report: MergeReport,
    parents: Mapping[str, Any],
    weights: Mapping[str, str],
    differences: Mapping[str, Any],
    *,
    computed_by: str,
) -> dict[str, Any]:
    """Write merge.json and return its content.

    Args:
        folder: Folder to write to; not yet `report.path` while the merge is pending.
        report: Report of the merge.
        parents: Records of the parents by role.
        weights: SHA-256 of the weight files by name.
        differences: Accepted differences between the parents, and the parent that the merge follows.
        computed_by: What computed the weights; the weights do not depend on it.
    """
    measured = dataclasses.asdict(report)
    for name in ("path", "recipe", "digest"):
        del measured[name]
    content = {
        "schema": SCHEMA,
        "recipe": dataclasses.asdict(report.recipe),
        "parents": dict(parents),
        "differences": dict(differences),
        "measured": measured,
        "output": {"digest": report.digest, "weights": dict(weights)},
        "computed_by": computed_by,
    }
    write_json(folder, content)
    return content


def write_json(folder: Path, content: Mapping[str, Any]) -> None:
    """Write merge.json with this content."""
    (folder / MERGE).write_text(json.dumps(content, indent=2) + "\n")


def read_recipe(folder: Path) -> Recipe:
    """Return the recipe of the merge in a folder.

    Raises:
        MergeError: The folder is not a merge, or its merge.json has an unknown schema.
    """
    path = folder / MERGE
    if not path.is_file():
        raise MergeError(f"{folder}: not a merge: no {MERGE} in it")
    content = _read(path)
    if content.get("schema") != SCHEMA:
        raise MergeError(f"{path}: has schema {content.get('schema')!r}, but this version reads {SCHEMA}")
    try:
        return Recipe(**content["recipe"])
    except (KeyError, TypeError) as error:
        raise MergeError(f"{path}: has no complete recipe: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise MergeError(f"{path}: is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise MergeError(f"{path}: must contain a JSON object, not {type(content).__name__}")
    return content
