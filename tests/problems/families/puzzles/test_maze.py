from __future__ import annotations

import random
from collections import Counter

import pytest

from codefrontier.problems import Difficulty
from codefrontier.problems.families.puzzles import MazeFamily, check, make_instance
from codefrontier.problems.families.puzzles.validation import validate

FAMILIES = (MazeFamily(9), MazeFamily(13), MazeFamily(17))
SMALL = MazeFamily(5)
RING = "#####\n#S..#\n#.#.#\n#..G#\n#####\n"
LINE = "#####\n#S..#\n###.#\n#..G#\n#####\n"


def test_paths_are_counted() -> None:
    assert [SMALL.count_solutions(maze) for maze in (RING, LINE, LINE.replace("###.#", "#####"))] == [2, 1, 0]
    assert validate(RING) == "the maze has more than one shortest path"
    assert validate(LINE) == ""


def test_the_path_is_marked() -> None:
    assert SMALL.solve(LINE) == "#####\n#Soo#\n###o#\n#..G#\n#####\n"
    with pytest.raises(ValueError, match="no path"):
        SMALL.solve(LINE.replace("###.#", "#####"))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_two_searches_find_one_path(family: MazeFamily) -> None:
    for number in range(30):
        instance = make_instance(family, number)
        assert family.count_solutions(instance.puzzle) == 1
        assert validate(instance.puzzle) == ""
        assert check(instance.puzzle, instance.solution, "") == (True, "solved")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_grade_occurs(family: MazeFamily) -> None:
    assert set(Counter(make_instance(family, number).difficulty for number in range(45))) == set(Difficulty)


def test_a_symmetry_does_not_change_the_key() -> None:
    family, generator = FAMILIES[0], random.Random(3)
    for number in range(10):
        maze = make_instance(family, number).puzzle
        for _ in range(4):
            places, symbols = family.symmetry(generator)
            cells = "".join(maze.split())
            assert symbols == tuple(range(5))
            image = "".join(cells[place] for place in places)
            text = "".join(image[row : row + 9] + "\n" for row in range(0, 81, 9))
            assert family.key(text) == family.key(maze)
            assert family.count_solutions(text) == 1
    assert len({family.key(make_instance(family, number).puzzle) for number in range(60)}) == 60


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("#####\n#Soo#\n###.#\n#..G#\n#####\n", "not the length"),
        ("#####\n#Soo#\n###.#\n#.oG#\n#####\n", "no path from S to G"),
        ("#####\n#Soo#\n##.o#\n#..G#\n#####\n", "row 3, column 3 was changed"),
        ("#####\n#Soo#\n###o#\n#ooG#\n#####\n", "5 cells are marked"),
    ],
)
def test_the_checker_names_what_is_wrong(output: str, message: str) -> None:
    right, why = check(LINE, output, "")
    assert not right
    assert message in why
