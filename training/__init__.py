"""Training: from episodes to advantages, a loss, and checkpoints.

Names that need torch and transformers (`codefrontier[train]`) are imported at first use. Settings and errors
need neither package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import TrainingError
from .settings import DPOSettings, FineTuneSettings, RLSettings, RunSettings, SFTSettings

if TYPE_CHECKING:
    from .algorithms.algorithm import Algorithm, EpisodePlan, Group, Scored
    from .algorithms.framework.losses import Clipping, cross_entropy, policy_loss
    from .algorithms.grpo import GRPO, group_advantages
    from .checkpoint import checkpoints, find_checkpoint
    from .curricula.curriculum import Curriculum, Result
    from .metrics import read_lines
    from .preferences.train import train_dpo
    from .pretraining.model import tiny_model
    from .pretraining.sft import train_sft
    from .pretraining.tokenizer import build_tokenizer
    from .rows import Row, row_of
    from .sampling.environments import TrainingEnvironment
    from .sampling.exercises import Exercise, ExerciseSource
    from .sampling.problem_stream import ProblemStream, families_stream
    from .sampling.verdict_cache import VerdictCache
    from .sft.finetune import fine_tune
    from .trainer import Trainer, train

__all__ = [
    "GRPO",
    "Algorithm",
    "Clipping",
    "Curriculum",
    "DPOSettings",
    "EpisodePlan",
    "Exercise",
    "ExerciseSource",
    "FineTuneSettings",
    "Group",
    "ProblemStream",
    "RLSettings",
    "Result",
    "Row",
    "RunSettings",
    "SFTSettings",
    "Scored",
    "Trainer",
    "TrainingEnvironment",
    "TrainingError",
    "VerdictCache",
    "build_tokenizer",
    "checkpoints",
    "cross_entropy",
    "families_stream",
    "find_checkpoint",
    "fine_tune",
    "group_advantages",
    "policy_loss",
    "read_lines",
    "row_of",
    "tiny_model",
    "train",
    "train_dpo",
    "train_sft",
]

_MODULES = {
    "algorithms.algorithm": ("Algorithm", "EpisodePlan", "Group", "Scored"),
    "checkpoint": ("checkpoints", "find_checkpoint"),
    "curricula.curriculum": ("Curriculum", "Result"),
    "algorithms.grpo": ("GRPO", "group_advantages"),
    "algorithms.framework.losses": ("Clipping", "cross_entropy", "policy_loss"),
    "metrics": ("read_lines",),
    "preferences.train": ("train_dpo",),
    "pretraining.model": ("tiny_model",),
    "sampling.environments": ("TrainingEnvironment",),
    "sampling.exercises": ("Exercise", "ExerciseSource"),
    "sampling.problem_stream": ("ProblemStream", "families_stream"),
    "rows": ("Row", "row_of"),
    "pretraining.sft": ("train_sft",),
    "pretraining.tokenizer": ("build_tokenizer",),
    "trainer": ("Trainer", "train"),
    "sampling.verdict_cache": ("VerdictCache",),
    "sft.finetune": ("fine_tune",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
