"""The first observation: the task and how to answer it."""

from __future__ import annotations

import re

from ..judge import SPECS, Language
from ..problems import Problem, TestCase

LANGUAGE_NAMES = {language: spec.title for language, spec in SPECS.items()}


def task_text(problem: Problem, language: Language) -> str:
    """Return statement, limits, language, interface and samples, as Markdown."""
    parts = [f"# {problem.title}", problem.statement.strip(), _limits(problem, language), _interface(problem)]
    parts += [_sample(number, case) for number, case in enumerate(problem.samples, start=1)]
    return "\n\n".join(part for part in parts if part)


def fenced(text: str, *, tag: str = "") -> str:
    """Return the text verbatim in a code block whose fence is longer than any within."""
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
    if problem.functional is None:
        text = "The program reads standard input and writes standard output."
    else:
        text = (
            f"Write a class `Solution` with the method `{problem.functional.method}`. It is called once per "
            "test; nothing is read or printed. In the samples an input has one JSON value per line, the "
            "arguments in order, and the output is the value to return."
        )
    return "\n\n".join(
        part for part in ("## Interface", text, starter and f"Starter code:\n\n{starter}") if part
    )


def _sample(number: int, case: TestCase) -> str:
    given, answer = (data.decode(errors="replace") for data in (case.input, case.answer))
    return f"## Sample {number}\n\nInput:\n\n{fenced(given)}\n\nOutput:\n\n{fenced(answer)}"
