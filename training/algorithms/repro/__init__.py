"""RePro: rewards for steps from the progress that the agent sees in hindsight."""

from .method import RePro, ReProSettings, retrospection_prompt, states_before
from .progress import (
    LABEL,
    STATEMENT,
    Labels,
    filled,
    online_labels,
    retrospective_progress,
    stated_progress,
    true_progress,
)
from .rewards import (
    EPS,
    rank_correlation,
    sign_agreement,
    step_advantages,
    step_groups,
    step_rewards,
)

__all__ = [
    "EPS",
    "LABEL",
    "STATEMENT",
    "Labels",
    "RePro",
    "ReProSettings",
    "filled",
    "online_labels",
    "rank_correlation",
    "retrospection_prompt",
    "retrospective_progress",
    "sign_agreement",
    "stated_progress",
    "states_before",
    "step_advantages",
    "step_groups",
    "step_rewards",
    "true_progress",
]
