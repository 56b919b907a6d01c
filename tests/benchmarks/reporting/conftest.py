"""Records of five runs on a line of merges, with hidden text in every field that may hold any."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codefrontier.agents import AgentIdentity, EpisodeRecord, StepRecord, Usage
from codefrontier.benchmarks.reporting import Findings, ReportPaths, find, read_source, write_report
from codefrontier.envs import FailureKind

EpisodeMaker = Callable[..., EpisodeRecord]
CANARY = "hidden-answer-7341"
EVIL = '<img src=x onerror="document.title=`owned`">'
ALPHAS = (0.0, 0.5, 1.0, 1.5)
PROBLEMS, SAMPLES = 18, 8
VECTORS = {"AC": "AC AC", "WA": "AC WA", "TLE": "AC TLE", "late": "TLE WA", "CE": "CE", "none": None}


def agent_at(alpha: float) -> AgentIdentity:
    merge = {"recipe": {"method": "lerp", "alpha": alpha}, "parents": {"low": "1" * 64, "high": "2" * 64}}
    return AgentIdentity(
        name=f"policy:alpha-{alpha:g}", kind="policy", model=f"m{alpha}", settings={"recipe": merge}
    )


def chances(alpha: float, problem: int) -> list[float]:
    """Return the chances of the vectors: a higher alpha has fewer slow and more wrong programs."""
    hard = problem / PROBLEMS
    slow = 0.7 * max(0.0, 1 - alpha) * hard + 0.02
    wrong = 0.1 + 0.25 * alpha * (1 - hard)
    broken = 0.02 + 0.4 * max(0.0, alpha - 1)
    shares = np.array([max(0.05, 1 - slow - wrong - broken), wrong, slow, 0.03, broken, 0.01])
    return list(shares / shares.sum())


def make_run(make: EpisodeMaker, alpha: float) -> list[EpisodeRecord]:
    rng = np.random.default_rng(int(alpha * 10) + 5)
    episodes = []
    for problem in range(PROBLEMS):
        for sample, name in enumerate(rng.choice(list(VECTORS), SAMPLES, p=chances(alpha, problem))):
            episodes.append(
                make(
                    VECTORS[name],
                    agent=agent_at(alpha),
                    problem_id=f"p{problem:02}" if problem else EVIL,
                    problem_digest=f"{problem:064x}",
                    difficulty=("easy", "medium", "hard")[problem * 3 // PROBLEMS],
                    sample=sample,
                    observation=CANARY,
                    messages=({"role": "user", "content": CANARY},),
                    steps=(StepRecord(action=CANARY, observation=CANARY, reward=0.0, reasoning=CANARY),),
                    submission=CANARY,
                    usage=Usage(completion_tokens=100 + sample),
                )
            )
    return episodes


@pytest.fixture
def runs(episode: EpisodeMaker, tmp_path: Path) -> list[Path]:
    """Folders of four runs; the first has an invalid episode, a truncated one, and a configuration."""
    return write_runs(episode, tmp_path / "runs")


@pytest.fixture(scope="session")
def reported(
    episode: EpisodeMaker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ReportPaths, Findings, list[Path]]:
    """A report about these runs: its files, its findings, and the folders of the runs."""
    folder = tmp_path_factory.mktemp("reported")
    runs = write_runs(episode, folder / "runs")
    findings = find([read_source(path) for path in runs])
    return write_report(folder / "report", findings), findings, runs


def write_runs(episode: EpisodeMaker, out: Path) -> list[Path]:
    folders = []
    for alpha in ALPHAS:
        folder = out / f"alpha-{alpha:g}"
        folder.mkdir(parents=True)
        episodes = make_run(episode, alpha)
        if alpha == 0:
            invalid = episode(
                "invalid", **shared(episodes[9]), error=CANARY, failure_kind=FailureKind.SANDBOX
            )
            cut = StepRecord(action=CANARY, observation=None, reward=0.0, finish_reason="length")
            truncated = episode("AC WA", **shared(episodes[17]), steps=(cut,))
            episodes[9], episodes[17] = invalid, truncated
            write_config(folder)
        (folder / "records.jsonl").write_text("".join(each.to_json() + "\n" for each in episodes))
        folders.append(folder)
    return folders


def shared(episode: EpisodeRecord) -> dict[str, Any]:
    """Return what makes two records episodes of the same sample."""
    names = ("agent", "problem_id", "problem_digest", "difficulty", "sample")
    return {name: getattr(episode, name) for name in names}


def write_config(folder: Path) -> None:
    """Write a configuration as `bench` does, with paths and an address in it."""
    config = {
        "env": ["Classics-single"],
        "agent": ["policy:alpha-0"],
        "out": f"/home/somebody/{CANARY}",
        "samples": SAMPLES,
        "model": {"api_base": f"http://{CANARY}:8000/v1", "temperature": 0.7},
    }
    start = {"config": config, "python": "3.12.1", "packages": {"numpy": "2.1.0"}, "commit": "c0ffee"}
    (folder / "config.json").write_text(json.dumps({"runs": [start]}))


@pytest.fixture
def canary() -> str:
    """A text that is in the records and must not be in a report."""
    return CANARY


@pytest.fixture
def alphas() -> tuple[float, ...]:
    return ALPHAS
