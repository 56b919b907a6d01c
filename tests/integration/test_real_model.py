"""A real language model in the loop: play, learn, merge, serve, compare.

Needs the folder that `tools/real_model.py` makes, in the environment variable REAL_MODEL. The model has 135
million weights and can hardly solve these problems by itself. So it first learns the accepted program of an
easy problem. The aim is that some of its own programs are accepted and others are not: then the rewards of a
group differ, and reinforcement has a gradient.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents import read_episodes
from codefrontier.problems.embedded.classics import load_classic
from codefrontier.training.settings import RLSettings

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)
pytest.importorskip("fastapi", reason="the extra serve is not installed")

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.checkpoint import identify
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.sampling.problem_stream import ProblemStream
    from codefrontier.training.trainer import train

PROBLEM = "pair-sums"
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
pytestmark = [pytest.mark.long, pytest.mark.sandbox, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def model() -> Path:
    """Return the folder of the model."""
    given = os.environ.get("REAL_MODEL")
    if not given:
        pytest.skip("REAL_MODEL is not set: make the folder with tools/real_model.py")
    return Path(given).resolve()


def run(*words: object) -> str:
    """Run `codefrontier` as a process of its own and return its output."""
    command = [str(Path(sys.executable).parent / "codefrontier"), *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT}, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def bench(out: Path, agents: Sequence[str], envs: Sequence[str], *words: object) -> list[Any]:
    """Play the problem and return the episodes."""
    chosen = [*(word for each in envs for word in ("--env", each))]
    chosen += [*(word for each in agents for word in ("--agent", each))]
    run("bench", *chosen, "--problems", PROBLEM, "--out", out, *words)
    return list(read_episodes(out / "records.jsonl").episodes)


@contextmanager
def served(*folders: str) -> Iterator[str]:
    """Serve checkpoints on a free port and return the base of the address."""
    command = [str(Path(sys.executable).parent / "codefrontier"), "serve", *folders, "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}
    ) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            yield found[0]
        finally:
            server.terminate()


def test_a_real_model_plays_learns_is_merged_and_served(model: Path, tmp_path: Path) -> None:
    # 1. It plays the three modes, in a few short turns.
    short = ("--max-completion-tokens", 48, "--seed", 1)
    played = bench(tmp_path / "single", [f"policy:{model}"], ["Classics-single"], *short)
    several = ["Classics-tool", "Classics-agentic"]
    played += bench(tmp_path / "turns", [f"policy:{model}"], several, "--max-turns", 2, *short)
    assert sorted(episode.mode for episode in played) == ["agentic", "single", "tool"]
    assert all(episode.reward_valid for episode in played)
    assert all(step.tokens is not None for episode in played for step in episode.steps)

    # 2. It learns from an accepted episode.
    [accepted] = bench(tmp_path / "reference", ["reference"], ["Classics-single"])
    assert accepted.reward == 1
    learning = ("--steps", 6, "--batch", 1, "--lr", 9.2e-5, "--schedule", "constant")
    records, out = tmp_path / "reference", tmp_path / "sft"
    start = Path(run("train", "sft", "--init", model, "--from-records", records, *learning, "--out", out))
    lines = read_lines(tmp_path / "sft" / "metrics.jsonl")
    assert lines[-1]["loss"] < lines[0]["loss"] / 2

    # 3. It is reinforced by the verdicts on its programs, under two coverages.
    problem = load_classic(PROBLEM)
    runs = {}
    for seed, (name, coverage) in enumerate((("low", 0.25), ("high", 1.0))):
        settings = RLSettings(
            init=start,
            out=tmp_path / name,
            # Other replies for each: a program that is right is right under both coverages.
            seed=seed,
            env=("Classics-single",),
            coverage=coverage,
            steps=2,
            prompts=1,
            group=6,
            refill_rounds=0,
            lr=1e-5,
            max_completion_tokens=200,
            part_rows=2,
        )
        stream = ProblemStream(lambda epoch: iter([lambda: problem]))
        runs[name] = train(settings, problems=stream)
        told = read_lines(tmp_path / name / "metrics.jsonl")
        print(name, json.dumps(told, indent=1))
        assert any(line["grad_norm"] > 0 and line["groups_with_signal"] == 1 for line in told)
        assert identify(runs[name]).weights_digest != identify(start).weights_digest

    # 4. The two checkpoints are merged, and the merge and a parent are served and compared.
    run("merge", "--low", runs["low"], "--high", runs["high"], "--alpha", 0.5, "--out", tmp_path / "merged")
    merged = tmp_path / "merged" / "alpha-0.5"
    with served(f"merged={merged}", f"high={runs['high']}") as address:
        agents = ["litellm:frontier/merged", "litellm:frontier/high"]
        compared = bench(
            *(tmp_path / "compared", agents, ["Classics-single"], "--api-base", address, "--samples", 2),
            *("--max-completion-tokens", 200, "--temperature", 1, "--top-p", 1),
        )
    assert {episode.agent.name for episode in compared} == set(agents)
    assert all(episode.reward_valid for episode in compared)
    assert len({replace(episode.agent, digest="").model for episode in compared}) == 2
