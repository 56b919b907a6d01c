"""Synthesized problems: the parts that need neither a judge nor a model.

What a teacher writes (`proposal`), how it is recognised as a duplicate (`duplicates`), where a pass rate
leads (`bins`), seeds (`seeds`), the mutation of family specs (`mutation`), and the problem that comes out of
it (`assembly`). The loop with judge, teacher and student is in `agents/synthesis`.
"""

from .assembly import Attempt, Lineage, assemble
from .bins import (
    BROAD_BINS,
    CHAIN_BANDS,
    KEPT,
    MEDIUM,
    Band,
    Direction,
    bin_of,
    direction_after,
    thirds,
)
from .duplicates import DuplicateIndex, TextIndex, jaccard, normalised_code, shape_of, shingles
from .mutation import Rated, family_proposal, next_spec
from .proposal import FEWEST_INPUTS, LONGEST_REPLY, Form, Proposal, ProposalError, parse_proposal
from .rejects import Reject
from .seeds import Seed, families_seeds, folder_seeds

__all__ = [
    "BROAD_BINS",
    "CHAIN_BANDS",
    "FEWEST_INPUTS",
    "KEPT",
    "LONGEST_REPLY",
    "MEDIUM",
    "Attempt",
    "Band",
    "Direction",
    "DuplicateIndex",
    "Form",
    "Lineage",
    "Proposal",
    "ProposalError",
    "Rated",
    "Reject",
    "Seed",
    "TextIndex",
    "assemble",
    "bin_of",
    "direction_after",
    "families_seeds",
    "family_proposal",
    "folder_seeds",
    "jaccard",
    "next_spec",
    "normalised_code",
    "parse_proposal",
    "shape_of",
    "shingles",
    "thirds",
]
