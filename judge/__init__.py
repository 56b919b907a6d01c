"""Submission -> judgement: compile, sandbox, run, check."""

from .core import Execution, Judge, JudgeTask
from .errors import CheckerError, CompileError, JudgeError, LanguageMissingError, SandboxError
from .judgement import (
    Compilation,
    FailureClass,
    JudgeIdentity,
    Judgement,
    Run,
    SlowOutcome,
    Verdict,
    failure_class,
    overall_verdict,
)
from .submission import Language, Submission
from .workspace import CommandResult, Workspace, WorkspaceFileError

__all__ = [
    "CheckerError",
    "CommandResult",
    "Compilation",
    "CompileError",
    "Execution",
    "FailureClass",
    "Judge",
    "JudgeError",
    "JudgeIdentity",
    "JudgeTask",
    "Judgement",
    "Language",
    "LanguageMissingError",
    "Run",
    "SandboxError",
    "SlowOutcome",
    "Submission",
    "Verdict",
    "Workspace",
    "WorkspaceFileError",
    "failure_class",
    "overall_verdict",
]
