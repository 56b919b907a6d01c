"""`Debugger-single`: rewards of right, partly right and unreadable states, on real traces."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import codefrontier
from codefrontier.envs.conformance.checks import check_environment
from codefrontier.envs.debugging.debugger_env import DebuggerEnv, frame_text
from codefrontier.judge import Judge
from codefrontier.judge.tracing import record
from codefrontier.problems import Problem, ProblemError
from codefrontier.problems.traces import TraceTarget, parse_frame, write_traces
from codefrontier.problems.traces.state_problems import state_problems

pytestmark = pytest.mark.sandbox
SOURCE = "def f(a):\n    b = a + 1\n    return g(b)\ndef g(c):\n    d = [c]\n    return d\n"


@pytest.fixture(scope="module")
def problems(judge: Judge) -> list[Problem]:
    assert codefrontier.__doc__
    trace = record(judge, TraceTarget(id="t", source=SOURCE, entry="f", arguments="1"))
    return state_problems([trace], per_trace=60)


def make(problems: list[Problem], **keywords: Any) -> DebuggerEnv:
    env = gymnasium.make("Debugger-single", problems=problems, **keywords).unwrapped
    assert isinstance(env, DebuggerEnv)
    return env


def answer(problem: Problem) -> str:
    return problem.tests[0].answer().decode()


def test_the_right_state_is_worth_1_for_every_action_in_both_directions(problems: list[Problem]) -> None:
    actions = {problem.metadata["action"] for problem in problems}
    assert {"step_into", "step_over", "step_return", "inv_step_into", "inv_step_call"} <= actions
    env = make(problems)
    for problem in problems:
        observation, info = env.reset(options={"problem": problem.id})
        assert observation.endswith(problem.statement)
        assert "reward_valid" in info
        _, reward, terminated, _, info = env.step(answer(problem))
        assert (reward, terminated, info["verdict"], info["passed"]) == (1.0, True, "AC", info["selected"])


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        (("<|line|>", "<|call|>"), None),
        (("    return g(b)", "    b = a + 1"), 2),
        (('"2"', '"3"'), 2),
        (('"b": "2", "..": ""', '"b": "2"'), 2),
        (("", ""), 3),
    ],
)
def test_parts_that_are_equal_count_for_the_fraction(
    problems: list[Problem], change: tuple[str, str], passed: int | None
) -> None:
    chosen = next(
        problem
        for problem in problems
        if answer(problem) == '<|frame|><|line|><|argument|>{"b": "2", "..": ""}<|source|>    return g(b)'
    )
    env = make([chosen], reward="fraction")
    env.reset(seed=0)
    text, reward, _, _, info = env.step(f"The next state:\n{answer(chosen).replace(*change)}<|trace_end|>\n")
    if passed is None:  # of a call the source comes first, so this is no state
        assert (reward, info["stop_reason"]) == (-0.1, "no_code")
        assert "the reply is no state: expected <|source|>" in text
        return
    assert reward == pytest.approx(passed / 3)
    assert (info["passed"], info["selected"]) == (passed, 3)
    judgement = env.last_judgement
    assert judgement is not None
    assert [run.test for run in judgement.runs] == ["event", "source", "locals"]


def test_an_order_of_variables_is_no_difference(problems: list[Problem]) -> None:
    chosen = next(problem for problem in problems if '"a": "1", "b": "2"' in answer(problem))
    env = make([chosen])
    env.reset(seed=0)
    assert env.step(answer(chosen).replace('"a": "1", "b": "2"', '"b": "2", "a": "1"'))[1] == 1.0


def test_traces_from_a_file_are_played_and_difficulties_are_kept(judge: Judge, tmp_path: Path) -> None:
    trace = record(judge, TraceTarget(id="my trace", source=SOURCE, entry="f", arguments="1"))
    write_traces(tmp_path, [trace])
    env = make_from(data=tmp_path)
    assert all(problem.id.startswith("0-my_trace/") for problem in env.problems)
    easy = make_from(data=tmp_path, difficulty="easy")
    assert {int(problem.metadata["skipped"]) < 3 for problem in easy.problems} == {True}
    one = make_from(data=tmp_path, problems=[env.problems[0].id])
    assert [problem.id for problem in one.problems] == [env.problems[0].id]
    with pytest.raises(ValueError, match="problems must be ids of states, got \\['x'\\]; an example is"):
        make_from(data=tmp_path, problems=["x"])
    with pytest.raises(ValueError, match="window applies"):
        make_from(window=("2025-01-01", None))
    (tmp_path / "traces.jsonl").write_text("")
    with pytest.raises(ProblemError, match="no trace with events"):
        make_from(data=tmp_path)


def make_from(**keywords: Any) -> DebuggerEnv:
    env = gymnasium.make("Debugger-single", **keywords).unwrapped
    assert isinstance(env, DebuggerEnv)
    return env


def test_the_environment_passes_every_check(problems: list[Problem]) -> None:
    report = check_environment(lambda: gymnasium.make("Debugger-single"), episodes=2)
    assert not report.failed
    assert not report.skipped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(problems))


def test_a_vector_and_a_fork_play_the_same_states(
    problems: list[Problem], closing: Callable[..., Any]
) -> None:
    with closing(gymnasium.make_vec("Debugger-single", num_envs=2, problems=problems)) as vector:
        vector.reset(seed=3)
        rewards = vector.step(["<|frame|><|exit|>never", "x"])[1]
    assert list(rewards) == [0.0, pytest.approx(-0.1)]
    env = make(problems)
    observation, _ = env.reset(seed=1)
    copy = env.fork()
    assert copy.render_mode is None
    assert copy.step(answer(env.problem)) == env.step(answer(env.problem))
    assert observation.endswith(env.problem.statement)


@pytest.fixture
def closing() -> Any:
    from contextlib import closing as context

    return context


def test_the_state_is_found_in_a_reply() -> None:
    state = '<|frame|><|return|><|source|>x<|argument|>"1"'
    for reply in (state, f"so:\n```\n{state}\n```", f"{state}<|trace_end|>", f"<|frame|>no {state}\n"):
        assert parse_frame(frame_text(reply)).argument == "1"
