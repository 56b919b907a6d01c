"""Building sets of verification tasks from programs of known problems, by the verdicts of the judge."""

from .build import BuildSettings, Built, build_tasks
from .proof import WrongLabel, prove_labels
from .sources import ProgramPool, SourceProgram, find_task_problem, program_pools

__all__ = [
    "BuildSettings",
    "Built",
    "ProgramPool",
    "SourceProgram",
    "WrongLabel",
    "build_tasks",
    "find_task_problem",
    "program_pools",
    "prove_labels",
]
