"""The settings of a synthesis, its budget, and the check that a resumed run has the same settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...judge import SandboxChoice
from ...problems.synthesis import KEPT, LONGEST_REPLY, MEDIUM, Band
from ...problems.synthesis.duplicates import SIMILARITY
from ...system import write_file
from ..agent import Usage
from ..errors import AgentError
from .students import StudentSettings

CONFIG = "synthesis.json"
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits on a whole run, over all its processes; None is no limit. No request begins at a limit.

    Requests and attempts in flight are completed, so a run may use somewhat more.
    """

    max_tokens: int | None = None
    """Tokens that teacher and student read and write."""
    max_cost_usd: float | None = None
    """US dollars. A model without a price never reaches this limit."""
    max_seconds: float | None = None
    """Wall seconds in which the run makes progress."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above 0, got {value!r}")

    def reached(self, usage: Usage, seconds: float) -> str | None:
        """Return the name of the first limit that is reached; None if there is none."""
        used = {
            "max_tokens": usage.prompt_tokens + usage.completion_tokens,
            "max_cost_usd": usage.cost_usd or 0.0,
            "max_seconds": seconds,
        }
        limits = asdict(self)
        return next((name for name, most in limits.items() if most is not None and used[name] >= most), None)


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a resumed run may change, as it does not decide the problems."""

    budget: Budget = field(default_factory=Budget)
    """Limits on the whole run."""
    sandbox: SandboxChoice = "embedded"
    """Where code of the teacher and of the student runs."""
    teacher_calls: int = 4
    """Most requests to the teacher at a time."""
    workers: int = 2
    """Attempts of the student at a time; as many sandboxes, but at most one per processor."""

    def __post_init__(self) -> None:
        for name in ("teacher_calls", "workers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")


@dataclass(frozen=True, kw_only=True)
class SynthesisSettings:
    """How problems are synthesized; all of it decides the result."""

    turns: int = 6
    """Number of requests to the teacher on each seed."""
    single_turn: bool = False
    """Whether each request stands alone: the seed and the target, without pass rates or earlier problems."""
    chains: bool = False
    """Whether to build chains of a hard, a medium and an easy problem."""
    target: Band = MEDIUM
    """Pass rates that the teacher is asked for; chains have targets of their own."""
    kept: Band = KEPT
    """Pass rates of problems that are kept."""
    valid_share: float = 0.75
    """Least share of the attempts that must count for a pass rate."""
    at_once: int = 8
    """Number of seeds on which the teacher works at a time. Seeds of one group are compared with each other
    in the order of the seeds."""
    similarity: float = SIMILARITY
    """Least similarity of two statements that are the same, in (0, 1]."""
    longest_reply: int = LONGEST_REPLY
    """Most characters of a reply of the teacher."""
    student: StudentSettings = field(default_factory=StudentSettings)

    def __post_init__(self) -> None:
        for name in ("turns", "at_once", "longest_reply"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        for name in ("valid_share", "similarity"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in (0, 1], got {getattr(self, name)!r}")
        if self.single_turn and self.chains:
            raise ValueError("chains need a conversation, so they cannot be built with single_turn")


def check_config(folder: Path, identity: Mapping[str, Any]) -> None:
    """Write what identifies a run into its folder, or check that the run there is the same.

    Raises:
        AgentError: The folder has the run of other settings; the message names the first that differs.
    """
    wanted = json.loads(json.dumps({"schema": SCHEMA, **identity}))
    path = folder / CONFIG
    if not path.exists():
        write_file(path, json.dumps(wanted, indent=1) + "\n")
        return
    try:
        found = json.loads(path.read_text())
    except ValueError as error:
        raise AgentError(f"{path}: is damaged: {error}") from error
    for name in {**found, **wanted}:
        if found.get(name) != wanted.get(name):
            was, now = (json.dumps(each.get(name))[:200] for each in (found, wanted))
            raise AgentError(f"{path}: the run there has {name} {was}, not {now}; name another folder")
