from __future__ import annotations

import pytest

from codefrontier.envs import LeakError
from codefrontier.envs.leaks import LeakLint
from codefrontier.problems import Problem, Testset

LONG = " ".join(str(number) for number in range(1000))


def make(hidden: list[tuple[bytes, bytes]], *, samples: list[tuple[bytes, bytes]] | None = None) -> LeakLint:
    problem = Problem(
        id="p",
        title="T",
        statement="For example 111 222 333 gives 666.",
        tests=Testset.inline(hidden),
        samples=Testset.inline(samples or []),
    )
    return LeakLint(problem)


@pytest.mark.parametrize(
    "text",
    [
        "expected canary answer 77",
        "on input 9999 8888 7777: wrong",
        f"{LONG[:64]} ...",
        f"... {LONG[-64:]}",
        f"all of it: {LONG}",
    ],
)
def test_hidden_data_is_found_whole_and_cut(text: str) -> None:
    lint = make([(b"9999 8888 7777\n", b"canary answer 77\n"), (LONG.encode(), b"1\n")])
    with pytest.raises(LeakError) as caught:
        lint.check(text)
    assert "canary" not in str(caught.value)


def test_a_test_name_is_found() -> None:
    problem = Problem(
        id="p", title="T", statement="s", tests=Testset.inline([(b"1", b"1")], prefix="secret/random-")
    )
    with pytest.raises(LeakError):
        LeakLint(problem).check("failed on secret/random-1")


def test_short_data_is_not_looked_for() -> None:
    make([(b"1 2\n", b"YES\n")]).check("Sample 1 2: YES")


def test_public_data_is_no_leak() -> None:
    lint = make([(b"111 222 333", b"hello there 1")], samples=[(b"x", b"hello there 1\n")])
    lint.check("111 222 333 and hello there 1")


def test_quoted_words_of_the_program_are_no_leak() -> None:
    lint = make([(b"9999 8888 7777", b"canary answer 77")])
    lint.check("Your output: canary answer 77", quoted=("canary answer 77",))
