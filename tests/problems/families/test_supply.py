from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from codefrontier.problems import (
    Difficulty,
    ProblemNotFoundError,
    find_problem,
    load_problems,
    select_problems,
)
from codefrontier.problems.families import (
    BROAD_FAMILIES,
    FAMILIES,
    FAMILY_NAMES,
    MICRO_NAMES,
    Draw,
    Spec,
    SupplyPart,
    draw_supply,
    find_family_problem,
    named_problems,
    shuffled_supply,
    supply_problem,
    supply_specs,
)


def family_of(problem_id: str) -> str:
    return max((name for name in FAMILY_NAMES if problem_id.startswith(f"{name}-")), key=len)


def test_there_are_more_than_thirty_families_with_hundreds_of_thousands_of_problems() -> None:
    assert len(FAMILY_NAMES) == len(set(FAMILY_NAMES)) == len(FAMILIES) + len(BROAD_FAMILIES) >= 34
    assert sum(len(supply_specs(name, part)) for name in FAMILY_NAMES for part in SupplyPart) > 300_000


def test_every_family_has_problems_to_train_and_to_validate_on() -> None:
    sizes = {part: [len(supply_specs(name, part)) for name in FAMILY_NAMES] for part in SupplyPart}
    assert min(sizes[SupplyPart.TRAIN]) >= 900
    assert min(sizes[SupplyPart.VALIDATION]) >= 15
    assert sum(size > 0 for size in sizes[SupplyPart.TEST]) == len(FAMILY_NAMES) - 3


def test_parts_share_no_problem() -> None:
    for name in FAMILY_NAMES[::5]:
        ids = [
            [specs[place].id for place in range(len(specs))]
            for specs in (supply_specs(name, part) for part in SupplyPart)
        ]
        assert len({each for part in ids for each in part}) == sum(map(len, ids))


def test_any_prefix_is_balanced_over_families_and_without_repetition() -> None:
    ids = [spec.id for spec in islice(shuffled_supply("train", 3), 10 * len(FAMILY_NAMES))]
    assert len(set(ids)) == len(ids)
    assert Counter(map(family_of, ids)) == dict.fromkeys(FAMILY_NAMES, 10)


def test_a_part_is_run_through_once() -> None:
    families = ("equal-span", "records")
    ids = [spec.id for spec in shuffled_supply("validation", 1, families=families)]
    assert (
        len(ids) == len(set(ids)) == sum(len(supply_specs(name, SupplyPart.VALIDATION)) for name in families)
    )


def test_seeds_in_a_row_give_different_problems_and_the_same_again() -> None:
    for family in ("window-sums", "tree-depths"):
        problems = [supply_problem(family, seed=seed, difficulty=Difficulty.EASY) for seed in range(30)]
        again = [supply_problem(family, seed=seed, difficulty=Difficulty.EASY) for seed in range(30)]
        assert len({problem.id for problem in problems}) == 30
        assert [problem.id for problem in again] == [problem.id for problem in problems]
        assert {problem.difficulty for problem in problems} == {Difficulty.EASY}


def test_a_draw_of_a_difficulty_has_that_difficulty() -> None:
    for difficulty in Difficulty:
        problems = draw_supply(Draw(count=20), difficulty=difficulty)
        assert {problem.difficulty for problem in problems} == {difficulty}


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("families", Draw(part=SupplyPart.TEST)),
        ("families:train", Draw(part=SupplyPart.TRAIN)),
        ("MicroFamilies", Draw(part=SupplyPart.TEST, families=MICRO_NAMES)),
        ("microfamilies:train:3", Draw(part=SupplyPart.TRAIN, count=3, families=MICRO_NAMES)),
        ("Families:validation:20", Draw(part=SupplyPart.VALIDATION, count=20, seed=0)),
        ("families:test:5:77", Draw(part=SupplyPart.TEST, count=5, seed=77)),
    ],
)
def test_a_name_says_what_to_draw(name: str, draw: Draw) -> None:
    assert Draw.parse(name) == draw


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("families:heldout", "part must be one of train, validation, test, got 'heldout'"),
        ("families:train:0", "count must be at least 1, got 0"),
        ("families:train:-1", r"problems of the families are named 'families:PART:COUNT:SEED'"),
        ("families:train:1:2:3", r"or shorter, got 'families:train:1:2:3'"),
        ("families:test:999999999", "fewer than 999999999"),
    ],
)
def test_a_bad_name_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_problems(name)


def test_the_set_families_is_six_hundred_problems_of_the_test_part() -> None:
    problems = load_problems("families")
    assert len(problems) == 600
    assert [problem.id for problem in problems] == [
        problem.id for problem in named_problems("families:test:600:0")
    ]
    assert len(Counter(family_of(problem.id) for problem in problems)) == len(FAMILY_NAMES) - 3
    assert {problem.difficulty for problem in problems} == set(Difficulty)
    hard = load_problems("families", difficulty="hard")
    assert 0 < len(hard) < 600


def test_the_set_microfamilies_is_the_test_part_of_the_micro_families() -> None:
    problems = load_problems("MicroFamilies")
    assert len(problems) == sum(len(supply_specs(name, SupplyPart.TEST)) for name in MICRO_NAMES) < 600
    assert {family_of(problem.id) for problem in problems} < set(MICRO_NAMES)
    assert {problem.metadata["prompt"] for problem in load_problems("microfamilies:train:5")}
    assert len(load_problems("microfamilies:train")) == 600
    assert find_problem(f"microfamilies/{problems[0].id}").digest() == problems[0].digest()
    with pytest.raises(ValueError, match="has 590 such problems, fewer than 600"):
        load_problems("microfamilies:test:600")


def test_a_draw_is_a_problem_set() -> None:
    problems = load_problems("families:validation:12:3")
    assert [problem.id for problem in problems] == [
        problem.id for problem in draw_supply(Draw(part=SupplyPart.VALIDATION, count=12, seed=3))
    ]
    with pytest.raises(ValueError, match="require='proved' applies to problems in folders"):
        select_problems("families:test:3", require="proved")
    with pytest.raises(ValueError, match="window applies to"):
        load_problems("families:test:3", window=("2024-01-01", "2024-02-01"))


def test_a_problem_of_any_family_is_found_by_id() -> None:
    for spec in islice(shuffled_supply("test", 4), 50):
        assert find_family_problem(spec.id).id == spec.id
    assert find_problem("families/grid-regions-torus-largest-moved-plain").difficulty is Difficulty.MEDIUM
    with pytest.raises(ProblemNotFoundError, match="no problem 'grid-regions-torus' in the broad families"):
        find_problem("families/grid-regions-torus")


def test_a_folder_of_this_name_is_no_draw(tmp_path: Path) -> None:
    with pytest.raises(ProblemNotFoundError):
        load_problems(tmp_path / "families:train")


@pytest.mark.parametrize("family", ["", "pair-sum"])
def test_an_unknown_family_is_refused(family: str) -> None:
    for attempt in (
        lambda: supply_problem(family, seed=0),
        lambda: shuffled_supply("test", 0, families=(family,)),
    ):
        with pytest.raises(ValueError, match=f"no family '{family}'; there are pair-sums, "):
            attempt()


def test_a_difficulty_that_a_family_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="'palindromes' has no problem of difficulty easy in part 'train'"):
        supply_problem("palindromes", seed=0, difficulty=Difficulty.EASY)


def test_problems_of_the_micro_families_are_those_of_the_lab() -> None:
    spec = supply_specs("records", SupplyPart.TEST)[0]
    assert isinstance(spec, Spec)
    assert Spec.parse(spec.id) == spec
