"""Synthesis of problems: a teacher writes them, a student attempts them, pass rates lead the teacher on."""

from .run import synthesize
from .seeds import Seeds, open_seeds
from .settings import Budget, RunOptions, SynthesisSettings
from .students import StudentSettings
from .summary import Summary
from .teachers import Teacher, TeacherReply, make_teacher

__all__ = [
    "Budget",
    "RunOptions",
    "Seeds",
    "StudentSettings",
    "Summary",
    "SynthesisSettings",
    "Teacher",
    "TeacherReply",
    "make_teacher",
    "open_seeds",
    "synthesize",
]
