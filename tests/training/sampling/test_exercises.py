from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.envs import Mode
from codefrontier.problems import Difficulty, Problem, Testset, store_problem
from codefrontier.problems.families import Spec, Split, split_of
from codefrontier.training.curricula.curriculum import Curriculum
from codefrontier.training.curricula.registry import make_curriculum
from codefrontier.training.errors import TrainingError
from codefrontier.training.sampling.environments import TrainingEnvironment, parse_environments
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings, TrainEnvOptions

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.sampling.exercises import ExerciseSource, allot


def make(*envs: str, curriculum: str = "none", **changes: Any) -> ExerciseSource:
    options = changes.pop("options", ())
    settings = RLSettings(
        init=Path("."),
        out=Path("out"),
        env=envs,
        curriculum=curriculum,
        curriculum_options=options,
        **changes,
    )
    return ExerciseSource.of(settings)


def test_places_are_divided_by_weights_exactly_on_average() -> None:
    assert allot([1.0], 5, 0.9) == [5]
    assert allot([2.0, 1.0], 3, 0.3) == [2, 1]
    assert allot([1.0, 1.0], 0, 0.5) == [0, 0]
    weights, count = [0.8, 0.15, 0.05], 7
    uniforms = [(number + 0.5) / 2000 for number in range(2000)]
    found = [allot(weights, count, uniform) for uniform in uniforms]
    assert {sum(each) for each in found} == {count}
    for place, weight in enumerate(weights):
        exact = weight * count
        assert all(abs(each[place] - exact) < 1 for each in found)
        assert sum(each[place] for each in found) / len(found) == pytest.approx(exact, abs=1e-2)


def test_an_environment_is_read_with_its_weight_and_options() -> None:
    shared = TrainEnvOptions(feedback="verdict", data=Path("rows.jsonl"))
    read = TrainingEnvironment.parse(
        "Classics-tool:2.5,max_turns=3,coverage=0.5,hints=true", place=1, coverage=1.0, shared=shared
    )
    assert (read.env_id, read.weight, read.coverage, read.place) == ("Classics-tool", 2.5, 0.5, 1)
    # `data` is for sets in rows, so it is not passed on to Classics.
    assert read.options == {"feedback": "verdict", "max_turns": 3, "hints": True}
    assert (read.mode, read.name) == (Mode.TOOL, "Classics-tool#1")
    rows = TrainingEnvironment.parse("LCBMedium-tool", place=0, coverage=0.25, shared=shared)
    assert rows.options["data"] == Path("rows.jsonl")
    assert rows.selection == {"data": "rows.jsonl"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Famlies-single", r"env must be one of .*Families-single.*, got 'Famlies-single'"),
        ("Families-single:0", r"weight in env 'Families-single:0' must be a positive number, got '0'"),
        ("Families-single:much", r"must be a positive number, got 'much'"),
        ("Families-tool,turns=3", r"env 'Families-tool' has no field 'turns'; its fields: .*max_turns"),
        ("Families-tool,max_turns", r"an option of env 'Families-tool' must be FIELD=VALUE"),
        (
            "Families-tool,max_turns=few",
            r"Families-tool,max_turns must be of type int or NoneType, got 'few'",
        ),
        ("Families-tool,coverage=2", r"coverage must be a number in \(0, 1\]"),
        ("Families-single,max_turns=3", r"has as many turns as submissions, 1, so max_turns cannot be 3"),
        ("Families-tool,answers=2", r"answers must be 1 in Families-tool, got 2"),
        ("Families-single,answers=2,max_submissions=2", r"answers above 1 needs max_submissions=1"),
        ("Families-single,feedback=all", r"feedback must be one of 'none'"),
    ],
)
def test_a_bad_environment_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainingEnvironment.parse(text, place=0, coverage=1.0, shared=TrainEnvOptions())


def test_several_answers_are_an_option_of_the_environments_in_mode_single() -> None:
    source = make("Families-single:1,answers=3")
    [exercise] = source.take(1, step=0)
    env = exercise.environment.make(None, [exercise.problem], coverage=1.0)
    assert env.settings.answers == 3
    assert source.needs_all_runs
    assert exercise.environment.make(None, [exercise.problem], coverage=1.0, answers=5).settings.answers == 3
    mixed = make("Families-single", "Families-tool", env_options=TrainEnvOptions(answers=2))
    assert [each.options for each in mixed.environments] == [{"answers": 2}, {}]
    with pytest.raises(ValueError, match=r"answers 2 applies to no environment in Families-tool"):
        make("Families-tool", env_options=TrainEnvOptions(answers=2))


def test_a_layout_is_an_option_of_the_tasks_that_have_one() -> None:
    names = ("Deduction-single", "Deduction-tool", "Verification-single", "Families-single")
    mixed = make(*names, env_options=TrainEnvOptions(layout="plain"))
    assert [each.options for each in mixed.environments] == [{"layout": "plain"}, {}, {"layout": "plain"}, {}]
    with pytest.raises(ValueError, match=r"layout plain applies to no environment in Deduction-agentic"):
        make("Deduction-agentic", env_options=TrainEnvOptions(layout="plain"))


def test_an_option_that_no_environment_takes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"data rows applies to no environment in Families-single"):
        make("Families-single", env_options=TrainEnvOptions(data=Path("rows")))


def test_without_a_curriculum_one_environment_takes_its_stream_in_order() -> None:
    environment = TrainingEnvironment(env_id="Families-single")
    expected = [problem.id for problem in environment.stream(split="train", seed=3).take(6)]
    source = make("Families-single", seed=3)
    taken = [*source.take(4, step=0), *source.take(2, step=1)]
    assert [each.problem.id for each in taken] == expected
    assert {each.coverage for each in taken} == {1.0}
    assert all(split_of(Spec.parse(each.problem.id)) is Split.TRAIN for each in taken)
    assert source.state_dict() == {"taken": {"0": 6}, "curriculum": {}}


def test_a_mixture_follows_the_weights_and_no_problem_comes_twice_in_a_step() -> None:
    source = make("Families-single:3", "Families-tool:1", "Classics-tool:1,coverage=0.5")
    counts: Counter[str] = Counter()
    for step in range(10):
        taken = source.take(7, step=step)
        assert len({each.problem.id for each in taken}) == 7
        assert {each.coverage for each in taken if each.environment.place == 2} <= {0.5}
        counts.update(each.environment.name for each in taken)
    assert sum(counts.values()) == 70
    assert abs(counts["Families-single#0"] - 42) <= 5
    assert {"Families-tool#1", "Classics-tool#2"} < set(counts)


@pytest.mark.parametrize(
    ("curriculum", "options"),
    [
        ("none", ()),
        ("soft", ("length=6",)),
        ("hard", ("length=6", "over=coverage", "low=0.4")),
        ("pass_rate", ("by=cell", "high=0.5")),
        ("stepping_stones", ("episodes=2", "rise=0.4", "chain=family")),
    ],
)
def test_a_source_goes_on_from_its_state(
    curriculum: str, options: tuple[str, ...], episode_of: Callable[..., Any]
) -> None:
    envs = ("Families-single:2", "Families-tool")

    def steps(source: ExerciseSource, first: int, last: int) -> list[tuple[str, str, float]]:
        found = []
        for step in range(first, last):
            taken = source.take(5, step=step)
            source.curriculum.observe(
                [
                    result_of(each.problem, each.environment.name, random.Random(f"{step}{each.problem.id}"))
                    for each in taken
                ]
            )
            found += [(each.problem.id, each.environment.name, each.coverage) for each in taken]
        return found

    whole = make(*envs, curriculum=curriculum, options=options, split="supply")
    expected = steps(whole, 0, 6)
    first = make(*envs, curriculum=curriculum, options=options, split="supply")
    begun = steps(first, 0, 3)
    second = make(*envs, curriculum=curriculum, options=options, split="supply")
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert begun + steps(second, 3, 6) == expected
    assert second.state_dict() == whole.state_dict()


def result_of(problem: Problem, environment: str, generator: random.Random) -> Any:
    from codefrontier.training.curricula.curriculum import Result

    return Result(
        problem=problem, environment=environment, solved=(generator.random() < 0.6, generator.random() < 0.6)
    )


def test_a_schedule_over_the_difficulty_takes_levels_by_their_shares() -> None:
    source = make("Families-single", curriculum="classic", options=("length=40",))
    easy = source.take(8, step=0)
    assert {each.problem.difficulty for each in easy} == {Difficulty.EASY}
    mixed = Counter(each.problem.difficulty for each in source.take(8, step=12))
    assert mixed == {Difficulty.EASY: 6, Difficulty.MEDIUM: 2}
    assert {each.problem.difficulty for each in source.take(4, step=99)} == {Difficulty.HARD}


def test_a_schedule_over_the_coverage_gives_each_problem_a_coverage() -> None:
    options = ("length=40", "over=coverage", "low=0.4", "middle=0.6")
    source = make("Families-single", curriculum="soft", options=options)
    counts = Counter(each.coverage for each in source.take(20, step=0))
    assert counts == {0.4: 16, 0.6: 3, 1.0: 1}


def test_a_level_that_a_set_does_not_have_is_refused_at_once() -> None:
    with pytest.raises(
        TrainingError, match=r"'soft' needs problems of difficulty medium and hard, but Classics"
    ):
        make("ClassicsEasy-single", curriculum="soft", options=("length=5",))


def test_held_out_problems_are_never_taken() -> None:
    every = [problem.id for problem in TrainingEnvironment(env_id="ClassicsEasy-single").problems]
    source = make("ClassicsEasy-single", held_out=tuple(every[2:]))
    for step in range(3):
        assert {each.problem.id for each in source.take(2, step=step)} == set(every[:2])
    with pytest.raises(TrainingError, match="different problems"):
        source.take(3, step=3)
    families = make("Families-single")
    [first] = families.take(1, step=0)
    [other] = make("Families-single", held_out=(first.problem.id,)).take(1, step=0)
    assert other.problem.id != first.problem.id


def test_a_held_out_id_that_no_set_has_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"held-out problems pair-sum; they have, for example"):
        make("Classics-single", held_out=("pair-sum",))


def test_a_coverage_that_selects_one_test_of_every_problem_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"coverage 0.02 selects 1 of 3. tests .* a single test"):
        make("Classics-single", coverage=0.02).take(1, step=0)


def test_a_stream_of_problems_goes_with_one_environment(
    stream_of: Callable[..., ProblemStream],
) -> None:
    environments = parse_environments(
        RLSettings(init=Path("."), out=Path("out"), env=("Families-single", "Families-tool"))
    )
    with pytest.raises(TrainingError, match="a single environment"):
        ExerciseSource(environments, curriculum=Curriculum(), problems=stream_of())
    with pytest.raises(TrainingError, match="'stepping_stones' needs problems with a difficulty"):
        ExerciseSource(environments[:1], curriculum=make_curriculum("stepping_stones"), problems=stream_of())


def test_all_runs_are_needed_where_their_number_is_shown_or_rewarded() -> None:
    assert not make("Families-single", "Families-tool").needs_all_runs
    assert make("Families-single", "Families-tool,reward=fraction").needs_all_runs
    assert make("Families-tool,max_submissions=3,feedback=counts").needs_all_runs
    assert not make("Families-tool,max_submissions=3").needs_all_runs


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Write rows of LiveCodeBench: two problems of three hidden tests and one of a single test."""

    def cases(count: int) -> str:
        return json.dumps(
            [
                {"input": f"{number} 2\n", "output": f"{number + 2}\n", "testtype": "stdin"}
                for number in range(count)
            ]
        )

    path = tmp_path / "rows.jsonl"
    lines = [
        {
            "question_title": "Sum",
            "question_content": "Print the sum.",
            "platform": "atcoder",
            "question_id": name,
            "contest_id": "abc1",
            "contest_date": "2025-01-04T00:00:00",
            "starter_code": "",
            "difficulty": "medium",
            "public_test_cases": "[]",
            "private_test_cases": cases(tests),
            "metadata": "{}",
        }
        for name, tests in (("abc1_a", 3), ("abc1_b", 1), ("abc1_c", 3))
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_set_in_rows_is_taken_without_problems_of_one_test(rows: Path) -> None:
    options = TrainEnvOptions(data=rows, window=("2025-01-01", "2025-01-31"))
    source = make("LCBMedium-tool", env_options=options)
    taken = source.take(2, step=0)
    assert {each.problem.id for each in taken} == {"abc1_a", "abc1_c"}
    environment = taken[0].environment
    assert environment.selection == {"data": str(rows), "window": ["2025-01-01", "2025-01-31"]}
    env = environment.make(UnusedJudge(), [each.problem for each in taken], coverage=0.75)
    assert (env.spec and env.spec.id, env.settings.coverage) == ("LCBMedium-tool", 0.75)
    observation, _ = env.reset(options={"problem": "abc1_c"})
    assert "Print the sum." in observation


class UnusedJudge:
    """A judge that is never asked."""

    def judge(self, problem: Problem, submission: Any, **how: Any) -> Any:
        raise AssertionError

    def execute(self, submission: Any, stdin: bytes, *, limits: Any) -> Any:
        raise AssertionError


def measured(folder: Path) -> list[str]:
    """Store problems with the pass rates of three bins and of none; return their ids."""
    rates = {"easy": 0.9, "medium": 0.4, "hard": 0.15, "": 0.02}
    for number, (name, rate) in enumerate([*rates.items()] * 2):
        problem = Problem(
            id=f"p{number}-{name or 'none'}",
            title="t",
            statement=f"Number {number}.",
            tests=Testset.inline([(b"1\n", b"1\n"), (b"2\n", b"%d\n" % number)]),
            metadata={"pass_rate": str(rate), "bin": name},
        )
        store_problem(problem, folder)
    return sorted(path.name for path in folder.iterdir())


def test_a_schedule_takes_the_levels_of_a_synthesized_set_beside_another_environment(tmp_path: Path) -> None:
    measured(tmp_path)
    folder = f"Folder-single:1,data={tmp_path}"
    options = ("length=4", "levels=bins")
    source = make(folder, curriculum="classic", options=options)
    names = [[each.problem.id[3:] for each in source.take(2, step=step)] for step in (0, 2, 3)]
    assert names == [["easy"] * 2, ["medium"] * 2, ["hard"] * 2]
    tool = folder.replace("single", "tool")
    mixed = make(folder, tool, curriculum="classic", options=options).take(2, step=0)
    assert [each.environment.env_id for each in mixed] == ["Folder-single", "Folder-tool"]


def test_the_families_have_no_measured_levels(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="by pass rate, and the problems of Families-single have none"):
        make("Families-single", curriculum="soft", options=("length=4", "levels=thirds"))
