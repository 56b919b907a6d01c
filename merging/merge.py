"""Merge two checkpoints at one or more alphas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from .card import write_card
from .checkpoints.agreement import Agreement, check_agreement
from .checkpoints.checkpoint import Checkpoint, open_checkpoint
from .checkpoints.digests import combined_digest
from .checkpoints.formats import BY_NAME, FloatFormat
from .checkpoints.runs import checkpoint_of
from .checkpoints.ties import leave_out_copies
from .engine.device import Device, arithmetic_on
from .errors import MergeError
from .methods.method import line_methods
from .output import ALPHAS, check_inputs
from .plan import CHUNK, MergePlan, Rounding
from .recipe import MergeReport, Recipe, package_version, parent_record, write_merge_json
from .staircase import HIGH, LOW, Step, alpha_text, measured_steps, pairs_to_compare
from .sweep import SweepResult, run_sweep
from .write import check_rounding, pending_merges, write_other_files

OutDtype = Literal["same", "float32", "float16", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """Options of the storage of merges."""

    out_dtype: OutDtype = "same"
    """Dtype of the merged weights; `same` uses the dtype in low, tensor by tensor."""
    rounding: Rounding = "nearest"
    """Rounding of the merged weights; `stochastic` keeps 16-bit merges at close alphas different."""
    seed: int = 0
    """Seed of the noise of stochastic rounding."""
    force: bool = False
    """Whether to replace earlier merges, and to write a sweep although its neighbours hardly differ."""
    allow: tuple[str, ...] = ()
    """Names of the fields in which the parents may differ; the merges use the values of low."""
    base: Path | None = None
    """Base of LoRA adapters among the parents, and model with the settings of sharded parents without; None
    for the base that an adapter names and the settings beside the shards."""
    chunk: int = CHUNK
    """Number of weights in memory at a time, per parent and merge; does not affect results."""
    device: Device = "cpu"
    """Where the weights are computed; `cuda` needs torch and a GPU."""

    def __post_init__(self) -> None:
        for name, kind in (("out_dtype", OutDtype), ("rounding", Rounding), ("device", Device)):
            if getattr(self, name) not in get_args(kind):
                raise MergeError(f"{name} must be one of {get_args(kind)}, got {getattr(self, name)!r}")

    @property
    def form(self) -> FloatFormat | None:
        """The requested format; None for the formats in low."""
        return BY_NAME.get(self.out_dtype)


class SweepRefusedError(MergeError):
    """Neighbours in the sweep hardly differ, so nothing was written.

    Args:
        reports: Reports of the merges that were refused.
        steps: Steps between neighbours.
        faults: Descriptions of the steps that are too small.
    """

    def __init__(self, reports: list[MergeReport], steps: list[Step], faults: list[str]) -> None:
        self.reports, self.steps, self.faults = reports, steps, faults
        super().__init__("; ".join(faults))


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Finished merges, and the steps between neighbours on the line, parents included."""

    reports: list[MergeReport]
    steps: list[Step]
    agreement: Agreement
    """Accepted differences between the parents other than their weights."""

    @property
    def faults(self) -> list[str]:
        """Descriptions of neighbours that are too similar to be compared; empty for a good sweep."""
        return [fault for step in self.steps if (fault := step.fault())]


def merge_checkpoints(
    low: Path, high: Path, alphas: Sequence[float], out: Path, options: MergeOptions | None = None
) -> list[MergeReport]:
    """Write `low + alpha * (high - low)` to `out/alpha-X` for every alpha, in one pass over the parents.

    On any error, nothing is written. If an earlier process with the same arguments was killed, its work is
    continued, and the result is the same to the bit.

    Returns:
        One report per alpha, in the order of `alphas`.

    Raises:
        SweepRefusedError: Neighbours on the line hardly differ, and `options.force` is not set.
        MergeError: The parents cannot be merged, or a weight is not finite.
        OSError: A file cannot be read or written.
    """
    return merge_sweep(low, high, alphas, out, options or MergeOptions()).reports


def merge_sweep(
    low: Path,
    high: Path,
    alphas: Sequence[float],
    out: Path,
    options: MergeOptions,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Sweep:
    """Merge as `merge_checkpoints` does, and also return the steps between neighbours.

    Args:
        low: Checkpoint folder at alpha 0, or folder of a run, which stands for its last checkpoint.
        high: Checkpoint folder at alpha 1, or folder of a run.
        alphas: Distinct finite numbers.
        out: Folder for the merges; created if missing.
        options: Options of the storage of the merges.
        on_progress: Called with the number of weights merged since the last call, and their total number.
    """
    values = _checked(alphas)
    low, high = checkpoint_of(low), checkpoint_of(high)
    targets = [out / folder_name(alpha) for alpha in values]
    check_inputs(targets, (low, high, *filter(None, (options.base,))))
    parents = leave_out_copies(*(open_checkpoint(parent, base=options.base) for parent in (low, high)))
    if low.resolve() == high.resolve():
        raise MergeError(f"low and high are the same folder: {low}")
    agreement = check_agreement(*parents, allow=options.allow)
    recipes = [_recipe(alpha, options) for alpha in values]
    plan = _plan(parents, values, recipes, options)
    check_rounding(plan)
    arithmetic = arithmetic_on(options.device)
    total = sum(tensor.count for tensor in parents[0].tensors.values())
    with pending_merges(plan, out, targets, force=options.force, names=ALPHAS) as pending:
        outcome = run_sweep(
            plan, pending.folders, lambda done: on_progress(done, total), pending.journal, arithmetic
        )
        reports = _reports(targets, recipes, outcome)
        steps = measured_steps(values, outcome.census)
        sweep = Sweep(reports=reports, steps=steps, agreement=agreement)
        if sweep.faults and not options.force:
            raise SweepRefusedError(reports, sweep.steps, sweep.faults)
        if not pending.complete:
            _finish(plan, pending.folders, reports, outcome, agreement)
        pending.commit()
    return sweep


def folder_name(alpha: float) -> str:
    """Return the folder name of a merge, for example `alpha-0.25`, `alpha-1` or `alpha--0.5`."""
    return f"alpha-{alpha_text(alpha)}"


def _checked(alphas: Sequence[float]) -> tuple[float, ...]:
    values = tuple(float(alpha) + 0.0 for alpha in alphas)  # adding 0 turns -0.0 into 0.0
    if not values:
        raise MergeError("give at least one alpha")
    for index, alpha in enumerate(values):
        if not math.isfinite(alpha):
            raise MergeError(f"alpha must be a finite number, got {alpha!r}")
        if alpha in values[:index]:
            raise MergeError(f"alpha {alpha!r} is given twice")
    return values


def _recipe(alpha: float, options: MergeOptions) -> Recipe:
    how = {"out_dtype": options.out_dtype, "rounding": options.rounding}
    return Recipe(alpha=alpha, **how, seed=options.seed, version=package_version())


def _plan(
    parents: tuple[Checkpoint, Checkpoint],
    alphas: tuple[float, ...],
    recipes: Sequence[Recipe],
    options: MergeOptions,
) -> MergePlan:
    return MergePlan(
        parents=parents,
        names=tuple(
            f"{name} ({parent.place})" for name, parent in zip(("low", "high"), parents, strict=True)
        ),
        methods=line_methods(alphas),
        labels=tuple(map(folder_name, alphas)),
        form=options.form,
        rounding=options.rounding,
        seed=options.seed,
        pairs=pairs_to_compare(alphas),
        metadata=tuple(recipe.metadata() for recipe in recipes),
        chunk=options.chunk,
    )


def _reports(targets: Sequence[Path], recipes: Sequence[Recipe], outcome: SweepResult) -> list[MergeReport]:
    census, reports = outcome.census, []
    for merge, (target, recipe) in enumerate(zip(targets, recipes, strict=True)):
        effective = census.effective(merge)
        report = MergeReport(
            path=target,
            recipe=recipe,
            digest=combined_digest(outcome.merge_digests[merge]),
            weights=census.weights,
            differing=census.moved / census.weights,
            effective_alpha=effective[0] if effective else None,
            identical_to_low=census.identical((LOW, merge + 2)),
            identical_to_high=census.identical((HIGH, merge + 2)),
            delta_norm=census.delta_norm,
            largest_delta=census.largest_delta,
        )
        reports.append(report)
    return reports


def _finish(
    plan: MergePlan,
    folders: Sequence[Path],
    reports: Sequence[MergeReport],
    outcome: SweepResult,
    agreement: Agreement,
) -> None:
    """Write the files other than weights to the folders of the merges."""
    records = zip(("low", "high"), plan.parents, outcome.parent_digests, strict=True)
    parents = {role: parent_record(parent, digests) for role, parent, digests in records}
    differences = {"taken": "low", **asdict(agreement)}
    for folder, report, weights in zip(folders, reports, outcome.merge_digests, strict=True):
        write_other_files(plan, folder)
        record = (folder, report, parents, weights, differences)
        content = write_merge_json(*record, computed_by=outcome.arithmetic)
        write_card(folder, report.path.name, content, plan.parents)
