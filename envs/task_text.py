"""The first observation: the task and how to answer it."""

from __future__ import annotations

import re

from ..judge import SPECS, Language
from ..problems import Problem, TestCase, asks_for_literal
from .settings import EnvSettings

LANGUAGE_NAMES = {language: spec.title for language, spec in SPECS.items()}


def task_text(problem: Problem, language: Language, *, hints: bool = False) -> str:
    """Return the task as Markdown: statement, hints if wanted, limits, language, interface and samples."""
    parts = [f"# {problem.title}", problem.statement.strip()]
    parts += [f"## Hints\n\n{problem.hints.strip()}"] if hints and problem.hints.strip() else []
    if not asks_for_literal(problem):
        parts += [_limits(problem, language), _interface(problem)]
    parts += [
        _sample(number, case, interactive=problem.interactive)
        for number, case in enumerate(problem.samples, start=1)
    ]
    return "\n\n".join(part for part in parts if part)


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


def fenced(text: str, *, tag: str = "") -> str:
    """Return the text in a code block whose fence is longer than any run of backticks in the text."""
    # Samples and output may contain fences of their own, which must not end the block.
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{fence}{tag}\n{text}{end}{fence}"


def _limits(problem: Problem, language: Language) -> str:
    limits = problem.limits
    return (
        f"## Limits\n\nTime: {limits.time_s:g} s of CPU time per test. Memory: {limits.memory_mib} MiB. "
        f"Language: {LANGUAGE_NAMES[language]}."
    )


def _interface(problem: Problem) -> str:
    starter = fenced(problem.starter_code, tag="python") if problem.starter_code.strip() else ""
    parts = ["## Interface", _how_it_is_run(problem), starter and f"Starter code:\n\n{starter}"]
    return "\n\n".join(part for part in parts if part)


def _how_it_is_run(problem: Problem) -> str:
    if problem.functional is not None and problem.functional.plain:
        return (
            f"Write a Python function `{problem.functional.method}`. It is called once per test; nothing is "
            "read or printed. In the samples an input has one Python literal per line, the arguments in "
            "order, and the output is the value to return."
        )
    if problem.functional is not None:
        return (
            f"Write a class `Solution` with the method `{problem.functional.method}`. It is called once per "
            "test; nothing is read or printed. In the samples an input has one JSON value per line, the "
            "arguments in order, and the output is the value to return."
        )
    if problem.interactive:
        text = (
            "The problem is interactive: while the program runs, it talks with a program of the judge. What "
            "it prints is read there, and it reads the replies on standard input, as the statement says. "
            "Flush after each line that is printed. A sample shows what the judge's program was given, and "
            "not a conversation: your program does not read it."
        )
    else:
        text = "The program reads standard input and writes standard output."
    if problem.passes > 1:
        text += (
            f" It is run up to {problem.passes} times in all, each time anew: what the judge makes of one "
            "run's output is the input of the next."
        )
    return text


def _sample(number: int, case: TestCase, *, interactive: bool) -> str:
    given, answer = (data.decode(errors="replace") for data in (case.input(), case.answer()))
    if not interactive:
        return f"## Sample {number}\n\nInput:\n\n{fenced(given)}\n\nOutput:\n\n{fenced(answer)}"
    parts = [f"## Sample {number}", "The judge's program was given:", fenced(given)]
    parts += ["Its answer file:", fenced(answer)] if answer.strip() else []
    return "\n\n".join(parts)
