from __future__ import annotations

import random
from typing import Any

import pytest

from codefrontier.problems import (
    ProblemNotFoundError,
    TaskKind,
    canonical,
    find_problem,
    mutated_input,
    named_tasks,
    parse_literal,
    select_problems,
)
from codefrontier.problems.families.broad.spec import BROAD_FAMILIES, SupplyPart, broad_specs
from codefrontier.problems.functions.generated import _FORMS, examined_function


def arguments(given: str) -> tuple[Any, ...]:
    value = parse_literal(given)
    assert isinstance(value, tuple)
    return value


def test_the_function_and_the_program_of_a_family_agree() -> None:
    names: dict[str, Any] = {}
    families = [family for family in BROAD_FAMILIES if family.domain.name in _FORMS]
    assert len(families) > 20
    for family in families:
        specs = broad_specs(family, SupplyPart.TRAIN)
        made = examined_function(specs[len(specs) // 3])
        function = made.function
        for source in (function.source, *function.others):
            names = {}
            exec(source, names)
            called = [canonical(names["f"](*arguments(given))) for given, _ in made.pairs]
            assert called == [output for _, output in made.pairs], function.id
        assert function.fuzz is not None
        exec(f"{function.fuzz.pre_test}\n{function.fuzz.test}", names)
        tests = [names[name] for name in ("pre_test", "test")]
        for given in made.witnesses:
            assert [test(*arguments(given)) for test in tests] == [True, False], function.id
        for given in made.misses:
            assert [test(*arguments(given)) for test in tests] == [True, True], function.id


@pytest.mark.parametrize("kind", TaskKind)
def test_a_set_has_as_many_tasks_as_its_name_says(kind: TaskKind) -> None:
    problems = select_problems(f"{kind}:train:7:3").problems
    assert len(problems) == len({problem.id for problem in problems}) == 7
    again = named_tasks(kind, f"{kind}:train:7:3")
    assert [each.digest() for each in again] == [each.digest() for each in problems]
    assert find_problem(f"{kind}/{problems[0].id}").digest() == problems[0].digest()


def test_a_name_that_is_malformed_is_refused() -> None:
    with pytest.raises(ValueError, match="deduction:PART:COUNT:SEED"):
        select_problems("deduction:every")
    with pytest.raises(ProblemNotFoundError):
        find_problem("deduction/nothing")


def test_changes_of_an_input_are_literals_that_differ() -> None:
    generator = random.Random(1)
    given = "([1, 2], 'ab', {'k': 1.5}, {3}, True, None, b'x', (1, (2,)))"
    changed = {mutated_input(given, generator) for _ in range(200)}
    assert len(changed) > 40
    assert all(each is None or canonical(parse_literal(each)) == each for each in changed)
    assert mutated_input("()", generator) is None
