"""The metrics of each step, written as lines of metrics.jsonl."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..agents import EpisodeRecord
from ..judge import Verdict
from ..problems.families import ProgramPlan
from ..system import explain_full_disk, write_file
from .algorithms.algorithm import EpisodeRole, Group
from .errors import TrainingError
from .sampling.sampling import RolloutBatch
from .tracking.catalogue import NO_CODE
from .updating.update import UpdateMetrics

FILE = "metrics.jsonl"


class MetricsLog:
    """Appends the metrics of steps to a file, and first drops lines of steps that are taken again.

    Args:
        out: Folder of the run, which must exist.
        step: Number of steps in the checkpoint that the run continues from; lines of later steps are dropped.

    Raises:
        TrainingError: A line of the file cannot be read.
    """

    def __init__(self, out: Path, *, step: int) -> None:
        self._path = out / FILE
        self.kept = tuple(line for line in read_lines(self._path) if line["step"] <= step)
        """Lines of the steps taken so far."""
        write_file(self._path, "".join(json.dumps(line) + "\n" for line in self.kept))

    def write(self, metrics: Mapping[str, Any]) -> None:
        """Append a line; the metrics must have the key `step`."""
        line = json.dumps(metrics, allow_nan=False) + "\n"
        with explain_full_disk(self._path, len(line)), self._path.open("a") as file:
            file.write(line)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the lines of a metrics file.

    A missing file has no lines. A last line without its newline was torn by a crash and is left out.

    Raises:
        TrainingError: A complete line does not hold the metrics of a step.
    """
    if not path.exists():
        return []
    *lines, _ = path.read_text().split("\n")  # the text after the last newline is empty, or a torn line
    parsed = []
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            int(value["step"])
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f"{path}, line {number}: does not hold the metrics of a step: {error!r}"
            ) from error
        parsed.append(value)
    return parsed


def rollout_metrics(batch: RolloutBatch) -> dict[str, Any]:
    """Return the metrics of the episodes of a step; all but the first three are about valid episodes.

    Rewards, verdicts and plans are those of attempts at the problems. Rewards of continuations are reported
    apart, because only episodes that failed are continued, and retrospections hand in no program.

    A program of a reply that was cut at the token limit counts in `verdicts` like any other, usually as CE;
    `truncated_ce` and `truncated_no_code` say how much of those shares comes from cut replies.
    """
    valid = [episode for episode in batch.episodes if episode.reward_valid]
    attempts = batch.valid(EpisodeRole.ATTEMPT)
    continuations = batch.valid(EpisodeRole.CONTINUATION)
    lengths = [episode.usage.completion_tokens for episode in valid]
    return {
        "episodes": len(batch.episodes),
        "invalid_episodes": batch.invalid,
        "failed_attempts": batch.failed_attempts,
        "continuations": len(continuations),
        "retrospections": len(batch.valid(EpisodeRole.RETROSPECTION)),
        "reward_mean": _mean([episode.reward for episode in attempts]),
        "continuation_reward_mean": _mean([episode.reward for episode in continuations]),
        "verdicts": verdict_shares(attempts),
        "plans": plan_shares(attempts),
        "completion_tokens": sum(lengths),
        "completion_tokens_mean": _mean(lengths),
        "completion_tokens_max": max(lengths, default=0),
        "truncated": _mean([_cut_off(episode) for episode in valid]),
        **{
            f"truncated_{name.lower()}": _mean(
                [_cut_off(each) and _outcome(each) == name for each in attempts]
            )
            for name in (Verdict.COMPILE_ERROR.value, NO_CODE)
        },
        **group_metrics(batch.groups),
    }


def group_metrics(groups: Sequence[Group]) -> dict[str, Any]:
    """Return the number of groups, of groups with signal, and the shares whose rewards are all alike.

    Groups of retrospections do not count, and rewards are those of attempts at the problems.
    """
    played = [group for group in groups if group.attempts or not group.members]
    rewards = [[each.reward for each in group.attempts] for group in played if group.attempts]
    alike = [each[0] for each in rewards if len(set(each)) == 1]
    return {
        "groups": len(played),
        "groups_with_signal": sum(group.has_signal for group in played),
        "groups_all_pass": _mean([reward >= 1 for reward in alike], count=len(rewards)),
        "groups_all_fail": _mean([reward < 1 for reward in alike], count=len(rewards)),
    }


def verdict_shares(episodes: Sequence[EpisodeRecord]) -> dict[str, float]:
    """Return the share of episodes by verdict, with `no_code` for episodes without a program."""
    counts = Counter(map(_outcome, episodes))
    names = [*(verdict.value for verdict in Verdict), NO_CODE]
    return {name: counts[name] / max(1, len(episodes)) for name in names}


def plan_shares(episodes: Sequence[EpisodeRecord]) -> dict[str, float]:
    """Return the share of episodes by the plan in the first line of the program."""
    plans = Counter(ProgramPlan.of(episode.submission or "") for episode in episodes)
    return {plan.value: plans[plan] / max(1, len(episodes)) for plan in ProgramPlan}


def update_metrics(metrics: UpdateMetrics) -> dict[str, Any]:
    """Return the metrics of an update as a dictionary."""
    return asdict(metrics)


def _outcome(episode: EpisodeRecord) -> str:
    return str(episode.judgement.verdict.value) if episode.judgement else NO_CODE


def _cut_off(episode: EpisodeRecord) -> bool:
    return any(step.finish_reason == "length" for step in episode.steps)


def _mean(values: Sequence[float], *, count: int | None = None) -> float:
    """Return the mean; 0 if there are no values."""
    return sum(values) / max(1, len(values) if count is None else count)
