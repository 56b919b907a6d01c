"""The sets that the package makes itself."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest

from codefrontier.problems import ProblemNotFoundError, find_problem
from codefrontier.problems.generated import GENERATED, generated_set_name


@pytest.mark.parametrize("name", list(GENERATED))
def test_a_problem_of_each_set_can_be_sent_to_another_process_and_found_by_its_id(name: str) -> None:
    draw = f"{name}:test:2" if GENERATED[name].drawn else name
    problems, refused = GENERATED[name].select(draw, None)
    first = next(iter(islice(problems, 1)))
    assert not refused
    assert pickle.loads(pickle.dumps(first)).digest() == first.digest()
    assert find_problem(f"{name}/{first.id}").digest() == first.digest()


@pytest.mark.parametrize("name", list(GENERATED))
def test_an_unknown_id_is_refused(name: str) -> None:
    with pytest.raises(ProblemNotFoundError):
        find_problem(f"{name}/no-such-problem")


def test_a_draw_names_its_set_and_other_names_none() -> None:
    assert generated_set_name("Families:train:5") == "families"
    assert generated_set_name("grid-programs") == "grid-programs"
    assert generated_set_name("grid-programs:test:5") is None
    assert generated_set_name("classics") is None
