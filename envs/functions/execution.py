"""Run a function on its inputs in the judge's sandbox, twice, to find out whether its results repeat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...judge import CompileError, Language, Submission
from ...problems import Limits, LiteralError, canonical, parse_literal
from ..errors import EnvError
from ..judging import Judging

LIMITS = Limits(time_s=4.0, memory_mib=512, output_mib=4)
"""Limits of one execution, which runs a function on all of its inputs."""
INPUT_LIMIT_S = 0.5
"""CPU seconds after which a function is stopped on an input; a quarter of the limit of the tasks. After two
such inputs, the others of the run are not tried."""
_RUNNER = """\
import ast, json, os, random, signal, sys
job = json.loads(sys.stdin.buffer.read())
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
dumps, write = json.dumps, os.write
random.seed(job["seed"])


class Slow(BaseException):
    pass


def slow(*_):
    raise Slow


def literal(value):
    kind = type(value)
    if kind in (bool, int, float, str, bytes, type(None)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in dict.items(value)) + "}"
    if kind is list:
        return "[" + ", ".join(map(literal, value)) + "]"
    if kind is tuple:
        return "(" + "".join(f"{literal(each)}, " for each in value) + ")"
    if kind is set:
        return "{" + ", ".join(map(literal, value)) + "}" if value else "set()"
    raise TypeError(kind.__name__)


def passes(test, given):
    try:
        result = test(*ast.literal_eval(given))
    except MemoryError:
        raise
    except Exception:
        return False
    return result is None or bool(result)


def outcome(names, given):
    if job["fuzz"]:
        if not passes(names["pre_test"], given):
            return ["ok", "'invalid'"]
        return ["ok", "'passes'" if passes(names["test"], given) else "'fails'"]
    value = names[job["name"]](*ast.literal_eval(given))
    try:
        return ["ok", literal(value)]
    except TypeError as error:
        return ["type", str(error)]


def run():
    names = {"__name__": "__main__"}
    exec(compile(job["source"], "main.py", "exec"), names)
    results = []
    for given in job["inputs"]:
        if results.count(["slow", ""]) == 2:
            results.append(["slow", ""])
            continue
        signal.signal(signal.SIGPROF, slow)
        signal.setitimer(signal.ITIMER_PROF, job["limit_s"])
        try:
            result = outcome(names, given)
        except Slow:
            result = ["slow", ""]
        except BaseException as error:
            result = ["error", type(error).__name__]
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        results.append(result)
    return results


try:
    found = run()
except BaseException as error:
    found = [type(error).__name__]
data = dumps(found).encode()
while data:
    data = data[write(out, data):]
os._exit(0)
"""
_AGAIN = f"""\
import os, sys
command = [sys.executable, "-s", "-B", "-c", {_RUNNER!r}]
os.execve(sys.executable, command, {{"PYTHONHASHSEED": "1", "PATH": os.environ.get("PATH", "")}})
"""
"""Runs the runner in a new interpreter, whose hashes have another seed."""
_PROGRAMS = tuple(
    Submission(source=source.encode(), language=Language.PYTHON) for source in (_RUNNER, _AGAIN)
)


class UnusableError(ValueError):
    """A function cannot be run, or its results do not repeat; the message says why."""


@dataclass(frozen=True, kw_only=True)
class FunctionRun:
    """What a function did on an input."""

    output: str | None = None
    """Canonical literal of the output; None when there is none."""
    why: str = ""
    """Why there is no output."""


def run_function(
    judge: Judging, source: str, name: str, inputs: Sequence[str], *, fuzz: bool = False
) -> list[FunctionRun]:
    """Run a function on inputs, twice: in another order, and with other seeds of hashes and of `random`.

    Args:
        judge: Judge in whose sandbox it runs.
        source: Source that defines the function.
        name: Name of the function.
        inputs: Canonical literals of tuples of arguments.
        fuzz: Whether `pre_test` and `test` of the source are run instead of the function; the outputs are
            then `'invalid'`, `'passes'` or `'fails'`.

    Raises:
        UnusableError: The function cannot be run, or the two runs differ.
        JudgeError: The judge failed.
        EnvError: The sandbox cannot run the function a second time.
    """
    if not inputs:
        return []
    job = {"source": source, "name": name, "fuzz": fuzz, "limit_s": INPUT_LIMIT_S}
    first = _once(judge, _PROGRAMS[0], {**job, "seed": 0, "inputs": list(inputs)})
    second = _once(judge, _PROGRAMS[1], {**job, "seed": 1, "inputs": list(reversed(inputs))})[::-1]
    # Whether a run is too slow depends on the host, so an input that was too slow once has no output.
    pairs = [
        (one, other) if "too slow" not in (one.why, other.why) else (FunctionRun(why="too slow"),) * 2
        for one, other in zip(first, second, strict=True)
    ]
    if any(one != other for one, other in pairs):
        raise UnusableError("its results differ between runs")
    return [one for one, _ in pairs]


def _once(judge: Judging, program: Submission, job: dict[str, Any]) -> list[FunctionRun]:
    try:
        execution = judge.execute(program, json.dumps(job).encode(), limits=LIMITS)
    except CompileError as error:
        raise EnvError(f"the runner of functions does not compile: {error}") from error
    if execution.limit is not None:
        raise UnusableError(f"exceeds the {execution.limit} limit")
    try:
        results = json.loads(execution.stdout)
    except ValueError as error:
        if b"os.execve" in execution.stderr or b"memfd" in execution.stderr:
            raise EnvError(
                f"the sandbox starts no second interpreter: {execution.stderr[-200:]!r}"
            ) from error
        raise UnusableError("ends its process") from error
    if len(results) != len(job["inputs"]) or not all(isinstance(each, list) for each in results):
        raise UnusableError(f"raises {results[0]} before it is called" if results else "gives no results")
    return [_found(*each) for each in results]


def _found(kind: str, text: str) -> FunctionRun:
    if kind == "ok":
        try:
            return FunctionRun(output=canonical(parse_literal(text)))
        except LiteralError:
            return FunctionRun(why="output beyond the bounds of literals")
    whys = {"slow": "too slow", "type": f"returns a {text}"}
    return FunctionRun(why=whys.get(kind, f"raises {text}"))
