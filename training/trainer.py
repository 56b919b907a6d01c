"""The training loop of reinforcement: sample, judge, score, update.

The algorithm decides what is sampled and what is learned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..agents.policy.checkpoint import identify, load_checkpoint
from ..agents.policy.policy import LocalPolicy
from ..envs.judging import Judging
from ..judge import open_judge
from .algorithms.algorithm import Algorithm, Group
from .algorithms.registry import make_algorithm, parse_options
from .asynchronous.pipeline import Pipeline, PipelineSettings
from .checkpoint import check_whole, find_checkpoint
from .distributed.launch import joined
from .distributed.learning import learning
from .errors import TrainingError
from .learner import Learner, LocalLearner, OptimizerSettings
from .metrics import rollout_metrics, update_metrics
from .prepared import Prepared
from .reference import Reference
from .rows import Row
from .run import ResumedRun, RunFolder, deciding, load_last, own_folder
from .sampling.problem_stream import ProblemStream, check_selection, families_stream
from .sampling.sampling import RolloutBatch, Sampler, SamplingSettings
from .sampling.verdict_cache import VerdictCache
from .settings import RLSettings
from .update import UpdateSettings

if TYPE_CHECKING:
    from .distributed.world import World

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

    Returns:
        The last checkpoint. On a rank of torchrun that follows rank 0, the folder of the run.

    Raises:
        ValueError: The settings name no algorithm, or a field of the algorithm is not allowed.
        TrainingError: The run cannot start or continue, has diverged, or a rank is lost.
        AgentError: The checkpoint cannot be loaded, or its tokenizer cannot encode the problems.
        OSError: The folder of the run cannot be written.
    """
    torch.set_num_threads(settings.threads)
    with joined(settings.device) as world:
        if world is not None and world.rank:
            from .distributed.following import follow  # FSDP takes seconds to import

            follow(world)
            return settings.out
        return _lead(settings, algorithm, judge, problems, on_step, world)


def _lead(  # the arguments of `train`
    settings: RLSettings,
    algorithm: Algorithm | None,
    judge: Judging | None,
    problems: ProblemStream | None,
    on_step: Observer,
    world: World | None,
) -> Path:
    """Train, with the other ranks of the world if there is one."""
    chosen = algorithm or make_algorithm(
        settings.algorithm, group_size=settings.group, options=parse_options(settings.algorithm_options)
    )
    start = find_checkpoint(settings.init)
    check_whole(start)
    with own_folder(settings.out, "rl"):
        return _train(settings, start, chosen, (judge, problems, on_step), world)


def _train(
    settings: RLSettings,
    start: Path,
    algorithm: Algorithm,
    given: tuple[Judging | None, ProblemStream | None, Observer],
    world: World | None,
) -> Path:
    """Train in a folder; the caller holds its lock."""
    judge, problems, on_step = given
    deciders = deciding(settings, algorithm=algorithm.name, init_digest=identify(start).digest)
    resumed = load_last(settings, "rl", deciders, device=settings.device)
    if resumed is None:
        model, tokenizer = load_checkpoint(start, device=settings.device)
    else:
        model, tokenizer = resumed.model, resumed.tokenizer
    policy = LocalPolicy(model, tokenizer)
    with _judging(judge, settings) as shared, learning(settings, model, world) as learner:
        cache = VerdictCache(shared, stop_early=not algorithm.wants.all_runs)
        reference = Reference.load(start, device=settings.device) if algorithm.wants.reference else None
        trainer = Trainer(settings, policy, algorithm, cache, problems, reference=reference, learner=learner)
        if resumed is not None:
            trainer.resume(resumed)
        folder = RunFolder(settings, stage="rl", deciders=deciders, step=trainer.step)
        return _run(trainer, folder, settings, on_step)


def _run(trainer: Trainer, folder: RunFolder, settings: RLSettings, on_step: Observer) -> Path:
    """Take the remaining steps."""
    with closing(trainer):
        return _take_steps(trainer, folder, settings, on_step)


def _take_steps(trainer: Trainer, folder: RunFolder, settings: RLSettings, on_step: Observer) -> Path:
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
                trainer.optimizer_state(),
                trainer.progress,
                trainer.in_flight,
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
        learner: What updates the weights; a learner of this process unless given. An asynchronous run needs a
            learner with a model of its own.
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
        learner: Learner | None = None,
    ) -> None:
        self.policy = policy
        self.step = 0
        self.seen: Mapping[str, Any] = {}
        """Metrics of the episodes of the current step; empty before its episodes are sampled."""
        self.learner = learner or LocalLearner(policy.model, OptimizerSettings(lr=settings.lr))
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
        self._pipeline: Pipeline | None = None
        if settings.staleness:
            ahead = PipelineSettings(
                staleness=settings.staleness,
                steps=settings.steps,
                checkpoint_every=settings.checkpoint_every,
                update=self._update,
            )
            self._pipeline = Pipeline(ahead, self.learner, policy.model, self._prepare)

    def close(self) -> None:
        """End the updates of an asynchronous run; a second call does nothing."""
        if self._pipeline is not None:
            self._pipeline.close()

    @property
    def in_flight(self) -> list[Prepared]:
        """The batches that an asynchronous run has sampled and not yet learned from."""
        return [] if self._pipeline is None else self._pipeline.in_flight

    def optimizer_state(self) -> dict[str, Any]:
        """Return the state of the optimizer after the last step; see `Pipeline.optimizer_state`."""
        return self.learner.optimizer_state() if self._pipeline is None else self._pipeline.optimizer_state()

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
        if self._pipeline is not None:
            self._pipeline.restore(self.step, state.in_flight)

    def take_step(self) -> dict[str, Any]:
        """Sample, score and update once; return the metrics.

        Raises:
            TrainingError: More than half of the episodes are invalid, or the update has diverged.
            AgentError: The policy cannot encode a problem.
        """
        started = time.monotonic()
        self.seen = {}
        if self._pipeline is not None:
            taken = self._pipeline.take(self.step)
            prepared, updated, time_s = taken.prepared, taken.metrics, taken.time_s
        else:
            prepared = self._prepare(self.step, self.step)
            update_started = time.monotonic()
            updated = self.learner.update(prepared.rows, self._update)
            time_s = {**prepared.time_s, "update": time.monotonic() - update_started}
        total_s = time.monotonic() - started
        # An update that runs meanwhile takes no time of the step, only the wait for it does.
        spent_s = sum(spent for name, spent in time_s.items() if name != "update" or "wait" not in time_s)
        self.step += 1
        metrics = {
            "step": self.step,
            **prepared.metrics,
            **update_metrics(updated),
            "judge_cache_hits": prepared.cache_hits,
            "time_s": {**time_s, "other": total_s - spent_s, "total": total_s},
        }
        self._algorithm.observe(metrics)
        return metrics

    def _prepare(self, step: int, version: int) -> Prepared:
        """Sample, judge and score the batch of a step with weights that have taken `version` updates."""
        asked, judged = self._judge.asked, self._judge.judged
        batch, rounds = self._sample(step, version)
        self.seen = {**rollout_metrics(batch), "refill_rounds": rounds}
        groups = self._algorithm.score_batch([group for group in batch.groups if group.has_signal])
        rows = rows_with_signal(groups)
        if self._reference is not None:
            rows = self._reference.score(rows)
        asked, judged = self._judge.asked - asked, self._judge.judged - judged
        return Prepared(
            rows=rows,
            metrics=self.seen,
            cache_hits=1 - judged / asked if asked else 0.0,
            time_s={"sample": batch.sample_time_s, "judge": batch.judge_time_s},
        )

    def _sample(self, step: int, version: int) -> tuple[RolloutBatch, int]:
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
            batch.add(self._sampler.sample(problems, step=step, version=version))
        return batch, settings.refill_rounds


def rows_with_signal(groups: Sequence[Group]) -> list[Row]:
    """Return the rows of the groups that have signal after all hooks; other groups are not learned from."""
    return [row for group in groups if group.has_signal for row in group.rows]
