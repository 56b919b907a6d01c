from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefrontier.problems import Difficulty, Label, Limits, ProblemError, load_problems, select_problems
from codefrontier.problems.errors import NoTestsError

Row = Callable[..., dict[str, object]]
Rows = Callable[..., Path]


def test_a_row_becomes_a_problem_with_limits_tags_and_programs(row_of: Row, rows: Rows) -> None:
    (problem,) = load_problems("codecontests", data=rows(row_of("codecontests")))
    assert (problem.id, problem.title) == ("codeforces-1575-A", "1575_A. Double")
    assert (problem.source, problem.platform) == ("codecontests", "codeforces")
    assert problem.limits == Limits(time_s=1.5, memory_mib=245, output_mib=64)
    assert problem.difficulty is Difficulty.EASY
    assert problem.metadata["tags"] == "math"
    assert not problem.checker.case_sensitive
    assert [(each.name, each.label) for each in problem.submissions] == [
        ("1.py", Label.ACCEPTED),
        ("2.cpp", Label.ACCEPTED),
        ("1.py", Label.WRONG_ANSWER),
    ], "programs in Python 2 are passed over"


def test_public_tests_are_samples_and_which_others_are_hidden_can_be_chosen(row_of: Row, rows: Rows) -> None:
    data = rows(row_of("codecontests"))
    (problem,) = load_problems("codecontests", data=data)
    assert [case.input() for case in problem.samples] == [b"1\n"]
    assert [(case.input(), case.answer()) for case in problem.tests] == [
        (b"500\n", b"1000\n"),
        (b"21\n", b"42\n"),
        (b"7\n", b"14\n"),
    ]
    (problem,) = load_problems("codecontests", data=data, tests=("private",))
    assert len(problem.tests) == 2
    (problem,) = load_problems("codecontests", data=data, tests=("public", "generated"))
    assert [case.input() for case in problem.tests] == [b"1\n", b"7\n"]
    for bad in ((), ("private", "private"), ("secret",)):
        with pytest.raises(ValueError, match="tests must be some of public, private, generated"):
            load_problems("codecontests", data=data, tests=bad)  # type: ignore[arg-type]


def test_messages_as_protobuf_writes_them_in_json(rows: Rows) -> None:
    message = {
        "name": "Sum",
        "description": "Add.",
        "publicTests": [{"input": "1 2"}],
        "privateTests": [{"input": "1 2", "output": "3"}],
        "generatedTests": [{"output": "0.5"}],
        "source": "ATCODER",
        "difficulty": "HARDER",
        "solutions": [{"language": "PYTHON3", "solution": "print(3)"}, {"solution": "?"}],
        "timeLimit": "2.500s",
        "memoryLimitBytes": "268435456",
    }
    (problem,) = load_problems(rows(message))
    assert problem.id == "atcoder-Sum"
    assert problem.difficulty is Difficulty.HARD
    assert problem.limits == Limits(time_s=2.5, memory_mib=256, output_mib=64)
    assert [(case.input(), case.answer()) for case in problem.tests] == [(b"1 2", b"3"), (b"", b"0.5")]
    assert [each.name for each in problem.submissions] == ["1.py"]


def test_samples_with_fractions_make_numbers_compare_by_value(row_of: Row, rows: Rows) -> None:
    row = row_of("codecontests", public_tests={"input": ["1"], "output": ["0.50"]})
    (problem,) = load_problems("codecontests", data=rows(row))
    assert (problem.checker.float_absolute, problem.checker.float_relative) == (1e-6, 1e-6)


def test_what_reads_files_is_left_out_and_counted(row_of: Row, rows: Rows) -> None:
    data = rows(row_of("codecontests"), row_of("codecontests", cf_index="B", input_file="in.txt"))
    selection = select_problems(data)
    assert [problem.id for problem in selection.problems] == ["codeforces-1575-A"]
    assert selection.excluded == {
        "codeforces-1575-B": "not standard input and output: input_file is 'in.txt'"
    }


def test_unstated_limits_are_the_default_and_given_ones_count_for_all(row_of: Row, rows: Rows) -> None:
    data = rows(row_of("codecontests", time_limit=None, memory_limit_bytes=0))
    (problem,) = load_problems(data)
    assert problem.limits == Limits(time_s=6, memory_mib=1024, output_mib=64)
    assert problem.metadata["time_limit"] == "default"
    (problem,) = load_problems(data, limits=Limits(time_s=3))
    assert problem.limits == Limits(time_s=3)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"description": 5}, "description must be of the kind str, got 5"),
        ({"source": 99}, "source is unknown: 99"),
        ({"difficulty": "BRUTAL"}, "difficulty is unknown: 'BRUTAL'"),
        ({"time_limit": "soon"}, "time_limit must be a duration, got 'soon'"),
        ({"time_limit": {"seconds": -1}}, r"time_limit must be in \[0, 1e6\) seconds"),
        ({"public_tests": {"input": ["1"], "output": []}}, "public_tests has 1 inputs, but 0 outputs"),
        ({"public_tests": [["1", "2"]]}, "public_tests, test 1 must be an object"),
        ({"solutions": {"language": [1], "solution": []}}, "solutions must hold two lists of one length"),
        ({"name": "??", "source": 0, "cf_contest_id": 0}, r"no id can be made of \('', '\?\?'\)"),
        ({"description": "\ud800"}, ".*surrogates not allowed"),
    ],
)
def test_a_malformed_field_is_an_error_with_its_line(
    row_of: Row, rows: Rows, fields: dict[str, object], words: str
) -> None:
    data = rows(row_of("codecontests"), row_of("codecontests", **{"cf_index": "B", **fields}))
    with pytest.raises(ProblemError, match=rf"rows\.jsonl:2: {words}"):
        load_problems("codecontests", data=data)


def test_tests_are_read_when_they_are_opened(row_of: Row, rows: Rows) -> None:
    broken = {"input": ["1", "2"], "output": ["1"]}
    data = rows(row_of("codecontests"), row_of("codecontests", cf_index="B", generated_tests=broken))
    problems = load_problems("codecontests", data=data)
    assert len(problems[0].tests) == 3
    with pytest.raises(
        ProblemError, match=r"rows\.jsonl:2: tests of problem '.*': generated_tests has 2 inputs"
    ):
        len(problems[1].tests)
    selection = select_problems("codecontests", data=data, check_tests=True)
    assert [problem.id for problem in selection.problems] == ["codeforces-1575-A"]
    assert "generated_tests has 2 inputs" in selection.excluded["codeforces-1575-B"]


def test_a_row_without_hidden_tests_never_passes_for_a_problem(row_of: Row, rows: Rows) -> None:
    data = rows(row_of("codecontests", private_tests=None, generated_tests=None))
    (problem,) = load_problems("codecontests", data=data)
    with pytest.raises(NoTestsError, match=r"rows\.jsonl:1: tests of problem '.*': there are no test cases"):
        len(problem.tests)


def test_a_problem_that_comes_twice_is_an_error_with_both_places(row_of: Row, rows: Rows) -> None:
    data = rows(row_of("codecontests"), row_of("codecontests"))
    with pytest.raises(ProblemError, match=r":2: duplicate problem id .*, first in .*:1$"):
        load_problems("codecontests", data=data)


def test_names_may_agree_where_texts_do_not(row_of: Row, rows: Rows) -> None:
    first, second = (row_of("codecontests", cf_contest_id=0, description=text) for text in ("A.", "B."))
    problems = load_problems("codecontests", data=rows(first, second))
    assert [problem.id for problem in problems] == [
        "codeforces-1575_A.-Double",
        "codeforces-1575_A.-Double-2",
    ]


def test_riegeli_files_are_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "code_contests_train.riegeli-00000-of-00128"
    file.write_bytes(b"\x83\xaf")
    with pytest.raises(ProblemError, match=r"no library for Riegeli files .* as Parquet"):
        load_problems("codecontests", data=file)
