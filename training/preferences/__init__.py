"""Learning from preferences: direct preference optimization on pairs of replies to one problem."""

from .loss import PairScores, dpo_advantages, dpo_loss
from .pairs import PairSelection, PreferencePair, select_pairs
from .train import train_dpo

__all__ = [
    "PairScores",
    "PairSelection",
    "PreferencePair",
    "dpo_advantages",
    "dpo_loss",
    "select_pairs",
    "train_dpo",
]
