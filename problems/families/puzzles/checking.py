"""The checker of filled grids.

It runs in the process of `Grids-single`, and its source is the checker of the problems in the sandbox. So it
imports nothing of the package.
"""

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Height and width of the boxes of Sudoku, by size."""


def check(input: str, output: str, answer: str) -> tuple[bool, str]:
    """Return whether an output solves a puzzle, and a message.

    The output has one line for each row. Spaces between cells and empty lines at the ends are allowed. The
    rules alone decide: the answer is not read.

    Args:
        input: The puzzle.
        output: What is checked.
        answer: Ignored.
    """
    puzzle, filled = _rows(input), _rows(output)
    if [len(row) for row in filled] != [len(row) for row in puzzle]:
        return False, f"the grid must have {len(puzzle)} rows of {len(puzzle[0])} cells"
    return _check_maze(puzzle, filled) if "S" in input else _check_sudoku(puzzle, filled)


def _rows(text: str) -> list[str]:
    lines = ["".join(line.split()) for line in text.strip().splitlines()]
    return lines or [""]


def _check_sudoku(puzzle: list[str], filled: list[str]) -> tuple[bool, str]:
    size = len(puzzle)
    digits = set("123456789"[:size])
    height, width = BOXES[size]
    units: dict[tuple[str, int], set[str]] = {}
    for row in range(size):
        for column in range(size):
            given, digit = puzzle[row][column], filled[row][column]
            if given not in (".", digit):
                return False, f"the digit in row {row + 1}, column {column + 1} was changed"
            box = row // height * height + column // width
            for unit in (("row", row), ("column", column), ("box", box)):
                units.setdefault(unit, set()).add(digit)
    for (kind, number), found in units.items():
        if found != digits:
            return False, f"{kind} {number + 1} does not hold each digit once"
    return True, "solved"


def _check_maze(puzzle: list[str], filled: list[str]) -> tuple[bool, str]:
    marked = set()
    for row in range(len(puzzle)):
        for column in range(len(puzzle[row])):
            before, after = puzzle[row][column], filled[row][column]
            if before == "." and after == "o":
                marked.add((row, column))
            elif before != after:
                return False, f"the cell in row {row + 1}, column {column + 1} was changed"
    shortest = _steps(puzzle, None)
    if shortest is None or len(marked) != shortest - 1:
        return False, f"{len(marked)} cells are marked, which is not the length of a shortest path"
    if _steps(puzzle, marked) != shortest:
        return False, "the marked cells are no path from S to G"
    return True, "solved"


def _steps(maze: list[str], allowed: set[tuple[int, int]] | None) -> int | None:
    """Return the number of steps from S to G over free or allowed cells; None without a path."""
    where = {
        symbol: (row, column)
        for row, line in enumerate(maze)
        for column, symbol in enumerate(line)
        if symbol in "SG"
    }
    wave, seen, steps = [where["S"]], {where["S"]}, 0
    while wave:
        if where["G"] in wave:
            return steps
        further = []
        for row, column in wave:
            for cell in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                inside = 0 <= cell[0] < len(maze) and 0 <= cell[1] < len(maze[0])
                if not inside or cell in seen or maze[cell[0]][cell[1]] == "#":
                    continue
                if allowed is None or cell in allowed or cell == where["G"]:
                    seen.add(cell)
                    further.append(cell)
        wave, steps = further, steps + 1
    return None
