"""ExpRL: priming with a dense reward per step, judged against a reference that the policy does not see."""

from .advantages import Norm, step_advantages
from .method import ExpRL, ExpRLSettings
from .steps import (
    ExecutableJudge,
    Splitting,
    StepJudge,
    completed_programs,
    executable_scores,
    model_scores,
    parse_score,
    split_steps,
    token_steps,
)

__all__ = [
    "ExecutableJudge",
    "ExpRL",
    "ExpRLSettings",
    "Norm",
    "Splitting",
    "StepJudge",
    "completed_programs",
    "executable_scores",
    "model_scores",
    "parse_score",
    "split_steps",
    "step_advantages",
    "token_steps",
]
