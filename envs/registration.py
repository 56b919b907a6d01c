"""Registration of the environments with Gymnasium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator

DIFFICULTIES = {"": None, "Easy": "easy", "Medium": "medium", "Hard": "hard"}


@dataclass(frozen=True)
class EntryPoint:
    """The class of an environment and that of its vectors, as `module:class` below `envs`."""

    # As text: Gymnasium imports the modules only when an environment is made, which keeps the import fast.
    single: str
    vector: str


PROGRAMS = {
    "single": EntryPoint("modes.single_env:SingleEnv", "vector:SingleVectorEnv"),
    "tool": EntryPoint("modes.tool_env:ToolEnv", "vector:ToolVectorEnv"),
    "agentic": EntryPoint("modes.agentic_env:AgenticEnv", "vector:AgenticVectorEnv"),
}
"""Environments whose answers are programs, by mode."""
FUNCTIONS = {
    "single": EntryPoint("modes.function_envs:FunctionSingleEnv", "vector:FunctionSingleVectorEnv"),
    "tool": EntryPoint("modes.function_envs:FunctionToolEnv", "vector:FunctionToolVectorEnv"),
    "agentic": EntryPoint("modes.function_envs:FunctionAgenticEnv", "vector:FunctionAgenticVectorEnv"),
}
"""Environments whose answers are programs or literals, by mode."""
VERIFICATION = {
    **PROGRAMS,
    "single": EntryPoint("verification.env:VerificationEnv", "vector:VerificationVectorEnv"),
}
"""Environments that ask which program is right. In mode single the reply is the answer; in the modes tool and
agentic a program prints it."""
DEBUGGER = {
    "single": EntryPoint("debugging.debugger_env:DebuggerEnv", "debugging.debugger_env:DebuggerVectorEnv")
}
"""The environment in which the agent plays the debugger."""
GRIDS = {"single": EntryPoint("modes.grid_env:GridEnv", "vector:GridVectorEnv")}
"""The environment whose answers are filled grids."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentSet:
    """The environments over a problem set."""

    problem_set: str
    modes: Mapping[str, EntryPoint] = field(default_factory=lambda: PROGRAMS)
    by_difficulty: bool = False
    """Whether there is an id for each difficulty; the keyword argument `difficulty` restricts any set."""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    """Further default keyword arguments."""


# What a submission may tell: right or wrong, and the verdict.
_FUNCTION_KEYWORDS = {"feedback": "verdict"}
SETS = {
    "Classics": EnvironmentSet(problem_set="classics", by_difficulty=True),
    "LCB": EnvironmentSet(problem_set="lcb", by_difficulty=True),
    "CodeContests": EnvironmentSet(problem_set="codecontests"),
    "TACO": EnvironmentSet(problem_set="taco"),
    "APPS": EnvironmentSet(problem_set="apps"),
    "Families": EnvironmentSet(problem_set="families"),
    "MicroFamilies": EnvironmentSet(problem_set="microfamilies"),
    "GridPrograms": EnvironmentSet(problem_set="grid-programs"),
    "Grids": EnvironmentSet(problem_set="grids", modes=GRIDS),
    "Folder": EnvironmentSet(problem_set="folder"),
    "Debugger": EnvironmentSet(problem_set="debugger", modes=DEBUGGER),
    "Verification": EnvironmentSet(problem_set="verification", modes=VERIFICATION),
    **{
        name: EnvironmentSet(problem_set=name.lower(), modes=FUNCTIONS, keywords=_FUNCTION_KEYWORDS)
        for name in ("Induction", "Abduction", "Deduction", "Fuzzing")
    },
}
"""Environments by the prefix of their ids."""


def _registered() -> dict[str, tuple[EntryPoint, dict[str, Any]]]:
    """Map each id to its classes and keyword arguments."""
    return {
        f"{prefix}{suffix}-{mode}": (
            entry_point,
            {"problem_set": each.problem_set, "difficulty": difficulty, **each.keywords},
        )
        for prefix, each in SETS.items()
        for suffix, difficulty in DIFFICULTIES.items()
        if not suffix or each.by_difficulty
        for mode, entry_point in each.modes.items()
    }


def environment_ids() -> tuple[str, ...]:
    """Return the id of every environment, for example `LCBHard-agentic`."""
    return tuple(_registered())


def has_option(env_id: str, name: str) -> bool:
    """Return whether an environment has a keyword argument; all have the fields of `EnvSettings`."""
    kind: Any = load_env_creator(gymnasium.spec(env_id).entry_point)  # type: ignore[arg-type]  # a text
    return name in {entry.name for entry in fields(kind.settings_type)}


def register_environments() -> None:
    """Register every environment with Gymnasium; a second call does nothing.

    The ids have no version, so that users can type `Classics-single`: Gymnasium does not allow the same name
    with and without a version. The version is in `metadata["version"]`. Gymnasium's `OrderEnforcing` wrapper
    is left out, because `restore` may take the place of `reset`; the environments check the order themselves.
    """
    for env_id, (entry_point, keywords) in _registered().items():
        # Registering an id again would make Gymnasium warn, for example after a reload of the module.
        if env_id not in gymnasium.registry:
            gymnasium.register(
                env_id,
                entry_point=f"{__package__}.{entry_point.single}",
                vector_entry_point=f"{__package__}.{entry_point.vector}",
                order_enforce=False,
                kwargs=keywords,
            )
