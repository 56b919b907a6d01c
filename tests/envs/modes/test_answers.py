"""Several answers in one reply, in mode single."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from codefrontier.agents import AgentAction, AgentIdentity, EpisodeRecord, TaskInfo, rollout
from codefrontier.agents.records import episode_faults
from codefrontier.agents.records.keys import kwargs_key
from codefrontier.envs import CodingEnv
from codefrontier.judge import Judge
from codefrontier.problems import Problem

EnvMaker = Callable[..., CodingEnv]
RIGHT = "a, b = map(int, input().split())\nprint(a + b)\n"
SMALL = "a, b = map(int, input().split())\nprint(a + b if a < 1000 else 0)\n"


def blocks(*sources: str) -> str:
    return "\n\n".join(f"An answer:\n```python\n{source}```" for source in sources)


@pytest.mark.sandbox
def test_every_answer_is_judged_and_the_best_counts(problem: Problem, make_env: EnvMaker) -> None:
    with Judge() as judge:
        env = make_env("single", answers=3, judge=judge, reward="fraction")
        observation, info = env.reset()
        assert "first 3 fenced code blocks" in observation
        assert info["answers"] == []
        reply = blocks(SMALL, RIGHT, "1 +", RIGHT)
        observation, reward, terminated, _, info = env.step(reply)
    assert (reward, terminated, info["verdict"], info["stop_reason"]) == (1.0, True, "AC", "accepted")
    assert observation.startswith("3 answers were judged. Of the best: Submitted. Verdict: AC")
    assert [answer["verdict"] for answer in info["answers"]] == ["WA", "AC", "CE"]
    assert [answer["passed"] for answer in info["answers"]] == [3, 9, 0]
    assert [len(answer["runs"]) for answer in info["answers"]] == [9, 9, 0]
    assert info["reward_components"]["fraction"] == 1.0
    assert env.submission is not None
    assert env.submission.source.decode() == RIGHT
    assert problem.id == info["problem_id"]


@pytest.mark.sandbox
def test_hidden_data_of_no_answer_is_shown(make_env: EnvMaker) -> None:
    with Judge() as judge:
        for feedback in ("none", "verdict", "counts", "first_failure"):
            env = make_env("single", answers=2, judge=judge, feedback=feedback)
            env.reset()
            observation, *_ = env.step(blocks(SMALL, "print(input())\n"))
            assert "123456789" not in observation
            assert "canary" not in observation


def test_the_first_of_equal_answers_counts(make_env: EnvMaker) -> None:
    env = make_env("single", answers=2, feedback="verdict")
    env.reset()
    *_, info = env.step(blocks("# WA\n", "# RTE\n"))
    assert (info["verdict"], len(info["answers"])) == ("WA", 2)


@pytest.mark.parametrize("reply", ["no code", "```python\n\n```", "```\n"])
def test_a_reply_without_an_answer_is_no_code(make_env: EnvMaker, reply: str) -> None:
    env = make_env("single", answers=2)
    env.reset()
    _, reward, terminated, _, info = env.step(reply)
    assert (reward, terminated, info["stop_reason"], info["answers"]) == (-0.1, True, "no_code", [])


def test_with_one_answer_nothing_changes(make_env: EnvMaker) -> None:
    env = make_env("single")
    _, info = env.reset()
    assert "answers" not in info
    *_, info = env.step(blocks("# WA\n", "# AC\n"))
    assert (info["verdict"], env.answers) == ("AC", ())
    assert kwargs_key({"answers": 1, "coverage": 1.0}) == kwargs_key({"coverage": 1.0})
    assert kwargs_key({"answers": 2, "coverage": 1.0}) != kwargs_key({"coverage": 1.0})


@pytest.mark.parametrize(
    ("mode", "keywords", "message"),
    [
        ("single", {"answers": 0}, "answers must be a whole number of at least 1"),
        ("single", {"answers": 2, "max_submissions": 2}, "answers above 1 needs max_submissions=1"),
        ("single", {"answers": 2, "stop_early": True}, "stop_early=False"),
        ("tool", {"answers": 2}, "answers must be 1 in mode tool"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    make_env: EnvMaker, mode: str, keywords: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_env(mode, **keywords)


class Answering:
    """An agent with one reply."""

    identity = AgentIdentity(name="answering", kind="scripted")

    def start(self, task: TaskInfo) -> None:
        pass

    def act(self, observation: str) -> AgentAction:
        return AgentAction(action=blocks("# WA\n", "# AC\n"))

    def close(self) -> None:
        pass


def test_the_record_has_every_answer(make_env: EnvMaker) -> None:
    episode = rollout(Answering(), make_env("single", answers=2))
    episode = EpisodeRecord.from_json(episode.to_json())
    assert [answer.judgement.verdict.value for answer in episode.answers] == ["WA", "AC"]
    assert [answer.submission for answer in episode.answers] == ["# WA\n", "# AC\n"]
    assert episode.submission == "# AC\n"
    assert episode.judgement == episode.answers[1].judgement
    assert list(episode_faults(episode)) == []
    first = replace(episode, answers=episode.answers[:1])
    assert [where for where, _ in episode_faults(first)] == ["judgement"]
