"""What the environment says about runs: to the agent, so without anything hidden."""

from __future__ import annotations

from ..judge import CommandResult, Execution, Judgement, Run, Verdict
from ..problems import Problem
from .episode import Reply
from .task_text import fenced

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
"""Characters of a program's or command's output that are shown."""
SAMPLE_SHOWN = 1500
"""Characters shown of an input or output of a sample run, and of standard error."""


def cut_middle(text: str, limit: int) -> str:
    """Return the text with its middle left out, and how much, if it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    head = limit // 2
    tail = limit - head
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[len(text) - tail :]}"


def submission_text(judgement: Judgement) -> str:
    """Return verdict and counts, and nothing else: the tests are hidden."""
    verdict = judgement.verdict
    counts = f"{judgement.passed} of {judgement.selected} tests passed"
    return f"Submitted. Verdict: {verdict.value} ({VERDICT_NAMES[verdict]}), {counts}."


def samples_reply(problem: Problem, judgement: Judgement) -> Reply:
    """Say how a program does on the samples, which are public, with its outputs where they are wrong."""
    if not judgement.compilation.ok:
        message = cut_middle(judgement.compilation.message, OUTPUT_SHOWN)
        return Reply(text=f"The program does not compile.\n{message}", quoted=(message,), judged=True)
    parts, quoted = [f"{judgement.passed} of {judgement.selected} samples passed."], []
    cases = {case.index: (number, case) for number, case in enumerate(problem.samples, start=1)}
    for run in sorted(judgement.runs, key=lambda run: run.index):
        number, case = cases[run.index]
        parts.append(f"Sample {number}: {run.verdict.value} ({VERDICT_NAMES[run.verdict]}){_exit_text(run)}")
        if not run.verdict.accepted:
            output, stderr = shown(run.output, SAMPLE_SHOWN), cut_middle(run.stderr_tail, SAMPLE_SHOWN)
            quoted += [output, stderr]
            parts += ["Input:", fenced(shown(case.input, SAMPLE_SHOWN))]
            parts += [
                "Expected output:",
                fenced(shown(case.answer, SAMPLE_SHOWN)),
                "Your output:",
                fenced(output),
            ]
            parts += ["Standard error:", fenced(stderr)] if stderr else []
    return Reply(text="\n".join(parts), quoted=tuple(quoted), judged=True)


def execution_text(execution: Execution) -> str:
    """Say what a free run of a program did."""
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
    """Say what a shell command did."""
    if result.timed_out:
        ending = f"[interrupted after {time_limit_s:g} s]"
    elif result.exit_status is None:
        ending = "[interrupted]"
    else:
        ending = f"[exit status {result.exit_status}]"
    if result.restarted:
        ending += " [the shell ended; the next command starts a new one]"
    output = cut_middle(result.output, OUTPUT_SHOWN)
    return f"{output}{'' if not output or output.endswith(chr(10)) else chr(10)}{ending}"


def shown(data: bytes, limit: int) -> str:
    """Return bytes as text, with replacement characters and at most `limit` characters and a note."""
    return cut_middle(data.decode(errors="replace"), limit)


def _exit_text(run: Run) -> str:
    if run.signal is not None:
        return f", signal {run.signal}"
    return f", exit status {run.exit_status}" if run.exit_status else ""
