"""Duplicates by text, by code and by behaviour."""

from __future__ import annotations

import random
from typing import Any

import pytest

from codefrontier.problems.synthesis import (
    DuplicateIndex,
    Form,
    Proposal,
    Reject,
    TextIndex,
    jaccard,
    normalised_code,
    shape_of,
    shingles,
)

WORDS = [f"word{number}" for number in range(200)]
CODE = "def f(a, b):\n    total = a + b\n    return total * 2\n"


def proposal(
    code: str = CODE, *, title: str = "Sums", statement: str = "Add.", inputs: tuple[Any, ...] = ()
) -> Proposal:
    given = inputs or tuple([number, number + 1] for number in range(5))
    return Proposal(title=title, statement=statement, form=Form.FUNCTION, code=code, inputs=given)


def test_names_layout_comments_and_docstrings_do_not_matter() -> None:
    same = 'def f(x, y):\n    """Add."""\n    s = (x +\n         y)  # the sum\n    return s * 2\n'
    assert normalised_code(same) == normalised_code(CODE)
    assert normalised_code(
        "def f(a: int, b: int) -> int:\n    t = a + b\n    return t * 2\n"
    ) == normalised_code(CODE)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (CODE, CODE.replace("* 2", "* 3")),
        ("def f(a): return min(a)", "def f(a): return max(a)"),
        ("def f(a, b): return a - b", "def f(a, b): return b - a"),
    ],
)
def test_other_programs_have_other_trees(left: str, right: str) -> None:
    assert normalised_code(left) != normalised_code(right)


def test_a_similarity_is_computed_by_hand() -> None:
    left, right = shingles("a b c d e f"), shingles("a b c d e g")
    assert (len(left), len(right)) == (2, 2)
    assert jaccard(left, right) == 1 / 3
    assert jaccard((), ()) == 1.0


def test_the_index_finds_every_text_above_the_bound_and_none_below() -> None:
    chance, index = random.Random(0), TextIndex(0.9)
    texts = {f"t{number}": chance.choices(WORDS, k=300) for number in range(40)}
    for name, words in texts.items():
        index.add(name, " ".join(words))
    for name, words in texts.items():
        near = list(words)
        near[7] = "other"  # changes 5 of 296 shingles: the similarity is 291 / 301
        assert index.find(" ".join(near)) == name
        for place in range(0, 300, 20):
            near[place] = "other"
        assert index.find(" ".join(near)) is None


@pytest.mark.parametrize("similarity", [0, 1.01])
def test_a_similarity_out_of_range_is_refused(similarity: float) -> None:
    with pytest.raises(ValueError, match=r"in \(0, 1\]"):
        TextIndex(similarity)


def test_duplicates_are_found_with_their_reason() -> None:
    index = DuplicateIndex()
    first = proposal()
    index.add("first", first, ["2", "6", "10", "14", "18"])
    renamed = proposal(
        "def f(x, y):\n    z = x + y\n    return z * 2\n", statement="Something else entirely."
    )
    assert index.find_static(renamed) == (Reject.DUPLICATE_CODE, "first")
    told_again = proposal("def f(a, b): return a", title="sums", statement="Add .")
    assert index.find_static(told_again) == (Reject.DUPLICATE_TEXT, "first")
    other = proposal("def f(a, b): return 2 * a + b + b", statement="Double the sum of the numbers.")
    assert index.find_static(other) is None
    assert index.shared_inputs(other) == first.inputs
    assert index.find_behaviour(other, ["2", "6", "10", "14", "18"]) == (Reject.DUPLICATE_BEHAVIOUR, "first")
    assert index.find_behaviour(other, ["2", "6", "10", "14", "19"]) is None


def test_proposals_that_fail_on_the_shared_inputs_are_not_compared() -> None:
    index = DuplicateIndex()
    index.add("first", proposal(), [None, None, None, "1", "2"])
    assert index.find_behaviour(proposal(), [None, None, None, "1", "2"]) is None


def test_the_shape_is_that_of_the_arguments() -> None:
    assert shape_of(proposal()) == "function int int"
    assert shape_of(proposal(inputs=tuple([[number], "a"] for number in range(5)))) == "function [int] str"
    program = Proposal(title="t", statement="s", form=Form.PROGRAM, code="x\n", inputs=("3 -4 a\n1",) * 5)
    assert shape_of(program) == "program int int word"
