"""What the formats of other tools say about the end of an episode, without anything of a hidden test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....system import unfinished_folder
from ..lines import RecordError
from ..record import EpisodeRecord

_ERROR_CLASS = re.compile(r"[A-Za-z_][\w.]*(?=:|$)")
_PLACES = ("data",)
"""Settings of environments that name places of the machine."""


def verdict_of(episode: EpisodeRecord) -> str:
    """Return the verdict of the submission that counts, or `no_code`."""
    return episode.judgement.verdict.value if episode.judgement else "no_code"


def failure_of(episode: EpisodeRecord) -> str:
    """Return what ended an episode that is not valid: the part that failed, and the class of the error.

    The text of an error is left out, as it may quote a hidden test.
    """
    found = _ERROR_CLASS.match(episode.error or "")
    part = episode.failure_kind.value if episode.failure_kind else "infrastructure"
    return f"{part} failed: {found.group() if found else episode.stop_reason}"


def facts_of(episode: EpisodeRecord) -> dict[str, Any]:
    """Return the problem, its digests, and how the episode ended, as JSON values."""
    judgement = episode.judgement
    facts: dict[str, Any] = {
        "problem_id": episode.problem_id,
        "problem_digest": episode.problem_digest,
        "difficulty": episode.difficulty,
        "sample": episode.sample,
        "attempt": episode.attempt,
        "seed": episode.seed,
        "env_id": episode.env_id,
        "env_version": episode.env_version,
        "mode": episode.mode,
        "language": episode.language,
        "agent_digest": episode.agent.digest,
        "package_version": episode.package_version,
        "stop_reason": episode.stop_reason,
        "reward_valid": episode.reward_valid,
    }
    if not episode.reward_valid:
        return {**facts, "failure": failure_of(episode)}
    facts |= {
        "reward": episode.reward,
        "failure_class": episode.failure_class.value if episode.failure_class else None,
        "verdict": verdict_of(episode),
        "components": episode.components,
        "truncated_replies": episode.replies_cut,
    }
    if judgement is not None:
        facts |= {
            "verdicts": dict(Counter(run.verdict.value for run in judgement.runs)),
            "tests": judgement.tests,
            "tests_selected": judgement.selected,
            "coverage": judgement.coverage,
            "time_limit_s": judgement.time_limit_s,
            "memory_limit_mib": judgement.memory_limit_mib,
            "dialect": judgement.dialect,
            "cpu_time_s": judgement.cpu_time_s,
            "slowest_run_s": max((run.cpu_time_s for run in judgement.runs), default=None),
            "judge": {"version": judgement.judge.version, "sandbox": judgement.judge.sandbox},
        }
    return facts


def settings_of(episode: EpisodeRecord) -> dict[str, Any]:
    """Return the settings of the environment, without those that name places of the machine."""
    return {name: value for name, value in episode.env_kwargs.items() if name not in _PLACES}


def file_word(text: str, longest: int = 60) -> str:
    """Return a text as part of the name of a file."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "-", text).strip("-.")[:longest] or "x"


@contextmanager
def new_folder(to: Path) -> Iterator[Path]:
    """Yield the folder of an export, which gets its name only when the context ends without an error.

    Raises:
        RecordError: There is a file of that name, or the folder is not empty.
        OSError: The folder cannot be made.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise RecordError(f"{to}: exists already; name another folder")
    with unfinished_folder(to) as folder:
        yield folder


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a mapping that have a value."""
    return {name: each for name, each in value.items() if each is not None}
