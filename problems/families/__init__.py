"""Hundreds of thousands of small parametrised problems, each with a fast, a slow and a wrong program.

All problems are generated from seeds. The micro families are sixteen questions about arrays, with prompts,
bugs, a vocabulary and a corpus on which tiny models are trained; `FAMILIES`, `Spec`, `Split`, `draw` and
`stream` cover only these. The supply (`supply_problem`, `draw_supply`) covers the micro and the broad
families.
"""

from .broad import BROAD_FAMILIES, BroadSpec, SupplyPart
from .bugs import Bug, BuggyProgram, buggy
from .corpus import CorpusItem, corpus, corpus_items, write_corpus
from .micro.pieces import program_tokens, program_vocabulary, prompt_vocabulary, vocabulary
from .micro.problem import COST, make_problem
from .micro.programs import ProgramPlan, write_program
from .micro.spec import CELLS, COMBINATIONS, FAMILIES, Cell, Combination, Spec
from .micro.splits import (
    Split,
    draw,
    held_out_cells,
    right_share,
    shuffled_specs,
    split_of,
    split_size,
    stream,
)
from .supply import (
    FAMILY_NAMES,
    MICRO_NAMES,
    SET_FAMILIES,
    Draw,
    draw_supply,
    find_family_problem,
    named_problems,
    problem_of,
    shuffled_supply,
    supply_problem,
    supply_specs,
)

__all__ = [
    "BROAD_FAMILIES",
    "CELLS",
    "COMBINATIONS",
    "COST",
    "FAMILIES",
    "FAMILY_NAMES",
    "MICRO_NAMES",
    "SET_FAMILIES",
    "BroadSpec",
    "Bug",
    "BuggyProgram",
    "Cell",
    "Combination",
    "CorpusItem",
    "Draw",
    "ProgramPlan",
    "Spec",
    "Split",
    "SupplyPart",
    "buggy",
    "corpus",
    "corpus_items",
    "draw",
    "draw_supply",
    "find_family_problem",
    "held_out_cells",
    "make_problem",
    "named_problems",
    "problem_of",
    "program_tokens",
    "program_vocabulary",
    "prompt_vocabulary",
    "right_share",
    "shuffled_specs",
    "shuffled_supply",
    "split_of",
    "split_size",
    "stream",
    "supply_problem",
    "supply_specs",
    "vocabulary",
    "write_corpus",
    "write_program",
]
