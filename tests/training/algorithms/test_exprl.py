from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.problems import Problem
from codefrontier.training.sampling.verdict_cache import VerdictCache

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.algorithms.algorithm import Group, Scored, ScoringContext
    from codefrontier.training.algorithms.exprl import (
        ExecutableJudge,
        ExpRL,
        ExpRLSettings,
        Norm,
        completed_programs,
        executable_scores,
        model_scores,
        parse_score,
        split_steps,
        step_advantages,
        token_steps,
    )
    from codefrontier.training.rows import row_of
    from codefrontier.training.trainer import Trainer

ROLLOUTS = st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=5), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        # Worked by hand: the last score is 0.5; the means are 0.5 and 0.25, so the baseline is 0.375.
        ("delta", [[-0.25, 0.5, -0.25], [0.25]]),
        ("end", [[-0.25, 0.25, 0.0], [0.0]]),
        ("group", [[-0.125, 0.375, 0.125], [-0.125]]),
        ("batch", [[-0.125, 0.375, 0.125], [-0.125]]),
    ],
)
def test_advantages_by_norm(norm: Norm, expected: list[list[float]]) -> None:
    scores = [torch.tensor([0.25, 0.75, 0.5]), torch.tensor([0.25])]
    advantages = step_advantages(scores, norm=norm)
    assert [each.tolist() for each in advantages] == [pytest.approx(each) for each in expected]


def test_delta_is_the_default_and_one_rollout_is_a_vector() -> None:
    scores = torch.tensor([0.0, 0.25, 1.0])
    assert step_advantages(scores).tolist() == [-1.0, 0.25, 0.75]
    assert step_advantages(torch.stack([scores, scores])).tolist() == [[-1.0, 0.25, 0.75]] * 2
    assert step_advantages(torch.tensor([0.75])).tolist() == [0.75]


def test_groups_have_their_own_baselines() -> None:
    scores = torch.tensor([[0.0, 0.5], [1.0, 0.5], [1.0, 1.0]])
    grouped = step_advantages(scores, norm="group", group_ids=["a", "a", "b"])
    assert grouped.tolist() == [[-0.5, 0.0], [0.5, 0.0], [0.0, 0.0]]
    batch = step_advantages(scores, norm="batch", group_ids=["a", "a", "b"])
    assert batch[2].tolist() == pytest.approx([1 / 3, 1 / 3])


@given(ROLLOUTS)
def test_invariants_of_the_norms(values: list[list[float]]) -> None:
    scores = [torch.tensor(each, dtype=torch.float64) for each in values]
    for advantages in step_advantages(scores, norm="delta"):
        assert len(advantages) == 1 or advantages.sum().item() == pytest.approx(0, abs=1e-9)
    assert all(advantages[-1] == 0 for advantages in step_advantages(scores, norm="end"))
    centred = [advantages.mean().item() for advantages in step_advantages(scores, norm="group")]
    assert sum(centred) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("norm", ["delta", "end", "group", "batch"])
def test_equal_scores_give_nothing(norm: Norm) -> None:
    assert not step_advantages(torch.full((3, 4), 0.5), norm=norm).any()


@pytest.mark.parametrize("norm", ["delta", "end", "group", "batch"])
def test_the_written_formula_is_the_gradient(norm: Norm) -> None:
    scores = torch.rand(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda s: step_advantages(s, norm=norm), scores.requires_grad_())


def test_scores_that_make_no_sense_are_refused() -> None:
    one = torch.tensor([0.5])
    with pytest.raises(ValueError, match="norm must be one of"):
        step_advantages(one, norm="std")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=r"\[G, K\]"):
        step_advantages(torch.zeros(1, 1, 1))
    with pytest.raises(ValueError, match="K >= 1"):
        step_advantages(torch.zeros(2, 0))
    with pytest.raises(ValueError, match="K >= 1"):
        step_advantages([])
    with pytest.raises(ValueError, match="K >= 1"):
        step_advantages([one, torch.zeros(1, 2)])
    with pytest.raises(ValueError, match="K >= 1"):
        step_advantages([0.5, 0.25])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="finite"):
        step_advantages(torch.tensor([math.nan]))
    with pytest.raises(ValueError, match="group of 1 rollouts"):
        step_advantages(one, norm="group", group_ids=["a", "b"])


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("one### two###three", ["one###", " two###", "three"]),
        ("one###two###", ["one###", "two###"]),
        ("####", ["###", "#"]),
        ("none", ["none"]),
        ("", []),
    ],
)
def test_a_marker_ends_the_step_before_it(text: str, steps: list[str]) -> None:
    assert split_steps(text) == steps


def test_lines_are_steps_with_the_blank_lines_after_them() -> None:
    assert split_steps("\na = 1\n\n  \nb = 2\nc", by="lines") == ["\na = 1\n\n  \n", "b = 2\n", "c"]
    assert split_steps("\n\n", by="lines") == ["\n\n"]
    assert split_steps("", by="lines") == []


def test_statements_are_steps_with_the_comments_before_them() -> None:
    source = "import sys\n# read\ndef f():\n    a = 1\n    return a\n\nx = 1; y = 2\nprint(f())  # end\n"
    assert split_steps(source, by="statements") == [
        "import sys\n",
        "# read\ndef f():\n    a = 1\n    return a\n",
        "\nx = 1; y = 2\n",
        "print(f())  # end\n",
    ]
    assert split_steps("# nothing\n", by="statements") == ["# nothing\n"]
    assert split_steps("", by="statements") == []


@given(st.text(alphabet="ab#\n =1", max_size=40))
def test_steps_make_up_the_text(text: str) -> None:
    assert "".join(split_steps(text)) == text
    assert "".join(split_steps(text, by="lines")) == text
    assert all([*split_steps(text), *split_steps(text, by="lines")])


def test_texts_that_cannot_be_split_are_refused() -> None:
    with pytest.raises(ValueError, match="not Python"):
        split_steps("print(", by="statements")
    with pytest.raises(ValueError, match="empty"):
        split_steps("a", marker="")
    with pytest.raises(ValueError, match="by must be one of"):
        split_steps("a", by="words")  # type: ignore[arg-type]


def test_cut_programs_are_completed_by_the_rest_of_the_reference() -> None:
    assert completed_programs(["A", "B", "C"], ["a", "b", "c"]) == ["Abc", "ABc", "ABC"]
    assert completed_programs(["A", "B"], ["a", "b", "c"]) == ["Abc", "AB"]
    assert completed_programs(["A", "B", "C"], ["a"]) == ["A", "AB", "ABC"]
    with pytest.raises(ValueError, match="at least one step"):
        completed_programs([], ["a"])


def shares(source: str) -> float:
    """Judge a program by running it: the share of three inputs that it doubles and increments."""
    scope: dict[str, Any] = {}
    try:
        exec(source, scope)
    except NameError:
        return 0.0
    right = [x for x in range(3) if scope["f"](x) == 2 * x + 1]
    return len(right) / 3


def test_each_step_is_scored_by_running_the_completed_program() -> None:
    reference = "double = lambda x: 2 * x\nmore = lambda x: x + 1\nf = lambda x: more(double(x))\n"
    judge = ExecutableJudge(reference=reference, judge=shares)
    assert judge(reference).tolist() == [1.0, 1.0, 1.0]
    # The second line is wrong except for x = 0; the third line does not use it, which makes the rest right.
    wrong = "double = lambda x: 2 * x\nmore = lambda x: 2 * x + 1\nf = lambda x: 2 * x + 1\n"
    assert judge(wrong).tolist() == pytest.approx([1.0, 1 / 3, 1.0])
    assert step_advantages(judge(wrong)).tolist() == pytest.approx([0.0, -2 / 3, 2 / 3])


def test_a_wrong_reference_gives_other_scores() -> None:
    program = "f = lambda x: 2 * x + 1\ng = f\n"
    assert ExecutableJudge(reference="f = 0\nf = lambda x: x\n", judge=shares)(program).tolist()[0] < 1


def test_equal_programs_are_judged_once() -> None:
    seen: list[str] = []

    def judge(source: str) -> float:
        seen.append(source)
        return 0.5

    scorer = ExecutableJudge(reference="a\nb\n", judge=judge)
    assert scorer("a\nb\n").tolist() == scorer("a\nb\n").tolist() == [0.5, 0.5]
    assert scorer("a\nc\n").tolist() == [0.5, 0.5]
    assert seen == ["a\nb\n", "a\nc\n"]
    assert "a\nb" not in repr(scorer)  # the reference is not for logs


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_judge_must_return_a_share(share: float) -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        executable_scores(["a"], ["a"], lambda source: share)


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("Score: 1", 0.0),
        ("Thus Score:3.", 0.5),
        ("Score: 5\nScore: 1", 1.0),
        ("Score: 10", None),
        ("Score: 0", None),
        ("Score: 6", None),
        ("Score: 3.5", None),
        ("Score: " + "9" * 5000, None),
        ("The Score is 3", None),
        ("", None),
    ],
)
def test_scores_are_read_from_replies(reply: str, score: float | None) -> None:
    assert parse_score(reply) == score


def test_a_judge_model_sees_the_steps_so_far() -> None:
    seen: list[tuple[str, ...]] = []

    def judge(problem: str, steps: Any, reference: str) -> str:
        seen.append((problem, *steps, reference))
        return f"Score: {len(steps) + 2}"

    scores = model_scores("p", ["a", "b"], "r", judge)
    assert scores is not None
    assert scores.tolist() == [0.5, 0.75]
    assert seen == [("p", "a", "r"), ("p", "a", "b", "r")]
    assert model_scores("p", ["a"], "r", lambda *_: "no idea") is None
    with pytest.raises(ValueError, match="at least one step"):
        model_scores("p", [], "r", judge)


def test_tokens_belong_to_the_step_they_begin_in() -> None:
    assert token_steps(["a", "b##", "#c", "d", ""], ["ab###", "cd"]).tolist() == [0, 0, 0, 1, 1]
    assert token_steps([], []).tolist() == []
    with pytest.raises(ValueError, match="same text"):
        token_steps(["a"], ["b"])


@pytest.fixture
def group_of(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Group]:
    def make(count: int, *, turns: int = 2, cut: int | None = None) -> Group:
        members = []
        for sample in range(count):
            finish = ("length" if sample == cut else "stop",) * turns
            episode = episode_of(reward=0.0, sample=sample, finish_reasons=finish)
            row = row_of(episode, group_id="red-task", policy_version=0)
            members.append(Scored(episode=episode, row=row))
        return Group(problem=problem_of("red"), members=tuple(members))

    return make


TABLE = {0: [0.25, 0.75], 1: [0.5, 0.5]}


def scores_of(scored: Scored) -> torch.Tensor:
    return torch.tensor(TABLE[scored.episode.sample])


def scored_all(algorithm: ExpRL, *groups: Group) -> list[Group]:
    context = ScoringContext(step=0, generator=torch.Generator(), tokenizer=None)
    found = algorithm.score_groups(groups, context)
    assert isinstance(found, list)
    return found


def scored(algorithm: ExpRL, group: Group) -> Group:
    return scored_all(algorithm, group)[0]


def test_the_tokens_of_a_turn_get_the_advantage_of_the_turn(group_of: Callable[..., Group]) -> None:
    group = scored(ExpRL(group_size=2, scores=scores_of), group_of(2))
    assert [row.advantages.tolist() for row in group.rows] == [[0, 0, -0.5, -0.5, 0, 0, 0.5, 0.5], [0.0] * 8]
    ends = scored(ExpRL(group_size=2, scores=scores_of, settings=ExpRLSettings(norm="group")), group_of(2))
    assert ends.rows[0].advantages.tolist() == [0, 0, -0.25, -0.25, 0, 0, 0.25, 0.25]


def test_steps_within_a_turn(group_of: Callable[..., Group]) -> None:
    algorithm = scored(
        ExpRL(group_size=1, scores=scores_of, step_ids=lambda scored: torch.tensor([0, 0, 0, 1])),
        group_of(1, turns=1),
    )
    assert algorithm.rows[0].advantages.tolist() == [0.0, 0.0, -0.5, 0.5]


def test_the_batch_norm_compares_all_groups(group_of: Callable[..., Group]) -> None:
    algorithm = ExpRL(group_size=2, scores=scores_of, settings=ExpRLSettings(norm="batch"))
    first, second = scored_all(algorithm, group_of(1), group_of(2))
    # Worked by hand: all rollouts have the mean 0.5.
    assert first.rows[0].advantages.tolist() == [0, 0, -0.25, -0.25, 0, 0, 0.25, 0.25]
    assert len(second.rows) == 2


def test_a_cut_reply_scores_zero_and_is_learned(group_of: Callable[..., Group]) -> None:
    group = scored(
        ExpRL(group_size=2, scores=scores_of, settings=ExpRLSettings(norm="group")), group_of(2, cut=0)
    )
    assert group.rows[0].advantages.tolist() == [0, 0, -0.25, -0.25, 0, 0, -0.25, -0.25]
    assert group.rows[0].weights["rl"].any()


def test_an_unreadable_rollout_is_left_out(group_of: Callable[..., Group]) -> None:
    algorithm = ExpRL(
        group_size=2,
        scores=lambda s: None if s.episode.sample else scores_of(s),
        settings=ExpRLSettings(norm="group"),
    )
    group = scored(algorithm, group_of(2))
    assert not group.rows[1].weights["rl"].any()
    assert group.rows[0].advantages[2].item() == -0.25
    assert not scored(ExpRL(group_size=2, scores=lambda _: None), group_of(2)).has_signal


def test_steps_that_do_not_fit_the_tokens_are_refused(group_of: Callable[..., Group]) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 2\)"):
        scored(ExpRL(group_size=1, scores=scores_of), group_of(1, turns=3))
    with pytest.raises(ValueError, match=r"must be \[8\]"):
        scored(ExpRL(group_size=1, scores=scores_of, step_ids=lambda _: torch.zeros(3)), group_of(1))
    with pytest.raises(ValueError, match="norm must be one of"):
        ExpRLSettings(norm="mean")  # type: ignore[arg-type]


def test_it_trains_on_executable_scores(policy: Any, settings: Any, stream_of: Any, judge_that: Any) -> None:
    judge = ExecutableJudge(reference="#fast\nprint(1)", judge=lambda source: float("print(1)" in source))

    def scores(scored: Scored) -> torch.Tensor | None:
        program = scored.episode.submission
        return None if not program else judge(program)[-1:]  # one turn, so one step

    chosen = settings(prompts=4, group=4, lr=1e-2, refill_rounds=0)
    algorithm = ExpRL(group_size=4, scores=scores, settings=ExpRLSettings(norm="group"))
    trainer = Trainer(chosen, policy, algorithm, VerdictCache(judge_that()), stream_of())
    lines = [trainer.take_step() for _ in range(10)]
    assert lines[-1]["reward_mean"] > lines[0]["reward_mean"]
