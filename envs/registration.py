"""The ids under which Gymnasium knows the environments."""

from __future__ import annotations

import gymnasium

PROBLEM_SETS = {"Classics": "classics", "LCB": "lcb", "Families": "families"}
"""Prefix of the id, and the name of the problem set it loads."""
DIFFICULTIES = {"": None, "Easy": "easy", "Medium": "medium", "Hard": "hard"}
WITHOUT_DIFFICULTIES = {"Families"}
ENTRY_POINTS = {
    "single": f"{__package__}.single_env:SingleEnv",
    "tool": f"{__package__}.tool_env:ToolEnv",
    "agentic": f"{__package__}.agentic_env:AgenticEnv",
}


def _registered() -> dict[str, tuple[str, dict[str, str | None]]]:
    """Map each id to its entry point and keyword arguments."""
    return {
        f"{prefix}{suffix}-{mode}": (entry_point, {"problem_set": problem_set, "difficulty": difficulty})
        for prefix, problem_set in PROBLEM_SETS.items()
        for suffix, difficulty in DIFFICULTIES.items()
        if not (suffix and prefix in WITHOUT_DIFFICULTIES)
        for mode, entry_point in ENTRY_POINTS.items()
    }


def environment_ids() -> tuple[str, ...]:
    """Return the id of every environment, for example `LCBHard-agentic`."""
    return tuple(_registered())


def register_environments() -> None:
    """Register every environment with Gymnasium; a second call does nothing.

    The environments enforce the order of `reset` and `step` themselves, as `restore` may take the place
    of `reset`; Gymnasium's own wrapper for it is left out.
    """
    for env_id, (entry_point, keywords) in _registered().items():
        if env_id not in gymnasium.registry:
            gymnasium.register(env_id, entry_point=entry_point, order_enforce=False, kwargs=keywords)
