"""The first observation: the task and how to answer it."""

from __future__ import annotations

from ..judge import SPECS, Language
from ..problems import Problem
from ..problems.presenting import problem_text
from .settings import EnvSettings

LANGUAGE_NAMES = {language: spec.title for language, spec in SPECS.items()}


def task_text(problem: Problem, language: Language, *, hints: bool = False) -> str:
    """Return the task as Markdown: statement, hints if wanted, limits, language, interface and samples."""
    return problem_text(problem, LANGUAGE_NAMES[language], hints=hints)


def rules(settings: EnvSettings, *, turns: int | None) -> list[str]:
    """Return sentences on the limits of the episode and on the feedback.

    Args:
        settings: Settings of the environment.
        turns: Number of turns; None in mode single.
    """
    lines = []
    if settings.max_submissions > 1:
        count = settings.max_submissions
        lines.append(f"You may submit up to {count} times. {_WHAT_FOLLOWS[settings.shown_feedback]}")
    if turns is not None:
        lines.append(f"You have {turns} turns.")
    if settings.max_tool_calls is not None:
        count = settings.max_tool_calls
        lines.append(f"Tools other than `submit` may be called {count} times; one more call ends the task.")
    if settings.max_malformed is not None:
        lines.append(f"The task ends with {settings.max_malformed} malformed actions.")
    return lines


_WHAT_FOLLOWS = {
    "samples": (
        "A program that fails on the samples is told how, and you may submit again. The first that passes "
        "them, or the last one, is judged on the hidden tests, which ends the task."
    ),
    "verdict": "After each you see the verdict on the hidden tests. The first accepted one ends the task.",
    "counts": (
        "After each you see its verdict and how many hidden tests passed. The first that is accepted ends "
        "the task."
    ),
    "first_failure": (
        "After each you see its verdict, how many hidden tests passed, and how the first of the others "
        "failed. The first that is accepted ends the task."
    ),
}
