"""Grids-single: no judge and no sandbox are needed."""

from __future__ import annotations

import functools
import pickle
import warnings
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from codefrontier.envs import CodingEnv
from codefrontier.envs.conformance.checks import CHECKS, check_environment
from codefrontier.problems import Problem, find_problem, load_problems

SMALL = "grids:test:6:0:sudoku-4"


@functools.cache
def problems() -> tuple[Problem, ...]:
    return tuple(load_problems("grids:test:3:0:sudoku-4") + load_problems("grids:test:2:0:maze-9"))


def make(**keywords: Any) -> CodingEnv:
    env = gymnasium.make("Grids-single", problems=problems(), **keywords).unwrapped
    assert isinstance(env, CodingEnv)
    return env


def answer_of(env: CodingEnv) -> str:
    (case,) = env.problem.tests
    return case.answer().decode()


@pytest.mark.parametrize("form", ["```\n{}```", "The grid:\n\n```text\n{}\n```\nDone.", "{}", "\n\n{}\n\n"])
def test_a_right_grid_is_accepted_in_every_form(form: str) -> None:
    env = make()
    for seed in range(4):
        env.reset(seed=seed)
        observation, reward, terminated, truncated, info = env.step(form.format(answer_of(env)))
        assert (reward, terminated, truncated, info["verdict"]) == (1.0, True, False, "AC")
        assert observation == "Submitted. Verdict: AC (accepted)."


def test_a_wrong_grid_is_a_wrong_answer_and_nothing_is_no_code() -> None:
    env = make()
    first, _ = env.reset(seed=0)
    (case,) = env.problem.tests
    assert case.input().decode() in first
    assert answer_of(env) not in first
    for action, reward, verdict, reason in [
        (case.input().decode(), 0.0, "WA", "submitted"),
        ("I do not know.", 0.0, "WA", "submitted"),
        ("```\n```", -0.1, None, "no_code"),
        (" \n", -0.1, None, "no_code"),
        ("```\n1\0\n```", -0.1, None, "no_code"),
    ]:
        env.reset(seed=0)
        _, got, terminated, _, info = env.step(action)
        assert got == pytest.approx(reward)
        assert terminated
        assert (info["verdict"], info["stop_reason"]) == (verdict, reason)


def test_gymnasium_and_the_conformance_checks_find_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make())
    report = check_environment(
        lambda: gymnasium.make("Grids-single", problem_set=SMALL), episodes=2, max_steps=3
    )
    assert report.failed == {}
    assert report.passed == tuple(CHECKS)


def test_another_draw_is_played() -> None:
    env = gymnasium.make("Grids-single", problem_set=SMALL)
    assert len(env.unwrapped.problems) == 6  # type: ignore[attr-defined]
    assert "sudoku-4" in env.reset(seed=1)[1]["problem_id"]


def test_an_episode_is_restored() -> None:
    env, other = make(), make()
    env.reset(seed=3)
    other.restore(pickle.loads(pickle.dumps(env.snapshot())))
    action = f"```\n{answer_of(env)}```"
    assert env.step(action) == other.step(action)


def test_vectors_of_grids() -> None:
    envs = gymnasium.make_vec("Grids-single", num_envs=2, problem_set=SMALL)
    first, _ = envs.reset(seed=5)
    assert all("sudoku-4" not in text and "4 x 4" in text for text in first)
    assert envs.step(["1", "2"])[1].tolist() == [0.0, 0.0]
    envs.close()


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"answers": 2}, "answers must be 1"),
        ({"max_submissions": 2, "feedback": "verdict"}, "max_submissions"),
    ],
)
def test_what_has_no_meaning_is_refused(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**keywords)


def test_other_problems_are_refused() -> None:
    with pytest.raises(ValueError, match="'pair-sums'"):
        gymnasium.make("Grids-single", problems=[find_problem("classics/pair-sums")])
