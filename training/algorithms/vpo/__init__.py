"""Vector policy optimization: a reply holds several answers; the best for each mix of objectives counts."""

from ..framework.groups import group_passes
from .baselines import gdpo_advantages, multi_rlvr_scores, standardised_max_at_k, whitened
from .method import VPO, Answers, VPOSettings
from .programs import unique_indices, unique_programs
from .sets import EPS, dirichlet_weights, group_advantages, set_scores, sobol_weights

__all__ = [
    "EPS",
    "VPO",
    "Answers",
    "VPOSettings",
    "dirichlet_weights",
    "gdpo_advantages",
    "group_advantages",
    "group_passes",
    "multi_rlvr_scores",
    "set_scores",
    "sobol_weights",
    "standardised_max_at_k",
    "unique_indices",
    "unique_programs",
    "whitened",
]
