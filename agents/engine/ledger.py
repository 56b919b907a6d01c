"""Which episodes are still to be played: leases, retries, and what an earlier run has left."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...envs import FailureKind
from ...problems import Problem
from ..agent import AgentFactory, AgentIdentity
from ..records.keys import EpisodeKey, episode_key, kwargs_key
from ..records.record import EpisodeRecord
from .branching import BranchObserver, EpisodeBranch
from .failures import FAILURE_KINDS, Retries, failure_kind
from .limits import EpisodeLimits


@dataclass(frozen=True, kw_only=True)
class RolloutTask:
    """One episode to play."""

    env_id: str
    factory: AgentFactory
    problem: Problem
    selection: Mapping[str, Any] = field(default_factory=dict)
    """How the problem was selected, as JSON values; recorded among the settings of the environment."""
    sample: int = 0
    seed: int = 0
    attempt: int = 1
    """Number of the attempt at this episode, from 1, counting the attempts of earlier runs."""
    repetition: int = 0
    """Number of earlier attempts in this run."""
    limits: EpisodeLimits = field(default_factory=EpisodeLimits)
    """Limits on turns, tokens, cost and time."""
    branch: EpisodeBranch | None = field(default=None, repr=False)
    """State of another episode on the problem that this episode continues; None begins a new episode."""
    on_branch: BranchObserver | None = field(default=None, repr=False, compare=False)
    """Called with the state of the episode before each move of the agent, in a thread of the engine."""

    @property
    def identity(self) -> AgentIdentity:
        """The agent's identity under these limits."""
        return self.limits.applied_to(self.factory.identity)


def owed_tasks(
    tasks: Iterable[RolloutTask],
    earlier: Iterable[EpisodeRecord],
    *,
    env_kwargs: Mapping[str, Mapping[str, Any]],
    retry: Collection[FailureKind] = FAILURE_KINDS,
) -> list[RolloutTask]:
    """Return the tasks that an earlier run has left: not played, or failed in a way that is to be retried.

    Episodes are identified by content: environment, settings, agent, problem, sample. Attempts are numbered
    on from those of the earlier run.

    Args:
        tasks: All episodes of the run.
        earlier: Records of the earlier run, in order.
        env_kwargs: Recorded settings of each environment, by its id.
        retry: Kinds of failures to retry; an episode whose last attempt failed in another way is not played.
    """
    # A file of records may hold several attempts at an episode, in any order.
    attempts: Counter[EpisodeKey] = Counter()
    last: dict[EpisodeKey, FailureKind | None] = {}
    for episode in earlier:
        key = episode_key(episode)
        attempts[key] = max(attempts[key], episode.attempt)
        # A valid record settles an episode, whatever was recorded after it.
        if last.get(key, "") is not None:
            last[key] = failure_kind(episode)
    kwargs = {env_id: kwargs_key(settings) for env_id, settings in env_kwargs.items()}
    owed = []
    for task in tasks:
        key = (task.env_id, kwargs[task.env_id], task.identity.digest, task.problem.digest(), task.sample)
        if key not in last or last[key] in retry:
            owed.append(replace(task, attempt=attempts[key] + 1))
    return owed


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to report how one attempt at an episode ended. A lease is given once, then used up or
    revoked."""

    number: int
    task: RolloutTask


class Ledger:
    """Hands out episodes to play, and accepts the result of each attempt once. Not thread-safe.

    Args:
        tasks: Episodes to play, in order; the iterable is read only as far as needed.
        retries: How often an episode that is not valid is played again.
    """

    def __init__(self, tasks: Iterable[RolloutTask], retries: Retries) -> None:
        self._tasks = iter(tasks)
        self._retries = retries
        self._again: deque[RolloutTask] = deque()
        self._later: list[tuple[float, int, RolloutTask]] = []
        self._held: dict[int, Lease] = {}
        self._numbers = 0
        self.late = 0
        """Results that arrived after their lease was gone and were dropped."""

    @property
    def held(self) -> int:
        """Number of leases handed out and not yet settled."""
        return len(self._held)

    def take(self, now_s: float) -> Lease | None:
        """Return a lease on an episode that can be played now; None when there is none at present.

        Args:
            now_s: Current time, on the clock that `settle` and `due_in_s` use too.
        """
        while self._later and self._later[0][0] <= now_s:
            self._again.append(heapq.heappop(self._later)[2])
        task = self._again.popleft() if self._again else next(self._tasks, None)
        if task is None:
            return None
        self._numbers += 1
        lease = Lease(number=self._numbers, task=task)
        self._held[lease.number] = lease
        return lease

    def due_in_s(self, now_s: float) -> float | None:
        """Return the seconds until the next retry may begin; None when no retry is waiting."""
        return max(0.0, self._later[0][0] - now_s) if self._later else None

    def settle(self, lease: Lease, episode: EpisodeRecord, now_s: float) -> bool:
        """Accept a result, and plan a retry if it is not valid; return False when the lease is not held any
        more.

        A late result must be dropped, because another attempt at the same episode may already be under way.
        """
        if self._held.pop(lease.number, None) is None:
            self.late += 1
            return False
        kind, task = failure_kind(episode), lease.task
        if kind is not None and self._retries.allow(kind, task.repetition):
            task = replace(task, attempt=task.attempt + 1, repetition=task.repetition + 1)
            self._numbers += 1
            due_s = now_s + self._retries.pause_s(task.repetition)
            # The number breaks ties, because tasks cannot be compared.
            heapq.heappush(self._later, (due_s, self._numbers, task))
        return True

    def give_back(self, lease: Lease) -> None:
        """Return a lease of which nothing was played; the same attempt is handed out next."""
        if self._held.pop(lease.number, None) is not None:
            self._again.appendleft(lease.task)
