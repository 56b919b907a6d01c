"""The rollout engine: many episodes at a time, each recorded exactly once."""

from ...envs import FailureKind
from .branching import BranchObserver, EpisodeBranch
from .engine import EngineCounts, EngineSettings, RolloutEngine
from .environment_host import (
    EnvFacts,
    EnvironmentHost,
    EnvMaker,
    LocalEnvironmentHost,
    OpenedEpisode,
    StepResult,
    recorded_kwargs,
)
from .failures import (
    FAILURE_KINDS,
    NoRoomError,
    Retries,
    RolloutCancelledError,
    RunStoppedError,
    StalledError,
    TooManyFailuresError,
    WorkerLostError,
    failure_kind,
)
from .ledger import Lease, Ledger, RolloutTask, owed_tasks
from .limits import ConcurrencyLimits, EpisodeLimits
from .play import EpisodePlay, EpisodeSpec
from .waiting import JudgeGate, MeteredJudge, idle_sleep

__all__ = [
    "FAILURE_KINDS",
    "BranchObserver",
    "ConcurrencyLimits",
    "EngineCounts",
    "EngineSettings",
    "EnvFacts",
    "EnvMaker",
    "EnvironmentHost",
    "EpisodeBranch",
    "EpisodeLimits",
    "EpisodePlay",
    "EpisodeSpec",
    "FailureKind",
    "JudgeGate",
    "Lease",
    "Ledger",
    "LocalEnvironmentHost",
    "MeteredJudge",
    "NoRoomError",
    "OpenedEpisode",
    "Retries",
    "RolloutCancelledError",
    "RolloutEngine",
    "RolloutTask",
    "RunStoppedError",
    "StalledError",
    "StepResult",
    "TooManyFailuresError",
    "WorkerLostError",
    "failure_kind",
    "idle_sleep",
    "owed_tasks",
    "recorded_kwargs",
]
