"""Verification: tasks that ask which of several programs is right, their sets, and edits that deceive."""

from .edits import EDITS, boldness
from .files import EMBEDDED, is_task_set, read_summary, read_tasks, task_problems, write_tasks
from .task import (
    EASY_BELOW,
    FEWEST,
    HARD_RATES,
    METADATA,
    MOST,
    Candidate,
    VerificationKind,
    VerificationTask,
    plain_text,
    question_problem,
    question_text,
    rotations,
    task_facts,
)

__all__ = [
    "EASY_BELOW",
    "EDITS",
    "EMBEDDED",
    "FEWEST",
    "HARD_RATES",
    "METADATA",
    "MOST",
    "Candidate",
    "VerificationKind",
    "VerificationTask",
    "boldness",
    "is_task_set",
    "plain_text",
    "question_problem",
    "question_text",
    "read_summary",
    "read_tasks",
    "rotations",
    "task_facts",
    "task_problems",
    "write_tasks",
]
