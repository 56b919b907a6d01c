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
}
"""Problem sets by the prefix of the id."""
DIFFICULTIES = {"": None, "Easy": "easy", "Medium": "medium", "Hard": "hard"}
WITH_DIFFICULTIES = {"Classics", "LCB"}
"""Prefixes with an id for each difficulty. The other sets have one id; the keyword argument `difficulty`
restricts them."""
# As text: Gymnasium imports the modules only when an environment is made, which keeps the import fast.
ENTRY_POINTS = {
    "single": f"{__package__}.modes.single_env:SingleEnv",
    "tool": f"{__package__}.modes.tool_env:ToolEnv",
    "agentic": f"{__package__}.modes.agentic_env:AgenticEnv",
}
DEBUGGER = "Debugger-single"
"""Id of the environment in which the agent plays the debugger; it has no problem set and no other mode."""
VECTOR_ENTRY_POINTS = {
    "single": f"{__package__}.vector:SingleVectorEnv",
    "tool": f"{__package__}.vector:ToolVectorEnv",
    "agentic": f"{__package__}.vector:AgenticVectorEnv",
}


def _registered() -> dict[str, tuple[str, dict[str, str | None]]]:
    """Map each id to its mode and keyword arguments."""
    return {
        f"{prefix}{suffix}-{mode}": (mode, {"problem_set": problem_set, "difficulty": difficulty})
        for prefix, problem_set in PROBLEM_SETS.items()
        for suffix, difficulty in DIFFICULTIES.items()
        if not suffix or prefix in WITH_DIFFICULTIES
        for mode in ENTRY_POINTS
    }


def environment_ids() -> tuple[str, ...]:
    """Return the id of every environment, for example `LCBHard-agentic`."""
    return (*_registered(), DEBUGGER)


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
    if DEBUGGER not in gymnasium.registry:
        gymnasium.register(
            DEBUGGER,
            entry_point=f"{__package__}.debugging.debugger_env:DebuggerEnv",
            vector_entry_point=f"{__package__}.debugging.debugger_env:DebuggerVectorEnv",
            order_enforce=False,
            kwargs={"problem_set": "debugger", "difficulty": None},
        )
