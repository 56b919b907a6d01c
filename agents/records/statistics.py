"""Statistics of a file of records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...judge import FailureClass
from ..agent import Usage
from .keys import EpisodeKey, episode_key
from .lines import LineReader, RecordError
from .record import EpisodeRecord, episodes_in
from .tokens import token_rows


@dataclass
class Statistics:
    """Counts over records; `add` counts one record."""

    records: int = 0
    invalid: int = 0
    """Episodes in which infrastructure or model failed."""
    failure_kinds: Counter[str] = field(default_factory=Counter)
    """Invalid episodes by the part that failed; `unknown` in records of versions that did not say."""
    classes: Counter[str] = field(default_factory=Counter)
    """Valid episodes by failure class, without truncated episodes."""
    truncated: int = 0
    """Valid episodes that are not solved and whose last reply was cut at the token limit; they are in no
    class."""
    truncated_replies: int = 0
    """Replies cut at the token limit, in any turn."""
    stop_reasons: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    """Verdicts of the submissions."""
    tolerated: int = 0
    """Submissions that are accepted only because of the float tolerance."""
    problems: set[str] = field(default_factory=set, repr=False)
    """Digests of the problems."""
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    sampled_tokens: int = 0
    """Sampled tokens with known ids."""
    judge_cpu_s: float = 0.0
    agent_time_s: float = 0.0
    env_time_s: float = 0.0
    regraded: int = 0
    """Records with an earlier judgement."""

    def add(self, episode: EpisodeRecord) -> None:
        """Count a record."""
        self.records += 1
        self.stop_reasons[episode.stop_reason] += 1
        self.problems.add(episode.problem_digest)
        self.steps += len(episode.steps)
        self.usage += episode.usage
        self.agent_time_s += episode.agent_time_s
        self.env_time_s += episode.env_time_s
        self.regraded += bool(episode.earlier)
        self.sampled_tokens += sum(sum(row.loss_mask) for row in token_rows(episode))
        if episode.failure_class is None:
            self.invalid += 1
            kind = episode.failure_kind
            self.failure_kinds["unknown" if kind is None else kind.value] += 1
        elif episode.reply_cut and episode.failure_class is not FailureClass.SOLVED:
            self.truncated += 1
        else:
            self.classes[episode.failure_class.value] += 1
        self.truncated_replies += episode.replies_cut
        if episode.judgement is not None:
            self.verdicts[episode.judgement.verdict.value] += 1
            self.judge_cpu_s += episode.judgement.cpu_time_s
            self.tolerated += episode.judgement.accepted_by_tolerance

    @property
    def solved_rate(self) -> float | None:
        """Share of solved episodes among the valid episodes, including truncated episodes; None without valid
        ones."""
        valid = self.records - self.invalid
        return self.classes[FailureClass.SOLVED.value] / valid if valid else None

    @property
    def truncated_rate(self) -> float | None:
        """Share of truncated episodes among the valid episodes; None without valid ones."""
        valid = self.records - self.invalid
        return self.truncated / valid if valid else None

    def plain(self) -> dict[str, Any]:
        """Return all counts as JSON values."""
        return {
            "records": self.records,
            "invalid": self.invalid,
            "failure_kinds": dict(sorted(self.failure_kinds.items())),
            "solved_rate": self.solved_rate,
            "truncated": self.truncated,
            "truncated_rate": self.truncated_rate,
            "truncated_replies": self.truncated_replies,
            "classes": dict(sorted(self.classes.items())),
            "stop_reasons": dict(sorted(self.stop_reasons.items())),
            "verdicts": dict(sorted(self.verdicts.items())),
            "tolerated": self.tolerated,
            "problems": len(self.problems),
            "steps": self.steps,
            "requests": self.usage.requests,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "cost_usd": self.usage.cost_usd,
            "failed_requests": dict(sorted(self.usage.failures.items())),
            "failed_prompt_tokens": self.usage.failed_prompt_tokens,
            "failed_completion_tokens": self.usage.failed_completion_tokens,
            "failed_cost_usd": self.usage.failed_cost_usd,
            "sampled_tokens": self.sampled_tokens,
            "judge_cpu_s": self.judge_cpu_s,
            "agent_time_s": self.agent_time_s,
            "env_time_s": self.env_time_s,
            "regraded": self.regraded,
        }


@dataclass
class RunStatistics:
    """Counts of a whole file, and of each environment and agent in it."""

    total: Statistics = field(default_factory=Statistics)
    episodes: int = 0
    """Number of different episodes."""
    groups: dict[tuple[str, str], Statistics] = field(default_factory=dict)
    """Counts by environment and agent."""
    torn_line: int | None = None


def count_records(path: Path) -> RunStatistics:
    """Count the records of a file, including repeated attempts.

    Raises:
        RecordError: The file cannot be read, or a line is no record.
    """
    found = RunStatistics()
    keys: set[EpisodeKey] = set()
    reader = LineReader(path)
    for line, episode in episodes_in(reader):
        keys.add(episode_key(episode))
        group = found.groups.setdefault((episode.env_id, episode.agent.name), Statistics())
        # `token_rows` raises ValueError when only some steps have tokens.
        try:
            group.add(episode)
            found.total.add(episode)
        except ValueError as error:
            raise RecordError(f"{path}, line {line.number}: {error}") from error
    found.episodes = len(keys)
    found.torn_line = reader.torn_line
    return found
