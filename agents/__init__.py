"""Policies that act, the rollout loop, and the records of episodes."""

from .agent import Agent, AgentAction, AgentFactory, AgentIdentity, Message, TaskInfo, TokenSpan, Usage
from .errors import AgentError, ContextWindowError, ModelError
from .factory import agent_factory, make_agent
from .model_options import ModelOptions
from .record import (
    SCHEMA_VERSION,
    EarlierJudgement,
    EpisodeLog,
    EpisodeRecord,
    EpisodeWriter,
    JudgementRecord,
    JudgeRecord,
    RecordError,
    RunRecord,
    StepRecord,
    read_episodes,
)
from .rollout import RolloutCancelledError, rollout
from .rollouts import RolloutTask, TooManyFailuresError, run_rollouts
from .scripted import SCRIPTED

__all__ = [
    "SCHEMA_VERSION",
    "SCRIPTED",
    "Agent",
    "AgentAction",
    "AgentError",
    "AgentFactory",
    "AgentIdentity",
    "ContextWindowError",
    "EarlierJudgement",
    "EpisodeLog",
    "EpisodeRecord",
    "EpisodeWriter",
    "JudgeRecord",
    "JudgementRecord",
    "Message",
    "ModelError",
    "ModelOptions",
    "RecordError",
    "RolloutCancelledError",
    "RolloutTask",
    "RunRecord",
    "StepRecord",
    "TaskInfo",
    "TokenSpan",
    "TooManyFailuresError",
    "Usage",
    "agent_factory",
    "make_agent",
    "read_episodes",
    "rollout",
    "run_rollouts",
]
