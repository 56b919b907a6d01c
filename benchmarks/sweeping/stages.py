"""The stages of a sweep: merge, then play each merge. Work that is done is skipped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from ...agents.records.record import EpisodeRecord, read_episodes
from ...merging.checkpoints.checkpoint import MERGE
from ...merging.engine.device import Device
from ...merging.errors import MergeError
from ...merging.recipes.finished import check_finished
from ...merging.recipes.run import RunOptions
from ...merging.recipes.sweep import RecipeSweep, merge_recipe_sweep, sweep_recipes
from ...merging.resuming.journal import journals
from ...system import write_file
from ..bench import RECORDS, Observer, run_bench
from ..config import BenchConfig
from ..plan_file import CONFIG
from .plan import Served, SweepPlan

COMPLETE: Final = "complete.json"
"""File in the folder of a benchmark that says that every episode is recorded and valid."""
PREFIX: Final = "litellm:frontier/"


class Watcher(Protocol):
    """Is told about the progress of a sweep."""

    def merging(self, done: int, total: int) -> None:
        """Called with the number of weights merged since the last call, and their total number."""
        ...

    def playing(self, name: str, number: int, total: int) -> Observer:
        """Called before a merge is played; returns the observer of its benchmark."""
        ...


def merge_all(
    plan: SweepPlan, watcher: Watcher, *, force: bool = False, device: Device = "cpu"
) -> RecipeSweep | None:
    """Write the merges that are missing, in one pass over the parents.

    Args:
        plan: The sweep.
        watcher: Is told about the progress.
        force: Whether to write a sweep although its neighbours hardly differ.
        device: Where the weights are computed; the bytes are the same everywhere.

    Returns:
        The merges that were written; None if all were there.

    Raises:
        MergeError: The parents cannot be merged, or the folder has other merges.
        OSError: A file cannot be read or written.
    """
    names, values = plan.names, plan.values
    there = [(plan.merges / name).exists() for name in names]
    if any(there) and not _killed_midway(plan.merges, names[0]):
        done = [place for place, is_there in enumerate(there) if is_there]
        recipes = sweep_recipes(plan.recipe, [values[place] for place in done])
        check_finished([plan.merges / names[place] for place in done], recipes, relative_to=plan.relative_to)
        values = tuple(value for value, is_there in zip(values, there, strict=True) if not is_there)
    if not values:
        return None
    options = RunOptions(
        relative_to=plan.relative_to, force=force, device=device, on_progress=watcher.merging
    )
    return merge_recipe_sweep(plan.recipe, values, plan.merges, options)


def _killed_midway(merges: Path, first: str) -> bool:
    """Return whether a merge was killed while its folders got their names; then it has to continue."""
    return merges.is_dir() and bool(journals(merges, first))


def play_all(plan: SweepPlan, watcher: Watcher) -> int:
    """Play every merge on the same problems with the same seeds; return the number of invalid episodes.

    Raises:
        AgentError: A checkpoint cannot be loaded or served, or too many consecutive episodes were invalid.
        BenchError: An environment or a problem is unknown.
        SandboxError: No sandbox can be started on this host.
        OSError: A file cannot be read or written.
    """
    if plan.bench is None:
        return 0
    invalid = 0
    for number, name in enumerate(plan.names, start=1):
        out, checkpoint = plan.records(name), plan.merges / name
        digest = _digest_of(checkpoint)
        if _completed(out) == digest:
            continue
        config = begun_in(plan.bench, out)
        observer = watcher.playing(name, number, len(plan.names))
        with agent_of(plan.served, name, checkpoint, config) as ready:
            result = run_bench(ready, observer)
        invalid += result.invalid
        if not result.invalid:
            write_file(
                out / COMPLETE, json.dumps({"digest": digest, "episodes": len(result.episodes)}) + "\n"
            )
    return invalid


def begun_in(config: BenchConfig, out: Path) -> BenchConfig:
    """Return a configuration that begins or resumes a benchmark in a folder.

    A benchmark writes its config.json before it plays. Without it, what a killed benchmark left is removed.
    """
    begun = (out / CONFIG).is_file()
    if not begun:
        shutil.rmtree(out, ignore_errors=True)
    return replace(config, out=out, resume=begun)


def episodes_of(plan: SweepPlan) -> dict[str, tuple[EpisodeRecord, ...]]:
    """Return the records of each merge by its name, in a stable order.

    Raises:
        RecordError: A file of records cannot be read.
    """
    return {
        name: in_stable_order(read_episodes(plan.records(name) / RECORDS).episodes) for name in plan.names
    }


def in_stable_order(episodes: Iterable[EpisodeRecord]) -> tuple[EpisodeRecord, ...]:
    """Return records in an order that does not depend on which episodes were played first."""

    def place(episode: EpisodeRecord) -> tuple[str, str, int, int]:
        return episode.env_id, episode.problem_id, episode.sample, episode.attempt

    return tuple(sorted(episodes, key=place))


@contextmanager
def agent_of(
    served: Served | None, name: str, checkpoint: Path, config: BenchConfig
) -> Iterator[BenchConfig]:
    """Yield a configuration with the agent of a checkpoint, which is served while the context lasts."""
    if served is None:
        yield replace(config, agent=(f"policy:{checkpoint}",))
        return
    # FastAPI and torch take seconds to import.
    models: Any = import_module("...agents.serving.models", __package__)
    server: Any = import_module("...agents.serving.server", __package__)
    model = models.ServedModel.load(name, checkpoint, device=served.device)
    with server.serving(models.ServedModels([model])) as url:
        yield replace(config, agent=(f"{PREFIX}{name}",), model=replace(config.model, api_base=url))


def _digest_of(checkpoint: Path) -> str:
    try:
        return str(json.loads((checkpoint / MERGE).read_bytes())["output"]["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MergeError(f"{checkpoint}: is no complete merge: {error!r}") from error


def _completed(out: Path) -> str | None:
    """Return the digest of the merge whose benchmark is complete, if it is."""
    try:
        return str(json.loads((out / COMPLETE).read_bytes())["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
