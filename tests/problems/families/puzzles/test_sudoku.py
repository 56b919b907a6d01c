from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest

from codefrontier.problems import Difficulty
from codefrontier.problems.families.puzzles import SudokuFamily, check, make_instance
from codefrontier.problems.families.puzzles.validation import validate

FAMILIES = (SudokuFamily(4, 2, 2), SudokuFamily(6, 2, 3), SudokuFamily(9, 3, 3))
FOUR = FAMILIES[0]


def image(family: SudokuFamily, puzzle: str, generator: random.Random) -> str:
    places, digits = family.symmetry(generator)
    cells = family.read(puzzle)
    return family.write([digits[cells[place]] for place in places])


def test_there_are_288_grids_of_size_4() -> None:
    assert len(FOUR.solutions([0] * 16, most=1000)) == 288


@pytest.mark.parametrize(("puzzle", "count"), [("1..." * 4, 0), ("12..34..........", 2)])
def test_other_numbers_of_solutions_are_found(puzzle: str, count: int) -> None:
    text = "".join(puzzle[row : row + 4] + "\n" for row in range(0, 16, 4))
    assert FOUR.count_solutions(text) == count
    assert validate(text).endswith("solution")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_two_searches_find_one_solution(family: SudokuFamily) -> None:
    for number in range(8):
        instance = make_instance(family, number)
        assert family.count_solutions(instance.puzzle) == 1
        assert validate(instance.puzzle) == ""
        assert check(instance.puzzle, instance.solution, "") == (True, "solved")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_symmetry_changes_neither_key_nor_count(family: SudokuFamily) -> None:
    generator = random.Random(1)
    for number in range(4):
        puzzle = make_instance(family, number).puzzle
        for _ in range(8):
            other = image(family, puzzle, generator)
            assert family.key(other) == family.key(puzzle)
            assert family.count_solutions(other) == 1


def test_the_key_separates_the_classes_of_size_4() -> None:
    def canonical(puzzle: str) -> tuple[int, ...]:
        cells = FOUR.read(puzzle)
        images = []
        orders = [
            (a, b, c, d) for a, b, c, d in product(range(4), repeat=4) if sorted((a, b, c, d)) == [0, 1, 2, 3]
        ]
        orders = [order for order in orders if order[0] // 2 == order[1] // 2]
        for rows, columns, turned in product(orders, orders, (False, True)):
            places = [(row, column) for row in rows for column in columns]
            found = [cells[column * 4 + row] if turned else cells[row * 4 + column] for row, column in places]
            names: dict[int, int] = {0: 0}
            images.append(tuple(names.setdefault(digit, len(names)) for digit in found))
        assert len(images) == 128
        return min(images)

    puzzles = [make_instance(FOUR, number).puzzle for number in range(120)]
    keys, classes = [FOUR.key(puzzle) for puzzle in puzzles], [canonical(puzzle) for puzzle in puzzles]
    assert len(set(zip(keys, classes, strict=True))) == len(set(classes))
    assert len(set(keys)) >= 0.97 * len(set(classes))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_grade_occurs(family: SudokuFamily) -> None:
    grades = Counter(make_instance(family, number).difficulty for number in range(36))
    assert set(grades) == set(Difficulty)


def test_grades_of_size_9_follow_from_deductions() -> None:
    family = FAMILIES[2]
    for number in range(9):
        instance = make_instance(family, number)
        cells = family.read(instance.puzzle)
        naked, both = (0 not in family.deduce(cells, hidden=hidden) for hidden in (False, True))
        expected = Difficulty.EASY if naked else Difficulty.MEDIUM if both else Difficulty.HARD
        assert instance.difficulty is expected
        if both:
            assert family.write(family.deduce(cells, hidden=True)) == instance.solution


def test_the_checker_names_what_is_wrong() -> None:
    instance = make_instance(FOUR, 0)
    given = next(place for place, cell in enumerate(instance.puzzle) if cell.isdigit())
    other = "1" if instance.puzzle[given] != "1" else "2"
    changed = instance.solution[:given] + other + instance.solution[given + 1 :]
    spaced = "\n\n" + "\n".join(" ".join(row) for row in instance.solution.split()) + "\n\n"
    assert check(instance.puzzle, spaced, "")[0]
    for output, message in [
        (changed, "was changed"),
        (instance.puzzle, "each digit once"),
        (instance.solution.rstrip()[:-1], "4 rows of 4 cells"),
        ("", "4 rows of 4 cells"),
        (instance.solution + "1234\n", "4 rows of 4 cells"),
    ]:
        right, why = check(instance.puzzle, output, "")
        assert not right
        assert message in why
