"""Tens of thousands of small parametrised problems, with programs, bugs and a corpus, all from seeds."""

from .bugs import Bug, BuggyProgram, buggy
from .corpus import CorpusItem, corpus, corpus_items, write_corpus
from .pieces import program_tokens, program_vocabulary, prompt_vocabulary, vocabulary
from .problem import COST, make_problem
from .programs import Plan, write_program
from .spec import CELLS, COMBINATIONS, FAMILIES, Cell, Combination, Spec
from .splits import (
    Split,
    default_problems,
    draw,
    held_out_cells,
    right_share,
    shuffled_specs,
    split_of,
    split_size,
    stream,
)

__all__ = [
    "CELLS",
    "COMBINATIONS",
    "COST",
    "FAMILIES",
    "Bug",
    "BuggyProgram",
    "Cell",
    "Combination",
    "CorpusItem",
    "Plan",
    "Spec",
    "Split",
    "buggy",
    "corpus",
    "corpus_items",
    "default_problems",
    "draw",
    "held_out_cells",
    "make_problem",
    "program_tokens",
    "program_vocabulary",
    "prompt_vocabulary",
    "right_share",
    "shuffled_specs",
    "split_of",
    "split_size",
    "stream",
    "vocabulary",
    "write_corpus",
    "write_program",
]
