from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.asynchronous.process_learner import ProcessLearner
    from codefrontier.training.checkpoint import load_saved
    from codefrontier.training.errors import DivergedError, TrainingError
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import Trainer, TrainerParts, train
    from codefrontier.training.updating.update import UpdateSettings

Make = Callable[..., RLSettings]
Stream = Callable[..., ProblemStream]
Weights = Callable[[Path], bytes]


@pytest.mark.parametrize(
    "how",
    [
        {},
        pytest.param({"precision": "bf16"}, marks=pytest.mark.long),
        pytest.param({"lora_rank": 2}, marks=pytest.mark.long),
        pytest.param(
            {"lora_rank": 2, "precision": "bf16", "gradient_checkpointing": True}, marks=pytest.mark.long
        ),
    ],
    ids=str,
)
def test_updates_in_another_process_are_those_of_this_process(
    how: dict[str, Any], settings: Make, start: Path, stream_of: Stream, judge_that: type[Any]
) -> None:
    if "lora_rank" in how:
        pytest.importorskip("peft", reason="needs the extra lora")
    chosen = settings(**how)

    def prepared() -> tuple[LocalPolicy, TrainedModel]:
        policy = LocalPolicy.load(start)
        trained = TrainedModel(policy.model, policy.tokenizer, chosen)
        return LocalPolicy(trained.model, trained.tokenizer), trained

    def run(policy: LocalPolicy, trained: TrainedModel, learner: ProcessLearner | None = None) -> Trainer:
        algorithm, parts = GRPO(group_size=chosen.group), TrainerParts(trained=trained, learner=learner)
        trainer = Trainer(chosen, policy, algorithm, VerdictCache(judge_that()), stream_of(), parts)
        for _ in range(3):
            trainer.take_step()
            trainer.trained.take(trainer.learner.weights)
        return trainer

    here = run(*prepared())
    policy, trained = prepared()
    with ProcessLearner(trained, chosen, lr=chosen.lr, threads=1) as learner:
        there = run(policy, trained, learner)
        for one, other in zip(here.trained.weights, learner.weights, strict=True):
            assert one.dtype == torch.float32
            assert torch.equal(one, other)
        for one, other in zip(here.policy.model.parameters(), there.policy.model.parameters(), strict=True):
            assert torch.equal(one, other)
        ours, theirs = here.optimizer_state()["state"], there.optimizer_state()["state"]
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key]["exp_avg"], theirs[key]["exp_avg"]) for key in ours)
        # An error of the update arrives as itself; an end of the process is an error as well.
        with pytest.raises(DivergedError, match="lower the learning rate"):
            learner.update(_rows(here), UpdateSettings(), lr=float("inf"))
        os.kill(learner.process.pid, signal.SIGKILL)
        with pytest.raises(TrainingError, match=r"process of the updates is lost \(exit status -9\)"):
            learner.optimizer_state()


def _rows(trainer: Trainer) -> Any:
    return trainer._prepare(9, 9).rows


@pytest.mark.long
def test_an_asynchronous_run_whose_updates_are_killed_is_resumed_to_the_same_bytes(
    settings: Make, stream_of: Stream, judge_that: type[Any], tmp_path: Path, weights_of: Weights
) -> None:
    def run(
        name: str, on_step: Callable[[Mapping[str, Any]], None] = lambda metrics: None, **more: Any
    ) -> Path:
        chosen = settings(out=tmp_path / name, steps=6, staleness=2, checkpoint_every=2, **more)
        return train(chosen, judge=judge_that(), problems=stream_of(), on_step=on_step)

    def kill_learner(metrics: Mapping[str, Any]) -> None:
        if metrics["step"] == 3:
            [pid] = children_of(os.getpid())
            os.kill(pid, signal.SIGKILL)

    unbroken = run("unbroken")
    # The updates run up to two steps ahead, so one or two of them may have been taken before the kill.
    with pytest.raises(TrainingError, match=r"updates is lost.*checkpoint-00000[24]; --resume"):
        run("broken", kill_learner)
    resumed = run("broken", resume=True)
    assert weights_of(resumed) == weights_of(unbroken)
    ours, theirs = load_saved(unbroken), load_saved(resumed)
    assert ours.state.progress == theirs.state.progress
    assert [len(batch.rows) for batch in ours.state.in_flight] == [
        len(batch.rows) for batch in theirs.state.in_flight
    ]
    assert len(ours.state.in_flight) == 2


def children_of(pid: int) -> list[int]:
    """Return the processes of learners that a process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"learner_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
