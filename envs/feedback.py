"""Texts for the agent about runs and judgements. None of them holds hidden data."""

from __future__ import annotations

from ..judge import CommandResult, Execution, Judgement, Run, Verdict, plain_text
from ..problems import Problem, TestCase
from ..problems.presenting import fenced
from .episode import ParsedReply
from .settings import Feedback

VERDICT_NAMES = {
    Verdict.ACCEPTED: "accepted",
    Verdict.WRONG_ANSWER: "wrong answer",
    Verdict.RUNTIME_ERROR: "run-time error",
    Verdict.TIME_LIMIT_EXCEEDED: "time limit exceeded",
    Verdict.MEMORY_LIMIT_EXCEEDED: "memory limit exceeded",
    Verdict.OUTPUT_LIMIT_EXCEEDED: "output limit exceeded",
    Verdict.COMPILE_ERROR: "compile error",
}
OUTPUT_SHOWN = 8000
"""Most characters shown of the output of a program or command."""
SAMPLE_SHOWN = 1500
"""Most characters shown of the input, output or standard error of a run on a sample."""


def cut_middle(text: str, limit: int) -> str:
    """Return the text; if it is longer than `limit` characters, a note of the length replaces its middle."""
    if len(text) <= limit:
        return text
    head = limit // 2
    tail = limit - head
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[len(text) - tail :]}"


def submission_reply(judgement: Judgement, feedback: Feedback) -> ParsedReply:
    """Return the text about a judgement on the hidden tests that a level of feedback allows."""
    verdict = judgement.verdict
    if feedback in ("none", "samples"):
        return ParsedReply(text="Submitted.", judged=True)
    text = f"Submitted. Verdict: {verdict.value} ({VERDICT_NAMES[verdict]})"
    if feedback != "verdict":
        text += f", {judgement.passed} of {judgement.selected} tests passed"
    text += "."
    if verdict is Verdict.COMPILE_ERROR:
        message = cut_middle(judgement.compilation.message, OUTPUT_SHOWN)
        return ParsedReply(text=f"{text}\n{message}", quoted=(message,), judged=True)
    if feedback == "first_failure" and not verdict.accepted:
        text += f" {_first_failure(judgement)}"
    return ParsedReply(text=text, judged=True)


def _first_failure(judgement: Judgement) -> str:
    """Return the position and the verdict of the first failure, and nothing about the test itself.

    Exit status and signal are left out: a program could encode its hidden input in them.
    """
    failures = (item for item in enumerate(judgement.runs, start=1) if not item[1].verdict.accepted)
    place, run = next(failures)
    return (
        f"The first to fail, in the order of judging, is test {place} of {judgement.selected}: "
        f"{run.verdict.value} ({VERDICT_NAMES[run.verdict]})."
    )


def samples_reply(problem: Problem, judgement: Judgement) -> ParsedReply:
    """Return the results on the samples, which are public, with the outputs that are wrong."""
    if not judgement.compilation.ok:
        message = cut_middle(judgement.compilation.message, OUTPUT_SHOWN)
        return ParsedReply(text=f"The program does not compile.\n{message}", quoted=(message,), judged=True)
    parts, quoted = [f"{judgement.passed} of {judgement.selected} samples passed."], []
    cases = {case.index: (number, case) for number, case in enumerate(problem.samples, start=1)}
    for run in sorted(judgement.runs, key=lambda run: run.index):
        number, case = cases[run.index]
        left_behind = run.interaction is not None and run.verdict is Verdict.WRONG_ANSWER
        # After the interactor has rejected, it depends on timing how the program ends: that is not shown.
        ending, last_words = ("", "") if left_behind else (exit_text(run), run.stderr_tail)
        parts.append(f"Sample {number}: {run.verdict.value} ({VERDICT_NAMES[run.verdict]}){ending}")
        if not run.verdict.accepted:
            stderr = cut_middle(last_words, SAMPLE_SHOWN)
            lines, words = _conversation(run) if run.interaction else _comparison(case, run)
            parts += lines
            parts += ["Standard error:", fenced(stderr)] if stderr else []
            quoted += [*words, stderr]
    return ParsedReply(text="\n".join(parts), quoted=tuple(quoted), judged=True)


def _comparison(case: TestCase, run: Run) -> tuple[list[str], list[str]]:
    """Return input, answer and output of a sample, and the part of them that the program wrote."""
    output = shown(run.output, SAMPLE_SHOWN)
    lines = ["Input:", fenced(shown(case.input(), SAMPLE_SHOWN))]
    lines += ["Expected output:", fenced(shown(case.answer(), SAMPLE_SHOWN)), "Your output:", fenced(output)]
    return lines, [output]


def _conversation(run: Run) -> tuple[list[str], list[str]]:
    """Return the conversation on a sample, and the same texts as quoted parts.

    Each side is shown separately: the order of messages that do not wait for each other differs between runs.
    """
    assert run.interaction is not None
    parts, words = [], []
    for speaker, name in (("interactor", "The judge"), ("submission", "Your program")):
        said = b"".join(each.text for each in run.interaction.transcript if each.speaker == speaker)
        text = shown(said, SAMPLE_SHOWN)
        parts += [f"{name} said:", fenced(text)] if said else [f"{name} said nothing."]
        words.append(text)
    more = ["The conversation went on."] if run.interaction.truncated else []
    return [*parts, *more], words


def execution_text(execution: Execution) -> str:
    """Return the result of a run of the tool `python`."""
    if execution.limit is not None:
        parts = [f"Stopped: over the {execution.limit} limit."]
    elif execution.signal is not None:
        parts = [f"Ended by signal {execution.signal}."]
    else:
        parts = [f"Exit status {execution.exit_status}."]
    for name, data in (("Standard output", execution.stdout), ("Standard error", execution.stderr)):
        if data:
            parts.append(f"{name}:\n{fenced(shown(data, OUTPUT_SHOWN))}")
    if not execution.stdout:
        parts.append("Nothing on standard output.")
    return "\n".join(parts)


def command_text(result: CommandResult, *, time_limit_s: float) -> str:
    """Return the output and the end of a shell command."""
    if result.timed_out:
        ending = f"[interrupted after {time_limit_s:g} s]"
    elif result.exit_status is None:
        ending = "[interrupted]"
    else:
        ending = f"[exit status {result.exit_status}]"
    if result.restarted:
        ending += " [the shell ended; the next command starts a new one]"
    if result.killed:
        processes = "a process was" if result.killed == 1 else f"{result.killed} processes were"
        ending += f" [{processes} killed: the workspace is over its memory]"
    output = result.output
    return f"{output}{'' if not output or output.endswith(chr(10)) else chr(10)}{ending}"


def shown(data: bytes, limit: int) -> str:
    """Return bytes as text of about `limit` characters, with replacement characters for invalid UTF-8."""
    return cut_middle(plain_text(data.decode(errors="replace")), limit)


def exit_text(run: Run) -> str:
    """Return how a program ended as the end of a sentence; empty for exit status 0."""
    if run.signal is not None:
        return f", signal {run.signal}"
    return f", exit status {run.exit_status}" if run.exit_status else ""
