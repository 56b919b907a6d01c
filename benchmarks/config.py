"""The configuration of a benchmark as one checked value."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..agents import ModelOptions
from ..agents.engine import FAILURE_KINDS, ConcurrencyLimits, EpisodeLimits, FailureKind, Retries
from ..judge import Language, SandboxKind
from ..problems import KnownBad, Problem, Require
from .env_options import BenchEnvOptions


@dataclass(frozen=True, kw_only=True)
class BenchConfig:
    """The configuration of a benchmark, checked when it is made."""

    env: tuple[str, ...]
    """Ids of environments, for example `Classics-single`."""
    agent: tuple[str, ...]
    """Agents: `reference`, `slow`, `wrong`, `crash`, `silent`, or `litellm:<model>`."""
    out: Path
    """Folder for config.json and records.jsonl; created if missing, refused if it is not empty."""
    resume: bool = False
    """Continue the run in `out`: play only the episodes that are missing or invalid."""
    samples: int = 1
    """Number of episodes of each agent per problem and environment."""
    seed: int = 0
    """Seed of the environments."""
    workers: int = 2
    """Number of episodes at a time; with the engine `ray`, number of actors."""
    model_calls: int | None = None
    """Number of agents that act at a time; as many as episodes unless given."""
    sandboxes: int | None = None
    """Number of episodes with a workspace (mode agentic) at a time; as many as episodes unless given."""
    judge_runs: int | None = None
    """Number of submissions judged at a time; as many as episodes unless given."""
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    """Limits of an episode."""
    retry: tuple[FailureKind, ...] = FAILURE_KINDS
    """Kinds of failures after which an episode is played again, in this run and when it is resumed."""
    engine: Literal["local", "ray"] = "local"
    """Place of environments and judges: in this process (`local`), or in Ray actors (`ray`)."""
    ray_address: str = "ray://local"
    """Address of Ray: `ray://local` starts a cluster, `ray://auto` uses the cluster of this machine,
    `ray://HOST:PORT` uses another."""
    judge: str | None = None
    """Address of a judge to use instead of one in this process: `http://HOST:PORT` of `codefrontier judge
    serve`, or `ray://local` or `ray://HOST:PORT`."""
    sandbox: SandboxKind | None = None
    """Sandbox of programs and workspaces: `embedded`, `docker`, or `auto` for the safest available. Unless
    given: `embedded`, or the sandbox of the judge."""
    data: Path | None = None
    """Problems of LiveCodeBench: a JSONL file, or a folder of such files."""
    window: tuple[str, str] | None = None
    """First and last contest date, both inclusive, for example `2025-01-01 2025-04-30`."""
    problems: tuple[str, ...] = ()
    """Ids of the problems to play; all unless given."""
    limit: int | None = None
    """Largest number of problems per environment, the first ones in order; with `shuffle`, a random
    sample."""
    shuffle: int | None = None
    """Seed of a shuffled order of the problems; the order of the problem set unless given."""
    language: Language = Language.PYTHON
    """Programming language of submissions."""
    require: Require | None = None
    """Requirement on problems: `proved` plays only problems that `problems check` has proved. Unless given:
    `proved` for the embedded set, none for other sets."""
    known_bad: KnownBad = "exclude"
    """Treatment of the problems of LiveCodeBench that cannot be judged correctly, which are left out by
    default."""
    truncated: Literal["drop", "count"] = "count"
    """Treatment of episodes whose last reply was cut by the token limit: `count` counts them as not solved,
    `drop` leaves them out of the rates."""
    remember: bool = False
    """Use the verdict and times of an earlier run of the same program on the same test with equal limits."""
    env_options: BenchEnvOptions = field(default_factory=BenchEnvOptions)
    """Keyword arguments of the environments."""
    model: ModelOptions = field(default_factory=ModelOptions)
    """Model options of the litellm agents."""

    def __post_init__(self) -> None:
        self.check_values()
        for name in ("env", "agent"):
            if not getattr(self, name):
                raise ValueError(f"at least one {name} is needed")

    def check_values(self) -> None:
        """Raise ValueError if a value is not allowed."""
        for name, low in (("samples", 1), ("workers", 1), ("seed", 0), ("limit", 1), ("shuffle", 0)):
            value = getattr(self, name)
            if value is not None and value < low:
                raise ValueError(f"{name} must be at least {low}, got {value!r}")
        for name in ("env", "agent"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"each {name} may be given only once, got {', '.join(values)}")
        self._check_judge()
        _ = self.caps, self.retries  # their classes check the values

    def _check_judge(self) -> None:
        if self.engine == "ray" and self.remember:
            raise ValueError("remember applies only to the engine 'local'")
        if self.judge is not None and (self.engine == "ray" or self.remember):
            other = "the engine 'ray'" if self.engine == "ray" else "remember"
            raise ValueError(f"{other} uses its own judges: leave out judge, got {self.judge!r}")

    @property
    def caps(self) -> ConcurrencyLimits:
        """The limits on concurrency."""
        return ConcurrencyLimits(
            episodes=self.workers,
            model_calls=self.model_calls,
            sandboxes=self.sandboxes,
            judge_runs=self.judge_runs,
        )

    @property
    def retries(self) -> Retries:
        """The number of retries by kind of failure."""
        return Retries.only(self.retry)

    @property
    def env_keywords(self) -> dict[str, Any]:
        """The keyword arguments of the environments other than language and problems, as plain values."""
        runtime = {} if self.sandbox is None else {"runtime": self.sandbox}
        return {**self.env_options.keywords, **runtime}

    def chosen(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return the problems in the order of play: shuffled and limited as configured.

        The shuffled order sorts by a hash of each id. It does not depend on the other problems, so a larger
        limit only adds problems.
        """
        ordered = list(problems)
        if self.shuffle is not None:
            ordered.sort(key=lambda problem: hashlib.sha256(f"{self.shuffle}:{problem.id}".encode()).digest())
        return ordered[: self.limit]
