"""The final record of each episode of a file, which is read twice and never held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..keys import EpisodeKey, episode_key
from ..lines import LineReader, RecordError
from ..record import EpisodeRecord, episodes_in
from .outcome import failure_of


@dataclass(frozen=True, kw_only=True)
class FinalRecord:
    """Place of the final record of an episode: the last valid record, or the last if none is valid."""

    line: int
    """Number of its line."""
    valid: bool
    failures: tuple[str, ...] = field(default=(), repr=False)
    """What ended the failed attempts before it."""


def final_records(source: Path) -> dict[EpisodeKey, FinalRecord]:
    """Find the final record of each episode.

    Raises:
        RecordError: The file cannot be read, or a line is no record.
    """
    found: dict[EpisodeKey, FinalRecord] = {}
    failures: dict[EpisodeKey, list[str]] = {}
    for line, episode in episodes_in(LineReader(source)):
        key = episode_key(episode)
        if episode.reward_valid or key not in found or not found[key].valid:
            earlier = tuple(failures.get(key, ()))
            found[key] = FinalRecord(line=line.number, valid=episode.reward_valid, failures=earlier)
        if not episode.reward_valid:
            failures.setdefault(key, []).append(failure_of(episode))
    return found


def episodes_on(source: Path, lines: Iterable[int]) -> Iterator[tuple[int, EpisodeRecord]]:
    """Yield the records on these lines, each with the number of its line.

    Raises:
        RecordError: The file cannot be read, or no line was asked for.
    """
    wanted = frozenset(lines)
    if not wanted:
        raise RecordError(f"{source}: there are no records to export")
    for line, episode in episodes_in(LineReader(source)):
        if line.number in wanted:
            yield line.number, episode
