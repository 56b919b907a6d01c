"""The environment of verification: which of several programs is right."""

from .answers import parse_answer
from .env import VerificationEnv
from .judging import best_first, judge_answer, kendall
from .settings import VerificationSettings

__all__ = [
    "VerificationEnv",
    "VerificationSettings",
    "best_first",
    "judge_answer",
    "kendall",
    "parse_answer",
]
