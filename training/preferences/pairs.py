"""Pairs of replies to one problem, the better one and the worse one, from records of episodes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from ...agents import EpisodeRecord, RecordError, read_episodes
from ...agents.policy.tokenizer import PolicyTokenizer
from ...agents.records import final_episodes
from ...agents.records.files import find_records
from ..errors import NoPairsError, TrainingError
from ..rows import Row
from ..settings import DPOSettings
from ..sft.sources import Selection, add_episode


@dataclass(frozen=True, kw_only=True, eq=False)
class PreferencePair:
    """Two replies to one problem."""

    problem_id: str
    chosen: Row = field(repr=False)
    """The reply with the higher reward."""
    rejected: Row = field(repr=False)
    """The reply with the lower reward."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PairSelection:
    """The pairs to learn from, and what was left out."""

    pairs: tuple[PreferencePair, ...] = field(repr=False)
    dropped: Counter[str]
    """Number of problems and episodes that were left out, by reason."""

    @property
    def described(self) -> dict[str, object]:
        """The counts, for run.json."""
        return {"pairs": len(self.pairs), "dropped": dict(sorted(self.dropped.items()))}


def select_pairs(policy: PolicyTokenizer, settings: DPOSettings) -> PairSelection:
    """Read records and pair the replies to each problem whose rewards differ by `least_gap` or more.

    The replies to a problem are shuffled, then each better reply is paired with the next worse one that is
    free. So each reply is in at most one pair, and the pairs do not depend on the order of the records.

    Raises:
        TrainingError: A file cannot be read.
        NoPairsError: There is no pair.
    """
    dropped: Counter[str] = Counter()
    groups: dict[tuple[str, str, str], list[EpisodeRecord]] = {}
    for episode in _episodes(settings):
        if not episode.reward_valid:
            dropped["episodes that are not valid"] += 1
        elif settings.env is not None and episode.env_id != settings.env:
            dropped[f"episodes not of environment {settings.env}"] += 1
        elif episode.reply_cut:
            dropped["episodes whose reply was cut"] += 1
        else:
            key = (episode.env_id, episode.problem_id, episode.problem_digest)
            groups.setdefault(key, []).append(episode)
    pairs: list[PreferencePair] = []
    for key in sorted(groups):
        found = _paired(groups[key], settings)
        if not found:
            dropped["problems whose replies have equal rewards"] += 1
        for better, worse in found:
            rows = [_row(policy, each) for each in (better, worse)]
            if rows[0] is None or rows[1] is None:
                dropped["pairs that do not fit in one row"] += 1
                continue
            pairs.append(PreferencePair(problem_id=key[1], chosen=rows[0], rejected=rows[1]))
    if not pairs:
        told = "; ".join(f"{count} {reason}" for reason, count in sorted(dropped.items()))
        named = ", ".join(map(str, settings.from_records))
        raise NoPairsError(f"{named}: no pairs to learn from: {told or 'the files are empty'}")
    return PairSelection(pairs=tuple(pairs), dropped=dropped)


def _episodes(settings: DPOSettings) -> list[EpisodeRecord]:
    episodes: list[EpisodeRecord] = []
    for path in settings.from_records:
        try:
            episodes += read_episodes(find_records(path)).episodes
        except RecordError as error:
            raise TrainingError(str(error)) from error
    return final_episodes(episodes)


def _paired(
    episodes: list[EpisodeRecord], settings: DPOSettings
) -> list[tuple[EpisodeRecord, EpisodeRecord]]:
    """Return the pairs of a problem, the better reply first."""
    ordered = sorted(episodes, key=lambda each: (each.agent.name, each.sample, each.attempt))
    random.Random(f"pairs {settings.seed} {episodes[0].problem_id}").shuffle(ordered)
    ordered.sort(key=lambda each: -each.reward)  # stable, so equal rewards stay shuffled
    found: list[tuple[EpisodeRecord, EpisodeRecord]] = []
    low = len(ordered) - 1
    for high, better in enumerate(ordered):
        if low <= high or len(found) == settings.pairs_per_problem:
            break
        if better.reward - ordered[low].reward >= settings.least_gap:
            found.append((better, ordered[low]))
        low -= 1
    return found


def _row(policy: PolicyTokenizer, episode: EpisodeRecord) -> Row | None:
    selection = Selection()
    add_episode(selection, policy, episode, system=True)
    return selection.rows[0] if len(selection.rows) == 1 else None
