"""Make tasks of functions that come from elsewhere; everything of theirs runs in the judge's sandbox."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...judge import Judge, SandboxChoice
from ...problems import (
    Examined,
    Function,
    Problem,
    ProblemError,
    TaskKind,
    cached_places,
    cached_set,
    is_made,
    make_task,
    mutated_input,
    read_sources,
    write_set,
)
from ..judging import Judging
from .execution import FunctionRun, UnusableError, run_function

CANDIDATES = 48
"""Inputs that are tried in the search for one that passes `pre_test` and fails `test`."""
WITNESSES = 2


@dataclass(frozen=True, kw_only=True)
class MadeTasks:
    """Tasks of some functions, and why there are no others."""

    problems: tuple[Problem, ...] = field(repr=False)
    refused: dict[str, str]
    """Reasons by the id of a function, or of the task that cannot be made of a function."""

    @property
    def reasons(self) -> Counter[str]:
        """Number of functions and tasks that are left out, by reason."""
        return Counter(self.refused.values())


def make_tasks(
    functions: Iterable[Function], judge: Judging, *, kinds: Sequence[TaskKind] = tuple(TaskKind)
) -> MadeTasks:
    """Run functions and make the tasks of each kind. The result depends on the functions alone.

    A function is left out when its results differ between two runs with other hash seeds, other seeds of
    `random` and another order of its inputs. No task is made without an answer: an input of a fuzzing task is
    searched for, among the inputs of the function and random changes of them, and found before.

    Args:
        functions: The functions; ids must be unique.
        judge: Judge in whose sandbox they run.
        kinds: Kinds of the tasks.

    Raises:
        JudgeError: The judge failed.
    """
    problems: list[Problem] = []
    refused: dict[str, str] = {}
    for function in functions:
        try:
            examined = examine_function(function, judge, fuzz=TaskKind.FUZZING in kinds)
        except UnusableError as error:
            refused[function.id] = str(error)
            continue
        for kind in kinds:
            task = make_task(examined, kind)
            if task is None:
                refused[f"{function.id}.{kind}"] = examined.obstacle(kind)
            else:
                problems.append(task)
    return MadeTasks(problems=tuple(problems), refused=refused)


def examine_function(function: Function, judge: Judging, *, fuzz: bool = True) -> Examined:
    """Run a function on its inputs, and look for inputs that pass its `pre_test` and fail its `test`.

    Raises:
        UnusableError: The function cannot be run, or its results do not repeat.
        JudgeError: The judge failed.
    """
    runs = run_function(judge, function.source, function.name, function.inputs)
    if runs and all(run.output is None for run in runs):
        raise UnusableError(f"has no output for any input: it {_commonest(runs)}")
    outputs = tuple(run.output for run in runs)
    if not fuzz or function.fuzz is None:
        return Examined(function=function, outputs=outputs)
    source = f"{function.source}\n\n{function.fuzz.pre_test}\n\n{function.fuzz.test}\n"
    candidates = list(_candidates(function))
    found = run_function(judge, source, function.name, candidates, fuzz=True)
    results = [(given, run.output) for given, run in zip(candidates, found, strict=True)]
    witnesses = [given for given, result in results if result == "'fails'"]
    misses = [given for given, result in results if result not in (None, "'fails'")]
    return Examined(
        function=function,
        outputs=outputs,
        witnesses=tuple(witnesses[:WITNESSES]),
        misses=tuple(misses[:1]),
    )


def prepare(folder: Path, *, sandbox: SandboxChoice = "embedded", judge: Judging | None = None) -> Path:
    """Return the folder of the tasks of a folder of functions, which are made if they are not in the cache.

    Args:
        folder: Folder of functions, or a set that was made.
        sandbox: Kind of sandbox of a judge that is started for this.
        judge: Judge to use instead.

    Raises:
        ProblemError: There are no functions, or no folder of the cache can be written.
        JudgeError: The judge failed.
    """
    if is_made(folder):
        return folder
    known = cached_set(folder)
    if known is not None:
        return known
    sources = read_sources(folder)
    if judge is None:
        with Judge(sandbox=sandbox) as own:
            made = make_tasks(sources.functions, own)
    else:
        made = make_tasks(sources.functions, judge)
    failures = []
    for place in cached_places(folder):
        try:
            write_set(place, made.problems, {**sources.refused, **made.refused})
        except OSError as error:
            failures.append(f"{place} ({error.strerror or error})")
        else:
            return place
    raise ProblemError(f"{folder}: nowhere to write its tasks: {', '.join(failures)}")


def _candidates(function: Function) -> Iterator[str]:
    """Yield the inputs of a function, then random changes of them that its id decides."""
    seen = dict.fromkeys(function.inputs)
    yield from seen
    generator = random.Random(f"functions: {function.id}")
    for _ in range(4 * CANDIDATES):
        if not function.inputs or len(seen) >= len(function.inputs) + CANDIDATES:
            return
        given = mutated_input(generator.choice(function.inputs), generator)
        if given is not None and given not in seen:
            seen[given] = None
            yield given


def _commonest(runs: Sequence[FunctionRun]) -> str:
    return Counter(run.why for run in runs).most_common(1)[0][0]
