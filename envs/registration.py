"""Registration of the environments with Gymnasium."""

from __future__ import annotations

import gymnasium

PROBLEM_SETS = {
    "Classics": "classics",
    "LCB": "lcb",
    "CodeContests": "codecontests",
    "TACO": "taco",
    "APPS": "apps",
    "Families": "families",
    "GridPrograms": "grid-programs",
}
"""Problem sets by the prefix of the id."""
DIFFICULTIES = {"": None, "Easy": "easy", "Medium": "medium", "Hard": "hard"}
MODES = ("single", "tool", "agentic")
WITH_DIFFICULTIES = {"Classics", "LCB"}
"""Prefixes with an id for each difficulty. The other sets have one id; the keyword argument `difficulty`
restricts them."""
# As text: Gymnasium imports the modules only when an environment is made, which keeps the import fast.
ENTRY_POINTS = {
    "single": f"{__package__}.modes.single_env:SingleEnv",
    "tool": f"{__package__}.modes.tool_env:ToolEnv",
    "agentic": f"{__package__}.modes.agentic_env:AgenticEnv",
    "grids": f"{__package__}.modes.grid_env:GridEnv",
}
VECTOR_ENTRY_POINTS = {
    "single": f"{__package__}.vector:SingleVectorEnv",
    "tool": f"{__package__}.vector:ToolVectorEnv",
    "agentic": f"{__package__}.vector:AgenticVectorEnv",
    "grids": f"{__package__}.vector:GridVectorEnv",
}


def _registered() -> dict[str, tuple[str, dict[str, str | None]]]:
    """Map each id to the key of its entry point and its keyword arguments."""
    programs: dict[str, tuple[str, dict[str, str | None]]] = {
        f"{prefix}{suffix}-{mode}": (mode, {"problem_set": problem_set, "difficulty": difficulty})
        for prefix, problem_set in PROBLEM_SETS.items()
        for suffix, difficulty in DIFFICULTIES.items()
        if not suffix or prefix in WITH_DIFFICULTIES
        for mode in MODES
    }
    return {**programs, "Grids-single": ("grids", {"problem_set": "grids", "difficulty": None})}


def environment_ids() -> tuple[str, ...]:
    """Return the id of every environment, for example `LCBHard-agentic`."""
    return tuple(_registered())


def register_environments() -> None:
    """Register every environment with Gymnasium; a second call does nothing.

    The ids have no version, so that users can type `Classics-single`: Gymnasium does not allow the same name
    with and without a version. The version is in `metadata["version"]`. Gymnasium's `OrderEnforcing` wrapper
    is left out, because `restore` may take the place of `reset`; the environments check the order themselves.
    """
    for env_id, (mode, keywords) in _registered().items():
        # Registering an id again would make Gymnasium warn, for example after a reload of the module.
        if env_id not in gymnasium.registry:
            gymnasium.register(
                env_id,
                entry_point=ENTRY_POINTS[mode],
                vector_entry_point=VECTOR_ENTRY_POINTS[mode],
                order_enforce=False,
                kwargs=keywords,
            )
