"""Computing the outputs of a proposal, in the sandbox of the judge and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...envs.judging import Judging
from ...judge import CompileError, Execution, Language, Submission, Verdict
from ...problems import Limits, Problem
from ...problems.synthesis import Proposal, Reject
from ...problems.synthesis.proposal import NAME

LIMITS = Limits(time_s=5.0, memory_mib=512, output_mib=8)
"""Limits of one run, which computes the outputs of all inputs."""
LONGEST_OUTPUT = 200_000
"""Most characters of one output."""

# The first process starts a second interpreter, because the hash seed of the sandbox's own is fixed.
_START = """\
import os, sys
SOURCE = {source!r}
with open("run_proposal.py", "w") as file:
    file.write(SOURCE)
environment = dict(os.environ, PYTHONHASHSEED="{seed}", PYTHONDONTWRITEBYTECODE="1")
os.execve(sys.executable, [sys.executable, "-s", "run_proposal.py"], environment)
"""
_DRIVER = """\
import contextlib, io, json, os, sys

def call_function(code, arguments):
    scope = {"__name__": "proposal"}
    exec(code, scope)
    return json.dumps(scope[NAME](*arguments), allow_nan=False)

def run_program(code, text):
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    captured = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(captured):
        try:
            exec(code, {"__name__": "__main__"})
        except SystemExit as ended:
            if ended.code not in (None, 0):
                raise RuntimeError(f"exit status {ended.code}")
    return captured.buffer.getvalue().decode("utf-8", "replace")

task = json.loads(sys.stdin.buffer.read())
NAME = task["name"]
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
run = call_function if task["form"] == "function" else run_program
code = compile(task["code"], "proposal.py", "exec")
found = []
for given in task["inputs"]:
    try:
        found.append([run(code, given), ""])
    except (Exception, SystemExit) as error:
        found.append([None, f"{type(error).__name__}: {error}"[:300]])
answers.write(json.dumps(found))
answers.flush()
os._exit(0)
"""
_SEEDS = (1, 2)
_OVER = {"time": Reject.NON_TERMINATING, "memory": Reject.RESOURCES, "output": Reject.RESOURCES}
_VERDICTS = {
    Verdict.TIME_LIMIT_EXCEEDED: Reject.NON_TERMINATING,
    Verdict.MEMORY_LIMIT_EXCEEDED: Reject.RESOURCES,
    Verdict.OUTPUT_LIMIT_EXCEEDED: Reject.RESOURCES,
    Verdict.WRONG_ANSWER: Reject.NONDETERMINISTIC,
}


@dataclass(frozen=True, kw_only=True)
class Executed:
    """What the code of a proposal does on its inputs."""

    outputs: tuple[str, ...] = field(default=(), repr=False)
    """One output per input: JSON texts, or what a program printed."""
    shared: tuple[str | None, ...] = field(default=(), repr=False)
    """Outputs on the inputs that proposals of this shape share; None where the code fails."""
    reject: Reject | None = None
    message: str = ""


def execute_proposal(
    judge: Judging, proposal: Proposal, shared_inputs: Sequence[Any] = (), *, limits: Limits = LIMITS
) -> Executed:
    """Compute the outputs of a proposal twice, with different hash seeds and in opposite orders.

    Args:
        judge: Judge whose sandbox runs the code.
        proposal: The proposal.
        shared_inputs: Inputs on which behaviour is compared with other proposals.
        limits: Limits of one run over all inputs.

    Raises:
        JudgeError: The sandbox failed, so nothing is known about the proposal.
    """
    count = len(proposal.inputs)
    first = _run(judge, proposal, [*proposal.inputs, *shared_inputs], _SEEDS[0], limits)
    if isinstance(first, Executed):
        return first
    second = _run(judge, proposal, list(reversed(proposal.inputs)), _SEEDS[1], limits)
    if isinstance(second, Executed):
        return second
    for place, (output, error) in enumerate(first[:count]):
        if output is None:
            wrong = Reject.BAD_OUTPUT if _is_no_json(error) else Reject.CRASH
            return Executed(reject=wrong, message=f"input {place + 1}: {error}")
        if len(output) > LONGEST_OUTPUT:
            message = f"input {place + 1}: the output has {len(output):,} characters"
            return Executed(reject=Reject.BAD_OUTPUT, message=message)
    if [output for output, _ in first[:count]] != [output for output, _ in reversed(second)]:
        return Executed(reject=Reject.NONDETERMINISTIC, message="two runs gave different outputs")
    return Executed(
        outputs=tuple(output or "" for output, _ in first[:count]),
        shared=tuple(output for output, _ in first[count:]),
    )


def check_reference(judge: Judging, problem: Problem) -> Executed | None:
    """Judge the teacher's code as a submission; return why it is not accepted, None if it is.

    Raises:
        JudgeError: There is no verdict.
    """
    reference = problem.submissions[0]
    submission = Submission(source=reference.source, language=Language.PYTHON)
    judgement = judge.judge(problem, submission, stop_early=True)
    if judgement.verdict.accepted:
        return None
    reject = _VERDICTS.get(judgement.verdict, Reject.CRASH)
    return Executed(reject=reject, message=f"the verdict on the teacher's own code is {judgement.verdict}")


def _run(
    judge: Judging, proposal: Proposal, inputs: Sequence[Any], hash_seed: int, limits: Limits
) -> list[tuple[str | None, str]] | Executed:
    task = {"code": proposal.code, "name": NAME, "form": proposal.form.value, "inputs": inputs}
    source = _START.format(source=_DRIVER, seed=hash_seed)
    submission = Submission(source=source.encode(), language=Language.PYTHON)
    try:
        ended = judge.execute(submission, json.dumps(task).encode(), limits=limits)
    except CompileError as error:
        return Executed(reject=Reject.CRASH, message=str(error))
    if ended.limit is not None:
        return Executed(reject=_OVER[ended.limit], message=f"over the limit on {ended.limit}")
    return _parsed(ended, len(inputs))


def _parsed(ended: Execution, count: int) -> list[tuple[str | None, str]] | Executed:
    """Read what the driver wrote. The code of the proposal may have written anything in its place."""
    if ended.exit_status == 0:
        try:
            found = [(output, str(error)) for output, error in json.loads(ended.stdout)]
        except (ValueError, TypeError):
            found = []
        if len(found) == count and all(output is None or isinstance(output, str) for output, _ in found):
            return found
    last = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][-300:]
    how = f"signal {ended.signal}" if ended.signal else f"status {ended.exit_status}"
    return Executed(reject=Reject.CRASH, message=f"the run ended with {how}: {last}")


def _is_no_json(error: str) -> bool:
    return "JSON serializable" in error or "not JSON compliant" in error
