from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefrontier.problems import (
    Difficulty,
    ProblemError,
    ProblemNotFoundError,
    check_ids,
    classics_root,
    classics_slugs,
    find_problem,
    load_package,
    load_problems,
)

Package = Callable[..., Path]


def test_sets_are_found_by_name_in_any_case(package: Package, lcb: Callable[..., Path]) -> None:
    path = lcb({})
    for name in ("lcb", "LCB", "LiveCodeBench"):
        assert [problem.id for problem in load_problems(name, data=path)] == ["1000_A"]
    assert [problem.id for problem in load_problems("Classics")] == classics_slugs()


def test_a_path_is_one_package_or_a_folder_of_packages(package: Package, tmp_path: Path) -> None:
    first = package(name="round1/one")
    package(name="round2/two")
    assert [problem.id for problem in load_problems(first)] == ["one"]
    assert [problem.id for problem in load_problems(str(tmp_path))] == ["one", "two"]


def test_the_set_folder_is_what_data_names(package: Package, tmp_path: Path) -> None:
    package(name="set/one")
    assert [problem.id for problem in load_problems("folder", data=tmp_path / "set")] == ["one"]
    with pytest.raises(ValueError, match="needs data, the folder of its problems"):
        load_problems("folder")
    with pytest.raises(ProblemNotFoundError, match="not examined"):
        load_problems("folder", data=tmp_path / "set", require="proved")


def test_difficulty_keeps_what_has_it(lcb: Callable[..., Path]) -> None:
    path = lcb({"question_id": "a"}, {"question_id": "b", "difficulty": "hard"})
    assert [problem.id for problem in load_problems("lcb", data=path, difficulty="hard")] == ["b"]
    assert [problem.id for problem in load_problems("lcb", data=path, difficulty=Difficulty.EASY)] == ["a"]
    with pytest.raises(
        ProblemNotFoundError, match="none of the 2 problems of 'lcb' has the difficulty medium"
    ):
        load_problems("lcb", data=path, difficulty="medium")
    with pytest.raises(ValueError, match="difficulty must be one of easy, medium, hard, got 'brutal'"):
        load_problems("lcb", data=path, difficulty="brutal")


def test_a_window_reaches_the_loader(lcb: Callable[..., Path]) -> None:
    with pytest.raises(ProblemNotFoundError, match="no problem between 2025-01-01 and the end"):
        load_problems("lcb", data=lcb({}), window=("2025-01-01", None))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("data", "x.jsonl", "data applies to the problem sets 'lcb', .*'folder' only, not to 'classics'"),
        ("window", ("2024-01-01", None), "window applies to the problem set 'lcb' only, not to 'classics'"),
        ("tests", ("private",), "'tests' is an option of sets in rows only, not of 'classics'"),
    ],
)
def test_an_argument_without_use_is_refused(name: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_problems("classics", **{name: value})  # type: ignore[arg-type]


def test_an_unknown_set_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ProblemNotFoundError, match=r"no problem set 'clasics'.*did you mean 'classics'"):
        load_problems("clasics")
    with pytest.raises(ProblemNotFoundError, match=r"no problem package in it: no problem\.yaml found"):
        load_problems(tmp_path)
    (tmp_path / "other.jsonl").write_text('{"a": 1}')
    with pytest.raises(ProblemError, match=r"other\.jsonl: rows of no known format .* fields are a$"):
        load_problems(tmp_path / "other.jsonl")


def test_a_path_of_rows_is_a_set(lcb: Callable[..., Path]) -> None:
    file = lcb({})
    assert [problem.id for problem in load_problems(file)] == ["1000_A"]
    assert [problem.id for problem in load_problems(file.parent)] == ["1000_A"]


def test_duplicate_ids_are_refused(package: Package, tmp_path: Path) -> None:
    one, two = load_package(package(name="round1/same")), load_package(package(name="round2/same"))
    with pytest.raises(ProblemError, match="duplicate problem id 'same'"):
        load_problems(tmp_path)
    with pytest.raises(ProblemError, match="duplicate problem id 'same'"):
        check_ids([one, two])


def test_one_problem_is_found_by_set_and_id_or_by_path(package: Package) -> None:
    slug = classics_slugs()[0]
    assert find_problem(f"classics/{slug}").id == slug
    assert find_problem(package()).id == "sum-two"
    by_path = find_problem(classics_root() / slug)
    assert (by_path.id, by_path.source) == (slug, "classics")


def test_an_unknown_problem_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    slug = classics_slugs()[0]
    with pytest.raises(ProblemNotFoundError, match=f"no problem '{slug}x' in .* did you mean '{slug}'"):
        find_problem(f"classics/{slug}x")
    with pytest.raises(ProblemNotFoundError, match=f"no problem '{slug}': give .*'classics/{slug}'"):
        find_problem(slug)
    with pytest.raises(ProblemNotFoundError, match="no problem package here"):
        find_problem(tmp_path)


def test_the_programs_of_a_foreign_package_are_never_run(classic: Package) -> None:
    folder = classic({"data/secret/00-empty.in": None, "data/secret/00-empty.ans": None})
    with pytest.raises(ProblemError, match="no secret tests"):
        find_problem(folder)
