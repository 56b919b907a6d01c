from __future__ import annotations

import pickle
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.checkpoint import find_checkpoint
    from codefrontier.training.errors import DivergedError
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.rows import Row, row_of, token_counts
    from codefrontier.training.updating.ranks import ALONE, share


Run = Callable[..., subprocess.CompletedProcess[str]]
Alike = Callable[..., None]


class Place:
    """A rank of several, without the others."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    def total(self, values: Any) -> list[float]:
        return list(values)

    def agree(self, error: DivergedError | None) -> None: ...


@pytest.fixture
def parts(episode_of: Callable[..., Any]) -> list[list[Row]]:
    """Return five parts of one row each."""
    rows = [
        row_of(episode_of(reward=1.0, sample=sample), group_id="g", policy_version=0) for sample in range(5)
    ]
    return [[row] for row in rows]


def test_every_part_is_learned_from_on_one_rank(parts: list[list[Row]]) -> None:
    shares = [share(parts, Place(rank, 2)) for rank in range(2)]
    assert [len(each) for each in shares] == [3, 3]
    learned = [row for each in shares for [row] in each if token_counts([row])["rl"]]
    assert {row.episode_id for row in learned} == {row.episode_id for [row] in parts}
    assert len(learned) == 5
    assert share(parts, ALONE) == parts
    assert [len(share(parts[:1], Place(rank, 3))) for rank in range(3)] == [1, 1, 1]


def test_a_filler_keeps_the_rest_of_its_row(parts: list[list[Row]]) -> None:
    [[row]] = share(parts[:1], Place(1, 2))
    assert torch.equal(row.token_ids, parts[0][0].token_ids)
    assert not row.weights["rl"].any()
    assert replace(row, weights=parts[0][0].weights).has_signal == parts[0][0].has_signal


def test_a_divergence_arrives_whole_in_another_process() -> None:
    error = pickle.loads(pickle.dumps(DivergedError("the loss", 2.0)))
    assert (error.figure, error.value) == ("the loss", 2.0)
    assert str(error) == str(DivergedError("the loss", 2.0))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_ranks_train_like_one_process_and_another_number_of_ranks_resumes(
    run_ranks: Run, assert_alike: Alike, tmp_path: Path
) -> None:
    for ranks, name in [(1, "one"), (2, "two")]:
        done = run_ranks(ranks, name, steps=20)
        assert done.returncode == 0, done.stderr
    assert_alike(tmp_path / "one", tmp_path / "two", steps=20)
    for ranks, steps in [(2, 10), (1, 20)]:
        done = run_ranks(ranks, "changed", steps=steps, resume=True)
        assert done.returncode == 0, done.stderr
    assert_alike(tmp_path / "one", tmp_path / "changed", steps=20)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_asynchronous_updates_on_two_ranks_are_those_of_one(
    run_ranks: Run, assert_alike: Alike, tmp_path: Path
) -> None:
    for ranks in (1, 2):
        done = run_ranks(ranks, f"async{ranks}", steps=6, staleness=1)
        assert done.returncode == 0, done.stderr
    assert_alike(tmp_path / "async1", tmp_path / "async2", steps=6)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_run_of_which_a_rank_is_killed_ends_soon_with_one_error_and_is_resumed(
    run_ranks: Run, assert_alike: Alike, tmp_path: Path
) -> None:
    assert run_ranks(2, "whole", steps=4).returncode == 0
    started = time.monotonic()
    done = run_ranks(2, "broken", steps=4, checkpoint_every=2, killed_after=3)
    assert done.returncode == 1
    assert time.monotonic() - started < 120
    lines = read_lines(tmp_path / "broken" / "metrics.jsonl")
    assert [line["step"] for line in lines if "error" not in line] == [1, 2, 3]
    assert find_checkpoint(tmp_path / "broken").name == "checkpoint-000002"
    assert run_ranks(2, "broken", steps=4, checkpoint_every=2, resume=True).returncode == 0
    assert_alike(tmp_path / "whole", tmp_path / "broken", steps=4)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_supervised_training_by_the_command_is_the_same_on_two_ranks(
    torchrun: Run, assert_alike: Alike, tmp_path: Path
) -> None:
    for ranks in (1, 2):
        out = tmp_path / str(ranks)
        sizes = ["--steps", "20", "--batch", "32", "--d", "16", "--layers", "1", "--heads", "2"]
        done = torchrun(ranks, "-m", "--", "codefrontier", "train", "sft", *sizes, "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == [str(out / "checkpoint-000020")]
    assert_alike(tmp_path / "1", tmp_path / "2", steps=20)
