"""Direct preference optimization: the loss by hand, its gradient in the update, pairs, and a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents.records.record import EpisodeWriter
from codefrontier.problems import Problem
from codefrontier.training.errors import NoPairsError
from codefrontier.training.settings import DPOSettings
from codefrontier.training.tracking.catalogue import METRICS
from codefrontier.training.tracking.metric import Stage, Writer, flatten, numbers

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import copy

    import torch

    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.agents.policy.tokenizer import PolicyTokenizer
    from codefrontier.training import GRPO, VerdictCache, train_dpo
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss, score_tokens
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.models.trained import TrainedModel
    from codefrontier.training.preferences.loss import PairScores, dpo_advantages, dpo_loss
    from codefrontier.training.preferences.pairs import PreferencePair, select_pairs
    from codefrontier.training.preferences.train import PairTeacher
    from codefrontier.training.rows import RL, Row, collate, token_counts
    from codefrontier.training.sampling.sampling import Sampler, SamplingSettings
    from codefrontier.training.updating.reference import Reference

FAILURE = {name for name, metric in METRICS.items() if metric.writer is Writer.FAILED}


def scores(*values: list[float]) -> PairScores:
    names = ("chosen", "rejected", "chosen_reference", "rejected_reference")
    tensors = (torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in values)
    return PairScores(**dict(zip(names, tensors, strict=True)))


def test_the_loss_of_a_pair_is_that_worked_by_hand() -> None:
    found = scores([-1.0, -2.0], [-3.0, -2.0], [-1.5, -2.0], [-2.0, -2.0])
    # 0.5 * ((-1 + 1.5) - (-3 + 2)) = 0.75; and 0 for the second pair.
    assert found.margins(0.5).tolist() == [0.75, 0.0]
    expected = [math.log(1 + math.exp(-0.75)), math.log(2)]
    assert dpo_loss(found, beta=0.5).tolist() == pytest.approx(expected, abs=1e-12)


def test_the_advantages_are_the_derivatives_of_the_loss() -> None:
    found = scores([-1.0, -2.5, -9.0], [-3.0, -2.0, -1.0], [-1.5, -2.0, -3.0], [-2.0, -2.0, -2.0])
    dpo_loss(found, beta=0.3).sum().backward()  # type: ignore[no-untyped-call]
    advantages = dpo_advantages(found, beta=0.3)
    assert found.chosen.grad is not None
    assert found.rejected.grad is not None
    assert torch.allclose(found.chosen.grad, -advantages, atol=1e-12)
    assert torch.allclose(found.rejected.grad, advantages, atol=1e-12)
    step = 1e-6
    moved = replace(found, chosen=found.chosen.detach() + step)
    slope = (dpo_loss(moved, beta=0.3) - dpo_loss(found, beta=0.3)) / step
    assert torch.allclose(slope, -advantages, atol=1e-6)


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="beta"):
        dpo_loss(scores([0.0], [0.0], [0.0], [0.0]), beta=0.0)
    with pytest.raises(ValueError, match=r"\[P\]"):
        scores([0.0], [0.0, 1.0], [0.0], [0.0])
    wrong: tuple[dict[str, Any], ...] = (
        {"beta": -1.0},
        {"from_records": ()},
        {"pairs_per_problem": 0},
        {"least_gap": 0.0},
    )
    places: dict[str, Any] = {"out": tmp_path, "init": tmp_path, "from_records": (tmp_path,)}
    for changes in wrong:
        with pytest.raises(ValueError, match=next(iter(changes))):
            DPOSettings(**{**places, **changes})


def row(name: str, ids: list[int], learned: int) -> Row:
    mask = torch.arange(len(ids)) >= len(ids) - learned
    nothing = torch.zeros(len(ids))
    return Row(
        episode_id=name,
        group_id="",
        token_ids=torch.tensor(ids),
        loss_mask=mask,
        sampler_log_probs=nothing,
        advantages=nothing,
        weights={RL: mask.float()},
        turn_ids=torch.zeros(len(ids), dtype=torch.int64),
        reward=0.0,
        truncated=False,
        policy_version=0,
    )


def test_the_update_has_the_gradient_of_the_mean_loss_over_pairs(policy: LocalPolicy, tmp_path: Path) -> None:
    settings = DPOSettings(
        out=tmp_path, init=tmp_path, from_records=(tmp_path,), batch=2, beta=0.7, part_rows=4
    )
    pairs = [
        PreferencePair(problem_id="a", chosen=row("a+", [1, 6, 7, 8], 2), rejected=row("a-", [1, 6, 9], 1)),
        PreferencePair(problem_id="b", chosen=row("b+", [1, 8, 10, 2], 3), rejected=row("b-", [1, 8, 7], 2)),
    ]
    reference = copy.deepcopy(policy.model)
    with torch.no_grad():  # another reference, so that the margins are not all 0
        for weight in reference.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    model = policy.model.double()
    trained = TrainedModel(model, policy.tokenizer, settings)
    teacher = PairTeacher(settings, trained, Reference(reference.double(), settings), pairs)
    rows = teacher.rows_of(0)
    model.zero_grad()
    batch = collate(rows)
    found = score_tokens(model, batch).log_probs
    loss = policy_loss(
        found,
        old_log_probs=found.detach(),
        sampler_log_probs=batch.sampler_log_probs,
        advantages=batch.advantages,
        weights=batch.weights[RL],
        clipping=Clipping(),
    )
    (loss.total / token_counts(rows)[RL]).backward()  # type: ignore[no-untyped-call]
    taken = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()

    def totals(scored: Any) -> torch.Tensor:
        return torch.stack(
            [(score_tokens(scored, collate([r])).log_probs[0] * r.loss_mask[1:]).sum() for r in rows]
        ).view(-1, 2)

    own, other = totals(model), totals(reference.double()).detach()
    direct = PairScores(
        chosen=own[:, 0],
        rejected=own[:, 1],
        chosen_reference=other[:, 0],
        rejected_reference=other[:, 1],
    )
    dpo_loss(direct, beta=0.7).mean().backward()  # type: ignore[no-untyped-call]
    for gradient, weight in zip(taken, model.parameters(), strict=True):
        assert torch.allclose(gradient, weight.grad, rtol=1e-4, atol=1e-7)
    assert teacher.report["pair_loss"] == pytest.approx(
        float(dpo_loss(direct, beta=0.7).mean().detach()), rel=1e-5
    )


@pytest.fixture
def records(
    policy: LocalPolicy, tmp_path: Path, judge_that: Callable[[], Any], problem_of: Callable[[str], Problem]
) -> Path:
    """Return records of the checkpoint, half of whose programs are right."""
    sampler = Sampler(
        policy,
        GRPO(group_size=6),
        VerdictCache(judge_that()),
        SamplingSettings(seed=0, max_completion_tokens=16),
    )
    batch = sampler.sample([problem_of(colour) for colour in ("red", "blue", "green", "black")], step=0)
    path = tmp_path / "records.jsonl"
    with EpisodeWriter(path) as writer:
        for episode in batch.episodes:
            writer.write(episode)
    return path


def test_a_run_learns_to_prefer_the_better_replies(start: Path, records: Path, tmp_path: Path) -> None:
    settings = DPOSettings(
        out=tmp_path / "run", init=start, from_records=(records,), steps=25, batch=4, lr=5e-3, beta=0.5
    )
    last = train_dpo(settings)
    written = read_lines(last.parent / "metrics.jsonl")
    documented = {name for name, metric in METRICS.items() if Stage.DPO in metric.stages}
    assert {*flatten(written[0])} - {"step"} == documented - FAILURE
    assert all(value in METRICS[name].range for line in written for name, value in numbers(line).items())
    lines = [line["algorithm"] for line in written]
    assert lines[0]["pair_loss"] == pytest.approx(math.log(2), abs=1e-5)
    assert lines[0]["margin"] == pytest.approx(0.0, abs=1e-5)
    assert lines[-1]["pair_loss"] < 0.4
    assert lines[-1]["pair_accuracy"] == 1.0


def test_each_reply_is_in_one_pair_at_most_and_the_order_of_records_does_not_matter(
    policy: LocalPolicy, records: Path, tmp_path: Path
) -> None:
    settings = DPOSettings(out=tmp_path, init=tmp_path, from_records=(records,), pairs_per_problem=9)
    encoder = PolicyTokenizer(policy.tokenizer, eos_ids=(), context=64)
    first = select_pairs(encoder, settings).pairs
    used = [id(row) for pair in first for row in (pair.chosen, pair.rejected)]
    assert len(set(used)) == len(used)
    lines = records.read_text().splitlines(keepends=True)
    records.write_text("".join(reversed(lines)))
    again = select_pairs(encoder, settings).pairs
    assert [each.chosen.episode_id for each in first] == [each.chosen.episode_id for each in again]
    with pytest.raises(NoPairsError, match="no pairs to learn from"):
        select_pairs(encoder, replace(settings, least_gap=5.0))
