"""Soups: the greedy rule, its record, its continuation, and scorers that fail."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tyro

from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.soups.command import SoupCommand
from codefrontier.benchmarks.soups.greedy import greedy_soup
from codefrontier.benchmarks.soups.scorers import CommandScorer, ScorerError
from codefrontier.merging import MergeError

VALUES = (1.0, 3.0, -3.0, 2.0)
"""The weights of each candidate are all equal to its value."""


def write(folder: Path, value: float) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["Tiny"], "torch_dtype": "float32"}')
    header = json.dumps({"w": {"dtype": "F32", "shape": [6], "data_offsets": [0, 24]}}).encode()
    data = np.full(6, value, "<f4").tobytes()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    return folder


def value_of(folder: Path) -> float:
    return float(np.frombuffer((folder / "model.safetensors").read_bytes()[-4:], "<f4")[0])


class Closeness:
    """Scores a checkpoint by how close its weights are to a target; fails at the given call."""

    def __init__(self, target: float = 0.0, fails_at: int = 0) -> None:
        self.target, self.fails_at = target, fails_at
        self.scored: list[str] = []

    def describe(self) -> dict[str, Any]:
        return {"target": self.target}

    def score(self, folder: Path, name: str) -> float:
        self.scored.append(name)
        if len(self.scored) == self.fails_at:
            raise ScorerError("out of order")
        return -abs(value_of(folder) - self.target)


@pytest.fixture
def candidates(tmp_path: Path) -> list[Path]:
    return [write(tmp_path / f"run-{number}", value) for number, value in enumerate(VALUES)]


def test_candidates_are_added_by_their_scores_and_kept_if_the_score_does_not_fall(
    candidates: list[Path], tmp_path: Path
) -> None:
    scorer = Closeness()
    report, state = greedy_soup(candidates, tmp_path / "out", scorer)
    assert state.order == [0, 3, 1, 2]
    assert [(trial.members, trial.score, trial.kept) for trial in state.trials] == [
        ((0, 3), -1.5, False),
        ((0, 1), -2.0, False),
        ((0, 2), -1.0, True),  # the mean of 1 and -3 is as close as 1: the score does not fall
    ]
    assert state.members == (0, 2)
    assert value_of(tmp_path / "out" / "merges" / "soup") == -1
    assert scorer.scored == [
        "candidate-0",
        "candidate-1",
        "candidate-2",
        "candidate-3",
        "trial-1",
        "trial-2",
        "trial-3",
    ]
    written = json.loads((tmp_path / "out" / "merges" / "soup" / "merge.json").read_text())
    assert written["greedy_soup"]["scores"] == [-1, -3, -3, -2]
    assert [trial["kept"] for trial in written["greedy_soup"]["trials"]] == [False, False, True]
    assert written["greedy_soup"]["members"] == [0, 2]
    assert len(written["parents"]) == 2
    assert report
    assert report.digest == written["output"]["digest"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["merges", "soup.json"]


def test_the_best_candidate_alone_is_a_soup(candidates: list[Path], tmp_path: Path) -> None:
    _, state = greedy_soup(candidates[:2], tmp_path / "out", Closeness(target=3))
    assert state.members == (1,)
    assert value_of(tmp_path / "out" / "merges" / "soup") == 3


@pytest.mark.parametrize("call", range(1, 8))
def test_a_failure_is_no_score_and_the_same_call_continues(
    call: int, candidates: list[Path], tmp_path: Path
) -> None:
    greedy_soup(candidates, tmp_path / "wanted", Closeness())
    broken = Closeness(fails_at=call)
    with pytest.raises(ScorerError, match="out of order"):
        greedy_soup(candidates, tmp_path / "out", broken)
    assert not (tmp_path / "out" / "merges" / "soup").exists()
    again = Closeness()
    greedy_soup(candidates, tmp_path / "out", again)
    assert [*broken.scored[:-1], *again.scored] == [
        *(f"candidate-{number}" for number in range(4)),
        *(f"trial-{number}" for number in (1, 2, 3)),
    ]
    for name in ("merge.json", "model.safetensors"):
        made, wanted = ((tmp_path / out / "merges" / "soup" / name).read_bytes() for out in ("out", "wanted"))
        assert made == wanted
    assert greedy_soup(candidates, tmp_path / "out", Closeness(fails_at=1))[0] is None


def test_another_soup_is_refused(candidates: list[Path], tmp_path: Path) -> None:
    greedy_soup(candidates[:2], tmp_path / "out", Closeness())
    with pytest.raises(BenchError, match="contains a soup with other scorer"):
        greedy_soup(candidates[:2], tmp_path / "out", Closeness(target=1))
    with pytest.raises(BenchError, match="contains a soup with other candidates"):
        greedy_soup(candidates, tmp_path / "out", Closeness())
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("years of work")
    with pytest.raises(BenchError, match="contains no soup"):
        greedy_soup(candidates, tmp_path / "thesis", Closeness())
    with pytest.raises(BenchError, match="at least two candidates, got 1"):
        greedy_soup(candidates[:1], tmp_path / "other", Closeness())
    with pytest.raises(MergeError, match="the same folder"):
        greedy_soup([candidates[0]] * 2, tmp_path / "other", Closeness())


def python(code: str) -> str:
    return f"{sys.executable} -c '{code}'"


def test_a_command_prints_its_score_last(tmp_path: Path) -> None:
    code = 'import sys; print("loading", sys.argv[1]); print(len(sys.argv[1]))'
    place = str(tmp_path.resolve())
    assert CommandScorer(command=python(code)).score(tmp_path, "it") == len(place)
    named = CommandScorer(command=python("import sys; print(len(sys.argv[1]))") + " --at={folder}")
    assert named.score(tmp_path, "it") == len(f"--at={place}")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (python('raise SystemExit("no GPU")'), "exited with status 1 for it: no GPU"),
        (python("print()"), "must print a finite number in its last line, got '' for it"),
        (python('print("nan")'), "got 'nan'"),
        (python('print("0.5 or so")'), "got '0.5 or so'"),
        ("no-such-program", "the scorer 'no-such-program' cannot be run"),
        ("'", "is no command line"),
        (" ", "is an empty command"),
    ],
)
def test_a_command_that_fails_is_an_error(command: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ScorerError, match=message):
        CommandScorer(command=command).score(tmp_path, "it")


def run(*words: object) -> int:
    return tyro.cli(
        SoupCommand, args=[str(word) for word in words], config=(tyro.conf.OmitArgPrefixes,)
    ).run()


def test_the_command_makes_greedy_and_uniform_soups(
    candidates: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "score.py"
    script.write_text(
        "import struct, sys\n"
        "data = open(sys.argv[1] + '/model.safetensors', 'rb').read()\n"
        "print(-abs(struct.unpack('<f', data[-4:])[0]))\n"
    )
    scorer = f"{sys.executable} {script}"
    assert run(*candidates, "--scorer", scorer, "--out", tmp_path / "greedy") == 0
    printed = capsys.readouterr()
    assert "2 of 4 candidates (0, 2), score -1" in printed.out
    assert "trial-3: candidate 2 kept: score -1, before -1" in printed.err
    assert run(*candidates, "--scorer", scorer, "--out", tmp_path / "greedy", "--json") == 0
    assert json.loads(capsys.readouterr().out)["members"] == [0, 2]
    assert run(*candidates, "--out", tmp_path / "uniform") == 0
    assert value_of(tmp_path / "uniform" / "merges" / "soup") == 0.75
    assert "the mean of 4 checkpoints" in capsys.readouterr().out
    assert run(*candidates, "--scorer", "false", "--out", tmp_path / "failing") == 2
    assert "exited with status 1 for candidate-0" in capsys.readouterr().err
    assert run(*candidates, "--scorer", "a", "--bench", "X", "--out", tmp_path / "both") == 2
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.sandbox
def test_a_benchmark_of_ours_is_a_scorer(
    stages: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--bench", "Families-single", "--problems", "pair-sums-lt-abs-init-id", "--samples", "2")
    out = ("--max-completion-tokens", "24", "--out", tmp_path / "out")
    assert run(*stages, *words, *out) == 0
    state = json.loads((tmp_path / "out" / "soup.json").read_text())
    assert len(state["scores"]) == 2
    assert len(state["trials"]) == 1
    assert (tmp_path / "out" / "records" / "trial-1" / "records.jsonl").is_file()
    assert "score" in capsys.readouterr().out
