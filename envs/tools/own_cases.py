"""Tests that the agent writes itself: read from its workspace, judged and reported by `run_tests`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...judge import Judgement, Run, Verdict, Workspace, WorkspaceFileError
from ...problems import BY_PROGRAM, Checker, Functional, Problem, Testset, parse_literal
from ...problems.presenting import fenced
from ..actions import ActionError
from ..episode import ParsedReply
from ..feedback import OUTPUT_SHOWN, SAMPLE_SHOWN, VERDICT_NAMES, cut_middle, exit_text, shown

MOST_CASES = 32
"""Most tests of one call, so that a call cannot occupy the judge for long."""
MOST_BYTES = 4 << 20
"""Most bytes of the tests of one call."""
_FOLDER = "tests"
_TALKS = (
    "run_tests cannot play the other side of this task: write a program that does, and use bash. "
    "run_samples can."
)
_SEVERAL = (
    "Outputs were compared word by word; this task may accept others, as only the judge's checker can tell."
)


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """One test that the agent wrote."""

    name: str
    input: bytes
    answer: bytes | None
    """Expected output; None when the agent gave none."""


@dataclass(frozen=True, kw_only=True)
class OwnCases:
    """Tests that the agent wrote for a problem."""

    cases: tuple[OwnCase, ...]
    problem: Problem
    """Problem of the episode with these tests as samples and without its own tests."""
    times: bool
    """Whether to report the CPU time of each run."""
    several_answers: bool
    """Whether the problem may accept outputs other than the answer, so that the comparison is only a hint."""

    @classmethod
    def of(cls, problem: Problem, workspace: Workspace, arguments: Mapping[str, Any]) -> OwnCases:
        """Return the tests that the arguments of `run_tests` name.

        Raises:
            ActionError: The arguments contradict each other, or an answer does not have the form of an
                answer.
            WorkspaceFileError: The tests cannot be read.
        """
        if problem.interactive or problem.passes > 1:
            raise ActionError(_TALKS)
        cases = _given(arguments) if "input" in arguments else _gathered(workspace, arguments)
        for case in cases:
            if problem.functional:
                _check_value(case, problem.functional)
        # A test without an answer needs a valid one all the same; its comparison is not reported.
        nothing = _NOTHING[problem.functional.plain] if problem.functional else b""
        pairs = [(case.input, nothing if case.answer is None else case.answer) for case in cases]
        # The problem's checker may use hidden knowledge, so it must not judge data that the agent chose.
        several = problem.checker.comparison in BY_PROGRAM
        return cls(
            cases=cases,
            problem=replace(
                problem,
                tests=Testset(()),
                samples=Testset.inline(pairs, prefix="own/"),
                checker=Checker() if several else problem.checker,
                scoring=None,  # points are for the hidden tests
            ),
            times=arguments.get("times") == "yes",
            several_answers=several,
        )

    def reply(self, judgement: Judgement) -> ParsedReply:
        """Return the results on the tests; the quoted parts are from the agent or its program."""
        if not judgement.compilation.ok:
            message = cut_middle(judgement.compilation.message, OUTPUT_SHOWN)
            return ParsedReply(
                text=f"The program does not compile.\n{message}", quoted=(message,), judged=True
            )
        reports = [self._report(case, run) for case, run in self._pairs(judgement)]
        known = [run for case, run in self._pairs(judgement) if case.answer is not None]
        passed = sum(run.verdict.accepted for run in known)
        heading = f"{passed} of {len(known)} tests with an expected output passed."
        if len(known) < len(reports):
            heading += f" {len(reports) - len(known)} without one."
        notes = [_SEVERAL] if self.several_answers and passed < len(known) else []
        parts = [heading, *(text for text, _ in reports), *notes]
        quoted = tuple(words for _, each in reports for words in each)
        return ParsedReply(text=cut_middle("\n".join(parts), 4 * OUTPUT_SHOWN), quoted=quoted, judged=True)

    def _pairs(self, judgement: Judgement) -> list[tuple[OwnCase, Run]]:
        runs = sorted(judgement.runs, key=lambda run: run.index)
        return [(self.cases[run.index], run) for run in runs]

    def _report(self, case: OwnCase, run: Run) -> tuple[str, list[str]]:
        """Return the text about one test, and the quoted parts of it."""
        ran = run.verdict in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER)
        if case.answer is None and ran:
            kind = "ran"
        else:
            kind = f"{run.verdict.value} ({VERDICT_NAMES[run.verdict]}){exit_text(run)}"
        time = f", {run.cpu_time_s:.2f} s of CPU time" if self.times else ""
        parts, quoted = [f"{case.name}: {kind}{time}"], [case.name]
        if case.answer is not None and run.verdict.accepted:
            return parts[0], quoted
        blocks = {"Input": shown(case.input, SAMPLE_SHOWN)}
        if case.answer is not None:
            blocks["Expected output"] = shown(case.answer, SAMPLE_SHOWN)
        blocks["Your output"] = shown(run.output, SAMPLE_SHOWN)
        if case.answer is not None and ran:
            blocks["First difference"] = first_difference(case.answer, run.output)
        if run.stderr_tail:
            blocks["Standard error"] = shown(run.stderr_tail.encode(errors="replace"), SAMPLE_SHOWN)
        for title, text in blocks.items():
            parts += [f"{title}:", fenced(text)]
            quoted.append(text)
        return "\n".join(parts), quoted


def first_difference(answer: bytes, output: bytes) -> str:
    """Return the first line in which output and answer differ, as a diff of one line."""
    theirs, ours = (data.decode(errors="replace").rstrip().split("\n") for data in (answer, output))
    for number in range(max(len(theirs), len(ours))):
        wanted, got = (lines[number] if number < len(lines) else None for lines in (theirs, ours))
        # White space is ignored, as in the comparison of most problems.
        if wanted is None or got is None or wanted.split() != got.split():
            lines = [f"line {number + 1}"]
            lines += [f"- {cut_middle(wanted, 200)}"] if wanted is not None else []
            lines += [f"+ {cut_middle(got, 200)}"] if got is not None else []
            return "\n".join(lines)
    return "none but white space"


def _given(arguments: Mapping[str, Any]) -> tuple[OwnCase, ...]:
    if "folder" in arguments:
        raise ActionError("run_tests takes a folder or an input, not both")
    answer = arguments.get("answer")
    return (
        OwnCase(
            name="The test",
            input=arguments["input"].encode(),
            answer=None if answer is None else answer.encode(),
        ),
    )


def _gathered(workspace: Workspace, arguments: Mapping[str, Any]) -> tuple[OwnCase, ...]:
    if "answer" in arguments:
        raise ActionError("run_tests needs the input that the answer belongs to")
    folder = arguments.get("folder", _FOLDER)
    files = workspace.gather(folder, (".in", ".ans"), max_files=2 * MOST_CASES, max_bytes=MOST_BYTES)
    names = [name.removesuffix(".in") for name in files if name.endswith(".in")]
    if not names:
        raise WorkspaceFileError(f"there is no file in {folder} whose name ends in .in")
    if len(names) > MOST_CASES:
        raise WorkspaceFileError(f"there are {len(names)} tests in {folder}, more than {MOST_CASES}")
    return tuple(
        OwnCase(name=_printable(name), input=files[f"{name}.in"], answer=files.get(f"{name}.ans"))
        for name in names
    )


def _printable(name: str) -> str:
    """Return a name on one line, with escapes for characters that are not printable."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in name)


_NOTHING = {False: b"null", True: b"None"}
"""Answer in place of one that was not given, for methods and for plain functions."""


def _check_value(case: OwnCase, functional: Functional) -> None:
    if case.answer is None:
        return
    form = "the Python literal" if functional.plain else "the JSON"
    try:
        if functional.plain:
            parse_literal(case.answer.decode())
        else:
            json.loads(case.answer)
    except (ValueError, RecursionError) as error:
        raise ActionError(
            f"{case.name}: the answer must be {form} of the value to return: {error}"
        ) from error
