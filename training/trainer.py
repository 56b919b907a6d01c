"""The training loop of reinforcement: sample, judge, score, update.

The algorithm decides what is sampled and what is learned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..agents.policy.checkpoint import identify
from ..agents.policy.policy import LocalPolicy
from ..agents.policy.vllm import LOCAL, ServerSampling
from ..envs.judging import Judging
from ..judge import open_judge
from .algorithms.algorithm import Algorithm, rows_with_signal
from .algorithms.framework.registry import make_algorithm, parse_options
from .asynchronous.pipeline import Pipeline, PipelineSettings
from .checkpoint import check_whole, find_checkpoint
from .distributed.launch import on_ranks
from .distributed.learning import learning
from .errors import TrainingError
from .judge_model import judge_model_of
from .metrics import rollout_metrics, update_metrics
from .models.optimizer import scheduled_rate
from .models.trained import TrainedModel
from .packing.support import check_packing
from .prepared import Prepared
from .run import ResumedRun, RunFolder, deciding, load_last, own_folder
from .sampling.exercises import Exercise, ExerciseSource, exercises_of, exercises_state
from .sampling.problem_stream import ProblemStream
from .sampling.ray_environments import RayEnvironments, remote_environments
from .sampling.sampling import RolloutBatch, Sampler, SamplingSettings
from .sampling.verdict_cache import VerdictCache
from .settings import RLSettings
from .tracking.trackers import check_installed
from .updating.learner import Learner, LocalLearner
from .updating.reference import Reference
from .updating.update import UpdateSettings

if TYPE_CHECKING:
    from .distributed.world import World

Observer = Callable[[Mapping[str, Any]], None]
"""Function that is called with the metrics of each step."""


def train(
    settings: RLSettings,
    *,
    algorithm: Algorithm | None = None,
    judge: Judging | None = None,
    problems: ProblemStream | ExerciseSource | None = None,
    on_step: Observer = lambda metrics: None,
) -> Path:
    """Train a checkpoint by reinforcement and return the folder of the last checkpoint.

    Sets the number of threads of torch for the process.

    Args:
        settings: Settings of the run.
        algorithm: The algorithm that the settings name unless given.
        judge: Judge of the run, which is not closed; the judge of the settings is opened unless given. With
            the engine `ray` it judges only what the algorithm asks for.
        problems: A stream from which nothing was taken, for the only environment of the settings; or a source
            of exercises, which then stands for environments and curriculum of the settings.
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
    check_installed(settings.track)
    given = (judge, problems, on_step)
    return on_ranks(settings.device, lambda world: _lead(settings, algorithm, given, world), out=settings.out)


Given = tuple[Judging | None, ProblemStream | ExerciseSource | None, Observer]
"""Judge, problems and observer, as given to `train`."""


def _lead(settings: RLSettings, algorithm: Algorithm | None, given: Given, world: World | None) -> Path:
    """Train, with the other ranks if there are some."""
    chosen = algorithm or make_algorithm(
        settings.algorithm, group_size=settings.group, options=parse_options(settings.algorithm_options)
    )
    start = find_checkpoint(settings.init)
    check_whole(start)
    with own_folder(settings.out, "rl"):
        return _train(settings, start, chosen, given, world)


def _train(
    settings: RLSettings, start: Path, algorithm: Algorithm, given: Given, world: World | None
) -> Path:
    """Train in a folder; the caller holds its lock."""
    judge, problems, on_step = given
    exercises = exercises_of(settings, problems)
    # A schedule depends on the number of steps of the whole run.
    more = {} if settings.schedule == "constant" else {"steps": settings.steps}
    deciders = deciding(
        settings,
        algorithm=algorithm.name,
        curriculum=exercises.curriculum.name,
        init_digest=identify(start).digest,
        # A resumed run may find its server at another address.
        sampler=settings.sampler.partition(":")[0],
        **more,
    )
    resumed = load_last(settings, "rl", deciders)
    folder = None if resumed is None else resumed.folder
    trained = TrainedModel.load(start, settings, device=settings.device, seed=settings.seed, resumed=folder)
    policy = LocalPolicy(trained.model, trained.tokenizer)
    stop_early = not (algorithm.wants.every_run or exercises.needs_all_runs)
    with (
        _judging(judge, settings) as shared,
        remote_environments(settings, stop_early=stop_early) as remote,
        _server(settings, policy, trained) as server,
        learning(settings, trained, world) as learner,
    ):
        cache = VerdictCache(shared, stop_early=stop_early)
        reference = _reference(settings, start) if algorithm.wants.reference else None
        parts = TrainerParts(
            reference=reference, server=server, remote=remote, trained=trained, learner=learner
        )
        with closing(Trainer(settings, policy, algorithm, cache, exercises, parts)) as trainer:
            if resumed is not None:
                trainer.resume(resumed)
            about = trained.report()
            with RunFolder(settings, stage="rl", deciders=deciders, step=trainer.step, model=about) as run:
                return _run(trainer, run, settings, on_step)


def _run(trainer: Trainer, folder: RunFolder, settings: RLSettings, on_step: Observer) -> Path:
    """Take the remaining steps."""
    while trainer.step < settings.steps:
        try:
            metrics = trainer.take_step()
        except TrainingError as error:
            raise folder.failed(trainer.step + 1, error, trainer.seen) from error
        folder.note(metrics)
        if folder.is_due(trainer.step, settings.steps):
            state = trainer.optimizer_state()
            folder.save(trainer.step, trainer.trained, state, trainer.progress, trainer.in_flight)
        on_step(metrics)
    return find_checkpoint(settings.out)


def _reference(settings: RLSettings, start: Path) -> Reference:
    return Reference.load(start, settings, device=settings.device, packing=settings.packing)


@contextmanager
def _judging(judge: Judging | None, settings: RLSettings) -> Iterator[Judging]:
    if judge is not None:
        yield judge
        return
    with open_judge(settings.judge, workers=settings.workers) as own:
        # Raises JudgeError once, before anything is sampled, if no sandbox starts or no judge answers.
        _ = own.identity
        yield own


def _server(
    settings: RLSettings, policy: LocalPolicy, trained: TrainedModel
) -> AbstractContextManager[ServerSampling | None]:
    """Return the server that samples; its weights lie below the folder of the run."""
    if settings.sampler == LOCAL:
        return nullcontext()
    return ServerSampling.of(settings.sampler, policy, settings.out / "sampler", save=trained.save)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainerParts:
    """The parts of a run that not every run has."""

    reference: Reference | None = None
    """The reference policy, for an algorithm that wants its log-probs."""
    server: ServerSampling | None = None
    """A server that samples in place of this process."""
    remote: RayEnvironments | None = None
    """Actors of Ray that hold the environments and judge in place of this process."""
    trained: TrainedModel | None = None
    """The model of the policy, prepared for training; it is prepared in place unless given."""
    learner: Learner | None = None
    """What updates the weights; a learner of this process unless given. An asynchronous run needs a learner
    with a model of its own."""


class Trainer:
    """A training run in memory; each `take_step` changes the weights of the policy.

    Args:
        settings: Settings of the run.
        policy: The policy, which is trained in place.
        algorithm: The algorithm that decides what is sampled and what is learned.
        judge: The judge that gives the verdicts.
        problems: The problems to train on; the problems of the environments in the settings unless given.
        parts: Further parts of the run.
    """

    def __init__(
        self,
        settings: RLSettings,
        policy: LocalPolicy,
        algorithm: Algorithm,
        judge: VerdictCache,
        problems: ProblemStream | ExerciseSource | None = None,
        parts: TrainerParts | None = None,
    ) -> None:
        parts = parts or TrainerParts()
        self.policy = policy
        self.trained = parts.trained or TrainedModel(policy.model, policy.tokenizer, settings)
        self.step = 0
        self.seen: Mapping[str, Any] = {}
        """Metrics of the episodes of the current step; empty before its episodes are sampled."""
        self.learner = parts.learner or LocalLearner(self.trained, settings, lr=settings.lr)
        self._settings = settings
        self._algorithm = algorithm
        self._judge = judge
        self._exercises = exercises_of(settings, problems)
        self._update = UpdateSettings(
            clipping=algorithm.clipping,
            surrogate=algorithm.surrogate,
            coefficients=algorithm.coefficients,
            grad_clip=settings.grad_clip,
            passes=settings.passes,
            part_rows=settings.part_rows,
            part_tokens=settings.part_tokens,
            packing=settings.packing,
        )
        check_packing(policy.model, settings.packing)
        self._reference = parts.reference
        sampling = SamplingSettings(
            seed=settings.seed,
            max_completion_tokens=settings.max_completion_tokens,
            workspaces=settings.workspaces,
        )
        self._judge_model = judge_model_of(settings, algorithm)
        self._sampler = Sampler(
            policy,
            algorithm,
            judge,
            sampling,
            server=parts.server,
            judge_model=self._judge_model,
            remote=parts.remote,
        )
        self._pipeline = self._make_pipeline() if settings.staleness else None

    def _make_pipeline(self) -> Pipeline:
        settings = self._settings
        ahead = PipelineSettings(
            staleness=settings.staleness,
            steps=settings.steps,
            checkpoint_every=settings.checkpoint_every,
            update=self._update,
            lr=self._lr,
        )
        return Pipeline(ahead, self.learner, self.trained, self._prepare)

    def _lr(self, step: int) -> float:
        settings = self._settings
        return scheduled_rate(settings, lr=settings.lr, step=step, steps=settings.steps)

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
        progress: dict[str, Any] = {
            "exercises": self._exercises.state_dict(),
            "algorithm": self._algorithm.state_dict(),
        }
        if self._judge_model is not None:
            progress["judge_model"] = self._judge_model.state_dict()
        return progress

    def resume(self, resumed: ResumedRun) -> None:
        """Restore the state of a run from its checkpoint; the policy must already have its weights."""
        state = resumed.state
        self.step = state.step
        self.learner.load_optimizer(resumed.optimizer)
        self._exercises.load_state_dict(exercises_state(state.progress))
        self._algorithm.load_state_dict(state.progress["algorithm"])
        if self._judge_model is not None:
            self._judge_model.load_state_dict(state.progress["judge_model"])
        if self._pipeline is not None:
            self._pipeline.restore(self.step, state.in_flight)

    def close(self) -> None:
        """End the updates of an asynchronous run, and release the judge model. A second call does nothing."""
        if self._pipeline is not None:
            self._pipeline.close()
        if self._judge_model is not None:
            self._judge_model.close()

    def take_step(self) -> dict[str, Any]:
        """Sample, score and update once; return the metrics.

        Raises:
            TrainingError: More than half of the episodes are invalid, or the update has diverged.
            AgentError: The policy cannot encode a problem.
        """
        started = time.monotonic()
        self.seen = {}
        lr = self._lr(self.step)
        if self._pipeline is not None:
            taken = self._pipeline.take(self.step)
            prepared, updated, time_s = taken.prepared, taken.metrics, taken.time_s
        else:
            prepared = self._prepare(self.step, self.step)
            update_started = time.monotonic()
            updated = self.learner.update(prepared.rows, self._update, lr=lr)
            time_s = {**prepared.time_s, "update": time.monotonic() - update_started}
        total_s = time.monotonic() - started
        # An update that overlaps with sampling takes no time of the step; waiting for the update does.
        spent_s = sum(spent for name, spent in time_s.items() if name != "update" or "wait" not in time_s)
        self.step += 1
        metrics = {
            "step": self.step,
            **prepared.metrics,
            **update_metrics(updated),
            "lr": lr,
            "judge_cache_hits": prepared.cache_hits,
            "time_s": {**time_s, "other": total_s - spent_s, "total": total_s},
        }
        self._algorithm.observe(metrics)
        return metrics

    def _prepare(self, step: int, version: int) -> Prepared:
        """Sample, judge and score the batch of a step with weights that have taken `version` updates."""
        asked, judged = self._judge.asked, self._judge.judged
        batch, exercises, rounds = self._sample(step, version)
        self.seen = {
            **rollout_metrics(batch),
            **self._exercises.metrics(exercises, batch.groups),
            "refill_rounds": rounds,
        }
        self._exercises.observe(exercises, batch.groups)
        groups = self._algorithm.score_batch([group for group in batch.groups if group.has_signal])
        report = self._algorithm.report()
        rows = rows_with_signal(groups)
        if self._reference is not None:
            rows = self._reference.score(rows)
        asked, judged = self._judge.asked - asked, self._judge.judged - judged
        return Prepared(
            rows=rows,
            metrics={**self.seen, **({"algorithm": dict(report)} if report else {})},
            cache_hits=1 - judged / asked if asked else 0.0,
            time_s={"sample": batch.sample_time_s, "judge": batch.judge_time_s},
        )

    def _sample(self, step: int, version: int) -> tuple[RolloutBatch, list[Exercise], int]:
        """Sample until enough groups have signal; return the batch, its exercises and the refill rounds."""
        settings = self._settings
        batch = RolloutBatch()
        exercises: list[Exercise] = []
        for turn in range(settings.refill_rounds + 1):
            missing = settings.prompts - sum(group.has_signal for group in batch.groups)
            further = self._exercises.take(
                missing,
                step=step,
                turn=turn,
                but={each.problem.id for each in exercises},
                at_least=0 if turn else missing,
            )
            if not further:
                return batch, exercises, turn - 1
            exercises += further
            batch.add(self._sampler.sample(further, step=step, version=version))
        return batch, exercises, settings.refill_rounds
