from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from codefrontier.envs import CodingEnv
from codefrontier.problems import Functional, Problem, Testset

EnvMaker = Callable[..., CodingEnv]


@pytest.mark.parametrize("mode", ["single", "tool", "agentic"])
@pytest.mark.parametrize(
    ("keywords", "reason"),
    [
        ({"coverage": math.nan}, r"coverage must be a number in \(0, 1\], got nan"),
        ({"coverage": 0}, "coverage must be .* got 0"),
        ({"coverage": 1.5}, r"coverage must be .* got 1\.5"),
        ({"coverage": "1"}, "coverage must be .* got '1'"),
        ({"coverage_order": "random"}, "coverage_order must be one of 'size', 'shuffled', got 'random'"),
        ({"order_seed": -1}, "order_seed must be a whole number of at least 0, got -1"),
        ({"language": "cobol"}, "language must be one of 'python', 'pypy', .* got 'cobol'"),
        ({"difficulty": "brutal"}, "difficulty must be one of 'easy', 'medium', 'hard', got 'brutal'"),
        ({"max_turns": 0}, "max_turns must be a whole number of at least 1, got 0"),
        ({"max_turns": 2.0}, "max_turns must be .* got 2.0"),
        ({"window": "2025-01-01"}, "window must be a pair of dates"),
        ({"judge": "docker"}, "judge must be a Judge or None, got 'docker'"),
        ({"problems": []}, "problems must be a list of problem ids or of problems, not empty"),
        ({"problems": "sum"}, "problems must be a list .* got 'sum'"),
        ({"problems": [1]}, r"problems must be a list .* got \[1\]"),
        ({"window": ("2025-01-01", None)}, "window applies to a problem set that is loaded"),
        ({"data": "somewhere"}, "data applies to a problem set that is loaded"),
    ],
)
def test_a_bad_keyword_argument_is_refused(
    make_env: EnvMaker, mode: str, keywords: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        make_env(mode, **keywords)


def test_duplicate_problems_are_refused(make_env: EnvMaker, problem: Problem) -> None:
    with pytest.raises(ValueError, match=r"duplicate problem ids: \['sum'\]"):
        make_env("single", problems=[problem, problem])


def test_a_method_cannot_be_written_in_another_language(make_env: EnvMaker) -> None:
    functional = Problem(
        id="f", title="F", statement="s", tests=Testset(()), functional=Functional(method="solve")
    )
    with pytest.raises(ValueError, match="1 of 1 problems ask for a Python method, for example 'f'"):
        make_env("single", problems=[functional], language="cpp")


def test_making_and_resetting_load_no_hidden_tests(make_env: EnvMaker) -> None:
    loaded: list[str] = []

    def load() -> Any:
        loaded.append("tests")
        return Testset.inline([(b"1", b"1")]).cases

    env = make_env("tool", problems=[Problem(id="p", title="T", statement="s", tests=Testset(load))])
    env.reset()
    env.step("hm")
    assert loaded == []
    env.step('{"name": "submit", "arguments": {"code": "x"}}')
    assert loaded == ["tests"]
