"""Carry out a recipe: open the parents, merge, and write one checkpoint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ..card import write_card
from ..census import Census, Pair
from ..checkpoints.agreement import Agreement, check_agreement
from ..checkpoints.checkpoint import Checkpoint
from ..checkpoints.digests import combined_digest
from ..checkpoints.formats import BY_NAME
from ..checkpoints.ties import leave_out_copies
from ..engine.device import Device, arithmetic_on
from ..errors import MergeError
from ..methods.method import Method, Rows
from ..methods.sharing import shared
from ..output import check_inputs
from ..plan import CHUNK, MergePlan
from ..recipe import METADATA_KEY, package_version, parent_record, write_json
from ..sweep import SweepResult, run_sweep
from ..write import check_rounding, pending_merges, write_other_files
from .locate import Located, locate_parent
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


@dataclass(frozen=True, kw_only=True)
class RecipeMerges:
    """Finished merges of one pass."""

    reports: list[RecipeReport]
    census: Census
    """Statistics of all merges."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How recipes are carried out."""

    relative_to: Path = Path()
    """Folder that relative paths in the recipes start from."""
    force: bool = False
    """Whether to replace earlier merges."""
    chunk: int = CHUNK
    """Number of weights in memory at a time, per parent and merge; does not affect the result."""
    on_progress: Callable[[int, int], None] = lambda done, total: None
    """Called with the number of weights merged since the last call, and their total number."""
    device: Device = "cpu"
    """Where the weights are computed; `cuda` needs torch and a GPU."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Further content of merge.json, by name."""


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
    (report,) = merge_recipes(
        [recipe],
        out,
        [name],
        RunOptions(relative_to=relative_to, force=force, chunk=chunk, on_progress=on_progress),
    ).reports
    return report


def merge_recipes(
    recipes: Sequence[RecipeFile],
    out: Path,
    names: Sequence[str],
    options: RunOptions,
    *,
    pairs: Sequence[Pair] = (),
    check: Callable[[RecipeMerges], None] = lambda merges: None,
) -> RecipeMerges:
    """Write the merges of recipes that differ only in parameters, in one pass over their parents.

    Args:
        recipes: The recipes.
        out: Folder for merges; created if missing.
        names: Name of each merge.
        options: How the recipes are carried out.
        pairs: Further pairs of points to compare; the points are numbered from 0, parents before merges.
        check: Called before the merges get their names; may raise an exception to refuse them.

    Raises:
        MergeError: A recipe or a parent is refused; nothing is written.
        OSError: A file cannot be read or written.
    """
    recipe = recipes[0]
    parents = order_parents(recipe)
    located = [
        locate_parent(*named, relative_to=options.relative_to)
        for named in zip(parents.names, parents.bases, strict=True)
    ]
    folders = [each.folder for each in located]
    targets = [out / name for name in names]
    check_inputs(targets, [folder for each in located for folder in each.folders])
    opened, agreements = open_parents(located, recipe.allow)
    fitted = _methods(recipes, parents, opened)
    plan = _plan(recipes, opened, fitted, options.chunk, pairs)
    check_rounding(plan)
    arithmetic = arithmetic_on(options.device)
    total = sum(tensor.count for tensor in opened[0].tensors.values())
    pattern = "|".join(map(re.escape, names))

    def advance(done: int) -> None:
        options.on_progress(done, total)

    with pending_merges(plan, out, targets, force=options.force, names=pattern) as pending:
        outcome = run_sweep(plan, pending.folders, advance, pending.journal, arithmetic)
        reports = [
            _report(recipe, merge, target, folders, outcome, fitted.measures[merge])
            for merge, target in enumerate(targets)
        ]
        merges = RecipeMerges(reports=reports, census=outcome.census)
        check(merges)
        if not pending.complete:
            for merge, folder in enumerate(pending.folders):
                write_other_files(plan, folder)
                weights = outcome.merge_digests[merge]
                made_from = (opened, outcome, agreements)
                _write_json(folder, recipes[merge], reports[merge], weights, made_from, options.notes)
        pending.commit()
    return merges


def open_parents(
    located: Sequence[Located], allow: Sequence[str] = ()
) -> tuple[tuple[Checkpoint, ...], list[Agreement]]:
    """Open parents, and check that they agree in everything but their weights.

    Args:
        located: Folders of each parent.
        allow: Names of the fields in which the parents may differ.

    Returns:
        The parents, and the accepted differences of each parent after the first.

    Raises:
        MergeError: A folder is not a checkpoint, is given twice, or does not agree with the first.
        OSError: A file cannot be read.
    """
    opened = _opened(located)
    return opened, [check_agreement(opened[0], other, allow=tuple(allow)) for other in opened[1:]]


def _opened(located: Sequence[Located]) -> tuple[Checkpoint, ...]:
    if len({tuple(folder.resolve() for folder in each.folders) for each in located}) < len(located):
        raise MergeError(
            f"two parents are the same folder: {', '.join(str(each.folder) for each in located)}"
        )
    first, *others = (each.open() for each in located)
    pairs = [leave_out_copies(first, other) for other in others]
    # The first parent goes without a copy only if some other parent does.
    bare = min((pair[0] for pair in pairs), key=lambda parent: len(parent.tensors))
    return bare, *(leave_out_copies(bare, other)[1] for other in others)


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    """The method of each merge, with what was fitted to the parents."""

    methods: tuple[Method, ...]
    measures: tuple[Mapping[str, float], ...]
    digest: str = ""


def _methods(recipes: Sequence[RecipeFile], parents: Parents, opened: Sequence[Checkpoint]) -> _Fitted:
    if recipes[0].merge_method == RELEX:
        return _relex(recipes, parents, [parent.place for parent in opened])
    places = layer_places(opened[0].tensors)
    methods = tuple(make_method(recipe, parents, places) for recipe in recipes)
    if len(methods) > 1 and all(hasattr(method, "read") for method in methods):
        shareable: Any = methods
        methods = shared(shareable)
    return _Fitted(methods=methods, measures=({},) * len(recipes))


def _relex(recipes: Sequence[RecipeFile], parents: Parents, folders: Sequence[Path]) -> _Fitted:
    first = trajectory_settings(recipes[0], parents)
    relex: Any = import_module("..relex", __package__)  # needs torch, unlike all other methods
    trajectory = relex.fit(folders[0], folders[1:], rank=first.rank, window=first.window)
    share, straight = relex.random_walk(len(folders) - 1)
    methods, measures, described = [], [], hashlib.sha256()
    for recipe in recipes:
        settings = trajectory_settings(recipe, parents)
        position = relex.position_of(settings.target, first.positions)
        predicted, controls = trajectory.rows(position), trajectory.controls(position)
        rows = controls[settings.control] if settings.control else predicted
        moved = trajectory.distance(predicted)
        described.update(json.dumps(rows, sort_keys=True).encode())
        methods.append(Rows(row=rows.__getitem__))
        measures.append(
            {
                "position": position,
                "explained_variance": float(trajectory.explained_variance),
                "r_squared": float(trajectory.r_squared),
                "explained_variance_of_a_random_walk": share,
                "r_squared_of_a_random_walk": straight,
                "distance_from_the_base": moved,
                **{
                    f"distance_from_the_control_{name}": trajectory.distance(predicted, control)
                    for name, control in controls.items()
                },
            }
        )
    return _Fitted(methods=tuple(methods), measures=tuple(measures), digest=described.hexdigest())


def _plan(
    recipes: Sequence[RecipeFile],
    opened: tuple[Checkpoint, ...],
    fitted: _Fitted,
    chunk: int,
    pairs: Sequence[Pair],
) -> MergePlan:
    recipe, count = recipes[0], len(opened)
    dtype = recipe.out_dtype or recipe.dtype
    own = [(parent, count + merge) for merge in range(len(recipes)) for parent in range(count)]
    return MergePlan(
        parents=opened,
        names=tuple(str(parent.place) for parent in opened),
        methods=fitted.methods,
        labels=tuple(each.merge_method for each in recipes),
        form=BY_NAME[dtype] if dtype else None,
        rounding=recipe.rounding,
        seed=recipe.seed,
        pairs=tuple(dict.fromkeys([*own, *pairs])),
        metadata=tuple({METADATA_KEY: each.model_dump_json(exclude_defaults=True)} for each in recipes),
        chunk=chunk,
        fitted=fitted.digest,
    )


def _report(
    recipe: RecipeFile,
    merge: int,
    out: Path,
    folders: Sequence[Path],
    outcome: SweepResult,
    fit: Mapping[str, float],
) -> RecipeReport:
    census, count = outcome.census, len(folders)
    return RecipeReport(
        path=out,
        digest=combined_digest(outcome.merge_digests[merge]),
        method=recipe.merge_method,
        parents=tuple(map(str, folders)),
        weights=census.weights,
        differing=census.moved / census.weights,
        effective=census.effective(merge),
        identical=tuple(census.identical((parent, count + merge)) for parent in range(count)),
        fit=fit,
    )


def _write_json(
    folder: Path,
    recipe: RecipeFile,
    report: RecipeReport,
    weights: Mapping[str, str],
    made_from: tuple[Sequence[Checkpoint], SweepResult, Sequence[Agreement]],
    notes: Mapping[str, Any],
) -> None:
    opened, outcome, agreements = made_from
    records = zip(opened, outcome.parent_digests, strict=True)
    measured = asdict(report)
    for name in ("path", "digest", "method", "parents"):
        del measured[name]
    content = {
        "schema": SCHEMA,
        "recipe": recorded_recipe(recipe),
        "parents": {str(number): parent_record(*record) for number, record in enumerate(records)},
        "differences": {"taken": "0", "by_parent": [asdict(each) for each in agreements]},
        "measured": measured,
        "output": {"digest": report.digest, "weights": dict(weights)},
        "computed_by": outcome.arithmetic,
        **notes,
    }
    write_json(folder, content)
    write_card(folder, report.path.name, content, opened)


def recorded_recipe(recipe: RecipeFile) -> dict[str, Any]:
    """Return a recipe as merge.json contains it."""
    return {
        **recipe.model_dump(mode="json", exclude_defaults=True),
        "arithmetic": "float64, rounded once",
        "version": package_version(),
    }
