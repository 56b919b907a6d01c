from __future__ import annotations

import contextlib
import time

import pytest

from codefrontier.envs.functions.replies import find_answer
from codefrontier.problems import LiteralError


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("answer: [1, 2]", "[1, 2]"),
        ("I think.\n\n**Answer:** `{'a': 1}`\nBye.", "{'a': 1}"),
        ("**answer: 5**", "5"),
        ("> ANSWER : 'x y'  ", "'x y'"),
        ("```python\n[1,\n 2]\n```", "[1,\n 2]\n"),
        ("```\n1\n```\nanswer: 2", "2"),
        ("```\n1\n```\n```\n3\n```\nanswer: 2", "2"),
        ("<think>answer: 1</think>answer: 2", "2"),
        ("```\nanswer: 1\n```\nanswer: 2", "2"),
        ("answer:", ""),
        ("- answer: '*'", "'*'"),
    ],
)
def test_the_answer_of_a_reply_is_found(reply: str, answer: str) -> None:
    assert find_answer(reply) == answer


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "neither"),
        ("It is 5.", "neither"),
        ("the answer: 5", "neither"),
        ("<think>answer: 5", "neither"),
        ("answer: 1\nanswer: 1", "2 lines"),
        ("```\n1\n```\n```\n1\n```", "2 code blocks"),
    ],
)
def test_a_reply_without_one_answer_is_refused(reply: str, why: str) -> None:
    with pytest.raises(LiteralError, match=why):
        find_answer(reply)


@pytest.mark.parametrize(
    "text", ["answer" + " " * 200_000, "*" * 200_000, "answer:" + " *_" * 60_000, "```\n" * 20_000]
)
def test_hostile_replies_take_linear_time(text: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(LiteralError):
        find_answer(text)
    assert time.process_time() - begin < 2
