from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.rows import Row, row_of
    from codefrontier.training.updating.update import UpdateMetrics, UpdateSettings, update


@pytest.fixture
def rows(episode_of: Callable[..., Any]) -> list[Row]:
    """Return three rows of different lengths and advantages."""
    made = []
    for sample, (steps, advantage) in enumerate([(1, 1.0), (2, -0.5), (3, 0.25)]):
        episode = episode_of(reward=0.0, sample=sample, finish_reasons=("stop",) * steps)
        row = row_of(episode, group_id="g", policy_version=0)
        made.append(replace(row, advantages=advantage * row.loss_mask.float()))
    return made


def learn(
    tokenizer: Any, rows: list[Row], *, lr: float = 0.1, **settings: Any
) -> tuple[torch.Tensor, UpdateMetrics]:
    """Update a small model once; return its weights and the metrics."""
    model = tiny_model(tokenizer, d=8, layers=1, heads=2, seed=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    metrics = update(model, optimizer, rows, UpdateSettings(**settings))
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()]), metrics


def test_the_update_does_not_depend_on_how_rows_are_parted(tokenizer: Any, rows: list[Row]) -> None:
    whole, at_once = learn(tokenizer, rows, part_rows=8)
    parted, in_parts = learn(tokenizer, rows, part_rows=1)
    assert torch.allclose(whole, parted, atol=1e-6)
    assert in_parts.loss == pytest.approx(at_once.loss, abs=1e-6)
    assert in_parts.entropy == pytest.approx(at_once.entropy, abs=1e-5)
    assert at_once.tokens == 12


def test_rows_without_weight_are_in_no_denominator(tokenizer: Any, rows: list[Row]) -> None:
    nothing = replace(rows[1], weights={"rl": torch.zeros(len(rows[1]))})
    with_it, _ = learn(tokenizer, [rows[0], nothing, rows[2]])
    without, metrics = learn(tokenizer, [rows[0], rows[2]])
    assert torch.allclose(with_it, without, atol=1e-7)
    assert metrics.tokens == 8


def test_components_have_their_own_denominators(tokenizer: Any, rows: list[Row]) -> None:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2, seed=1)
    nothing = torch.zeros(len(rows[0]))
    reinforced = replace(rows[0], advantages=torch.ones(len(rows[0])))
    echoed = replace(rows[1], weights={"ce": 1.0 - rows[1].loss_mask.float()})
    surprise = -model(input_ids=echoed.token_ids[None]).logits.log_softmax(-1)[0]
    at = [place for place in range(len(echoed) - 1) if not echoed.loss_mask[place + 1]]
    expected = sum(surprise[place, echoed.token_ids[place + 1]].item() for place in at) / len(at)
    _, metrics = learn(tokenizer, [replace(reinforced, sampler_log_probs=nothing), echoed])
    _, alone = learn(tokenizer, [replace(reinforced, sampler_log_probs=nothing)])
    assert metrics.loss == pytest.approx(alone.loss + expected, abs=1e-5)


def test_reward_makes_a_reply_more_likely_and_punishment_less(tokenizer: Any, rows: list[Row]) -> None:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2, seed=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)

    def surprise() -> float:
        log_probs = model(input_ids=rows[0].token_ids[None]).logits.log_softmax(-1)[0].detach()
        return -float(log_probs[1, 10] + log_probs[2, 11])

    before = surprise()
    update(model, optimizer, [rows[0]], UpdateSettings())
    rewarded = surprise()
    update(model, optimizer, [replace(rows[0], advantages=-2 * rows[0].advantages)], UpdateSettings())
    assert rewarded < before
    assert surprise() > rewarded


def test_with_several_passes_ratios_leave_the_bounds_and_are_counted(tokenizer: Any, rows: list[Row]) -> None:
    _, once = learn(tokenizer, rows, lr=20.0)
    _, often = learn(tokenizer, rows, lr=20.0, passes=4)
    assert once.clip_low == once.clip_high == 0
    assert often.clip_low + often.clip_high > 0
    assert often.entropy == pytest.approx(once.entropy)


def test_nothing_to_learn_changes_nothing(tokenizer: Any, rows: list[Row]) -> None:
    before, metrics = learn(tokenizer, [])
    after, _ = learn(tokenizer, [replace(rows[0], weights={"rl": torch.zeros(len(rows[0]))})])
    assert metrics == UpdateMetrics()
    assert torch.equal(before, after)


def test_a_gradient_that_is_not_finite_moves_no_weight(tokenizer: Any, rows: list[Row]) -> None:
    model = tiny_model(tokenizer, d=8, layers=1, heads=2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.lm_head.weight.detach().clone()
    bad = replace(rows[0], advantages=torch.full((len(rows[0]),), float("nan")))
    with pytest.raises(TrainingError, match="gradient's norm"):
        update(model, optimizer, [bad], UpdateSettings())
    assert torch.equal(model.lm_head.weight, before)


def test_a_component_that_does_not_exist_is_named(tokenizer: Any, rows: list[Row]) -> None:
    odd = replace(rows[0], weights={"other": torch.ones(len(rows[0]))})
    with pytest.raises(TrainingError, match="unknown component 'other'"):
        learn(tokenizer, [odd])
