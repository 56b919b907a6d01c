"""A sweep that is killed at any moment continues with the same command, to the same results."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import EpisodeRecord, read_episodes

PROGRAM = """
import json, os, signal, sys
from pathlib import Path

import torch, transformers
from codefrontier import envs
from codefrontier.benchmarks.sweeping.command import SweepCommand
from codefrontier.agents.policy import agent
from codefrontier.agents.serving import models, server
from codefrontier.merging.resuming import journal

torch.set_num_threads(1)
journal.EVERY_BYTES = 3000
arguments = json.loads(sys.argv[1])
root = arguments[arguments.index("--out") + 1]
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}

def run(moment):
    seen = 0
    def count(event, given):
        nonlocal seen
        if event in EVENTS and any(root in str(each) for each in given):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    status = SweepCommand.parse(arguments, prog="sweep").run()
    os.write(pipe[1], f"{seen}\\n".encode())
    os._exit(status)

pipe = os.pipe()
for line in sys.stdin:
    child = os.fork()
    if not child:
        run(int(line))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seen = os.read(pipe[0], 100).decode().strip() if status >= 0 else "0"
    print(status, seen, flush=True)
"""
"""Program that runs the command in a child for each line, and kills the child at a moment."""
MOMENTS = 20
PROBLEMS = ("pair-sums-lt-abs-init-id", "subarray-sums-ge-half-all-neg")


class Runner:
    """Runs one command line again and again, without the imports of a new interpreter."""

    def __init__(self, *words: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps([str(word) for word in words])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.out = Path(str(words[words.index("--out") + 1]))

    def run(self, moment: int = 0) -> tuple[int, int]:
        """Return the status of the command, and the number of its moments if it was not killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{moment}\n")
        self._process.stdin.flush()
        while True:  # the command prints its tables before
            words = self._process.stdout.readline().split()
            assert words or self._process.poll() is None
            if len(words) == 2 and all(word.lstrip("-").isdigit() for word in words):
                return int(words[0]), int(words[1])

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


def results(out: Path) -> dict[str, bytes]:
    """Return the content of all results but the records, which hold times."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and "records" not in path.relative_to(out).parts
    }


def told(out: Path) -> dict[tuple[str, str, int], Any]:
    """Return what the records say, without times."""
    found = {}
    for path in sorted((out / "records").glob("*/records.jsonl")):
        for episode in read_episodes(path).episodes:
            key = (path.parent.name, episode.problem_id, episode.sample)
            assert key not in found, "each episode is played once"
            found[key] = _told(episode)
    return found


def _told(episode: EpisodeRecord) -> tuple[Any, ...]:
    tokens = [step.tokens and (step.tokens.ids, step.tokens.loss_mask) for step in episode.steps]
    verdict = episode.judgement and episode.judgement.verdict
    return episode.seed, episode.agent.digest, episode.messages, tokens, episode.failure_class, verdict


@pytest.mark.long
@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("serve", [False, True])
def test_a_sweep_killed_at_20_moments_continues_to_the_same_results(
    serve: bool, stages: tuple[Path, Path], tmp_path: Path
) -> None:
    runner = Runner(
        *("--low", stages[0], "--high", stages[1], "--alphas", "0,0.5,1.5", "--out", tmp_path / "out"),
        *("--bench", "Families-single", "--samples", 2, "--max-completion-tokens", 24),
        *("--problems", *PROBLEMS, *(["--serve"] if serve else [])),
    )
    try:
        status, moments = runner.run()
        assert status == 0
        wanted, said = results(runner.out), told(runner.out)
        assert len(said) == 3 * len(PROBLEMS) * 2
        assert {"frontier-Families-single.png", "results.json"} <= set(wanted)
        shutil.rmtree(runner.out)
        killed, count = 0, 4 if serve else MOMENTS
        while killed < count:
            # Killed again and again in one folder, at later and later moments, until it comes to its end.
            status, _ = runner.run(1 + (killed + 1) * (moments - 1) // count)
            assert status in (0, -signal.SIGKILL), killed
            killed += status != 0
            if status == 0 or killed == count:
                assert status == 0 or runner.run()[0] == 0, killed
                assert results(runner.out) == wanted, killed
                assert told(runner.out) == said, killed
                shutil.rmtree(runner.out)
    finally:
        runner.close()
