"""Which recipe trains a tiny model to tell right programs from wrong ones: GRPO, RAFT or DPO?

All arms start from one supervised verifier and sample equally many replies to equally many questions. They
differ in what they learn from them:

- `grpo`: advantages over the group mean, so wrong answers are pushed down.
- `raft`: cross-entropy on the right answers only.
- `dpo`: pairs of a right and a wrong answer, all sampled by the start (offline).
- `bo_dpo`: the same in rounds, each sampled anew (batch-online).
- `bo_grpo`: GRPO in the same rounds, with several updates per batch.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from ....agents.policy.policy import LocalPolicy
from ....agents.records.record import EpisodeWriter
from ....problems import Problem
from ....problems.families import Split, program_tokens
from ....problems.verification import VerificationKind, VerificationTask
from ....training import (
    DPOSettings,
    ProblemStream,
    TrainingEnvironment,
    TrainingError,
    VerdictCache,
    find_checkpoint,
    train_dpo,
)
from ....training.algorithms.framework.registry import make_algorithm
from ....training.sampling.exercises import Exercise
from ....training.sampling.sampling import Sampler, SamplingSettings
from ....training.settings import TrainEnvOptions
from ..methods.experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from ..methods.starts import make_start
from ..methods.training import Replies, reinforce
from .measuring import Verifier, accuracy, ranking
from .programs import RatedProblem, pair_tasks, rated_problems

ENV_ID = "Verification-single"
OPTIONS = TrainEnvOptions(thinking=False, layout="plain")
TEMPLATE = "{{- bos_token + messages[-1]['content'] -}}"
"""Chat template: the prompt is the question as it is."""
ROUNDS = 4
"""Number of rounds of the batch-online arms."""
REPLY_TOKENS = 6
FEWEST_STEPS = 50
"""Number of supervised steps below which a start cannot be expected to answer at all."""
EVALUATION_SEED = 20_261_130
LONGEST = 62
"""Most pieces of the right program of a problem: short programs make a tiny model learn at all."""

STATEMENT = Statement(
    method="Aletheia (2601.12186)",
    claim="A verifier trained with negatives (GRPO, DPO) ranks programs better than one trained on positives "
    "only (RAFT), and near misses are the hardest.",
    metric="expected top-1 of two programs, on new combinations of trained cells: easy (wrong one below "
    "0.5), hard (0.7 to 0.9), held-out cells; Kendall's tau-b of up to four programs, from all pairs.",
    control="RAFT on the same questions with as many sampled tokens; one supervised start for all arms.",
    expectation="tau-b of GRPO above RAFT, by less than the 7 to 11 points of the paper: with two answers, "
    "pushing one down is pushing the other up. Hard below easy in every arm.",
    comparisons=(
        Comparison(metric="tau_b", arm="grpo", control="raft", expected="above"),
        Comparison(metric="tau_b", arm="dpo", control="raft", expected="above"),
        Comparison(metric="top_1 easy", arm="grpo", control="raft", expected="above"),
        Comparison(metric="top_1 easy", arm="bo_dpo", control="dpo", expected="above"),
        Comparison(metric="top_1 easy", arm="grpo", control="start", expected="above"),
    ),
)


def run(task: RunTask) -> Outcome:
    """Train an arm and measure it, with its cost in sampled and learned tokens and CPU seconds."""
    start = make_start(task, "verifier", partial(_pairs, _training(task.scale)), template=TEMPLATE, batch=32)
    began = time.process_time()
    sampled = 0 if task.arm == "start" else task.scale.steps * task.scale.prompts * task.scale.group
    checkpoint = _ARMS[task.arm](task, start)
    cost = {"cpu_s": time.process_time() - began, "replies": float(sampled)}
    measured = _measured(task, Verifier.load(find_checkpoint(checkpoint)))
    return Outcome(metrics={**measured.metrics, **cost}, problems=measured.problems)


def _stay(task: RunTask, start: Path) -> Path:
    return start


def _reinforced(task: RunTask, start: Path, *, name: str, rounds: int = 0) -> Path:
    """Train with an algorithm: on every batch, or in rounds of large batches with several updates each."""
    scale = task.scale
    joined = max(1, scale.steps // rounds) if rounds else 1
    reinforce(
        task,
        make_algorithm(name, group_size=scale.group),
        init=start,
        coverage=1.0,
        problems=_stream(task),
        steps=max(1, scale.steps // joined),
        prompts=scale.prompts * joined,
        passes=joined,
        env=(ENV_ID,),
        env_options=OPTIONS,
        packing="prefixes",
        max_completion_tokens=REPLY_TOKENS,
    )
    return task.folder


def _preferred(task: RunTask, start: Path, *, rounds: int) -> Path:
    """Sample replies, pair them, and learn from the pairs, once or in rounds."""
    scale, checkpoint = task.scale, start
    rounds = min(rounds, scale.steps)
    questions = _questions(task, scale.steps * scale.prompts)
    size = len(questions) // rounds
    for turn in range(rounds):
        folder = task.folder / f"round-{turn}"
        folder.mkdir(parents=True, exist_ok=True)
        records = folder / "records.jsonl"
        records.unlink(missing_ok=True)
        _sample(task, checkpoint, questions[turn * size : (turn + 1) * size], records, turn)
        settings = DPOSettings(
            out=folder / "dpo",
            init=checkpoint,
            reference=start,
            from_records=(records,),
            beta=0.1,
            batch=scale.prompts,
            lr=scale.lr,
            seed=task.seed,
            keep=1,
            resume=True,
            pairs_per_problem=1,
        )
        try:
            checkpoint = train_dpo(settings)
        except TrainingError:  # a round whose answers are all right, all wrong or all cut teaches nothing
            if not (task.scale.sft_steps < FEWEST_STEPS or turn):
                raise
    return checkpoint


_ARMS: dict[str, Callable[[RunTask, Path], Path]] = {
    "start": _stay,
    "grpo": partial(_reinforced, name="grpo"),
    "raft": partial(_reinforced, name="raft"),
    "bo_grpo": partial(_reinforced, name="grpo", rounds=ROUNDS),
    "dpo": partial(_preferred, rounds=1),
    "bo_dpo": partial(_preferred, rounds=ROUNDS),
}


def _sample(task: RunTask, checkpoint: Path, questions: Sequence[Problem], records: Path, turn: int) -> None:
    environment = TrainingEnvironment.parse(ENV_ID, place=0, coverage=1.0, shared=OPTIONS)
    exercises = [Exercise(environment=environment, problem=each, coverage=1.0) for each in questions]
    sampler = Sampler(
        LocalPolicy.load(checkpoint),
        Replies(group_size=task.scale.group),
        VerdictCache(task.judge, stop_early=False),
        SamplingSettings(seed=task.seed, max_completion_tokens=REPLY_TOKENS),
    )
    batch = sampler.sample(exercises, step=turn)
    with EpisodeWriter(records) as writer:
        for episode in batch.episodes:
            writer.write(episode)


@lru_cache(maxsize=2)
def _rated(split: Split, seed: int, count: int) -> tuple[RatedProblem, ...]:
    found = rated_problems(split, seed, count)
    return tuple(each for each in found if len(program_tokens(each.right.source)) <= LONGEST)


def _training(scale: Scale) -> list[VerificationTask]:
    """Return the questions to train on, in both orders."""
    return pair_tasks(_rated(Split.TRAIN, 0, 60 * scale.problems))


def _pairs(tasks: Sequence[VerificationTask], seed: int) -> Iterator[tuple[str, str]]:
    rng = random.Random(f"verifier start {seed}")
    while True:
        task = rng.choice(tasks)
        yield task.plain, str(task.right)


def _questions(task: RunTask, count: int) -> list[Problem]:
    stream = _order(_training(task.scale), task.seed)
    return [next(stream).problem() for _ in range(count)]


def _order(tasks: Sequence[VerificationTask], seed: int) -> Iterator[VerificationTask]:
    """Yield the questions of a seed, epoch after epoch, the same in every arm."""
    for epoch in range(1_000_000):
        yield from random.Random(f"verifier {seed} {epoch}").sample(tasks, len(tasks))


def _stream(task: RunTask) -> ProblemStream:
    tasks = _training(task.scale)

    def epoch(number: int) -> Iterator[partial[Problem]]:
        for each in random.Random(f"verifier {task.seed} {number}").sample(tasks, len(tasks)):
            yield partial(VerificationTask.problem, each)

    return ProblemStream(epoch)


def _measured(task: RunTask, verifier: Verifier) -> Outcome:
    """Measure a verifier on new combinations of trained cells, on near misses, and on held-out cells."""
    scale = task.scale
    known = _rated(Split.VALIDATION, EVALUATION_SEED, 12 * scale.problems)
    unknown = _rated(Split.HELDOUT, EVALUATION_SEED, 4 * scale.problems)
    metrics: dict[str, float] = {}
    for name, problems, kind in (
        ("easy", known[: scale.problems], VerificationKind.EASY),
        ("hard", known, VerificationKind.HARD),
        ("heldout", unknown[: scale.problems], None),
    ):
        tasks = pair_tasks(problems, kind)
        if tasks:
            found = accuracy(verifier, tasks)
            metrics |= {f"{metric} {name}": value for metric, value in found.items()}
            metrics[f"questions {name}"] = float(len(tasks))
    taus = ranking(verifier, known[: scale.problems])
    metrics["tau_b"] = sum(taus.values()) / max(1, len(taus))
    return Outcome(metrics=metrics, problems={"tau_b": taus})


EXPERIMENT = Experiment(
    name="verification",
    statement=STATEMENT,
    arms=("start", "grpo", "raft", "dpo", "bo_grpo", "bo_dpo"),
    run=run,
    scale=Scale(
        steps=24,
        prompts=16,
        group=4,
        lr=3e-4,
        problems=24,
        sft_steps=300,
        width=64,
        reply_tokens=REPLY_TOKENS,
    ),
)
