"""The judge model of a run, from its settings."""

from __future__ import annotations

from ..agents import AgentError, ModelOptions
from ..agents.engine import EpisodeLimits
from ..agents.llm.judge_model import JudgeModel, JudgeModelOptions
from .algorithms.algorithm import Algorithm
from .settings import RLSettings

JUDGE_TOKENS = 1024
"""Largest number of tokens of a reply of the judge model."""


def judge_model_of(settings: RLSettings, algorithm: Algorithm) -> JudgeModel | None:
    """Return the judge model that the settings name; None if they name none.

    Raises:
        ValueError: The algorithm needs a judge model, and the settings name none.
        AgentError: litellm is not installed, or no request can succeed.
    """
    name = settings.judge_model
    if name is None:
        if algorithm.wants.judge_model:
            raise ValueError(f"the algorithm {algorithm.name!r} needs a judge model: give --judge-model")
        return None
    model = ModelOptions(
        temperature=0.0,
        max_completion_tokens=JUDGE_TOKENS,
        model_seed=settings.seed,
        api_base=settings.judge_model_base,
    )
    limits = EpisodeLimits(max_cost_usd=settings.judge_model_cost_usd)
    made = JudgeModel(name, JudgeModelOptions(model=model, limits=limits))
    if (obstacle := made.obstacle()) is not None:
        raise AgentError(f"the judge model {name} cannot be asked: {obstacle}")
    return made
