from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codefrontier.judge.comparing.compare import compare
from codefrontier.judge.doctor.mutants import mutants, value_mutants
from codefrontier.problems import Checker, Comparison

TOKENS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: f"{value:.6f}"),
    st.text("abcQqYESno", min_size=1, max_size=6),
)
ANSWERS = st.lists(st.lists(TOKENS, max_size=4).map(" ".join), max_size=4).map(
    lambda lines: "\n".join(lines).encode()
)


@settings(deadline=None, derandomize=True)
@given(ANSWERS)
def test_no_sound_comparison_takes_a_mutant_for_the_answer(answer: bytes) -> None:
    for checker in (
        Checker(),
        Checker(case_sensitive=False),
        Checker(comparison=Comparison.EXACT),
        Checker(comparison=Comparison.UNORDERED),
        Checker(float_absolute=1e-6, float_relative=1e-6, case_sensitive=False),
    ):
        assert compare(checker, answer, answer).equal
        for name, output in mutants(answer):
            assert not compare(checker, output, answer).equal, name


def test_an_answer_without_tokens_still_has_mutants() -> None:
    assert {name for name, _ in mutants(b" \n")} == {"a token more", "garbage"}


def test_no_method_returns_what_the_value_mutants_hold() -> None:
    checker = Checker(comparison=Comparison.JSON)
    for answer in (b"1", b"null", b'""', b"{}", b"[]", b"false"):
        assert not any(compare(checker, output, answer).equal for _, output in value_mutants())
