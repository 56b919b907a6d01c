from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.algorithms.algorithm import Group, ScoringContext
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.asynchronous.pipeline import drop_stale
    from codefrontier.training.errors import TrainingError
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.prepared import Prepared
    from codefrontier.training.rows import Row, row_of
    from codefrontier.training.sampling.verdict_cache import VerdictCache
    from codefrontier.training.trainer import Trainer, TrainerParts
    from codefrontier.training.updating.learner import LocalLearner

Make = Callable[..., RLSettings]
Stream = Callable[..., ProblemStream]


@pytest.fixture
def trainer_of(start: Path, stream_of: Stream, judge_that: type[Any]) -> Callable[..., Trainer]:
    """Make a trainer whose updates run in a thread of this process."""

    def make(settings: RLSettings, algorithm: GRPO | None = None) -> Trainer:
        policy = LocalPolicy.load(start)
        learned = copy.deepcopy(policy.model) if settings.staleness else policy.model
        trained = TrainedModel(learned, policy.tokenizer, settings)
        return Trainer(
            settings,
            policy,
            algorithm or GRPO(group_size=settings.group),
            VerdictCache(judge_that()),
            stream_of(),
            TrainerParts(learner=LocalLearner(trained, settings, lr=settings.lr)),
        )

    return make


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in trainer.policy.model.parameters()])


@pytest.mark.parametrize("staleness", [1, 2])
def test_a_batch_is_sampled_by_the_weights_of_a_fixed_number_of_updates_before(
    settings: Make, trainer_of: Callable[..., Trainer], staleness: int
) -> None:
    events: list[tuple[str, int, int]] = []

    class Noting(GRPO):
        """Notes the order of the hooks, and the versions of the rows."""

        def score_groups(self, groups: Sequence[Group], context: ScoringContext) -> Sequence[Group]:
            [version] = {row.policy_version for group in groups for row in group.rows}
            events.append(("scored", context.step, version))
            return [self.score_group(group) for group in groups]

        def observe(self, metrics: Mapping[str, Any]) -> None:
            events.append(("observed", metrics["step"] - 1, metrics["staleness_max"]))

    chosen = settings(steps=4, staleness=staleness, refill_rounds=0)
    trainer = trainer_of(chosen, Noting(group_size=chosen.group))
    for _ in range(4):
        trainer.take_step()
    trainer.close()
    first = [("scored", step, 0) for step in range(staleness + 1)]
    rest = [
        event
        for step in range(4)
        for event in [
            ("observed", step, min(step, staleness)),
            ("scored", step + staleness + 1, step + 1),
        ]
    ]
    assert events == [*first, *rest[:-1]]


def test_equal_asynchronous_runs_have_equal_weights_and_differ_from_a_synchronous_run(
    settings: Make, trainer_of: Callable[..., Trainer]
) -> None:
    def run(staleness: int) -> tuple[torch.Tensor, dict[str, Any]]:
        trainer = trainer_of(settings(staleness=staleness))
        metrics = [trainer.take_step() for _ in range(3)]
        trainer.close()
        return weights(trainer), metrics[-1]

    (first, metrics), (second, _), (synchronous, exact) = run(1), run(1), run(0)
    assert torch.equal(first, second)
    assert not torch.equal(first, synchronous)
    # The correction compares with the weights that sampled, which have taken one update less.
    assert metrics["sampler_kl"] > 1e-5 > exact["sampler_kl"]
    assert metrics["staleness_mean"] == 1
    assert metrics["stale_groups"] == 0
    assert "staleness_mean" not in exact
    assert set(metrics["time_s"]) == {"sample", "judge", "update", "wait", "other", "total"}


def test_the_state_of_the_optimizer_is_kept_where_a_checkpoint_is_due(
    settings: Make, trainer_of: Callable[..., Trainer]
) -> None:
    trainer = trainer_of(settings(staleness=1, checkpoint_every=2))
    trainer.take_step()
    with pytest.raises(TrainingError, match="every 2 steps"):
        trainer.optimizer_state()
    trainer.take_step()
    state = trainer.optimizer_state()
    assert len(trainer.in_flight) == 1
    trainer.take_step()  # the third update, which was in flight, is done
    assert state["state"][0]["step"] == 2
    trainer.close()


@pytest.fixture
def batch(episode_of: Callable[..., Any]) -> Prepared:
    """Return a batch of two groups; the second has a row that is two updates older."""
    rows: list[Row] = []
    for sample, (group, version) in enumerate([("a", 5), ("a", 5), ("b", 5), ("b", 3)]):
        row = row_of(episode_of(reward=1.0, sample=sample), group_id=group, policy_version=version)
        rows.append(row)
    return Prepared(rows=rows, metrics={"groups": 2}, cache_hits=0.5, time_s={"sample": 1.0, "judge": 2.0})


def test_a_group_with_a_row_that_is_too_old_is_dropped_and_counted(batch: Prepared) -> None:
    kept = drop_stale(batch, step=6, limit=2)
    assert [row.group_id for row in kept.rows] == ["a", "a"]
    assert kept.metrics == {"groups": 2, "staleness_mean": 1, "staleness_max": 1, "stale_groups": 1}
    assert drop_stale(batch, step=6, limit=3).metrics["stale_groups"] == 0
    nothing = drop_stale(batch, step=9, limit=2)
    assert not nothing.rows
    assert nothing.metrics["staleness_max"] == 0


def test_a_batch_is_kept_in_a_checkpoint_without_code(batch: Prepared, tmp_path: Path) -> None:
    view = torch.arange(1000.0)[:4]
    changed = replace(batch, rows=[replace(batch.rows[0], advantages=view), *batch.rows[1:]])
    torch.save(changed.encode(), tmp_path / "batch.pt")
    again = Prepared.decode(torch.load(tmp_path / "batch.pt", weights_only=True))
    assert (tmp_path / "batch.pt").stat().st_size < 30_000
    assert again.metrics == batch.metrics
    for one, other in zip(again.rows, changed.rows, strict=True):
        assert vars(one).keys() == vars(other).keys()
        assert one.episode_id == other.episode_id
        assert torch.equal(one.token_ids, other.token_ids)
        assert torch.equal(one.advantages, other.advantages)
        assert torch.equal(one.weights["rl"], other.weights["rl"])
        assert one.reference_log_probs is None
