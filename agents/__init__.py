"""Agents, the rollout engine, and the records of episodes."""

from .agent import Agent, AgentAction, AgentFactory, AgentIdentity, Message, TaskInfo, TokenSpan, Usage
from .engine.batch import RolloutTask, TooManyFailuresError, run_rollouts
from .engine.branching import EpisodeBranch
from .engine.episode import RolloutCancelledError, rollout
from .errors import AgentError, ContextWindowError, ModelError
from .factory import agent_factory, make_agent
from .llm.options import ModelOptions
from .records.record import (
    SCHEMA_VERSION,
    AnswerRecord,
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
from .scripted import SCRIPTED

__all__ = [
    "SCHEMA_VERSION",
    "SCRIPTED",
    "Agent",
    "AgentAction",
    "AgentError",
    "AgentFactory",
    "AgentIdentity",
    "AnswerRecord",
    "ContextWindowError",
    "EarlierJudgement",
    "EpisodeBranch",
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
