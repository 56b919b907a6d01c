"""Hand-made records of episodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codefrontier.agents import (
    AgentIdentity,
    EpisodeRecord,
    JudgementRecord,
    JudgeRecord,
    RunRecord,
)
from codefrontier.judge import FailureClass, Verdict, failure_class, overall_verdict

EpisodeMaker = Callable[..., EpisodeRecord]


def make(verdicts: str | None, *, sizes: list[int] | None = None, **changes: Any) -> EpisodeRecord:
    """Make a record from the verdicts of its tests in original order, sizes growing unless given.

    `None` is an episode without code, `"CE"` one that does not compile, `"invalid"` one that failed.
    """
    valid = verdicts != "invalid"
    codes = [Verdict(word) for word in verdicts.split()] if verdicts and valid else []
    sizes = sizes or [10 * (index + 1) for index in range(len(codes))]
    runs = tuple(
        RunRecord(index=index, input_size=size, verdict=verdict, cpu_time_s=0.1, memory_mib=9)
        for index, (verdict, size) in enumerate(zip(codes, sizes, strict=True))
    )
    compiled = codes != [Verdict.COMPILE_ERROR]
    judgement = JudgementRecord(
        verdict=overall_verdict(codes) if codes else Verdict.ACCEPTED,
        selected=len(codes),
        tests=len(codes),
        runs=runs if compiled else (),
        cpu_time_s=0.1,
        judge=JudgeRecord(version="1", sandbox="fake"),
    )
    told = failure_class(codes) if codes else FailureClass.NO_CODE
    values: dict[str, Any] = {
        "package_version": "1",
        "problem_id": "p",
        "problem_digest": "d",
        "difficulty": "easy",
        "env_id": "Classics-single",
        "env_version": 1,
        "env_kwargs": {},
        "mode": "single",
        "language": "python",
        "seed": 0,
        "sample": 0,
        "agent": AgentIdentity(name="a", kind="scripted"),
        "observation": "",
        "messages": (),
        "steps": (),
        "stop_reason": "submitted",
        "reward": 0.0,
        "reward_valid": valid,
        "failure_class": told if valid else None,
        "judgement": judgement if codes else None,
    }
    return EpisodeRecord(**{**values, **changes})


@pytest.fixture(scope="session")
def episode() -> EpisodeMaker:
    return make
