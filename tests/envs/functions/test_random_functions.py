"""Random functions through the four environments: the rewards equal a check that shares nothing with them.

The generator and the check are here: functions run in this process by `exec`, values are compared by type and
`==`, and answers are written by `repr`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import gymnasium
import pytest

from codefrontier.envs import CodingEnv
from codefrontier.envs.functions.making import make_tasks
from codefrontier.judge import Judge
from codefrontier.problems import Function, FuzzTest, Problem, TaskKind, answer_text, submitted_literal

pytestmark = pytest.mark.sandbox
NAMES = {"number": "xyz", "text": "stu", "list": "abc", "table": "def"}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


@dataclass
class Writer:
    """Writes the source of a random function."""

    random: random.Random
    kinds: dict[str, str] = field(default_factory=dict)
    """Kinds of the variables."""

    def pick(self, *choices: Callable[[], str]) -> str:
        return self.random.choice(choices)()

    def variable(self, kind: str, other: str) -> str:
        names = [name for name, own in self.kinds.items() if own == kind]
        return self.random.choice(names) if names else other

    def leaf(self, kind: str, constant: Callable[[], str]) -> str:
        if self.random.random() < 0.25 or kind not in self.kinds.values():
            return constant()
        return self.variable(kind, constant())

    def number(self, depth: int = 2) -> str:
        if depth == 0:
            return self.leaf("number", lambda: str(self.random.randint(-9, 20)))
        less = depth - 1
        return self.pick(
            lambda: f"({self.number(less)} {self.random.choice('+-*')} {self.number(less)})",
            lambda: f"({self.number(less)} // {self.number(0)})",
            lambda: f"({self.number(less)} % {self.random.randint(2, 9)})",
            lambda: f"len({self.text(less)})",
            lambda: f"sum({self.numbers(less)})",
            lambda: f"max({self.numbers(less)})",
            lambda: f"{self.numbers(less)}[{self.random.randint(0, 3)}]",
            lambda: f"({self.number(less)} if {self.condition(less)} else {self.number(less)})",
            lambda: f"abs({self.number(less)})",
            lambda: self.variable("table", "{}") + f".get({self.text(less)}, {self.number(0)})",
            lambda: f"({self.number(less)} / {self.random.choice('248')})",
        )

    def text(self, depth: int = 2) -> str:
        if depth == 0:
            return self.leaf("text", lambda: repr("".join(self.random.choices("ab \n'é", k=3))))
        less = depth - 1
        return self.pick(
            lambda: f"({self.text(less)} + {self.text(less)})",
            lambda: f"{self.text(less)}[::-1]",
            lambda: f"{self.text(less)}.upper()",
            lambda: f"{self.text(less)}.replace('a', {self.text(0)})",
            lambda: f"str({self.number(less)})",
            lambda: f"({self.text(less)} * {self.random.randint(0, 3)})",
            lambda: f"'-'.join(map(str, {self.numbers(less)}))",
        )

    def numbers(self, depth: int = 2) -> str:
        if depth == 0:
            return self.leaf(
                "list", lambda: str(self.random.choices(range(-5, 9), k=self.random.randint(0, 4)))
            )
        less = depth - 1
        return self.pick(
            lambda: f"sorted({self.numbers(less)})",
            lambda: f"{self.numbers(less)}[{self.random.randint(0, 2)}:]",
            lambda: f"[v * {self.random.randint(-2, 3)} for v in {self.numbers(less)}]",
            lambda: f"[v for v in {self.numbers(less)} if v > {self.random.randint(-2, 4)}]",
            lambda: f"({self.numbers(less)} + [{self.number(less)}])",
            lambda: f"[len(v) for v in {self.text(less)}.split()]",
            lambda: f"list(map(ord, {self.text(0)}))",
        )

    def condition(self, depth: int = 1) -> str:
        return self.pick(
            lambda: f"{self.number(depth)} {self.random.choice(['<', '>=', '==', '!='])} {self.number(0)}",
            lambda: f"{self.text(0)} in {self.text(depth)}",
            lambda: f"len({self.numbers(depth)}) > {self.random.randint(0, 4)}",
        )

    def value(self) -> str:
        """Write the value to return."""
        return self.pick(
            self.number,
            self.text,
            self.numbers,
            lambda: f"({self.number(1)}, {self.text(1)})",
            lambda: f"{{{self.text(1)}: {self.number(1)}, {self.text(1)}: {self.numbers(1)}}}",
            lambda: f"set({self.numbers(1)})",
            lambda: f"[{self.condition()}, None, {self.number(1)}]",
            lambda: f"({self.number(1)},)",
            lambda: f"{self.text(1)}.encode()",
        )

    def statement(self) -> list[str]:
        """Write lines of the body."""
        name = self.random.choice("pqr")
        how = self.random.randrange(7)
        if how == 0:
            lines = [f"{name} = {self.number()}"]
        elif how == 1:
            lines = [f"{name} = 0", f"for v in {self.numbers()}:", f"    {name} = {name} * 2 % 101 + v"]
        elif how == 2:
            kind, operand = self.random.choice([("ValueError", "'x'"), ("ZeroDivisionError", "1 // 0")])
            lines = [
                "try:",
                f"    {name} = {self.number()}",
                f"    if {self.condition()}:",
                f"        raise {kind}({operand})" if kind == "ValueError" else f"        {operand}",
                f"except ({kind}, LookupError):",
                f"    {name} = {self.random.randint(-3, 3)}",
            ]
        elif how == 3:
            lines = [
                f"def {name}_(k):",
                f"    return k if k < 2 else {name}_(k - 1) + {self.random.randint(1, 3)} * {name}_(k - 2)",
                f"{name} = {name}_(abs(int({self.number(1)})) % 9)",
            ]
        elif how == 4:
            lines = [
                f"{name}_ = {{}}",
                f"for v in {self.text()}:",
                f"    {name}_[v] = {name}_.get(v, 0) + 1",
                f"{name} = max({name}_.values(), default={self.random.randint(0, 3)})",
            ]
        elif how == 5:
            lines = [
                f"{name} = 1",
                f"while {name} < {self.random.randint(5, 99)}:",
                f"    {name} += {name}",
            ]
        else:
            error = self.random.choice(["ValueError", "KeyError", "RuntimeError"])
            lines = [f"if {self.condition()}:", f"    raise {error}('no')", f"{name} = {self.number(1)}"]
        self.kinds[name] = "number"
        return lines


@dataclass(frozen=True)
class Case:
    """A random function with what the check needs."""

    function: Function
    values: list[tuple[Any, ...]]
    variant: str
    """Source of a similar function."""


def write_case(number: int, generator: random.Random) -> Case:
    """Write a function; most are drawn again until outputs differ, as few random functions are of use."""
    for _ in range(1 if number % 10 == 0 else 40):
        kinds = [generator.choice(list(NAMES)) for _ in range(generator.randint(1, 3))]
        parameters = [NAMES[kind][place] for place, kind in enumerate(kinds)]
        values = [tuple(draw(kind, generator) for kind in kinds) for _ in range(12)]
        source, variants = write_sources(parameters, kinds, generator)
        outputs = {repr(given): called(source, given) for given in values}
        if len({repr(output) for ran, output in outputs.values() if ran}) > 2:
            break
    others = [{repr(given): called(variant, given) for given in values} for variant in variants]
    differing = [
        variant for variant, other in zip(variants, others, strict=True) if repr(other) != repr(outputs)
    ]
    variant = (differing or variants)[0]
    names, condition = (
        ", ".join(parameters),
        Writer(generator, dict(zip(parameters, kinds, strict=True))).condition(),
    )
    returned = "True" if generator.random() < 0.5 else condition
    fuzz = FuzzTest(
        pre_test=f"def pre_test({names}):\n    return {returned}\n",
        test=f"{variant.replace('def f(', 'def other(')}\n\n"
        f"def test({names}):\n    assert f({names}) == other({names})\n",
    )
    inputs = tuple(dict.fromkeys(map(repr, values)))
    return Case(Function(id=f"r{number}", source=source, inputs=inputs, fuzz=fuzz), values, variant)


def write_sources(parameters: list[str], kinds: list[str], generator: random.Random) -> tuple[str, list[str]]:
    """Write a function, and functions that differ from it in a digit or in what they return."""
    writer = Writer(generator, dict(zip(parameters, kinds, strict=True)))
    lines = [line for _ in range(generator.randint(0, 3)) for line in writer.statement()]
    head, result, other = f"def f({', '.join(parameters)}):", writer.value(), writer.value()
    sources = [
        "\n".join([head, *(f"    {line}" for line in [*lines, f"return {text}"])]) + "\n"
        for text in (result, other)
    ]
    digits = [place for place, letter in enumerate(sources[0]) if letter.isdigit()]
    changed = [
        sources[0][:place] + str(generator.randint(1, 9)) + sources[0][place + 1 :]
        for place in generator.sample(digits, min(4, len(digits)))
    ]
    usable = [each for each in [*changed, sources[1]] if compiles(each)]
    return sources[0], usable or [sources[0]]


def compiles(source: str) -> bool:
    try:
        compile(source, "variant", "exec")
    except SyntaxError:
        return False
    return True


def draw(kind: str, generator: random.Random) -> Any:
    if kind == "number":
        return generator.choice([generator.randint(-9, 30), generator.randint(-9, 30) / 2])
    if kind == "text":
        return "".join(generator.choices("ab \n'", k=generator.randint(0, 6)))
    if kind == "list":
        return [generator.randint(-9, 20) for _ in range(generator.randint(0, 5))]
    return {"".join(generator.choices("ab", k=2)): generator.randint(0, 9) for _ in range(2)}


# The check.


@cache
def loaded(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    function = names["f"]
    assert callable(function)
    return function  # type: ignore[no-any-return]


def called(source: str, values: tuple[Any, ...]) -> tuple[bool, Any]:
    """Call a function on copies of values; return whether it returned, and what."""
    try:
        return True, loaded(source)(*copy.deepcopy(values))
    except Exception:  # noqa: BLE001  # whatever a random function raises
        return False, None


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        pairs = [[(key, value) for key, value in each.items()] for each in (one, other)]
        return len(pairs[0]) == len(pairs[1]) and all(
            any(same(mine, theirs) for theirs in pairs[1]) for mine in pairs[0]
        )
    if isinstance(one, set):
        return len(one) == len(other) and all(any(same(mine, theirs) for theirs in other) for mine in one)
    return bool(one == other) and str(one) == str(other)


def verdict_of_tests(case: Case, values: tuple[Any, ...]) -> bool:
    """Return whether values pass `pre_test` and fail `test`."""
    names: dict[str, Any] = {}
    assert case.function.fuzz is not None
    exec(f"{case.function.source}\n{case.function.fuzz.pre_test}\n{case.function.fuzz.test}", names)
    try:
        passed = names["pre_test"](*eval(repr(values)))
    except Exception:  # noqa: BLE001  # whatever a random function raises
        return False
    if not passed:
        return False
    try:
        names["test"](*eval(repr(values)))
    except Exception:  # noqa: BLE001  # whatever a random function raises
        return True
    return False


def shown(problem: Problem) -> str:
    """Return the second block of a task: the call, or the output."""
    return problem.statement.split("```python\n")[2].split("\n```")[0]


def answers(problem: Problem, case: Case, generator: random.Random) -> Iterator[tuple[str, bool]]:
    """Yield replies to a task, and whether each is right."""
    kind = TaskKind(problem.metadata["task"])
    if kind is TaskKind.INDUCTION:
        for source in (case.function.source, case.variant):
            truth = [called(case.function.source, each) for each in case.values]
            given = [called(source, each) for each in case.values]
            wanted = all(same(a, b) for (ok, a), (_, b) in zip(truth, given, strict=True) if ok)
            wanted = wanted and all(ran for (ok, _), (ran, _) in zip(truth, given, strict=True) if ok)
            yield f"```python\n{source}```", wanted
        return
    if kind is TaskKind.DEDUCTION:
        values = eval(f"({shown(problem)[2:-1]},)")
        _, output = called(case.function.source, values)
        _, wrong = called(case.function.source, generator.choice(case.values))
        yield f"answer: {output!r}", True
        yield f"So:\n```\n{wrong!r}\n```", same(wrong, output)
        return
    for each in generator.sample(case.values, 4):
        inner = ", ".join(map(repr, each))
        ran, got = called(case.function.source, each)
        if kind is TaskKind.FUZZING:
            right = verdict_of_tests(case, each)
        else:
            right = ran and same(got, eval(shown(problem)))
        yield f"answer: f({inner})" if generator.random() < 0.5 else f"```\n{inner}\n```", right


def play(env: CodingEnv, problem: Problem, reply: str, right: bool) -> None:
    env.reset(options={"problem": problem.id})
    _, reward, terminated, truncated, info = env.step(reply)
    assert (terminated, truncated, info["reward_valid"]) == (True, False, True), (problem, reply)
    assert info["malformed"] == 0, (problem, reply)
    assert reward == float(right), (problem.statement, reply, info)


def check(judge: Judge, count: int, seed: int) -> dict[str, int]:
    """Play random functions; return how often each thing happened."""
    generator = random.Random(seed)
    cases = {f"r{number}": write_case(number, generator) for number in range(count)}
    made = make_tasks([case.function for case in cases.values()], judge)
    counts = {"functions": count, "tasks": len(made.problems), "refused": len(made.refused)}
    for kind in TaskKind:
        problems = [each for each in made.problems if each.metadata["task"] == kind]
        env = gymnasium.make(f"{kind.capitalize()}-single", problems=problems, judge=judge).unwrapped
        assert isinstance(env, CodingEnv)
        for problem in problems:
            for reply, right in answers(problem, cases[problem.id.split(".")[0]], generator):
                name = f"{kind} {'right' if right else 'wrong'}"
                counts[name] = counts.get(name, 0) + 1
                play(env, problem, reply, right)
            # No task is without an answer.
            solution = problem.submissions[0].source.decode()
            literal = submitted_literal(solution)
            text = f"```\n{solution}```" if literal is None else f"answer: {answer_text(problem, literal)}"
            play(env, problem, text, True)
        env.close()
    return counts


def test_the_rewards_of_random_functions_equal_an_independent_check(judge: Judge) -> None:
    counts = check(judge, 12, seed=1)
    assert counts["tasks"] >= 24


@pytest.mark.long
def test_the_rewards_of_200_random_functions_equal_an_independent_check(judge: Judge) -> None:
    counts = check(judge, 200, seed=2)
    assert all(counts[f"{kind} {how}"] > 20 for kind in TaskKind for how in ("right", "wrong"))


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(10, 20))
def test_the_rewards_of_500_random_functions_equal_an_independent_check(judge: Judge, seed: int) -> None:
    counts = check(judge, 500, seed=seed)
    print(counts)
    assert all(counts[f"{kind} {how}"] > 50 for kind in TaskKind for how in ("right", "wrong"))
