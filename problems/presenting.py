"""The text of a problem for whoever solves it: statement, limits, interface and samples, as Markdown."""

from __future__ import annotations

import re

from .functions.answers import asks_for_literal
from .model import Problem
from .testset import TestCase


def problem_text(problem: Problem, language: str, *, hints: bool = False) -> str:
    """Return a problem as Markdown: statement, hints if wanted, limits, interface and samples.

    Args:
        problem: The problem.
        language: Name of the language of the submission, for example `Python 3`.
        hints: Whether to add the hints.
    """
    parts = [f"# {problem.title}", problem.statement.strip()]
    parts += [f"## Hints\n\n{problem.hints.strip()}"] if hints and problem.hints.strip() else []
    if not asks_for_literal(problem):
        parts += [_limits(problem, language), _interface(problem)]
    parts += [
        _sample(number, case, interactive=problem.interactive)
        for number, case in enumerate(problem.samples, start=1)
    ]
    return "\n\n".join(part for part in parts if part)


def fenced(text: str, *, tag: str = "") -> str:
    """Return the text in a code block whose fence is longer than any run of backticks in the text."""
    # Samples and output may contain fences of their own, which must not end the block.
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{fence}{tag}\n{text}{end}{fence}"


def _limits(problem: Problem, language: str) -> str:
    limits = problem.limits
    return (
        f"## Limits\n\nTime: {limits.time_s:g} s of CPU time per test. Memory: {limits.memory_mib} MiB. "
        f"Language: {language}."
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
