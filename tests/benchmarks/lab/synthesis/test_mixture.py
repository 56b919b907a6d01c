"""The experiment on four environments: its tasks, its supervised pairs, and a quick run of an arm."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.problems import (
    TaskKind,
    hidden_answer,
    made_tasks,
    parse_arguments,
    parse_literal,
    plain_task,
)
from codefrontier.problems.families import Spec, Split, split_of
from codefrontier.problems.traces.family_functions import load_family_function

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.analysis import findings
    from codefrontier.benchmarks.lab.methods.collected import read_collected
    from codefrontier.benchmarks.lab.methods.command import main
    from codefrontier.benchmarks.lab.synthesis import environments, functions, made
    from codefrontier.training.pretraining.tokenizer import build_tokenizer, whole_text


def test_every_pair_consists_of_pieces_and_literals_are_right_answers() -> None:
    tokenizer = build_tokenizer(functions.PIECES, context=512, template=environments.TEMPLATE)
    kinds: Counter[str] = Counter()
    for prompt, reply in islice(functions.pairs(3), 60):
        text = whole_text(prompt, reply)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids
        assert len(ids) <= 256
        asked = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False)
        assert text.startswith(asked)
        kind, rest = prompt.split("\n", 1)
        kinds[kind] += 1
        if kind != TaskKind.INDUCTION:
            assert right(kind, rest, reply)
    assert set(kinds) == set(TaskKind)
    assert list(islice(functions.pairs(3), 5)) == list(islice(functions.pairs(3), 5))


def right(kind: str, shown: str, reply: str) -> bool:
    """Return whether a literal answers a task of the given kind."""
    if kind == TaskKind.FUZZING:
        source, _, rest = shown.partition(functions.PRE_TEST)
        other = rest.removesuffix(functions.TEST).replace("def other(a):", "def f(a):")
        (given,) = parse_literal_arguments(reply)
        results = {load_family_function(text)(list(given)) for text in (source, other)}
        return len(results) == 2 and 3 < len(given) < 7
    source, _, last = shown.rpartition("\n")
    function = load_family_function(source)
    if kind == TaskKind.DEDUCTION:
        (given,) = parse_literal_arguments(last.removeprefix("f(")[:-1])
        return bool(function(given) == parse_literal(reply))
    (given,) = parse_literal_arguments(reply)
    return bool(function(given) == parse_literal(last))


def parse_literal_arguments(text: str) -> list[list[int]]:
    return [value for value in parse_arguments(text) if isinstance(value, list)]


def test_training_never_sees_a_cell_or_a_combination_that_is_measured(tmp_path: Path) -> None:
    folder = functions.task_folder(tmp_path / "tasks", Split.TRAIN, 0, 12)
    assert functions.task_folder(folder, Split.TRAIN, 0, 12) == folder
    measured = functions.tasks(Split.HELDOUT, 1, 28)
    for kind in TaskKind:
        problems, refused = made_tasks(kind, folder)
        assert (len(problems), refused) == (12, {})
        assert {split_of(spec(problem.id)) for problem in problems} == {Split.TRAIN}
        assert {split_of(spec(problem.id)) for problem in measured[kind]} == {Split.HELDOUT}
        assert len({spec(problem.id).cell.family.name for problem in measured[kind]}) == 4
        assert (hidden_answer(problems[0]) is None) == (kind is TaskKind.INDUCTION)
        assert plain_task(problems[0]).startswith(kind)


def spec(problem_id: str) -> Spec:
    return Spec.parse(problem_id.rpartition(".")[0])


def test_arms_take_equally_many_problems_and_the_statement_compares_what_is_measured() -> None:
    shares = {arm: len(kinds) for arm, kinds in environments.ARMS.items()}
    assert shares == {"four": 4, "induction": 1, "deduction": 1, "quarter": 1, "start": 0}
    assert environments.EXPERIMENT.scale.prompts % 4 == 0


@pytest.mark.parametrize(("name", "steps"), [("environments", 60), ("environments_first", 30)])
def test_the_results_that_the_page_shows_are_of_the_arms_of_the_script(name: str, steps: int) -> None:
    found = read_collected(made.RESULTS / f"{name}.json")
    assert {"four", "induction", "start"} <= set(found) <= {*environments.ARMS}
    for arm, runs in found.items():
        assert set(runs) == {0, 1, 2}
        assert {len(run.curves["reward_mean"]) for run in runs.values()} == {0 if arm == "start" else steps}
    first, *_ = findings(environments.EXPERIMENT, found)
    assert first.comparison.name == "induction: four - induction"
    assert first.verdict == "undecided"


@pytest.mark.long
@pytest.mark.sandbox
def test_a_mixture_is_trained_and_measured_in_every_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--quick", "--out", str(tmp_path), "--seeds", "0", "--arms", "four", "start"]
    main(environments.EXPERIMENT, arguments)
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])["means"]
    assert {each.metric for each in environments.STATEMENT.comparisons} <= {*measured["four"]}
    assert {kind.value for kind in TaskKind} < {*measured["start"]} == {*measured["four"]}
