"""Puzzles on grids: Sudoku of three sizes, and mazes with one shortest path.

Each instance has exactly one solution, which an exact search proves when the instance is made. The problem
set `grids` holds instances, which are answered with a filled grid; the set `grid-programs` asks for programs,
and its tests are the same instances.
"""

from .checking import check
from .instance import GRID_FAMILIES, GridFamily, GridInstance, grid_family, make_instance, stream
from .maze import MazeFamily
from .problem import GridDraw, find_grid_problem, grid_problems, instance_problem, judge_text, program_problem
from .sudoku import SudokuFamily

__all__ = [
    "GRID_FAMILIES",
    "GridDraw",
    "GridFamily",
    "GridInstance",
    "MazeFamily",
    "SudokuFamily",
    "check",
    "find_grid_problem",
    "grid_family",
    "grid_problems",
    "instance_problem",
    "judge_text",
    "make_instance",
    "program_problem",
    "stream",
]
