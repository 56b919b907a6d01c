from __future__ import annotations

import pytest

from codefrontier.problems.families import BROAD_FAMILIES
from codefrontier.problems.families.broad.family import fill, pick, residues


def test_a_fragment_of_several_lines_keeps_the_indentation() -> None:
    text = fill(
        """
        for x in a:
            $step
            $nothing
        r = $k
        """,
        {"step": "if x > $k:\n    r += 1", "nothing": "", "k": "7"},
    )
    assert text == "for x in a:\n    if x > 7:\n        r += 1\nr = 7"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="typo"):
        fill("r = $typo", {"k": "1"})


def test_residues_are_below_their_modulus() -> None:
    axis = residues(range(2, 4))
    assert [choice.name for choice in axis] == ["0of2", "1of2", "0of3", "1of3", "2of3"]
    assert axis[-1].words == "2 modulo 3"


def test_a_choice_forgets_the_indentation_of_its_code() -> None:
    assert pick("k", "words", "    a\n      b", part="  c").code == "a\n  b"


def test_names_of_families_and_choices_make_ids_that_can_be_taken_apart() -> None:
    names = [family.name for family in BROAD_FAMILIES]
    assert len(names) == len(set(names)) >= 30
    assert not [one for one in names for other in names if other.startswith(f"{one}-")]
    for family in BROAD_FAMILIES:
        axes = [[choice.name for choice in axis] for axis in family.axes.values()]
        for own in (*axes, [twist.name for twist in family.domain.twists]):
            assert len(set(own)) == len(own)
            assert all(name.isalnum() and name == name.lower() for name in own)


def test_every_text_of_a_family_is_filled_for_every_choice() -> None:
    for family in BROAD_FAMILIES:
        for base in family.bases():
            texts = (family.describe(base), family.body(base, fast=True), family.body(base, fast=False))
            assert all(text and "$" not in text for text in texts)


def test_every_slip_fits_some_program_of_its_family() -> None:
    for family in BROAD_FAMILIES:
        bodies = [family.body(base, fast=True) for base in family.bases()]
        for slip in family.mistakes:
            assert any(slip.old in body for body in bodies), (family.name, slip)
