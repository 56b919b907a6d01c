"""Runs that are killed with SIGKILL at points of all phases, and a judge that is killed within a step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge.open_judge import TOKEN_VARIABLE
from codefrontier.training.errors import TrainingError
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.checkpoint import load_saved
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.trainer import train

pytestmark = [pytest.mark.sandbox, pytest.mark.long, pytest.mark.timeout(900)]

Make = Callable[..., RLSettings]
HERE = Path(__file__).parent
STEPS = 12


# With staleness, each start costs a process of the updates that imports torch. The seeds give points on both
# sides of checkpoints.
@pytest.mark.parametrize(("staleness", "kills", "seed"), [(0, 20, 0), (1, 10, 3)])
def test_a_run_that_is_killed_in_every_phase_ends_with_the_same_weights(
    staleness: int, kills: int, seed: int, start: Path, tmp_path: Path, weights_of: Callable[[Path], bytes]
) -> None:
    def run(name: str, kills: int) -> list[tuple[str, int]]:
        chosen = {
            "init": str(start),
            "out": str(tmp_path / name),
            "steps": STEPS,
            "prompts": 3,
            "group": 3,
            "lr": 2e-3,
            "max_completion_tokens": 16,
            "refill_rounds": 0,
            "checkpoint_every": 2,
            "staleness": staleness,
        }
        words = [str(HERE / "kill_program.py"), str(HERE), json.dumps(chosen), str(kills), str(seed)]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return [(phase, checkpoints) for phase, checkpoints in json.loads(done.stdout)]

    assert run("unbroken", 0) == []
    killed = run("killed", kills)
    phases = Counter(phase for phase, _ in killed)
    assert phases == dict.fromkeys(("sample", "judge", "update", "metrics", "checkpoint"), kills // 5)
    assert killed[-1][1] > 1, "the kills are not all before the first checkpoint"
    one, other = (tmp_path / name / f"checkpoint-{STEPS:06d}" for name in ("unbroken", "killed"))
    assert weights_of(one) == weights_of(other)
    assert load_saved(one).state.progress == load_saved(other).state.progress
    lines = [read_lines(tmp_path / name / "metrics.jsonl") for name in ("unbroken", "killed")]
    assert [line["reward_mean"] for line in lines[0]] == [line["reward_mean"] for line in lines[1]]
    assert [line["loss"] for line in lines[0]] == [line["loss"] for line in lines[1]]


@contextmanager
def served(token: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a judge in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "codefrontier",
        "judge",
        "serve",
        "--port",
        "0",
        "--token-file",
        str(token),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("judging at ").strip(), process
        finally:
            process.kill()


def test_a_judge_that_is_killed_within_a_run_scores_nothing_and_the_run_is_resumed(
    settings: Make,
    stream_of: Callable[..., ProblemStream],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    weights_of: Callable[[Path], bytes],
) -> None:
    pytest.importorskip("fastapi")
    token = tmp_path / "token"
    token.write_text("a-token-for-the-tests-only")
    monkeypatch.setenv(TOKEN_VARIABLE, token.read_text())

    def run(name: str, *, served_steps: int = 99, **more: Any) -> Path:
        with served(token) as (url, process):

            def on_step(metrics: Mapping[str, Any]) -> None:
                if metrics["step"] == served_steps:
                    process.kill()

            chosen = settings(out=tmp_path / name, judge=url, refill_rounds=0, checkpoint_every=1, **more)
            return train(chosen, problems=stream_of(), on_step=on_step)

    unbroken = run("unbroken")
    # The problems of the second step are new, so that no judgement of it is known.
    with pytest.raises(TrainingError, match=r"not valid, more than half.*--resume continues from it"):
        run("broken", served_steps=1)
    lines = read_lines(tmp_path / "broken" / "metrics.jsonl")
    assert [line["step"] for line in lines if "error" not in line] == [1]
    assert weights_of(run("broken", resume=True)) == weights_of(unbroken)
