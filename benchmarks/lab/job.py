"""The program of a lab job, which runs in a process of its own: a training run or an evaluation.

    python -m codefrontier.benchmarks.lab.job '{"kind": "sft", ...}'

The process exits at the end of file of its standard input, so it does not outlive a lab that was killed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import torch

from ... import envs
from ...agents import AgentFactory, EpisodeWriter, ModelOptions, RolloutTask, agent_factory, run_rollouts
from ...agents.policy.agent import PolicyFactory
from ...agents.policy.batcher import Batcher
from ...agents.policy.policy import LocalPolicy
from ...agents.serving.model_list import PREFIX
from ...agents.serving.models import ServedModel, ServedModels
from ...agents.serving.server import serving
from ...judge import Judge, JudgePool, open_judge
from ...problems import Problem
from ...problems.families import Split, draw
from ...problems.families.corpus import SLOW_SHARE
from ...training.pretraining.sft import train_sft
from ...training.settings import FineTuneSettings, RLSettings, SFTSettings
from ...training.sft.finetune import fine_tune
from ...training.trainer import train
from .modes.protocol import MODES, PIECES, TEMPLATE, TURNS, environments, mode_pairs
from .subset import training_pairs, training_problems

ENV_ID = MODES["single"]
EVALUATION_SEED = 20_260_528
"""Seed that draws the evaluated problems; every checkpoint is evaluated on the same problems."""
EPISODES_AT_A_TIME = 256
BATCH_SIZE = 64
"""Number of episodes that are sampled together. A batch is judged while the next batch is sampled."""
WORKSPACES_AT_A_TIME = 32
"""Number of episodes in mode agentic at a time; each has a sandbox."""
_REQUESTS_AT_A_TIME = 16
_FINETUNE_BATCH = 16
_PART_ROWS = 8
"""Number of rows of a language model in an update at a time."""
REMEMBERED_RUNS = 200_000
_JUDGED_AT_A_TIME = 2


def sft(job: Mapping[str, Any]) -> None:
    """Train the checkpoint from which both reinforcement runs start."""
    settings = SFTSettings(
        out=Path(job["out"]),
        steps=job["steps"],
        lr=job["lr"],
        d=job["width"],
        seed=job["seed"],
        resume=True,
    )
    if job.get("modes"):
        train_sft(settings, pairs=partial(mode_pairs, job), pieces=PIECES, template=TEMPLATE)
    else:
        train_sft(settings, pairs=training_pairs(job))


def finetune(job: Mapping[str, Any]) -> None:
    """Train a language model on slow and on fast programs, so that it writes both.

    The programs are those of the families without bugs, slow ones in the share of the corpus; they are played
    in the environment, so that the model reads what it will read later.
    """
    out, count = Path(job["out"]), job["steps"] * _FINETUNE_BATCH
    problems = draw(Split.TRAIN, EVALUATION_SEED, count)
    slow = round(SLOW_SHARE * count)
    files = []
    with _judge(job) as judge:
        for agent, part in (("slow", problems[:slow]), ("reference", problems[slow:])):
            files.append(out.parent / "corpus" / f"{agent}.jsonl")
            if not files[-1].exists():
                files[-1].parent.mkdir(parents=True, exist_ok=True)
                plays = Plays(problems=part, samples=1, records=files[-1])
                play_samples(judge, agent_factory(agent), plays, at_a_time=_REQUESTS_AT_A_TIME)
    settings = FineTuneSettings(
        init=Path(job["init"]),
        out=out,
        from_records=tuple(files),
        verdict=("AC", "TLE"),
        steps=job["steps"],
        batch=_FINETUNE_BATCH,
        part_rows=_PART_ROWS,
        lr=job["lr"],
        seed=job["seed"],
        device=job["device"],
        resume=True,
    )
    fine_tune(settings)


def rl(job: Mapping[str, Any]) -> None:
    """Train the common start further by reinforcement under a coverage, in one mode or in all of them."""
    mixed = bool(job.get("modes"))
    settings = RLSettings(
        out=Path(job["out"]),
        init=Path(job["init"]),
        env=environments() if mixed else (ENV_ID,),
        coverage=job["coverage"],
        steps=job["steps"],
        prompts=job["prompts"],
        group=job["group"],
        lr=job["lr"],
        seed=job["seed"],
        workers=_JUDGED_AT_A_TIME,
        judge=job["judge"] or "embedded",
        checkpoint_every=job.get("checkpoint_every", RLSettings.checkpoint_every),
        **_of_language_model(job),
        resume=True,
    )
    train(settings, problems=None if mixed else training_problems(job))


def _of_language_model(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of reinforcement that a language model needs; none for a new model."""
    if "device" not in job:
        return {}
    return {
        "device": job["device"],
        "max_completion_tokens": job["max_completion_tokens"],
        "part_rows": _PART_ROWS,
    }


def evaluate(job: Mapping[str, Any]) -> None:
    """Judge samples of checkpoints at full coverage and record every episode."""
    with _judge(job) as judge:
        for part in job["parts"]:
            if not Path(part["out"]).exists():
                _evaluate(judge, part, job)


def _judge(job: Mapping[str, Any]) -> JudgePool:
    """Open the judge at the lab's address, or else one in this process.

    The judge in this process remembers runs, because a small model writes the same program many times.
    """
    if job["judge"] is not None:
        return open_judge(job["judge"], workers=_JUDGED_AT_A_TIME)
    return Judge(workers=1, remembered_runs=REMEMBERED_RUNS)


@dataclass(frozen=True, kw_only=True)
class Plays:
    """Which episodes are played, and where they are recorded."""

    problems: Sequence[Problem] = field(repr=False)
    samples: int
    """Number of episodes per problem."""
    records: Path
    """File of the records; it exists only when all episodes are recorded."""
    mode: str = "single"
    """Mode in which the episodes are played."""


def _evaluate(judge: JudgePool, part: Mapping[str, Any], job: Mapping[str, Any]) -> None:
    checkpoint = Path(part["checkpoint"])
    plays = Plays(
        problems=draw(Split(part["split"]), EVALUATION_SEED, part["problems"]),
        samples=part["samples"],
        records=Path(part["out"]),
        mode=part.get("mode", "single"),
    )
    tokens = job.get("max_completion_tokens")
    play_checkpoint(
        judge,
        checkpoint,
        plays,
        name=f"policy:{checkpoint}",
        options=None if tokens is None else ModelOptions(max_completion_tokens=tokens),
        device=job.get("device", "cpu"),
    )


def play_checkpoint(
    judge: JudgePool,
    checkpoint: Path,
    plays: Plays,
    *,
    name: str = "policy",
    options: ModelOptions | None = None,
    device: str = "cpu",
) -> None:
    """Play episodes with a checkpoint, always in the same batches.

    Args:
        judge: Judge of the episodes.
        checkpoint: Folder of the checkpoint.
        plays: The episodes.
        name: Name of the agent in the records.
        options: Sampling settings; temperature 1 and seed 0 unless given.
        device: Device of the model.
    """
    policy = LocalPolicy.load(checkpoint, device)
    batcher = Batcher(policy.running(BATCH_SIZE))
    factory = PolicyFactory(policy, options, name=name, batcher=batcher)
    at_a_time = WORKSPACES_AT_A_TIME if plays.mode == "agentic" else EPISODES_AT_A_TIME
    # Log-probs depend on the other rows of a batch, so every run must form the same batches.
    play_samples(judge, factory, plays, at_a_time=at_a_time, chunk_context=batcher.expecting)


def serve(job: Mapping[str, Any]) -> None:
    """Serve checkpoints on loopback and play the evaluated problems again through litellm agents."""
    problems = draw(Split(job["split"]), EVALUATION_SEED, job["problems"])[: job["served"]]
    device = job.get("device", "cpu")
    models = [
        ServedModel.load(part["name"], Path(part["checkpoint"]), device=device) for part in job["parts"]
    ]
    with (
        _judge(job) as judge,
        serving(ServedModels(models)) as url,
    ):
        # The default sampling settings of an in-process policy, so that both give the same programs.
        options = ModelOptions(
            api_base=url,
            temperature=1.0,
            top_p=1.0,
            model_seed=0,
            max_completion_tokens=job.get("max_completion_tokens"),
        )
        for part in job["parts"]:
            if not Path(part["out"]).exists():
                factory = agent_factory(f"litellm:{PREFIX}{part['name']}", options)
                plays = Plays(problems=problems, samples=job["samples"], records=Path(part["out"]))
                play_samples(judge, factory, plays, at_a_time=_REQUESTS_AT_A_TIME)


def play_samples(
    judge: JudgePool,
    factory: AgentFactory,
    plays: Plays,
    *,
    at_a_time: int,
    chunk_context: Callable[[int], AbstractContextManager[None]] = lambda episodes: nullcontext(),
) -> None:
    """Play episodes, and move the records to their final path when all are written.

    Args:
        judge: Judge of the episodes.
        factory: Factory of the agents.
        plays: The episodes.
        at_a_time: Number of episodes that are played together.
        chunk_context: Context of each chunk of episodes that are played together; called with their number.
    """
    partial = plays.records.with_suffix(".partial")
    # Sampling is deterministic, so records of an interrupted job are not worth keeping.
    partial.unlink(missing_ok=True)
    turns: dict[str, Any] = {} if plays.mode == "single" else {"max_turns": TURNS[plays.mode]}

    def make_env(env_id: str) -> gymnasium.Env[str, str]:
        return gymnasium.make(env_id, judge=judge, problems=list(plays.problems), **turns)

    tasks = [
        RolloutTask(env_id=MODES[plays.mode], factory=factory, problem=problem, sample=sample)
        for problem in plays.problems
        for sample in range(plays.samples)
    ]
    with EpisodeWriter(partial) as writer:
        for start in range(0, len(tasks), at_a_time):
            chunk = tasks[start : start + at_a_time]
            with chunk_context(len(chunk)):
                run_rollouts(
                    chunk,
                    make_env=make_env,
                    on_episode=writer.write,
                    workers=len(chunk),
                    interrupt=judge.close,
                )
    partial.rename(plays.records)


KINDS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "sft": sft,
    "finetune": finetune,
    "rl": rl,
    "evaluate": evaluate,
    "serve": serve,
}


def main() -> None:
    """Run the job that the only argument describes."""
    threading.Thread(target=_exit_with_the_lab, daemon=True).start()
    torch.set_num_threads(1)  # jobs share the cores, and other numbers of threads round differently
    envs.register_environments()
    job = json.loads(sys.argv[1])
    KINDS[job["kind"]](job)


def _exit_with_the_lab() -> None:
    """Exit at the end of file of standard input, which the lab holds open while it lives."""
    while os.read(0, 1):
        pass
    os._exit(3)  # sys.exit would only end this thread


if __name__ == "__main__":
    main()
