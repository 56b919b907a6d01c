"""Carry out a recipe: open the parents, merge, and write one checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ...system import explain_full_disk, lock_folder
from ..census import Census
from ..checkpoints.agreement import Agreement, check_agreement
from ..checkpoints.checkpoint import Checkpoint, open_checkpoint
from ..checkpoints.digests import combined_digest
from ..checkpoints.formats import BY_NAME
from ..checkpoints.ties import leave_out_copies
from ..errors import MergeError
from ..methods.method import Method, Rows
from ..output import PendingFolders, check_inputs, check_targets, clear_abandoned
from ..plan import CHUNK, MergePlan
from ..recipe import METADATA_KEY, package_version, parent_record, write_json
from ..sweep import SweepResult, run_sweep
from ..write import bytes_of_a_merge, check_room, check_rounding, write_other_files
from .locate import locate
from .methods import RELEX, Parents, make_method, order_parents, trajectory_settings
from .recipe_file import RecipeFile
from .setting import layer_places

SCHEMA: Final = 2
"""Schema of the merge.json of a recipe; 1 is that of merges of two parents."""


@dataclass(frozen=True, kw_only=True)
class RecipeReport:
    """A finished merge of a recipe."""

    path: Path
    digest: str
    """Digest of the weight files."""
    method: str
    parents: tuple[str, ...]
    """Folders of the parents; the first is the anchor."""
    weights: int
    """Number of floating-point weights."""
    differing: float
    """Share of the weights in which the parents are not all equal."""
    effective: tuple[float, ...] | None
    """Coefficients of the merge's difference from the first parent in the differences of the others, by least
    squares over all weights; None if the parents are equal."""
    identical: tuple[float, ...]
    """Share of the weights that equal each parent to the bit."""
    fit: Mapping[str, float] = field(default_factory=dict)
    """Measures of a fit over a trajectory, by name."""


def merge_recipe(
    recipe: RecipeFile,
    out: Path,
    *,
    name: str,
    relative_to: Path = Path(),
    force: bool = False,
    chunk: int = CHUNK,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> RecipeReport:
    """Write the merge of a recipe to `out/name`.

    Args:
        recipe: The recipe.
        out: Folder for merges; created if missing.
        name: Name of the merge.
        relative_to: Folder that relative paths in the recipe start from.
        force: Whether to replace an earlier merge.
        chunk: Number of weights in memory at a time, per parent; does not affect the result.
        on_progress: Called with the number of weights merged since the last call, and their total number.

    Raises:
        MergeError: The recipe or a parent is refused; nothing is written.
        OSError: A file cannot be read or written.
    """
    parents = order_parents(recipe)
    folders = [locate(name, relative_to=relative_to) for name in parents.names]
    target = out / name
    check_inputs([target], folders)
    opened = _opened(folders)
    agreements = [check_agreement(opened[0], other, allow=recipe.allow) for other in opened[1:]]
    method, fit = _method(recipe, parents, opened)
    plan = _plan(recipe, opened, method, chunk)
    check_rounding(plan)
    total = sum(tensor.count for tensor in opened[0].tensors.values())
    needed = bytes_of_a_merge(plan)
    with lock_folder(out, "codefrontier merge"):
        clear_abandoned(out, name)
        check_targets([target], force=force)
        check_room(out, needed)
        with explain_full_disk(out, needed), PendingFolders([target], replace=force) as pending:
            outcome = run_sweep(plan, pending.folders, lambda done: on_progress(done, total))
            report = _report(recipe, target, folders, outcome, fit)
            write_other_files(plan, pending.folders[0])
            _write_json(pending.folders[0], recipe, report, opened, outcome, agreements)
            pending.commit()
    return report


def _opened(folders: Sequence[Path]) -> tuple[Checkpoint, ...]:
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise MergeError(f"two parents are the same folder: {', '.join(map(str, folders))}")
    first, *others = map(open_checkpoint, folders)
    pairs = [leave_out_copies(first, other) for other in others]
    # The first parent goes without a copy only if some other parent does.
    bare = min((pair[0] for pair in pairs), key=lambda parent: len(parent.tensors))
    return bare, *(leave_out_copies(bare, other)[1] for other in others)


def _method(
    recipe: RecipeFile, parents: Parents, opened: Sequence[Checkpoint]
) -> tuple[Method, dict[str, float]]:
    if recipe.merge_method != RELEX:
        return make_method(recipe, parents, layer_places(opened[0].tensors)), {}
    rank, window, target, positions = trajectory_settings(recipe, parents)
    relex: Any = import_module("..relex", __package__)  # needs torch, unlike all other methods
    base, *checkpoints = [parent.place for parent in opened]
    trajectory = relex.fit(base, checkpoints, rank=rank, window=window)
    position = relex.position_of(target, positions)
    rows = trajectory.rows(position)
    share, straight = relex.random_walk(len(checkpoints))
    measures = {
        "position": position,
        "explained_variance": float(trajectory.explained_variance),
        "r_squared": float(trajectory.r_squared),
        "explained_variance_of_a_random_walk": share,
        "r_squared_of_a_random_walk": straight,
    }
    return Rows(row=rows.__getitem__), measures


def _plan(recipe: RecipeFile, opened: tuple[Checkpoint, ...], method: Method, chunk: int) -> MergePlan:
    dtype = recipe.out_dtype or recipe.dtype
    described = recipe.model_dump_json(exclude_defaults=True)
    return MergePlan(
        parents=opened,
        names=tuple(str(parent.place) for parent in opened),
        methods=(method,),
        labels=(recipe.merge_method,),
        form=BY_NAME[dtype] if dtype else None,
        rounding=recipe.rounding,
        seed=recipe.seed,
        pairs=tuple((parent, len(opened)) for parent in range(len(opened))),
        metadata=({METADATA_KEY: described},),
        chunk=chunk,
    )


def _report(
    recipe: RecipeFile, out: Path, folders: Sequence[Path], outcome: SweepResult, fit: Mapping[str, float]
) -> RecipeReport:
    census: Census = outcome.census
    count = len(folders)
    return RecipeReport(
        path=out,
        digest=combined_digest(outcome.merge_digests[0]),
        method=recipe.merge_method,
        parents=tuple(map(str, folders)),
        weights=census.weights,
        differing=census.moved / census.weights,
        effective=census.effective(0),
        identical=tuple(census.identical((parent, count)) for parent in range(count)),
        fit=fit,
    )


def _write_json(
    folder: Path,
    recipe: RecipeFile,
    report: RecipeReport,
    opened: Sequence[Checkpoint],
    outcome: SweepResult,
    agreements: Sequence[Agreement],
) -> None:
    records = zip(opened, outcome.parent_digests, strict=True)
    measured = asdict(report)
    for name in ("path", "digest", "method", "parents"):
        del measured[name]
    write_json(
        folder,
        {
            "schema": SCHEMA,
            "recipe": {
                **recipe.model_dump(mode="json", exclude_defaults=True),
                "arithmetic": "float64, rounded once",
                "version": package_version(),
            },
            "parents": {str(number): parent_record(*record) for number, record in enumerate(records)},
            "differences": {"taken": "0", "by_parent": [asdict(each) for each in agreements]},
            "measured": measured,
            "output": {"digest": report.digest, "weights": dict(outcome.merge_digests[0])},
        },
    )
