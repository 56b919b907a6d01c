"""The environments of tasks about functions on the real judge."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from codefrontier.agents.engine import recorded_kwargs
from codefrontier.agents.records.keys import kwargs_key
from codefrontier.envs import CodingEnv, LeakError
from codefrontier.envs.conformance.checks import check_environment
from codefrontier.envs.leaks import LeakLint
from codefrontier.judge import Judge
from codefrontier.problems import TaskKind, answer_text, hidden_answer, load_classic, plain_task

pytestmark = pytest.mark.sandbox
Call = Callable[..., str]
LITERAL = ["Abduction", "Deduction", "Fuzzing"]
IDS = [f"{kind.capitalize()}-{mode}" for kind in TaskKind for mode in ("single", "tool", "agentic")]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


@pytest.fixture
def make(judge: Judge) -> Iterator[Callable[..., CodingEnv]]:
    made: list[CodingEnv] = []

    def make(env_id: str, **keywords: Any) -> CodingEnv:
        name = f"{env_id.partition('-')[0].lower()}:train:8:1"
        env = gymnasium.make(env_id, **{"problem_set": name, "judge": judge, **keywords}).unwrapped
        assert isinstance(env, CodingEnv)
        made.append(env)
        return env

    yield make
    for env in made:
        env.close()


def right(env: CodingEnv) -> str:
    literal = hidden_answer(env.problem)
    assert literal is not None
    return answer_text(env.problem, literal)


@pytest.mark.parametrize("env_id", IDS)
def test_gymnasium_finds_nothing_to_complain_about(env_id: str, make: Callable[..., CodingEnv]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(env_id), skip_render_check=True)


@pytest.mark.long
@pytest.mark.parametrize("env_id", IDS)
def test_the_conformance_kit_finds_nothing(env_id: str, judge: Judge) -> None:
    name = f"{env_id.partition('-')[0].lower()}:train:8:1"
    report = check_environment(lambda: gymnasium.make(env_id, problem_set=name, judge=judge), episodes=2)
    assert report.ok, report.failed


@pytest.mark.parametrize("kind", [kind.capitalize() for kind in TaskKind])
def test_a_plain_task_has_no_prose_and_the_same_rewards(
    kind: str, make: Callable[..., CodingEnv], judge: Judge
) -> None:
    env = make(f"{kind}-single", layout="plain")
    check_env(env, skip_render_check=True)
    observation, _ = env.reset(seed=1)
    assert observation == plain_task(env.problem)
    assert observation.startswith(kind.lower())
    LeakLint(env.problem).check(observation)
    reply = right(env) if env.get_wrapper_attr("literal") else env.problem.submissions[0].source.decode()
    assert env.step(f"```python\n{reply}\n```")[1] == 1.0
    assert recorded_kwargs(env)["layout"] == "plain"
    report = check_environment(
        lambda: gymnasium.make(
            f"{kind}-single", problem_set=f"{kind.lower()}:train:3:1", judge=judge, layout="plain"
        ),
        episodes=1,
    )
    assert report.ok, report.failed


def test_only_mode_single_has_a_layout_and_older_records_had_the_default(judge: Judge) -> None:
    with pytest.raises(ValueError, match="layout must be one of markdown, plain"):
        gymnasium.make("Deduction-single", layout="short", judge=judge)
    with pytest.raises(TypeError, match="layout"):
        gymnasium.make("Deduction-tool", layout="plain", judge=judge)
    assert kwargs_key({"layout": "markdown"}) == kwargs_key({}) != kwargs_key({"layout": "plain"})


@pytest.mark.parametrize("kind", LITERAL)
def test_a_literal_is_the_answer_in_every_mode(kind: str, make: Callable[..., CodingEnv], call: Call) -> None:
    single = make(f"{kind}-single")
    single.reset(seed=1)
    observation, reward, terminated, _, info = single.step(f"So\nanswer: {right(single)}")
    assert (observation, reward, terminated) == ("Submitted. Verdict: AC (accepted).", 1.0, True)
    assert info["verdict"] == "AC"
    tool = make(f"{kind}-tool")
    tool.reset(seed=1)
    assert "It is read as: " in tool.step(call("read_answer", answer=right(tool)))[0]
    assert "It cannot be read: " in tool.step(call("read_answer", answer="print(1)"))[0]
    assert tool.step(call("submit", answer=right(tool)))[1] == 1.0
    agentic = make(f"{kind}-agentic")
    agentic.reset(seed=1)
    agentic.step(call("edit", command="create", path="a.txt", text=right(agentic)))
    assert "function.py" in agentic.step(call("bash", command="ls"))[0] or kind == "Deduction"
    assert agentic.step(call("submit", path="a.txt"))[1] == 1.0


def test_deduction_has_no_tool_that_runs_a_program(make: Callable[..., CodingEnv], call: Call) -> None:
    names = {
        mode: {tool["function"]["name"] for tool in make(f"Deduction-{mode}").tools}
        for mode in ("tool", "agentic")
    }
    assert names == {"tool": {"read_answer", "submit"}, "agentic": {"edit", "read_answer", "submit"}}
    env = make("Deduction-agentic")
    env.reset(seed=1)
    for name, arguments in (("bash", {"command": "echo 1"}), ("debug", {"command": "start", "path": "a.py"})):
        assert "there is no tool" in env.step(call(name, **arguments))[0]
    env = make("Deduction-tool")
    env.reset(seed=1)
    assert "there is no tool" in env.step(call("python", code="print(1)"))[0]


@pytest.mark.parametrize(
    "reply", ["It is 5.", "answer: f(x)", "answer: 1\nanswer: 2", "answer: [1", "```\nnan\n```"]
)
def test_a_reply_that_is_no_literal_is_not_judged(reply: str, make: Callable[..., CodingEnv]) -> None:
    env = make("Deduction-single")
    env.reset(seed=1)
    observation, reward, terminated, truncated, info = env.step(reply)
    assert observation.startswith("Nothing was judged: ")
    assert (reward, terminated, truncated) == (-0.1, True, False)
    assert (info["stop_reason"], info["verdict"], info["reward_valid"]) == ("no_code", None, True)


def test_a_wrong_answer_may_be_followed_by_another(make: Callable[..., CodingEnv], call: Call) -> None:
    env = make("Deduction-tool", max_submissions=2)
    env.reset(seed=1)
    observation, _, terminated, _, info = env.step(call("submit", answer="'no'"))
    assert (terminated, info["submissions"]) == (False, 1)
    assert observation.startswith("Submitted. Verdict: WA (wrong answer).")
    assert not env.step(call("submit", answer="no"))[2]
    assert env.step(call("submit", answer=right(env)))[1] == 1.0


def test_an_input_on_which_the_function_fails_is_wrong_and_no_failure_of_ours(
    make: Callable[..., CodingEnv],
) -> None:
    env = make("Abduction-single")
    env.reset(seed=1)
    _, reward, _, truncated, info = env.step("answer: 1, 2, 3, 4")
    assert (reward, truncated, info["verdict"], info["reward_valid"]) == (0.0, False, "RTE", True)


def test_strict_abduction_wants_the_original_input(make: Callable[..., CodingEnv]) -> None:
    free, strict = make("Abduction-single"), make("Abduction-single", strict=True)
    other = next(
        problem for problem in free.problems if any(s.name == "second.py" for s in problem.submissions)
    )
    second = next(s for s in other.submissions if s.name == "second.py").source.decode()
    literal = second.split("def _submitted():\n    return ")[1].split("\n")[0]
    rewards = {}
    for name, env in (("free", free), ("strict", strict)):
        for reply in (literal[1:-1], None):
            env.reset(options={"problem": other.id})
            rewards[name, reply is None] = env.step(f"answer: {reply or right(env)}")[1]
    assert rewards == {
        ("free", False): 1.0,
        ("free", True): 1.0,
        ("strict", False): 0.0,
        ("strict", True): 1.0,
    }


def test_the_lint_finds_the_literal_that_solves_a_task(make: Callable[..., CodingEnv]) -> None:
    env = make("Abduction-single")
    env.reset(seed=1)
    solution = hidden_answer(env.problem)
    assert solution is not None
    assert len(solution) >= 12
    with pytest.raises(LeakError):
        LeakLint(env.problem).check(f"Try {solution}!")


def test_the_problems_are_tasks_of_one_kind(judge: Judge) -> None:
    with pytest.raises(ValueError, match="must be tasks about functions of one kind, got None"):
        gymnasium.make("Deduction-single", problems=[load_classic("pair-sums")], judge=judge)
    with pytest.raises(ValueError, match="answers must be 1 for deduction"):
        gymnasium.make("Deduction-single", problem_set="deduction:train:2", answers=2, judge=judge)
    with pytest.raises(ValueError, match="strict must be True or False"):
        gymnasium.make("Abduction-single", strict="yes", judge=judge)


def test_a_snapshot_continues_and_a_vector_environment_keeps_texts(
    make: Callable[..., CodingEnv], judge: Judge
) -> None:
    env = make("Fuzzing-tool")
    env.reset(seed=1)
    env.step("nothing")
    with_it = env.fork()
    assert with_it.step("nothing")[0] == env.step("nothing")[0]
    with_it.close()
    envs = gymnasium.make_vec("Fuzzing-single", num_envs=2, problem_set="fuzzing:train:4:1", judge=judge)
    observations, _ = envs.reset(seed=3)
    assert all("pre_test" in text for text in observations)
    _, rewards, terminated, _, _ = envs.step(["answer: 1", "no"])
    assert rewards.tolist() == [0.0, -0.1]
    assert terminated.all()
    envs.close()
