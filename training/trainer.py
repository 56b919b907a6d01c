"""The training loop of reinforcement: sample, judge, score, update.

The algorithm decides what is sampled and what is learned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ..agents.policy.checkpoint import identify, load_checkpoint
from ..agents.policy.policy import LocalPolicy
from ..envs.judging import Judging
from ..judge import open_judge
from .algorithms.algorithm import Algorithm, Group
from .algorithms.registry import make_algorithm, parse_options
from .checkpoint import check_whole, find_checkpoint
from .errors import TrainingError
from .learner import LocalLearner, OptimizerSettings
from .metrics import rollout_metrics, update_metrics
from .reference import Reference
from .rows import Row
from .run import ResumedRun, RunFolder, deciding, load_last, own_folder
from .sampling.problem_stream import ProblemStream, check_selection, families_stream
from .sampling.sampling import RolloutBatch, Sampler, SamplingSettings
from .sampling.verdict_cache import VerdictCache
from .settings import RLSettings
from .update import UpdateSettings

ENV_ID = "Families-single"
Observer = Callable[[Mapping[str, Any]], None]
"""Function that is called with the metrics of each step."""


def train(
    settings: RLSettings,
    *,
    algorithm: Algorithm | None = None,
    judge: Judging | None = None,
    problems: ProblemStream | None = None,
    on_step: Observer = lambda metrics: None,
) -> Path:
    """Train a checkpoint by reinforcement and return the folder of the last checkpoint.

    Sets the number of threads of torch for the process.

    Args:
        settings: Settings of the run.
        algorithm: The algorithm that the settings name unless given.
        judge: Judge of the run, which is not closed; the judge of the settings is opened unless given.
        problems: A stream from which nothing was taken; the split of the settings unless given.
        on_step: Called with the metrics of each step.

    Raises:
        ValueError: The settings name no algorithm, or a field of the algorithm is not allowed.
        TrainingError: The run cannot start or continue, or has diverged.
        AgentError: The checkpoint cannot be loaded, or its tokenizer cannot encode the problems.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    chosen = algorithm or make_algorithm(
        settings.algorithm, group_size=settings.group, options=parse_options(settings.algorithm_options)
    )
    start = find_checkpoint(settings.init)
    check_whole(start)
    with own_folder(settings.out, "rl"):
        return _train(settings, start, chosen, judge, problems, on_step)


def _train(
    settings: RLSettings,
    start: Path,
    algorithm: Algorithm,
    judge: Judging | None,
    problems: ProblemStream | None,
    on_step: Observer,
) -> Path:
    """Train in a folder; the caller holds its lock."""
    deciders = deciding(settings, algorithm=algorithm.name, init_digest=identify(start).digest)
    resumed = load_last(settings, "rl", deciders, device=settings.device)
    if resumed is None:
        model, tokenizer = load_checkpoint(start, device=settings.device)
    else:
        model, tokenizer = resumed.model, resumed.tokenizer
    with _judging(judge, settings) as shared:
        policy = LocalPolicy(model, tokenizer)
        cache = VerdictCache(shared, stop_early=not algorithm.wants.all_runs)
        reference = Reference.load(start, device=settings.device) if algorithm.wants.reference else None
        trainer = Trainer(settings, policy, algorithm, cache, problems, reference=reference)
        if resumed is not None:
            trainer.resume(resumed)
        folder = RunFolder(settings, stage="rl", deciders=deciders, step=trainer.step)
        return _run(trainer, folder, settings, on_step)


def _run(trainer: Trainer, folder: RunFolder, settings: RLSettings, on_step: Observer) -> Path:
    """Take the remaining steps."""
    policy = trainer.policy
    while trainer.step < settings.steps:
        try:
            metrics = trainer.take_step()
        except TrainingError as error:
            raise folder.failed(trainer.step + 1, error, trainer.seen) from error
        folder.note(metrics)
        if folder.is_due(trainer.step, settings.steps):
            folder.save(
                trainer.step,
                policy.model,
                policy.tokenizer,
                trainer.learner.optimizer_state(),
                trainer.progress,
            )
        on_step(metrics)
    return find_checkpoint(settings.out)


@contextmanager
def _judging(judge: Judging | None, settings: RLSettings) -> Iterator[Judging]:
    if judge is not None:
        yield judge
        return
    with open_judge(settings.judge, workers=settings.workers) as own:
        # Raises JudgeError once, before anything is sampled, if no sandbox starts or no judge answers.
        _ = own.identity
        yield own


class Trainer:
    """A training run in memory; each `take_step` changes the weights of the policy.

    Args:
        settings: Settings of the run.
        policy: The policy, which is trained in place.
        algorithm: The algorithm that decides what is sampled and what is learned.
        judge: The judge that gives the verdicts.
        problems: The problems to train on; the split of the settings unless given.
        reference: The reference policy, for an algorithm that wants its log-probs.
    """

    def __init__(  # the parts of a run
        self,
        settings: RLSettings,
        policy: LocalPolicy,
        algorithm: Algorithm,
        judge: VerdictCache,
        problems: ProblemStream | None = None,
        *,
        reference: Reference | None = None,
    ) -> None:
        self.policy = policy
        self.step = 0
        self.seen: Mapping[str, Any] = {}
        """Metrics of the episodes of the current step; empty before its episodes are sampled."""
        self.learner = LocalLearner(policy.model, OptimizerSettings(lr=settings.lr))
        self._settings = settings
        self._algorithm = algorithm
        self._judge = judge
        self._problems = problems or families_stream(settings.split, seed=settings.seed)
        self._update = UpdateSettings(
            clipping=algorithm.clipping,
            surrogate=algorithm.surrogate,
            coefficients=algorithm.coefficients,
            grad_clip=settings.grad_clip,
            passes=settings.passes,
        )
        self._reference = reference
        sampling = SamplingSettings(
            env_id=ENV_ID,
            coverage=settings.coverage,
            seed=settings.seed,
            max_completion_tokens=settings.max_completion_tokens,
        )
        self._sampler = Sampler(policy, algorithm, judge, sampling)

    @property
    def progress(self) -> dict[str, Any]:
        """The state that a checkpoint needs besides weights, optimizer and step."""
        return {"problems_taken": self._problems.taken, "algorithm": self._algorithm.state_dict()}

    def resume(self, resumed: ResumedRun) -> None:
        """Restore the state of a run from its checkpoint; the policy must already have its weights."""
        state = resumed.state
        self.step = state.step
        self.learner.load_optimizer(resumed.optimizer)
        self._problems.skip_to(int(state.progress["problems_taken"]))
        self._algorithm.load_state_dict(state.progress["algorithm"])

    def take_step(self) -> dict[str, Any]:
        """Sample, score and update once; return the metrics.

        Raises:
            TrainingError: More than half of the episodes are invalid, or the update has diverged.
            AgentError: The policy cannot encode a problem.
        """
        started = time.monotonic()
        self.seen = {}
        asked, judged = self._judge.asked, self._judge.judged
        batch, rounds = self._sample()
        self.seen = {**rollout_metrics(batch), "refill_rounds": rounds}
        groups = self._algorithm.score_batch([group for group in batch.groups if group.has_signal])
        update_started = time.monotonic()
        rows = rows_with_signal(groups)
        if self._reference is not None:
            rows = self._reference.score(rows)
        updated = self.learner.update(rows, self._update)
        now = time.monotonic()
        self.step += 1
        asked, judged = self._judge.asked - asked, self._judge.judged - judged
        metrics = {
            "step": self.step,
            **self.seen,
            **update_metrics(updated),
            "judge_cache_hits": 1 - judged / asked if asked else 0.0,
            "time_s": {
                "sample": batch.sample_time_s,
                "judge": batch.judge_time_s,
                "update": now - update_started,
                "other": update_started - started - batch.sample_time_s - batch.judge_time_s,
                "total": now - started,
            },
        }
        self._algorithm.observe(metrics)
        return metrics

    def _sample(self) -> tuple[RolloutBatch, int]:
        """Sample until enough groups have signal; return the batch and the number of refill rounds."""
        settings = self._settings
        batch = RolloutBatch()
        for turn in range(settings.refill_rounds + 1):
            missing = settings.prompts - sum(group.has_signal for group in batch.groups)
            seen = {group.problem.id for group in batch.groups}
            problems = self._problems.take(missing, but=seen, at_least=0 if turn else missing)
            if not problems:
                return batch, turn - 1
            for problem in problems:
                check_selection(problem, settings.coverage)
            batch.add(self._sampler.sample(problems, step=self.step))
        return batch, settings.refill_rounds


def rows_with_signal(groups: Sequence[Group]) -> list[Row]:
    """Return the rows of the groups that have signal after all hooks; other groups are not learned from."""
    return [row for group in groups if group.has_signal for row in group.rows]
