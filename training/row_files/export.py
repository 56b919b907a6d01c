"""Export of the episodes of a run as training rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...agents import EpisodeRecord
from ...agents.records.files import RecordSink
from ...agents.records.keys import EpisodeKey, episode_key
from ...agents.records.lines import LineReader
from ...agents.records.record import episodes_in
from ...agents.records.tokens import TokenRow, token_rows
from .row_line import REINFORCED, RowLine

Baseline = Literal["mean", "none"]
"""Advantages: the reward minus the mean reward of the group, or 0."""


@dataclass(frozen=True, kw_only=True)
class RowExport:
    """Counts of an export."""

    rows: int = 0
    episodes: int = 0
    groups: int = 0
    invalid: int = 0
    """Number of episodes without a valid record, which are left out."""
    without_tokens: int = 0
    """Number of episodes without tokens or exact log-probs, which are left out."""


def export_rows(source: Path, to: Path, *, baseline: Baseline = "mean") -> RowExport:
    """Write the rows of the last valid record of each episode, and return the counts.

    As in training by GRPO, a row of an episode whose reply was cut has weight 0: it counts in the mean reward
    of its group, and is not learned from.

    Args:
        source: File of records.
        to: File to create; must not exist. Compressed if its name ends with `.zst`.
        baseline: How advantages are made of rewards.

    Raises:
        RecordError: `source` cannot be read, a line is no record, `to` exists, or zstandard is missing.
        OSError: `to` cannot be written.
    """
    found, counts = _usable(source)
    groups: dict[tuple[str, ...], list[EpisodeRecord]] = {}
    for (*group, _), episode in found.items():
        groups.setdefault(tuple(map(str, group)), []).append(episode)
    rows = 0
    with RecordSink(to) as sink:
        for number, members in enumerate(groups.values()):
            for line in _group_lines(members, number, baseline):
                sink.write(json.dumps(line.plain(), separators=(",", ":")).encode())
                rows += 1
    return replace(counts, rows=rows, groups=len(groups))


def _usable(source: Path) -> tuple[dict[EpisodeKey, EpisodeRecord], RowExport]:
    """Return the last valid record of each episode that has tokens, and the counts of other episodes."""
    last: dict[EpisodeKey, EpisodeRecord | None] = {}
    for _, episode in episodes_in(LineReader(source)):
        key = episode_key(episode)
        if episode.reward_valid:
            last[key] = episode
        else:
            last.setdefault(key, None)
    valid = {key: episode for key, episode in last.items() if episode is not None}
    usable = {key: episode for key, episode in valid.items() if _has_log_probs(episode)}
    counts = RowExport(
        episodes=len(usable), invalid=len(last) - len(valid), without_tokens=len(valid) - len(usable)
    )
    return usable, counts


def _has_log_probs(episode: EpisodeRecord) -> bool:
    spans = [step.tokens for step in episode.steps]
    return bool(spans) and all(span is not None and span.log_probs is not None for span in spans)


def _group_lines(members: list[EpisodeRecord], number: int, baseline: Baseline) -> Iterator[RowLine]:
    mean = sum(episode.reward for episode in members) / len(members)
    equal = len({episode.reward for episode in members}) == 1
    for episode in members:
        # The mean of equal rewards may be rounded; then the advantages are exactly 0 nevertheless.
        advantage = 0.0 if equal or baseline == "none" else episode.reward - mean
        group = f"{number}:{episode.problem_id}"
        name = f"{group}#{episode.sample}"
        for place, row in enumerate(token_rows(episode)):
            yield _line(episode, row, place, advantage, (group, len(members), name))


def _line(
    episode: EpisodeRecord, row: TokenRow, place: int, advantage: float, names: tuple[str, int, str]
) -> RowLine:
    group, size, name = names
    truncated = any(step.finish_reason == "length" for step in episode.steps)
    turns = dict.fromkeys(row.steps)
    steps = {str(turn): episode.steps[turn] for turn in turns}
    return RowLine(
        group_id=group,
        group_size=size,
        episode_id=name,
        row=place,
        token_ids=list(row.ids),
        loss_mask=list(row.loss_mask),
        log_probs=list(row.log_probs or ()),
        advantages=[advantage * sampled for sampled in row.loss_mask],
        weights={REINFORCED: [float(sampled and not truncated) for sampled in row.loss_mask]},
        turns=list(row.steps),
        # After repeated requests the usage counts the tokens of all of them.
        prompt_tokens={
            turn: step.usage.prompt_tokens for turn, step in steps.items() if step.usage.requests == 1
        },
        # The action of other agents may be a part of the reply, such as the arguments of a tool call.
        texts={turn: step.action for turn, step in steps.items() if episode.agent.kind == "policy"},
        reward=episode.reward,
        truncated=truncated,
    )
