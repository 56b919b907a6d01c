"""Which recipe trains a tiny model to tell right programs from wrong ones: GRPO, RAFT or DPO?

All arms start from one supervised verifier and sample equally many replies to the same questions, which the
start has not seen. They differ in what they learn from the replies:

- `grpo`: advantages over the group mean, so wrong answers are pushed down.
- `raft`: cross-entropy on the right answers only.
- `dpo`: pairs of a right and a wrong answer, all sampled by the start (offline).
- `bo_grpo`: GRPO on the replies of `JOINED` steps at once, with as many updates.
- `bo_dpo`: DPO in rounds of `JOINED` steps, each sampled by the last verifier.

A question has two programs, the right one and a wrong one: with one or two bugs, or right for a neighbouring
problem. Sizes of the scale mean here: `problems` is the number of problems of each measurement.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ....problems.verification import VerificationTask
from ..methods.experiment import Comparison, Experiment, Outcome, RunTask, Scale, Statement
from ..methods.starts import make_start
from .arms import ARMS, REPLY_TOKENS, Trained
from .measuring import Verifier, accuracy, ranking
from .questions import measured_problems, measured_tasks, taught

TEMPLATE = "{{- bos_token + messages[-1]['content'] -}}"
"""Chat template: the prompt is the question as it is."""

STATEMENT = Statement(
    method="Aletheia (2601.12186)",
    claim="A verifier trained with negatives (GRPO, DPO) ranks programs better than one trained on positives "
    "only (RAFT), and near misses are the hardest.",
    metric="Expected top-1 of two programs, on problems that no training saw: new combinations of trained "
    "cells, where the wrong program passes less than 0.5 of the arrays of the hidden tests (easy) or 0.7 to "
    "0.9 (hard), and held-out cells with wrong programs of all pass rates. Kendall's tau-b of up to four "
    "programs, from all pairs. The margin is the mean logarithm of the odds of the right answer.",
    control="RAFT on the same questions with as many sampled replies, whose tokens are counted; one "
    "supervised start for all arms, which is measured too.",
    expectation="tau-b of GRPO above RAFT, by less than the 7 to 11 points of the paper: with two answers, "
    "pushing one down is pushing the other up. Hard below easy in every arm: the interval over problems of "
    "easy minus hard, on problems that have both, above 0. Offline DPO costs the fewest CPU seconds.",
    comparisons=(
        Comparison(metric="tau_b", arm="grpo", control="raft", expected="above"),
        Comparison(metric="tau_b", arm="dpo", control="raft", expected="above"),
        Comparison(metric="top_1 easy", arm="grpo", control="raft", expected="above"),
        Comparison(metric="top_1 easy", arm="bo_dpo", control="dpo", expected="above"),
        Comparison(metric="top_1 easy", arm="grpo", control="start", expected="above"),
        Comparison(metric="top_1 hard", arm="grpo", control="raft", expected="above"),
        Comparison(metric="top_1 heldout", arm="grpo", control="start", expected="above"),
        Comparison(metric="margin easy", arm="grpo", control="raft", expected="above"),
        Comparison(metric="tau_b", arm="grpo", control="dpo", expected="above"),
        Comparison(metric="tau_b", arm="bo_grpo", control="grpo", expected="below"),
    ),
)


def run(task: RunTask) -> Outcome:
    """Train an arm and measure it, with its cost in sampled and learned tokens and CPU seconds."""
    start = make_start(task, "verifier", partial(_pairs, taught(task.scale)), template=TEMPLATE, batch=32)
    began = time.process_time()
    trained = ARMS[task.arm](task, start)
    cpu_s = time.process_time() - began
    measured = _measured(task.scale, Verifier.load(trained.checkpoint))
    return Outcome(
        metrics={**measured.metrics, "cpu_s": cpu_s, **_costs(trained)}, problems=measured.problems
    )


def _pairs(tasks: Sequence[VerificationTask], seed: int) -> Iterator[tuple[str, str]]:
    """Draw questions, each in both orders: what does not depend on the order then has no gradient."""
    rng = random.Random(f"verifier start {seed}")
    while True:
        first = 2 * rng.randrange(len(tasks) // 2)
        for task in tasks[first : first + 2]:
            yield task.plain, str(task.right)


def _costs(trained: Trained) -> dict[str, float]:
    return {
        "replies": trained.replies,
        "sampled_tokens": trained.sampled,
        "learned_tokens": trained.learned,
        "updates": trained.updates,
    }


def _measured(scale: Scale, verifier: Verifier) -> Outcome:
    """Measure a verifier on new combinations of trained cells, on near misses, and on held-out cells."""
    metrics: dict[str, float] = {}
    problems: dict[str, dict[str, float]] = {}
    for kind, tasks in measured_tasks(scale).items():
        found = accuracy(verifier, tasks)
        metrics |= {f"{metric} {kind}": value for metric, value in found.metrics.items()}
        metrics[f"questions {kind}"] = len(tasks)
        problems[f"top_1 {kind}"] = dict(found.problems["top_1"])
    easy, hard = problems["top_1 easy"], problems["top_1 hard"]
    problems["easy - hard"] = {name: easy[name] - hard[name] for name in easy.keys() & hard.keys()}
    metrics["easy - hard"] = _mean(problems["easy - hard"])
    taus = ranking(verifier, measured_problems(scale)[::2])
    metrics["tau_b"] = _mean(taus)
    return Outcome(metrics=metrics, problems={**problems, "tau_b": taus})


def _mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / max(1, len(values))


EXPERIMENT = Experiment(
    name="verification",
    statement=STATEMENT,
    arms=tuple(ARMS),
    run=run,
    scale=Scale(
        steps=40,
        prompts=32,
        group=4,
        lr=1e-4,
        problems=96,
        sft_steps=1200,
        width=64,
        reply_tokens=REPLY_TOKENS,
    ),
)
