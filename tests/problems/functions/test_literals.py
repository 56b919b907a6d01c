from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codefrontier.problems import LiteralError, canonical, parse_arguments, parse_literal

scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=5) | st.binary(max_size=3)
)
keys = scalars | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    keys,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.sets(keys, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None)
@given(values)
def test_a_value_is_read_back_from_its_literal(value: object) -> None:
    text = canonical(value)
    assert parse_literal(text) == value
    assert canonical(parse_literal(text)) == canonical(parse_literal(repr(value))) == text


def test_the_order_of_sets_and_dictionaries_does_not_count() -> None:
    assert canonical(parse_literal("{'b': {3, 1}, 'a': 2}")) == canonical(
        parse_literal("{'a': 2, 'b': {1, 3}}")
    )
    assert canonical(set()) == "set()"


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("1", "True"), ("0.0", "-0.0"), ("[1]", "(1,)")])
def test_types_and_signs_are_told_apart(one: str, other: str) -> None:
    assert canonical(parse_literal(one)) != canonical(parse_literal(other))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "nan",
            "1e999",
            "-1e999",
            "...",
            "1+2j",
            "f'{1}'",
            "[].append(1)",
            "__import__('os')",
            "1; 2",
        ),
        *("{[]: 1}", "[*[1]]", "\0", "0x" + "f" * 2000, "9" * 5000, "[" * 20_000, "-" * 20_000 + "1"),
        *("1" + " " * 20_001, "[" * 40 + "]" * 40, "lambda: 0", "not 1", "'x' * 3"),
    ],
)
def test_what_is_no_literal_within_the_bounds_is_refused(text: str) -> None:
    with pytest.raises(LiteralError):
        parse_literal(text)


def test_arguments_may_be_written_as_a_call() -> None:
    assert parse_arguments("[1, 2], 'a'") == parse_arguments(" f([1, 2], 'a',) ") == ([1, 2], "a")
    assert parse_arguments("(1, 2)") == ((1, 2),)
    assert parse_arguments("") == ()


@pytest.mark.parametrize(
    "text", ["x=1", "*[1]", "f(1", "g(1)", "1) + (2", "1)(2", "open('x')", "**{}", "0 # )\n), f(1"]
)
def test_other_arguments_are_refused(text: str) -> None:
    with pytest.raises(LiteralError):
        parse_arguments(text)
