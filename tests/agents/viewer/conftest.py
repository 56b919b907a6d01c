"""Records with hostile text, and a viewer of these records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import (
    AgentIdentity,
    EarlierJudgement,
    EpisodeRecord,
    EpisodeWriter,
    JudgementRecord,
    JudgeRecord,
    RunRecord,
    StepRecord,
    Usage,
)
from codefrontier.agents.records.index import RecordIndex
from codefrontier.agents.viewer.server import serving
from codefrontier.judge import FailureClass, Verdict, failure_class, overall_verdict

EVIL = '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>'
CONTROLS = "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe\x00"
SOURCES = {"good": "import sys\nprint(sum(map(int, sys.stdin)))\n", "bad": "import sys\nprint(0)  # <b>\n"}


def make_judgement(*codes: str) -> JudgementRecord:
    verdicts = [Verdict(code) for code in codes]
    runs = tuple(
        RunRecord(
            index=index, input_size=10**index, verdict=verdict, cpu_time_s=0.25 * (index + 1), memory_mib=9.0
        )
        for index, verdict in enumerate(verdicts)
    )
    return JudgementRecord(
        verdict=overall_verdict(verdicts),
        selected=len(runs),
        tests=len(runs),
        runs=runs,
        cpu_time_s=1.0,
        judge=JudgeRecord(version="1", sandbox="embedded"),
        coverage=1.0,
        time_limit_s=1.5,
        memory_limit_mib=256,
    )


def make_episode(agent: str, sample: int, *codes: str, said: str = "", **changes: Any) -> EpisodeRecord:
    judgement = make_judgement(*codes) if codes else None
    verdicts = [run.verdict for run in judgement.runs] if judgement else []
    told = failure_class(verdicts) if verdicts else FailureClass.NO_CODE
    source = SOURCES["good" if told is FailureClass.SOLVED else "bad"]
    call = json.dumps({"name": "submit", "arguments": {"code": source}})
    steps = (
        StepRecord(action=f"I think: {said}", observation=f"No tool was called. {said}", reward=0.0),
        StepRecord(action=call, observation="Submitted.", reward=float(told is FailureClass.SOLVED)),
    )
    values: dict[str, Any] = {
        "package_version": "1",
        "problem_id": "sums" if sample % 2 else "paths",
        "problem_digest": "d" * 64,
        "difficulty": None,
        "env_id": "Classics-tool",
        "env_version": 1,
        "env_kwargs": {},
        "mode": "tool",
        "language": "python",
        "seed": 0,
        "sample": sample,
        "agent": AgentIdentity(name=agent, kind="scripted"),
        "observation": f"Task {said}",
        "messages": ({"role": "user", "content": f"Task {said}"},),
        "steps": steps,
        "stop_reason": "submitted" if judgement else "max_turns",
        "reward": steps[-1].reward,
        "reward_valid": True,
        "failure_class": told,
        "submission": source if judgement else None,
        "judgement": judgement,
        "usage": Usage(),
    }
    return EpisodeRecord(**{**values, **changes})


@pytest.fixture
def run_path(tmp_path: Path) -> Path:
    """Seven episodes: 1 solved, 2 slow, 3 wrong, 4 hostile, 5 without code, 6 not valid, 7 judged again."""
    again = EarlierJudgement(
        judgement=make_judgement("AC", "AC", "TLE"),
        reward=0.0,
        failure_class=FailureClass.OPTIMIZATION,
        reason=f"another limit {EVIL}",
        regrade="r",
    )
    invalid: dict[str, Any] = {"reward_valid": False, "failure_class": None, "error": f"SandboxError {EVIL}"}
    evil = make_episode(f"evil {EVIL}", 3, "WA", said=f"{EVIL}{CONTROLS}\ud800")
    episodes = [
        make_episode("reference", 0, "AC", "AC", "AC", "AC"),
        make_episode("slow", 0, "AC", "AC", "TLE", "TLE", said="quicksort"),
        make_episode("wrong", 1, "AC", "WA", "RTE", "MLE"),
        replace(evil, problem_id=EVIL, submission=f"# {EVIL}\nprint('{CONTROLS}')", error=EVIL),
        make_episode("silent", 5),
        make_episode("silent", 6, stop_reason="infrastructure", **invalid),
        make_episode("reference", 7, "AC", "AC", "AC", earlier=(again,)),
    ]
    with EpisodeWriter(tmp_path / "records.jsonl") as writer:
        for episode in episodes:
            writer.write(episode)
    return tmp_path


@pytest.fixture
def index(run_path: Path) -> Iterator[RecordIndex]:
    with RecordIndex(run_path / "records.jsonl") as index:
        yield index


@pytest.fixture
def url(index: RecordIndex) -> Iterator[str]:
    with serving(index, title=f"run {EVIL}") as url:
        yield url


@pytest.fixture
def evil() -> tuple[str, str]:
    """The markup and the control characters in the fourth record."""
    return EVIL, CONTROLS


Get = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def get(url: str) -> Get:
    """Ask the viewer: path, method and headers give status, headers and body."""
    import http.client
    from urllib.parse import urlsplit

    def call(
        path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    return call
