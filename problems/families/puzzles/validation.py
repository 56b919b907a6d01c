"""The input validator of the puzzles: form, rules, and exactly one solution.

It runs in the sandbox, so it imports nothing of the package. It proves uniqueness by another method than the
generator: an exact cover search for Sudoku, and counts of paths from the goal for mazes.
"""

import sys

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Height and width of the boxes of Sudoku, by size."""
VALID, INVALID = 42, 43
Choice = tuple[int, int, int]
"""Row, column and digit, each from 0."""
Constraint = tuple[str, int, int]
"""What exactly one choice must meet: a kind and two numbers."""


def validate(text: str) -> str:
    """Return what is wrong with an input; an empty text if nothing is."""
    if not text.endswith("\n") or "\r" in text:
        return "each line must end with a newline"
    rows = text[:-1].split("\n")
    if any(len(row) != len(rows) for row in rows):
        return f"the grid must be square, got rows of {[len(row) for row in rows]} cells"
    return validate_maze(rows) if "S" in text else validate_sudoku(rows)


def validate_sudoku(rows: list[str]) -> str:
    """Return what is wrong with a Sudoku."""
    size = len(rows)
    if size not in BOXES:
        return f"a Sudoku must have {sorted(BOXES)} rows, got {size}"
    if set("".join(rows)) - set("123456789"[:size] + "."):
        return "the cells must be digits or '.'"
    count = count_covers(rows)
    return "" if count == 1 else f"the Sudoku has {'no' if count == 0 else 'more than one'} solution"


def count_covers(rows: list[str]) -> int:
    """Return the number of solutions, at most 2.

    References:
        Knuth's Algorithm X (arXiv cs/0011047), with sets instead of dancing links.
    """
    size = len(rows)
    height, width = BOXES[size]
    needs: dict[Choice, list[Constraint]] = {}
    for row in range(size):
        for column in range(size):
            box = row // height * height + column // width
            given = rows[row][column]
            for digit in range(size) if given == "." else [int(given) - 1]:
                needs[row, column, digit] = [
                    ("cell", row, column),
                    ("row", row, digit),
                    ("column", column, digit),
                    ("box", box, digit),
                ]
    kinds = ("cell", "row", "column", "box")
    choices: dict[Constraint, set[Choice]] = {
        (kind, a, b): set() for kind in kinds for a in range(size) for b in range(size)
    }
    for choice, constraints in needs.items():
        for constraint in constraints:
            choices[constraint].add(choice)
    return _covers(choices, needs, 2)


def _covers(choices: dict[Constraint, set[Choice]], needs: dict[Choice, list[Constraint]], most: int) -> int:
    if not choices:
        return 1
    constraint = min(choices, key=lambda each: len(choices[each]))
    count = 0
    for choice in choices[constraint]:
        met = set(needs[choice])
        clashes = {other for need in met for other in choices[need]}
        rest = {each: options - clashes for each, options in choices.items() if each not in met}
        count += _covers(rest, needs, most - count)
        if count >= most:
            break
    return count


def validate_maze(rows: list[str]) -> str:
    """Return what is wrong with a maze."""
    text = "".join(rows)
    if len(rows) % 2 == 0 or set(text) - set("#.SG") or text.count("S") != 1 or text.count("G") != 1:
        return "a maze must have an odd size, walls '#', free cells '.', one S and one G"
    if set(rows[0] + rows[-1] + "".join(row[0] + row[-1] for row in rows)) != {"#"}:
        return "the border of a maze must be walls"
    count = count_paths(rows)
    return "" if count == 1 else f"the maze has {'no' if count == 0 else 'more than one'} shortest path"


def count_paths(rows: list[str]) -> int:
    """Return the exact number of shortest paths, wave by wave from the goal."""
    size = len(rows)
    start, goal = (divmod("".join(rows).index(symbol), size) for symbol in "SG")
    wave, seen = {goal: 1}, set()
    while wave and start not in wave:
        seen |= set(wave)
        further: dict[tuple[int, int], int] = {}
        for (row, column), count in wave.items():
            for cell in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if rows[cell[0]][cell[1]] != "#" and cell not in seen:
                    further[cell] = further.get(cell, 0) + count
        wave = further
    return wave.get(start, 0)


if __name__ == "__main__":
    complaint = validate(sys.stdin.read())
    print(complaint or "ok")
    sys.exit(INVALID if complaint else VALID)
