"""Text through vector environments: intact, and each process with a judge of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import pytest

from codefrontier.problems import Problem

pytestmark = pytest.mark.sandbox
ECHO = "print('≤ 答え 🙂')"
SUM = "print(sum(map(int, input().split())))"


@pytest.mark.parametrize(
    ("mode", "vector_kwargs"),
    [
        ("sync", {}),
        ("async", {"shared_memory": False, "context": "fork"}),
        ("async", {"shared_memory": False, "context": "spawn"}),
    ],
    ids=["sync", "fork", "spawn"],
)
def test_unicode_text_stays_intact(
    mode: str,
    vector_kwargs: dict[str, Any],
    make_problem: Callable[[str], Problem],
    call: Callable[..., str],
) -> None:
    problems = [make_problem("p0"), make_problem("p1"), make_problem("p2")]
    envs = gymnasium.make_vec(
        "Classics-tool", 2, mode, vector_kwargs=vector_kwargs, problems=problems, max_turns=3
    )
    try:
        observations, infos = envs.reset(seed=1)
        assert all("# Sum ≤ 答え" in text and "10¹²" in text and "🙂" in text for text in observations)
        assert set(infos["problem_id"]) <= {"p0", "p1", "p2"}
        step = envs.step((call("python", code=ECHO), "≤ is no call"))
        assert "≤ 答え 🙂" in step[0][0]
        assert "There is no tool call" in step[0][1]
        _, rewards, terminated, truncated, infos = envs.step(
            (call("submit", code=SUM), call("submit", code=""))
        )
        assert rewards.tolist() == pytest.approx([1.0, -0.1])
        assert terminated.tolist() == [True, True]
        assert truncated.tolist() == [False, False]
        assert infos["verdict"].tolist() == ["AC", None]
        assert infos["passed"].tolist() == [9, 0]
        assert infos["stop_reason"].tolist() == ["submitted", "no_code"]
    finally:
        envs.close()


def test_shared_memory_is_refused_rather_than_corrupting_text(make_problem: Callable[[str], Problem]) -> None:
    with pytest.raises(ValueError, match="shared_memory=False"):
        gymnasium.make_vec("Classics-single", 2, "async", problems=[make_problem("p")])
