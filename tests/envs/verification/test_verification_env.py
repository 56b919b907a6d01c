"""The environment of verification: answers, rewards, rankings, the episode, and the conformance checks."""

from __future__ import annotations

import warnings
from itertools import permutations
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import codefrontier
from codefrontier.envs.conformance.checks import check_environment
from codefrontier.envs.verification import VerificationEnv, judge_answer, kendall, parse_answer
from codefrontier.envs.verification.judging import best_first, kendall_tau_b
from codefrontier.problems import Problem
from codefrontier.problems.verification import Candidate, VerificationKind, VerificationTask, write_tasks


def task(*rates: float, name: str = "p--1") -> VerificationTask:
    return VerificationTask(
        id=name,
        kind=VerificationKind.EASY,
        problem_spec="classics/p",
        title="P",
        statement="Print the sum.",
        prompt="sum",
        candidates=tuple(
            Candidate(source=f"print({place})\n", language="python", passed=round(10 * rate), selected=10)
            for place, rate in enumerate(rates)
        ),
    )


def make(*rates: float, **keywords: Any) -> VerificationEnv:
    assert codefrontier.__doc__
    env = gymnasium.make("Verification-single", problems=[task(*rates).problem()], **keywords).unwrapped
    assert isinstance(env, VerificationEnv)
    return env


@pytest.mark.parametrize(
    "reply",
    [
        "2",
        " 2\n",
        "Answer: 2",
        "**Answer: 2**",
        "The final answer is 2.",
        "Program 2",
        "\\boxed{2}",
        "<think>Answer: 1, or 3?</think>\nAnswer: 2",
        "First 1 looks right.\nAnswer: 2",
        "So:\n```python\nprint(2)\n```",
        "```\n2\n```",
    ],
)
def test_an_answer_is_read(reply: str) -> None:
    assert parse_answer(reply, 3) == (2,)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "no answer"),
        ("I do not know", "no answer"),
        ("<think>2", "no end"),
        ("4", "from 1 to 3"),
        ("0", "from 1 to 3"),
        ("1 2", "one number"),
        ("Answer: 2 or 3", "no answer"),
        ("9" * 300, "no answer"),
    ],
)
def test_a_reply_without_an_answer_says_why(reply: str, why: str) -> None:
    found = parse_answer(reply, 3)
    assert isinstance(found, str)
    assert why in found


def test_without_thinking_the_reply_is_the_answer_alone() -> None:
    for reply in ("2", "Answer: 2", "\\boxed{2}", "```\n2\n```"):
        assert parse_answer(reply, 3, thinking=False) == (2,)
    for reply in ("It is 2", "x\n2", "<think></think>2", "So:\n```\n2\n```"):
        assert isinstance(parse_answer(reply, 3, thinking=False), str)


def test_a_ranking_names_every_program_once() -> None:
    for reply in ("2 1 3", "Answer: 2, 1, 3", "2 > 1 > 3"):
        assert parse_answer(reply, 3, ranking=True) == (2, 1, 3)
    for reply in ("2", "1 2 2", "1 2 3 4"):
        assert isinstance(parse_answer(reply, 3, ranking=True), str)


# By scipy.stats.kendalltau of scipy 1.17.1; 0 where it gives NaN, because one rating has ties only.
SCIPY = [
    ([3, 0, 0, 0, 2, 3], [3, 2, 3, 3, 0, 0], -0.363636363636364),
    ([0, 3, 3, 3, 1, 0], [2, 3, 1, 3, 1, 3], 0.0),
    ([1, 1, 0], [3, 3, 0], 1.0),
    ([3, 1, 1, 2, 2, 1], [0, 3, 2, 0, 3, 2], -0.435194139889245),
    ([2, 2], [0, 3], 0.0),
    ([1, 0, 0, 3, 0], [2, 3, 3, 1, 0], -0.377964473009227),
    ([0, 2, 3, 1, 1, 0], [0, 3, 0, 0, 0, 0], 0.372104203767625),
    ([1, 3, 2, 3, 2], [3, 3, 0, 2, 1], 0.117851130197758),
    ([3, 2, 1, 0, 2], [0, 2, 0, 3, 3], -0.353553390593274),
    ([3, 1], [0, 3], -1.0),
]


def test_tau_b_is_that_of_scipy() -> None:
    for one, other, expected in SCIPY:
        assert kendall_tau_b(one, other) == pytest.approx(expected, abs=1e-12)
    with pytest.raises(ValueError, match="2 or more"):
        kendall_tau_b([1], [1])


def test_the_reward_of_a_ranking_is_tau_b_with_ties_in_the_pass_rates() -> None:
    rates = (0.5, 1.0, 0.5, 0.2)
    for order in permutations((1, 2, 3, 4)):
        judgement = judge_answer(order, rates)
        expected = kendall_tau_b([-order.index(number) for number in (1, 2, 3, 4)], rates)
        assert kendall(judgement) == pytest.approx(expected)
        assert best_first(judgement) == (order[0] == 2)
        assert judgement.selected == 1 + 5  # one of the six pairs is tied
    assert kendall(None) == -1.0


def test_the_right_program_is_rewarded_and_no_other() -> None:
    env = make(0.3, 1.0, 0.8)
    for number in (1, 2, 3):
        observation, info = env.reset(seed=0)
        assert "## Program 3 (Python)" in observation
        text, reward, terminated, truncated, info = env.step(f"Answer: {number}")
        assert (reward, terminated, truncated) == (float(number == 2), True, False)
        assert info["verdict"] == ("AC" if number == 2 else "WA")
        assert "right" not in text
    assert env.submission is not None
    assert env.submission.source == b"print(3)"


def test_a_reply_without_an_answer_costs_the_format_penalty() -> None:
    env = make(0.3, 1.0)
    env.reset(seed=0)
    text, reward, terminated, _, info = env.step("no idea")
    assert (reward, terminated) == (-0.1, True)
    assert info["failure_class"] == "no_code"
    assert "Nothing was judged" in text


def test_rankings_are_rewarded_by_name() -> None:
    for reward, expected in (("best_first", 1.0), ("kendall", 1 / 3), ("fraction", 3 / 4)):
        env = make(0.2, 1.0, 0.8, ranking=True, reward=reward)
        env.reset(seed=0)
        assert env.step("2 1 3")[1] == pytest.approx(expected)


def test_the_plain_layout_has_no_prose() -> None:
    observation, _ = make(1.0, 0.5, layout="plain", thinking=False).reset(seed=0)
    assert observation == "sum\n1\nprint(0)\n2\nprint(1)"


@pytest.mark.parametrize(
    "keywords",
    [{"ranking": 1}, {"layout": "html"}, {"reward": "kendall"}, {"reward": "x"}, {"max_submissions": 2}],
)
def test_bad_keywords_are_refused(keywords: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(keywords))):
        make(1.0, 0.5, **keywords)


def test_a_problem_that_is_no_task_is_refused(problem: Problem) -> None:
    with pytest.raises(ValueError, match="no task of verification"):
        gymnasium.make("Verification-single", problems=[problem])


def test_a_folder_of_tasks_is_played_and_the_embedded_set_without_one(tmp_path: Path) -> None:
    write_tasks([task(1.0, 0.5)], tmp_path / "set", summary={})
    env = gymnasium.make("Verification-single", tasks=str(tmp_path / "set"))
    assert env.reset(seed=0)[1]["problem_id"] == "p--1"
    fork = env.unwrapped.fork()  # type: ignore[attr-defined]
    assert fork.step("1")[1] == 1.0
    vector = gymnasium.make_vec("Verification-single", num_envs=2, tasks=str(tmp_path / "set"))
    vector.reset(seed=0)
    assert vector.step(("1", "2"))[1].tolist() == [1.0, 0.0]
    vector.close()
    assert len(gymnasium.make("Verification-single").unwrapped.problems) >= 12  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="same thing"):
        gymnasium.make("Verification-single", tasks="a", data="b")


@pytest.mark.parametrize("keywords", [{}, {"ranking": True, "reward": "kendall"}, {"thinking": False}])
def test_the_environment_conforms(keywords: dict[str, object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(1.0, 0.5, 0.2, **keywords), skip_render_check=True)
    report = check_environment(lambda: gymnasium.make("Verification-single", **keywords))  # type: ignore[arg-type]
    assert not report.failed
    assert not report.skipped
