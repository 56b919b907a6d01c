from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.agents import JudgementRecord, JudgeRecord, RunRecord
from codefrontier.judge import Verdict
from codefrontier.problems import Problem
from codefrontier.training.sampling.verdict_cache import VerdictCache

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.algorithms.algorithm import Group, Scored
    from codefrontier.training.algorithms.vpo import (
        VPO,
        VPOSettings,
        dirichlet_weights,
        gdpo_advantages,
        group_advantages,
        group_passes,
        multi_rlvr_scores,
        set_scores,
        sobol_weights,
        standardised_max_at_k,
        unique_indices,
        unique_programs,
        whitened,
    )
    from codefrontier.training.rows import row_of
    from codefrontier.training.trainer import Trainer


def test_a_set_scores_the_best_answer_for_each_scalarisation() -> None:
    # Worked by hand. Reply 0: two specialists, best 1, 1 and 0.5. Reply 1: one generalist, 0.6 each.
    weights = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    specialists = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    generalist = torch.tensor([[0.6, 0.6]])
    assert set_scores([specialists, generalist], weights).tolist() == pytest.approx([2.5 / 3, 0.6])


def test_a_reply_without_answers_scores_zero() -> None:
    scores = set_scores([torch.zeros(0, 2), torch.tensor([[0.0, 1.0]])], torch.tensor([[0.5, 0.5]]))
    assert scores.tolist() == [0.0, 0.5]


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5), st.integers(0, 99)
)
def test_a_further_answer_never_lowers_the_score(answers: list[list[float]], seed: int) -> None:
    weights = dirichlet_weights(16, 3, torch.Generator().manual_seed(seed))
    rewards = torch.tensor(answers, dtype=torch.float64)
    fewer, all_answers, twice = set_scores([rewards[:-1], rewards, rewards.repeat(2, 1)], weights).tolist()
    assert fewer <= all_answers + 1e-12
    assert twice == pytest.approx(all_answers)  # duplicates change nothing in the score itself


def test_one_answer_scores_its_mean_over_the_simplex() -> None:
    weights = dirichlet_weights(20_000, 3, torch.Generator().manual_seed(0))
    assert set_scores([torch.tensor([[0.0, 0.3, 0.9]])], weights).item() == pytest.approx(0.4, abs=0.01)


def test_negative_rewards_are_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="without answers scores 0, so it would win"):
        set_scores([torch.tensor([[1.0, -0.1]])], torch.tensor([[0.5, 0.5]]))
    with pytest.raises(ValueError, match="empty reply win"):
        set_scores([torch.tensor([[1.0, 0.1]])], torch.tensor([[1.5, -0.5]]))


@pytest.mark.parametrize("shape", [(2,), (1, 3), (1, 1, 2)])
def test_rewards_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be \[m, 2\]"):
        set_scores([torch.zeros(shape)], torch.ones(4, 2))


@pytest.mark.parametrize("shape", [(2,), (0, 2), (2, 0)])
def test_weights_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\[N, k\]"):
        set_scores([torch.zeros(1, 2)], torch.ones(shape))


def test_values_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one reply"):
        set_scores([], torch.ones(1, 2))
    with pytest.raises(ValueError, match="finite"):
        set_scores([torch.tensor([[math.nan, 0.0]])], torch.ones(1, 2))
    with pytest.raises(ValueError, match="finite"):
        group_advantages(torch.tensor([1.0, math.inf]))


def test_scores_have_a_gradient_through_the_best_answer_only() -> None:
    rewards = torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([[1.0, 0.0], [0.75, 0.25]], dtype=torch.float64)
    set_scores([rewards], weights).sum().backward()  # type: ignore[no-untyped-call]
    assert rewards.grad is not None
    assert rewards.grad.tolist() == [[0.875, 0.125], [0.0, 0.0]]


def test_the_written_formula_is_the_gradient() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = dirichlet_weights(4, 2, generator)
    first, second = (torch.rand(2, 2, dtype=torch.float64, generator=generator) for _ in range(2))

    def advantages(*rewards: torch.Tensor) -> torch.Tensor:
        return group_advantages(set_scores(rewards, weights))

    assert torch.autograd.gradcheck(advantages, (first.requires_grad_(), second.requires_grad_()))


def test_advantages_are_standardised_by_the_population() -> None:
    # Worked by hand: mean 0.5, population deviation 0.5.
    advantages = group_advantages(torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert advantages.tolist() == pytest.approx([-0.5 / (0.5 + 1e-6), 0.5 / (0.5 + 1e-6)])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_advantages_sum_to_zero(scores: list[float]) -> None:
    advantages = group_advantages(torch.tensor(scores, dtype=torch.float64))
    assert advantages.sum().item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("scores", [[0.1] * 7, [0.3], [0.5, 0.5 + 1e-7]])
def test_equal_scores_give_exactly_nothing(scores: list[float]) -> None:
    assert not group_advantages(torch.tensor(scores)).any()


@pytest.mark.parametrize("shape", [(), (0,), (1, 2)])
def test_scores_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="scores must be a vector"):
        group_advantages(torch.zeros(shape))


@pytest.mark.parametrize("concentration", [0.001, 0.3, 1.0, 5.0])
def test_dirichlet_weights_are_on_the_simplex_with_the_right_spread(concentration: float) -> None:
    weights = dirichlet_weights(20_000, 3, torch.Generator().manual_seed(1), concentration)
    assert weights.shape == (20_000, 3)
    assert (weights >= 0).all()
    assert torch.allclose(weights.sum(dim=1), torch.ones(20_000, dtype=torch.float64))
    assert weights.mean(dim=0).tolist() == pytest.approx([1 / 3] * 3, abs=0.02)
    # The variance of a component of a Dirichlet distribution: (1/3)(2/3) / (3 a + 1).
    assert weights.var(dim=0).tolist() == pytest.approx([2 / 9 / (3 * concentration + 1)] * 3, rel=0.08)


def test_equal_seeds_give_equal_weights() -> None:
    first, second = (dirichlet_weights(8, 4, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(sobol_weights(8, 4, 3), sobol_weights(8, 4, 3))
    assert not torch.equal(sobol_weights(8, 4, 3), sobol_weights(8, 4, 4))


def test_sobol_weights_cover_the_simplex_more_evenly_than_random_ones() -> None:
    weights = sobol_weights(256, 3, 0)
    assert (weights >= 0).all()
    assert torch.allclose(weights.sum(dim=1), torch.ones(256, dtype=torch.float64))
    random = dirichlet_weights(256, 3, torch.Generator().manual_seed(0))
    error, random_error = ((each.mean(dim=0) - 1 / 3).abs().max() for each in (weights, random))
    assert error < 0.005 < random_error
    assert sobol_weights(4, 1, 0).tolist() == [[1.0]] * 4


@pytest.mark.parametrize(("n", "k"), [(0, 2), (2, 0)])
def test_samplers_refuse_nothing_to_sample(n: int, k: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        dirichlet_weights(n, k, torch.Generator())
    with pytest.raises(ValueError, match="at least 1"):
        sobol_weights(n, k, 0)


@pytest.mark.parametrize("concentration", [0.0, -1.0, math.nan, math.inf])
def test_a_concentration_must_be_positive(concentration: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        dirichlet_weights(2, 2, torch.Generator(), concentration)


def test_programs_are_equal_if_their_trees_are() -> None:
    sources = [
        "print(1)",
        "print( 1 )  # one",
        "print((1))\n",
        "print(2)",
        "print(x",
        " print(x\n",
        "print(1.0)",
    ]
    assert unique_indices(sources) == [0, 3, 4, 6]
    assert unique_programs(sources) == ["print(1)", "print(2)", "print(x", "print(1.0)"]
    assert unique_programs([]) == []


@pytest.mark.filterwarnings("error")
def test_text_that_python_cannot_parse_is_compared_as_text() -> None:
    deep = "(" * 5000
    assert unique_programs(["\0", "\0 ", deep, "'\\d'", "'\\d' "]) == ["\0", deep, "'\\d'"]


def test_gdpo_standardises_each_objective_alone() -> None:
    # Worked by hand: sample deviations 1/sqrt(2) and 10/sqrt(2); the third objective is equal for all.
    rewards = torch.tensor([[1.0, 0.0, 3.0], [0.0, 10.0, 3.0]], dtype=torch.float64)
    assert gdpo_advantages(rewards).tolist() == pytest.approx([0.0, 0.0], abs=1e-5)
    assert gdpo_advantages(rewards, torch.tensor([2.0, 1.0, 9.0])).tolist() == pytest.approx(
        [math.sqrt(0.5), -math.sqrt(0.5)], abs=1e-5
    )
    assert gdpo_advantages(rewards[:1]).tolist() == [0.0]
    with pytest.raises(ValueError, match=r"\[G, k\]"):
        gdpo_advantages(rewards[0])
    with pytest.raises(ValueError, match=r"must be \[3\]"):
        gdpo_advantages(rewards, torch.ones(2))


def test_whitened_values_have_mean_zero_and_variance_one_under_the_mask() -> None:
    values = torch.tensor([[1.0, 2.0, 9.0], [4.0, 5.0, 9.0]])
    mask = torch.tensor([[True, True, False], [True, True, False]])
    result = whitened(values, mask)
    assert result[mask].mean().item() == pytest.approx(0, abs=1e-6)
    assert result[mask].var().item() == pytest.approx(1, abs=1e-4)
    assert not result[~mask].any()
    assert not whitened(values, torch.zeros_like(mask)).any()
    with pytest.raises(ValueError, match="equal shapes"):
        whitened(values, mask[:1])


def test_multi_rlvr_sums_a_fixed_scalar_over_the_answers() -> None:
    rewards = [torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.zeros(0, 2)]
    assert multi_rlvr_scores(rewards, torch.tensor([1.0, 1.0])).tolist() == [3.0, 0.0]
    with pytest.raises(ValueError, match=r"\[m, 3\]"):
        multi_rlvr_scores(rewards, torch.ones(3))


@given(st.lists(st.integers(0, 4), min_size=3, max_size=7), st.data())
def test_max_at_k_is_the_sum_of_the_maxima_of_the_subsets_with_a_reply(values: list[int], data: Any) -> None:
    n = len(values)
    k = data.draw(st.integers(2, n - 1))
    subsets = list(itertools.combinations(range(n), k))
    raw = [sum(max(values[j] for j in s) for s in subsets if i in s) / len(subsets) for i in range(n)]
    expected = torch.tensor(raw, dtype=torch.float64)
    expected = (expected - expected.mean()) / (expected.std() + 1e-6)
    advantages = standardised_max_at_k(torch.tensor(values, dtype=torch.float64), k)
    assert advantages.tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_max_at_k_refuses_one_subset_of_all() -> None:
    assert standardised_max_at_k(torch.tensor([0.0, 0.0, 1.0, 0.0])).argmax() == 2
    assert not standardised_max_at_k(torch.ones(5)).any()
    with pytest.raises(ValueError, match=r"in \[2, 3\]"):
        standardised_max_at_k(torch.ones(4), 4)
    with pytest.raises(ValueError, match="vector"):
        standardised_max_at_k(torch.ones(4, 2))


def judged(verdicts: str, *, selected: int | None = None, compiled: bool = True) -> JudgementRecord:
    """Return a judgement with a run per letter: A accepted, T over the time limit, W wrong; sizes grow."""
    names = {"A": Verdict.ACCEPTED, "T": Verdict.TIME_LIMIT_EXCEEDED, "W": Verdict.WRONG_ANSWER}
    runs = [
        RunRecord(index=i, input_size=10 * i, verdict=names[letter], cpu_time_s=0.0, memory_mib=1.0)
        for i, letter in enumerate(verdicts)
    ]
    verdict = next((run.verdict for run in runs if not run.verdict.accepted), Verdict.ACCEPTED)
    return JudgementRecord(
        verdict=verdict if compiled else Verdict.COMPILE_ERROR,
        selected=len(verdicts) if selected is None else selected,
        tests=len(verdicts) if selected is None else selected,
        runs=tuple(reversed(runs)),
        cpu_time_s=0.0,
        judge=JudgeRecord(version="0", sandbox="none"),
    )


def test_tests_are_grouped_by_input_size() -> None:
    assert group_passes(judged("AAAAAWT"), 3).tolist() == [1.0, 1.0, 0.0]
    assert group_passes(judged("WAAAAA"), 3).tolist() == [0.0, 1.0, 1.0]
    assert group_passes(judged("AT"), 3).tolist() == [1.0, 0.0]
    assert group_passes(judged("", selected=5, compiled=False), 3).tolist() == [0.0] * 3


def test_verdicts_of_all_tests_are_needed() -> None:
    with pytest.raises(ValueError, match="stopped after 2 of 5 tests"):
        group_passes(judged("AW", selected=5), 3)
    with pytest.raises(ValueError, match="at least 1"):
        group_passes(judged("A"), 0)


@pytest.fixture
def group_of(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Group]:
    def make(*judgements: JudgementRecord | None, cut: int | None = None, step: int = 0) -> Group:
        members = []
        for sample, judgement in enumerate(judgements):
            finish = "length" if sample == cut else "stop"
            episode = episode_of(reward=0.0, sample=sample, finish_reasons=(finish,))
            row = row_of(episode, group_id="red-task", policy_version=step)
            members.append(Scored(episode=replace(episode, judgement=judgement), row=row))
        return Group(problem=problem_of("red"), members=tuple(members))

    return make


def test_replies_are_compared_by_their_test_groups(group_of: Callable[..., Group]) -> None:
    group = VPO(group_size=3).score_group(group_of(judged("AAA"), judged("AWW"), None))
    best, middle, none = (row.advantages.tolist() for row in group.rows)
    assert best[:2] == [0.0, 0.0]
    assert best[2] == best[3] > middle[2] > none[2]


def test_a_set_of_specialists_beats_a_generalist(group_of: Callable[..., Group]) -> None:
    sets = {0: torch.eye(3), 1: torch.full((1, 3), 0.5)}
    algorithm = VPO(group_size=2, answers=lambda episode: sets[episode.sample])
    group = algorithm.score_group(group_of(None, None))
    assert group.rows[0].advantages[-1] > 0 > group.rows[1].advantages[-1]


def test_scalarisations_depend_on_seed_problem_and_step_alone(group_of: Callable[..., Group]) -> None:
    def first(step: int = 0, **fields: Any) -> float:
        sets = {0: torch.eye(3), 1: torch.tensor([[0.9, 0.6, 0.3]]), 2: torch.tensor([[0.0, 0.2, 0.9]])}
        algorithm = VPO(
            group_size=3,
            settings=VPOSettings(samples=4, **fields),
            answers=lambda episode: sets[episode.sample],
        )
        algorithm.score_group(group_of(None, None, None, step=9))  # earlier groups must not matter
        return algorithm.score_group(group_of(None, None, None, step=step)).rows[1].advantages[-1].item()

    for sampler in ("dirichlet", "sobol"):
        assert first(sampler=sampler) == first(sampler=sampler)
        assert first(sampler=sampler) != first(sampler=sampler, seed=1)
        assert first(sampler=sampler) != first(step=1, sampler=sampler)


def test_truncated_replies_count_in_the_mean_and_are_not_learned(group_of: Callable[..., Group]) -> None:
    group = VPO(group_size=2).score_group(group_of(judged("AAA"), judged("WWW"), cut=1))
    assert not group.rows[1].weights["rl"].any()
    assert group.rows[0].advantages[-1].item() == pytest.approx(1.0, abs=1e-4)


def test_a_group_without_answers_has_no_signal(group_of: Callable[..., Group]) -> None:
    assert not VPO(group_size=2).score_group(group_of(None, None)).has_signal
    assert not VPO(group_size=2).score_group(group_of(judged("AAA"))).has_signal
    sets = {0: torch.zeros(0, 0), 1: torch.ones(1, 2)}
    mixed = VPO(group_size=2, answers=lambda episode: sets[episode.sample]).score_group(group_of(None, None))
    assert mixed.rows[0].advantages[-1] < 0 < mixed.rows[1].advantages[-1]


@pytest.mark.parametrize(
    "bad",
    [{"samples": 0}, {"test_groups": 0}, {"sampler": "grid"}, {"sampler": "sobol", "concentration": 2.0}],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        VPOSettings(**bad)


def test_it_trains_on_vectors_of_rewards(policy: Any, settings: Any, stream_of: Any, judge_that: Any) -> None:
    def answers(episode: Any) -> torch.Tensor | None:
        """Return two objectives of the one answer: accepted, and written with the plan `fast`."""
        if episode.submission is None:
            return None
        return torch.tensor([[episode.reward == 1, "#fast" in episode.submission]], dtype=torch.float64)

    chosen = settings(prompts=4, group=4, lr=1e-2, refill_rounds=0)
    algorithm = VPO(group_size=4, answers=answers)
    trainer = Trainer(chosen, policy, algorithm, VerdictCache(judge_that()), stream_of())
    lines = [trainer.take_step() for _ in range(10)]
    assert lines[-1]["reward_mean"] > lines[0]["reward_mean"]
