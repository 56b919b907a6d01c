"""POW3R: components of the reward weighted by their contrast between the rollouts of a problem."""

from .factors import advantages, category_rewards, contrast, smoothed_factors, target_factors
from .method import POW3R, SHARED, Components, POW3RSettings, quarter_components, reward_components

__all__ = [
    "POW3R",
    "SHARED",
    "Components",
    "POW3RSettings",
    "advantages",
    "category_rewards",
    "contrast",
    "quarter_components",
    "reward_components",
    "smoothed_factors",
    "target_factors",
]
