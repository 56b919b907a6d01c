"""Functions of the broad families: the same questions as their problems, about the arguments of a function.

Their outputs are computed by the programs of the families, which are harmless and always end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

from ..families.broad import BroadSpec
from ..families.broad.family import fill
from ..families.broad.problem import imports_of, make_inputs, write_broad_program, wrong_bodies
from ..families.broad.spec import BROAD_FAMILIES
from ..families.execution import answer, measure
from ..families.supply import Draw, shuffled_supply
from ..model import Difficulty, Problem
from .function import Examined, Function, FuzzTest, TaskKind
from .literals import canonical
from .tasks import make_task

DEFAULT_COUNT = 200
"""Number of tasks of a set that is named without a number."""
INPUTS = 12
"""Inputs of a function, of the small tier of its family."""
_LONGEST = 400
"""Most elements of an input that `pre_test` allows."""
_RANGE = re.compile(r"from (\d+) to (\d+)")
_LETTERS = re.compile(r"from `(.)` to `(.)`")


def named_tasks(kind: TaskKind, name: str, *, difficulty: Difficulty | None = None) -> list[Problem]:
    """Return the tasks of a name such as `deduction` or `deduction:train:50:7`.

    Raises:
        ValueError: The name is malformed, or asks for more tasks than there are.
    """
    _, _, rest = name.partition(":")
    parts = rest.split(":") if rest else []
    words = ["families", *(parts or ["test"]), *([str(DEFAULT_COUNT)] if len(parts) < 2 else [])]
    try:
        draw = Draw.parse(":".join(words))
    except ValueError as error:
        raise ValueError(
            f"tasks of the built-in functions are named '{kind}:PART:COUNT:SEED' or shorter, got {name!r}: "
            f"{error}"
        ) from error
    count = DEFAULT_COUNT if draw.count is None else draw.count
    found = list(islice(_tasks(kind, draw, difficulty), count))
    if len(found) < count:
        raise ValueError(f"part {draw.part!s} has {len(found)} such tasks, fewer than {count}")
    return found


def _tasks(kind: TaskKind, draw: Draw, difficulty: Difficulty | None) -> Iterator[Problem]:
    names = tuple(family.name for family in BROAD_FAMILIES if family.domain.name in _FORMS)
    for spec in shuffled_supply(draw.part, draw.seed, difficulty=difficulty, families=names):
        assert isinstance(spec, BroadSpec)
        task = make_task(examined_function(spec), kind)
        if task is not None:
            yield task


def generated_task(kind: TaskKind, task_id: str) -> Problem:
    """Return the task with this id.

    Raises:
        ValueError: No task has this id.
    """
    name = task_id.removesuffix(f".{kind}")
    spec = BroadSpec.parse(name)
    task = make_task(examined_function(spec), kind) if spec.family.domain.name in _FORMS else None
    if task is None or name == task_id:
        raise ValueError(f"no task {task_id!r} in the set {kind.value!r}")
    return task


@cache
def examined_function(spec: BroadSpec) -> Examined:
    """Return the function of a spec with the results of running it."""
    program = write_broad_program(spec, fast=True)
    inputs = dict.fromkeys(data for _, data in make_inputs(spec, "function/", [("small", INPUTS)]))
    outputs = {data: answer(program, data) for data in inputs}
    wrong, differs = _wrong(spec, list(inputs), outputs)
    givens = {data: _arguments(spec, data) for data in inputs}
    function = Function(
        id=spec.id,
        source=_source(spec, spec.family.body(spec.base, fast=True)),
        message=_message(spec),
        inputs=tuple(givens.values()),
        fuzz=FuzzTest(pre_test=_pre_test(spec), test=_test(spec, wrong)) if wrong else None,
        others=(_source(spec, spec.family.body(spec.base, fast=False)),),
        wrong=_source(spec, wrong) if wrong else "",
        difficulty=spec.difficulty,
        family=spec.family.name,
    )
    return Examined(
        function=function,
        outputs=tuple(canonical(int(outputs[data])) for data in inputs),
        witnesses=tuple(givens[data] for data in inputs if data in differs),
        misses=tuple(givens[data] for data in inputs if data not in differs),
    )


def _wrong(spec: BroadSpec, inputs: list[bytes], outputs: dict[bytes, bytes]) -> tuple[str, set[bytes]]:
    """Return the body of a wrong function, and the inputs for which it gives other outputs.

    It ends within the cost limit and without an error on every input, and is right on some of them if a
    mistake of the family allows it.
    """
    right = write_broad_program(spec, fast=True)
    body = spec.family.body(spec.base, fast=True)
    best: tuple[str, set[bytes]] = ("", set())
    for candidate in wrong_bodies(spec):
        program = right.replace(body, candidate)
        results = {data: measure(program, data, cost=spec.family.cost) for data in inputs}
        if any(result.error or result.exceeded for result in results.values()):
            continue
        differs = {data for data in inputs if results[data].output != outputs[data]}
        if differs and (not best[1] or len(differs) < len(inputs) == len(best[1])):
            best = candidate, differs
    return best


def _source(spec: BroadSpec, body: str, name: str = "f") -> str:
    parameters, setup = _FORMS[spec.family.domain.name]
    lines = [*setup, *spec.twist.lines, body, f"return {spec.result.expression}"]
    filled = fill(f"def {name}({parameters}):\n    $body", {"body": "\n".join(lines).replace("$", "$$")})
    imports = imports_of(body)
    return "\n".join([*imports, *(["", ""] if imports else []), filled]) + "\n"


def _message(spec: BroadSpec) -> str:
    task = spec.family.describe(spec.base)
    begin = f"{spec.twist.words} Then " if spec.twist.words else ""
    result = "" if spec.result.expression == "r" else f" The result is `{spec.result.expression}` of it (r)."
    return f"{begin}{task if begin else task[0].upper() + task[1:]}.{result}"


def _test(spec: BroadSpec, wrong: str) -> str:
    parameters = _FORMS[spec.family.domain.name][0]
    other = _source(spec, wrong, name="other").rstrip()
    return f"{other}\n\n\ndef test({parameters}):\n    return f({parameters}) == other({parameters})\n"


def _pre_test(spec: BroadSpec) -> str:
    """Return the source of `pre_test`: the arguments are inputs of the family, not larger than usual."""
    domain, sizes = spec.family.domain, spec.family.sizes.small
    parameters = _FORMS[domain.name][0]
    least = max(1, sizes.start - 3 if domain.name == "two-arrays" else sizes.start // 2)
    conditions = _VALID[domain.name](domain.layout, least)
    body = "\n        and ".join(conditions)
    return f"def pre_test({parameters}):\n    return (\n        {body}\n    )\n"


def _numbers_valid(name: str, low: int, high: int, least: int) -> list[str]:
    return [
        f"type({name}) is list",
        f"{least} <= len({name}) <= {_LONGEST}",
        f"all(type(x) is int and {low} <= x <= {high} for x in {name})",
    ]


def _text_valid(name: str, letters: str, least: int) -> list[str]:
    return [
        f"type({name}) is str",
        f"{least} <= len({name}) <= {_LONGEST}",
        f'all(x in "{letters}" for x in {name})',
    ]


def _of_numbers(*names: str) -> Callable[[str, int], list[str]]:
    def conditions(layout: str, least: int) -> list[str]:
        low, high = map(int, _RANGE.findall(layout)[-1])
        return [each for name in names for each in _numbers_valid(name, low, high, least)]

    return conditions


def _of_letters(*names: str) -> Callable[[str, int], list[str]]:
    def conditions(layout: str, least: int) -> list[str]:
        first, last = _LETTERS.findall(layout)[0]
        letters = "".join(map(chr, range(ord(first), ord(last) + 1)))
        return [each for name in names for each in _text_valid(name, letters, least)]

    return conditions


def _of_grid(layout: str, least: int) -> list[str]:
    return [
        "type(g) is list",
        f"{max(2, least)} <= len(g) <= 20",
        f"all(type(row) is str and {max(2, least)} <= len(row) <= 20 for row in g)",
        "len(set(map(len, g))) == 1",
        'all(x in ".#" for row in g for x in row)',
    ]


_VALID: dict[str, Callable[[str, int], list[str]]] = {
    "array": _of_numbers("a"),
    "two-arrays": _of_numbers("a", "b"),
    "text": _of_letters("s"),
    "two-texts": _of_letters("s", "t"),
    "grid": _of_grid,
    "queries": _of_numbers("queries"),
}
_FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "array": ("a", ("a = list(a)", "n = len(a)")),
    "two-arrays": ("a, b", ("a, b = list(a), list(b)", "n, m = len(a), len(b)")),
    "text": ("s", ("n = len(s)",)),
    "two-texts": ("s, t", ("n, m = len(s), len(t)",)),
    "grid": ("g", ("g = list(g)", "h, w = len(g), len(g[0])")),
    "queries": ("queries", ("queries = list(queries)", "q = len(queries)")),
}
"""By domain: the parameters of a function, and the lines that define the other variables of its body."""


def _arguments(spec: BroadSpec, data: bytes) -> str:
    """Return the arguments that an input of the family stands for."""
    lines = data.decode().split("\n")
    rows = [line.split() for line in lines]
    values: dict[str, Callable[[], tuple[object, ...]]] = {
        "array": lambda: (list(map(int, rows[1])),),
        "two-arrays": lambda: (list(map(int, rows[1])), list(map(int, rows[2]))),
        "text": lambda: (lines[0].strip(),),
        "two-texts": lambda: (lines[0].strip(), lines[1].strip()),
        "grid": lambda: ([row[0] for row in rows[1:] if row],),
        "queries": lambda: (list(map(int, rows[1])),),
    }
    return canonical(values[spec.family.domain.name]())
