"""Seeds by their specs: accepted programs from records, snippets from folders, and the families."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ...judge import Verdict
from ...problems.synthesis import Seed, families_seeds, folder_seeds
from ..errors import AgentError
from ..records.files import find_records
from ..records.lines import LineReader
from ..records.record import episodes_in

RECORDS_PREFIX, FOLDER_PREFIX, FAMILIES_PREFIX = "records:", "folder:", "families"


def record_seeds(run: Path) -> Iterator[Seed]:
    """Yield each accepted program of a run once, in the order of the records.

    Raises:
        RecordError: The records cannot be read.
        AgentError: The run has no accepted program.
    """
    seen: set[str] = set()
    for _, episode in episodes_in(LineReader(find_records(run))):
        accepted = episode.judgement is not None and episode.judgement.verdict is Verdict.ACCEPTED
        if episode.reward_valid and accepted and episode.submission and episode.submission not in seen:
            seen.add(episode.submission)
            code = episode.submission.encode("utf-8", "replace").decode()  # records may hold any text
            yield Seed(name=f"records/{episode.sample}/{episode.problem_id}", code=code)
    if not seen:
        raise AgentError(f"{run}: has no accepted program to start from")


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """Seeds with the names of their sources, which identify a run."""

    names: tuple[str, ...]
    seeds: Iterable[Seed] = field(repr=False)


def open_seeds(specs: tuple[str, ...], *, seed: int = 0) -> Seeds:
    """Return the seeds that specs name, one spec after the other.

    The first seed of each spec is read at once, so that a wrong spec is found before anything is written; the
    others are read as they are needed.

    Args:
        specs: `records:RUN`, `folder:PATH`, `families` or `families:SPLIT:COUNT:SEED`.
        seed: Seed of the places in the files of a folder.

    Raises:
        AgentError: A spec is unknown or has no seed, or there is none.
        ProblemError: A folder has no source files.
        RecordError: Records cannot be read.
        ValueError: A name of the families has another form.
    """
    if not specs:
        raise AgentError("a synthesis needs seeds: records:RUN, folder:PATH or families:SPLIT:COUNT:SEED")
    sources = [_begun(spec, _one(spec, seed)) for spec in specs]
    return Seeds(names=specs, seeds=chain.from_iterable(sources))


def _begun(spec: str, seeds: Iterator[Seed]) -> Iterator[Seed]:
    first = next(seeds, None)
    if first is None:
        raise AgentError(f"{spec}: has no seeds")
    return chain([first], seeds)


def _one(spec: str, seed: int) -> Iterator[Seed]:
    if spec.startswith(RECORDS_PREFIX):
        return record_seeds(Path(spec.removeprefix(RECORDS_PREFIX)))
    if spec.startswith(FOLDER_PREFIX):
        return folder_seeds(Path(spec.removeprefix(FOLDER_PREFIX)), seed=seed)
    if spec == FAMILIES_PREFIX or spec.startswith(f"{FAMILIES_PREFIX}:"):
        return families_seeds(spec)
    raise AgentError(f"seeds must be records:RUN, folder:PATH or families:SPLIT:COUNT:SEED, got {spec!r}")
