"""Tasks about functions for the lab's small model: the micro families as functions of a short list of digits.

The tasks are those of the environments `Induction`, `Abduction`, `Deduction` and `Fuzzing`, with
`layout="plain"`. All their pieces are in `PIECES`. As for the broad families, what the functions return is
computed in this process: the programs of the families, with and without bugs, are harmless.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from ....problems import (
    Examined,
    Function,
    FuzzTest,
    Problem,
    TaskKind,
    answer_text,
    canonical,
    hidden_answer,
    is_made,
    make_task,
    plain_task,
    write_set,
)
from ....problems.families import (
    CELLS,
    Combination,
    ProgramPlan,
    Spec,
    Split,
    corpus_items,
    shuffled_specs,
    vocabulary,
    write_program,
)
from ....problems.families.bugs import bug_sites
from ....problems.families.micro.splits import combinations
from ....problems.traces.family_functions import family_function, load_family_function

FAMILIES = ("pair-sums", "inversions", "previous", "records")
"""Families whose functions are short and count something; each has a held-out cell."""
MAPS = ("id", "neg", "half", "xor", "from5", "odd")
SLICES = ("all", "tail", "init")
OUTPUTS = ("id", "neg", "next")
"""Names of the changes to the list and to the answer, which keep the answer small. With all families and
changes, the model learns too little of any in some minutes."""
INPUTS = 6
LENGTHS = (4, 6)
"""Shortest and longest list in an input; its elements are digits."""
PRE_TEST = "def pre_test(a):\n    return type(a) is list and 3 < len(a) < 7 and set(a) < set(range(10))"
"""The list is like those of the inputs; so no input can fail `test` by an exception."""
TEST = "def test(a):\n    return f(a) == other(a)"
PIECES = (
    *vocabulary(),
    *(kind.value for kind in TaskKind),
    "def f(a):",
    "def other(a):",
    "return ",
    PRE_TEST,
    TEST,
    "f(",
    "8",
    "9",
)
"""Pieces of the tokenizer."""
_CELLS = tuple(cell for cell in CELLS if cell.family.name in FAMILIES)


def function_specs(split: Split, seed: int) -> Iterator[Spec]:
    """Iterate once over the specs of a split that give functions, in an order that `seed` decides."""
    return (spec for spec in shuffled_specs(split, seed) if _fits(spec))


def _fits(spec: Spec) -> bool:
    return spec.cell.family.name in FAMILIES and _is_known(spec.combination)


def _is_known(parts: Combination) -> bool:
    return parts.map.name in MAPS and parts.slice.name in SLICES and parts.output.name in OUTPUTS


def examined_function(spec: Spec, seed: object) -> Examined:
    """Return the function of a spec, with inputs that `seed` decides and the results of running it.

    Its plan is drawn. A function with a bug, for which some inputs give other outputs, is in its fuzz test.
    """
    rng = random.Random(f"lab functions {spec.id} {seed}")
    program = write_program(spec, rng.choice(list(ProgramPlan)))
    source = family_function(program)
    inputs = [rng.choices(range(10), k=rng.randint(*LENGTHS)) for _ in range(INPUTS)]
    function = load_family_function(source)
    outputs = [function(list(each)) for each in inputs]
    other, differ = _other(program, inputs, outputs, rng)
    literals = [canonical((each,)) for each in inputs]
    test = f"{other.replace('def f(a):', 'def other(a):').rstrip()}\n\n\n{TEST}"
    return Examined(
        function=Function(
            id=spec.id,
            source=source,
            message=spec.prompt,
            inputs=tuple(literals),
            fuzz=FuzzTest(pre_test=PRE_TEST, test=test) if other else None,
            family=spec.cell.family.name,
        ),
        outputs=tuple(map(canonical, outputs)),
        witnesses=tuple(given for given, differs in zip(literals, differ, strict=True) if differs),
        misses=tuple(given for given, differs in zip(literals, differ, strict=True) if not differs),
    )


def _other(
    program: str, inputs: Sequence[list[int]], outputs: Sequence[int], rng: random.Random
) -> tuple[str, list[bool]]:
    """Return a function with a bug, and for which inputs it differs: the first that differs for some only."""
    sites = bug_sites(program)
    for site in rng.sample(sites, len(sites)):
        source = family_function(site.apply(program))
        try:
            function = load_family_function(source)
            differ = [function(list(a)) != output for a, output in zip(inputs, outputs, strict=True)]
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
            continue
        if any(differ) and not all(differ):
            return source, differ
    return "", [False] * len(inputs)


@lru_cache(maxsize=8)
def tasks(split: Split, seed: int, count: int) -> dict[TaskKind, tuple[Problem, ...]]:
    """Return the tasks of the first functions of a split of which a task of each kind can be made."""
    found = islice(_complete(split, seed), count)
    return {kind: tuple(each) for kind, each in zip(TaskKind, zip(*found, strict=True), strict=True)}


def _complete(split: Split, seed: int) -> Iterator[list[Problem]]:
    for spec in function_specs(split, seed):
        examined = examined_function(spec, seed)
        made = [make_task(examined, kind) for kind in TaskKind]
        whole = [task for task in made if task is not None]
        if len(whole) == len(made):
            yield whole


def task_folder(folder: Path, split: Split, seed: int, count: int) -> Path:
    """Return a folder with `tasks`, the `data` of the environments; it is made if it does not exist."""
    if not is_made(folder):
        write_set(folder, [task for each in tasks(split, seed, count).values() for task in each], {})
    return folder


def pairs(seed: int) -> Iterator[tuple[str, str]]:
    """Draw an endless stream of prompts and replies about functions of all cells; equal seeds, equal pairs.

    Two of five ask for induction, whose replies are the programs of the corpus of the families: some slow,
    some fast, some with bugs. The other replies are right. Combinations are those of the train split.
    """
    rng = random.Random(f"lab functions: pairs {seed}")
    choices = [each for each in combinations(held_out=False) if _is_known(each)]
    for number, item in enumerate(corpus_items(seed, cells=_CELLS, choices=choices)):
        kind = rng.choice((TaskKind.INDUCTION, *TaskKind))
        task = make_task(examined_function(item.spec, (seed, number)), kind)
        if task is not None:
            literal = hidden_answer(task)
            reply = answer_text(task, literal) if literal else family_function(item.program).rstrip()
            yield plain_task(task), reply
