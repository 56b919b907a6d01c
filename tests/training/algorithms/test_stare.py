from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.problems import Problem
from codefrontier.training.settings import RLSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch
    from torch import Tensor

    from codefrontier.training.algorithms.algorithm import Group, Scored
    from codefrontier.training.algorithms.framework.losses import Clipping, policy_loss
    from codefrontier.training.algorithms.stare import (
        STARE,
        EntropyGate,
        STARESettings,
        selected_count,
        token_weights,
    )
    from codefrontier.training.rows import RL, Row, row_of, token_counts
    from codefrontier.training.trainer import train


def example() -> tuple[Tensor, Tensor, Tensor]:
    """Return two rows of five tokens; the last token of the second row is padding."""
    log_probs = torch.tensor([[-0.1, -3.0, -0.2, -1.0, -0.3], [-2.0, -0.1, -5.0, -0.2, -9.0]])
    advantages = torch.tensor([[0.5] * 5, [-0.5] * 5])
    mask = torch.tensor([[True] * 5, [True] * 4 + [False]])
    return log_probs, advantages, mask


def test_the_most_surprising_token_of_good_replies_is_boosted() -> None:
    # 10 % of 5 tokens, rounded up, is one token: the second of the first row.
    assert token_weights(*example()).tolist() == [
        pytest.approx([1.0, 1.1, 1.0, 1.0, 1.0]),
        [1.0] * 5,
    ]


def test_the_variant_c2_also_damps_the_most_surprising_tokens_of_bad_replies() -> None:
    # Half of 5 tokens, rounded up, is 3; half of 4 tokens is 2. Padding is not selected.
    weights = token_weights(*example(), share=0.5, boost=2.0, damp=0.25, variant="c2")
    assert weights.tolist() == [[1.0, 2.0, 1.0, 2.0, 2.0], [0.25, 1.0, 0.25, 1.0, 1.0]]


def test_a_closed_gate_weights_nothing() -> None:
    assert token_weights(*example(), gate_open=False, share=1.0, variant="C2").tolist() == [[1.0] * 5] * 2


def test_tokens_without_advantage_are_not_selected() -> None:
    log_probs, advantages, mask = example()
    weights = token_weights(log_probs, torch.zeros_like(advantages), mask, share=1.0, variant="C2")
    assert weights.tolist() == [[1.0] * 5] * 2


def test_nothing_to_select_from_is_fine() -> None:
    log_probs, advantages, mask = example()
    assert token_weights(log_probs, advantages, torch.zeros_like(mask)).tolist() == [[1.0] * 5] * 2
    assert token_weights(*example(), share=0.0, variant="C2").tolist() == [[1.0] * 5] * 2
    assert token_weights(*(torch.zeros(0, 3) for _ in range(3))).shape == (0, 3)


def test_tokens_of_equal_surprisal_are_selected_in_order() -> None:
    one = torch.ones(1, 4)
    assert token_weights(-one, one, one.bool(), share=0.5, boost=2.0).tolist() == [[2.0, 2.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("tokens", "share", "count"),
    [(0, 0.1, 0), (5, 0.0, 0), (1, 0.1, 1), (10, 0.1, 1), (11, 0.1, 2), (100, 0.07, 7), (3, 1.0, 3)],
)
def test_the_share_is_rounded_up_as_in_the_authors_code(tokens: int, share: float, count: int) -> None:
    assert selected_count(tokens, share) == count


@given(
    st.lists(st.tuples(st.floats(-9, 0), st.floats(-1, 1), st.booleans()), min_size=1, max_size=30),
    st.floats(0, 1),
    st.sampled_from(["O1", "C2"]),
)
def test_exactly_the_share_of_each_sign_is_weighted(
    tokens: list[tuple[float, float, bool]], share: float, variant: str
) -> None:
    log_probs, advantages, mask = (torch.tensor([list(column)]) for column in zip(*tokens, strict=True))
    weights = token_weights(log_probs, advantages, mask, share=share, boost=2.0, damp=0.5, variant=variant)
    good, bad = mask & (advantages > 0), mask & (advantages < 0)
    assert int((weights == 2.0).sum()) == selected_count(int(good.sum()), share)
    assert int((weights == 0.5).sum()) == (selected_count(int(bad.sum()), share) if variant == "C2" else 0)
    assert bool((weights[~(good | bad)] == 1).all())
    chosen, passed = weights == 2.0, good & (weights == 1.0)
    if chosen.any() and passed.any():
        assert log_probs[chosen].max() <= log_probs[passed].min()


def test_masked_values_are_not_looked_at() -> None:
    log_probs, advantages, mask = example()
    log_probs[1, 4], advantages[1, 4] = math.nan, math.nan
    assert token_weights(log_probs, advantages, mask).isfinite().all()
    with pytest.raises(ValueError, match="must not be NaN"):
        token_weights(log_probs, advantages, torch.ones_like(mask))


@pytest.mark.parametrize("shape", [(5,), (1, 5), (2, 4), (2, 5, 1)])
def test_streams_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    log_probs, advantages, _ = example()
    with pytest.raises(ValueError, match=r"must all be \[B, T\]"):
        token_weights(log_probs, advantages, torch.ones(shape))


def test_one_row_without_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must all be \[B, T\]"):
        token_weights(torch.zeros(3), torch.zeros(3), torch.ones(3))


@pytest.mark.parametrize(
    "bad",
    [{"share": -0.1}, {"share": 1.1}, {"share": math.nan}, {"boost": 0.0}, {"damp": -1.0}, {"variant": "O2"}],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        token_weights(*example(), **bad)
    with pytest.raises(ValueError, match="must be"):
        STARESettings(**bad)


def test_the_loss_has_the_gradient_of_the_written_formula() -> None:
    # J = 1/N sum omega min(rho A, clip(rho, 0.8, 1.28) A), with ratios on both sides of the bounds.
    old, advantages, mask = example()
    old, advantages = old.double(), advantages.double()
    ratios = torch.tensor([[1.0, 1.1, 1.5, 0.9, 0.5], [1.0, 1.5, 0.5, 1.1, 1.0]], dtype=torch.float64)
    log_probs = (old + ratios.log()).requires_grad_()
    omega = token_weights(log_probs, advantages, mask, share=0.5, boost=1.5, damp=0.5, variant="C2")
    assert not omega.requires_grad

    def loss(values: Tensor) -> Tensor:
        found = policy_loss(
            values,
            old_log_probs=old,
            sampler_log_probs=old,
            advantages=advantages,
            weights=omega * mask,
            clipping=Clipping(low=0.2, high=0.28),
        )
        return found.total / mask.sum()

    assert torch.autograd.gradcheck(loss, (log_probs,))
    rho, a = ratios, advantages
    expected = -(omega * torch.minimum(rho * a, rho.clamp(0.8, 1.28) * a))[mask].sum() / 9
    assert loss(log_probs).item() == pytest.approx(expected.item())


def test_the_gate_starts_open_and_follows_the_entropy() -> None:
    gate = EntropyGate(0.3)
    states = [gate.open]
    for entropy in (0.5, 0.29, 0.3, 0.1, math.nan, math.inf):
        gate.update(entropy)
        states.append(gate.open)
    # At the target the gate closes; a value that is not finite changes nothing.
    assert states == [True, False, True, False, True, True, True]
    assert (gate.boost, gate.damp) == (1.1, 0.9)


def test_an_adaptive_gate_moves_the_weights_towards_the_target() -> None:
    gate = EntropyGate(0.3, adaptive=True, step=0.2, boost=1.2, damp=0.8, boost_max=1.5, damp_min=0.5)
    seen = []
    for entropy in (0.1, 0.1, 0.3, 0.9, 0.9, 0.9, math.nan):
        gate.update(entropy)
        seen.append((gate.boost, gate.damp))
    assert seen == [
        pytest.approx(pair)
        for pair in ((1.4, 0.6), (1.5, 0.5), (1.5, 0.5), (1.3, 0.7), (1.1, 0.9), (1.0, 1.0), (1.0, 1.0))
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"target": -0.1},
        {"target": math.nan},
        {"step": -1.0},
        {"boost": 0.0},
        {"damp": math.inf},
        {"adaptive": True, "boost": 2.0},
        {"adaptive": True, "boost": 0.9},
        {"adaptive": True, "damp": 0.4},
        {"adaptive": True, "damp_min": 0.0},
    ],
)
def test_gates_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|need"):
        EntropyGate(**{"target": 0.3, **bad})


def test_a_boost_beyond_the_adaptive_bound_is_allowed_without_adaptation() -> None:
    assert EntropyGate(0.3, boost=3.0).boost == 3.0


def test_the_state_of_a_gate_survives_json() -> None:
    gate, other = EntropyGate(0.3, adaptive=True, step=0.1), EntropyGate(0.3, adaptive=True, step=0.1)
    gate.update(0.9)
    other.load_state_dict(json.loads(json.dumps(gate.state_dict())))
    assert (other.open, other.boost, other.damp) == (gate.open, gate.boost, gate.damp)
    for each in (gate, other):
        each.update(0.1)
    assert other.state_dict() == gate.state_dict()


@pytest.mark.parametrize("bad", [{}, {"open": True}, {"open": True, "boost": -1.0, "damp": 0.9}])
def test_another_state_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"state of a gate|must be"):
        EntropyGate(0.3).load_state_dict(bad)


@pytest.fixture
def groups_of(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Any]:
    def make(*, cut: int | None = None) -> list[Group]:
        """Return two groups of a good and a bad reply each, with different log-probs."""
        surprises = iter([(-0.5, -0.25), (-0.5, -4.0), (-3.0, -0.25), (-2.0, -0.25)])
        groups = []
        for number, colour in enumerate(("red", "blue")):
            members = []
            for sample, reward in enumerate((1.0, 0.0)):
                finish = "length" if cut == 2 * number + sample else "stop"
                episode = episode_of(
                    reward=reward, sample=sample, finish_reasons=(finish,), problem_id=f"{colour}-task"
                )
                row = row_of(episode, group_id=colour, policy_version=0)
                row = replace(row, sampler_log_probs=torch.tensor([0.0, 0.0, *next(surprises)]))
                members.append(Scored(episode=episode, row=row))
            groups.append(Group(problem=problem_of(colour), members=tuple(members)))
        return groups

    return make


def weights_after(algorithm: STARE, groups: list[Group]) -> list[list[float]]:
    scored = algorithm.score_batch([algorithm.score_group(group) for group in groups])
    return [row.weights[RL][2:].tolist() for group in scored for row in group.rows]


def test_tokens_are_selected_among_the_whole_batch(groups_of: Callable[..., Any]) -> None:
    settings = STARESettings(boost=2.0, damp=0.5, variant="C2")
    # Four good tokens and four bad ones, of which the most surprising is selected each.
    assert weights_after(STARE(group_size=2, settings=settings), groups_of()) == [
        [1.0, 1.0],
        [1.0, 0.5],
        [2.0, 1.0],
        [1.0, 1.0],
    ]


def test_tokens_can_be_selected_among_parts_of_the_batch(groups_of: Callable[..., Any]) -> None:
    settings = STARESettings(boost=2.0, damp=0.5, variant="C2", part_rows=2)
    # All rows are equally long, so the parts are in order of the ids: blue, then red.
    assert weights_after(STARE(group_size=2, settings=settings), groups_of()) == [
        [2.0, 1.0],
        [1.0, 0.5],
        [2.0, 1.0],
        [0.5, 1.0],
    ]


def test_cut_replies_are_not_selected(groups_of: Callable[..., Any]) -> None:
    algorithm = STARE(group_size=2, settings=STARESettings(boost=2.0))
    assert weights_after(algorithm, groups_of(cut=2)) == [[2.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]


def test_rows_are_not_changed_and_the_number_of_tokens_stays(groups_of: Callable[..., Any]) -> None:
    algorithm = STARE(group_size=2, settings=STARESettings(boost=2.0, share=1.0))
    scored = [algorithm.score_group(group) for group in groups_of()]
    before = [row.weights[RL].clone() for group in scored for row in group.rows]
    weighted = algorithm.score_batch(scored)
    rows: list[Row] = [row for group in scored for row in group.rows]
    after = [row for group in weighted for row in group.rows]
    assert all(torch.equal(row.weights[RL], old) for row, old in zip(rows, before, strict=True))
    assert token_counts(rows) == token_counts(after)
    assert all(torch.equal(a.advantages, b.advantages) for a, b in zip(rows, after, strict=True))


def test_the_entropy_of_an_update_closes_the_gate(groups_of: Callable[..., Any]) -> None:
    algorithm = STARE(group_size=2, settings=STARESettings(target=0.3, boost=2.0))
    algorithm.observe({"loss": 1.0})
    algorithm.observe({"entropy": 0.0, "tokens": 0})
    assert algorithm.gate.open
    algorithm.observe({"entropy": 0.8, "tokens": 4})
    assert weights_after(algorithm, groups_of()) == [[1.0, 1.0]] * 4
    resumed = STARE(group_size=2, settings=algorithm.settings)
    resumed.load_state_dict(json.loads(json.dumps(algorithm.state_dict())))
    assert not resumed.gate.open
    with pytest.raises(ValueError, match="state of a gate"):
        resumed.load_state_dict({})


def test_an_empty_batch_stays_empty() -> None:
    assert list(STARE(group_size=2).score_batch([])) == []


@pytest.mark.parametrize("rows", [0, -1])
def test_parts_have_at_least_one_row(rows: int) -> None:
    with pytest.raises(ValueError, match="part_rows"):
        STARESettings(part_rows=rows)


def test_a_run_resumes_exactly(
    settings: Callable[..., RLSettings],
    stream_of: Callable[..., Any],
    judge_that: type[Any],
    weights_of: Callable[[Path], bytes],
    tmp_path: Path,
) -> None:
    def play(name: str, **changes: Any) -> tuple[bytes, dict[str, Any]]:
        algorithm = STARE(
            group_size=4, settings=STARESettings(target=9.0, boost=2.0, adaptive=True, boost_max=3.0)
        )
        chosen = settings(out=tmp_path / name, **changes)
        train(chosen, algorithm=algorithm, judge=judge_that(), problems=stream_of())
        return weights_of(tmp_path / name), algorithm.state_dict()

    whole = play("whole")
    play("parts", steps=2)
    assert play("parts", resume=True) == whole
