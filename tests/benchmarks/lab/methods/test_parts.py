"""The parts of single experiments whose values are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.lab.methods.analysis import findings
from codefrontier.benchmarks.lab.methods.collected import RESULTS, read_collected, write_results
from codefrontier.benchmarks.lab.methods.experiment import Outcome, Scale
from codefrontier.benchmarks.lab.methods.page import MARKS, NAMES, Runs, experiment, table, write_table
from codefrontier.problems.families import CELLS, COMBINATIONS, ProgramPlan, Spec, vocabulary, write_program
from codefrontier.problems.families.micro.splits import split_cells

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.benchmarks.lab.methods.curricula import (
        DIFFICULTIES,
        SCHEDULES,
        scheduled_stream,
        weights_at,
    )
    from codefrontier.benchmarks.lab.methods.online_fixing import PIECES, repair_line
    from codefrontier.benchmarks.lab.methods.stare import entropy_advantages
    from codefrontier.benchmarks.lab.methods.training import steps_to
    from codefrontier.training import build_tokenizer


def test_steps_to_a_level_are_counted_by_the_mean_of_a_window() -> None:
    assert steps_to([0.0, 0.0, 1.0, 1.0, 1.0], 0.9, window=3) == 5
    assert steps_to([1.0, 1.0], 0.9, window=2) == 2
    assert steps_to([0.0, 0.0, 0.0], 0.9, window=2) == 4, "a level that is never reached"


def test_the_schedules_end_with_the_run_and_their_weights_are_shares() -> None:
    for schedule, parts in SCHEDULES.items():
        assert parts[-1][0] == 1.0
        assert [end for end, _ in parts] == sorted({end for end, _ in parts})
        assert all(sum(weights) == pytest.approx(1) for _, weights in parts), schedule
    assert weights_at("classic", 0.0) == (1.0, 0.0, 0.0)
    assert weights_at("classic", 0.25) == (0.75, 0.25, 0.0)
    assert weights_at("reverse hard", 0.99) == (1.0, 0.0, 0.0)


def test_a_classic_curriculum_goes_from_easy_to_hard_problems() -> None:
    names = [cell.name for cell in split_cells(held_out=False)]
    bins = dict(zip(DIFFICULTIES, (names[:4], names[4:8], names[8:12]), strict=True))
    stream = scheduled_stream(bins, "classic", steps=8, prompts=2, seed=1)
    taken = [Spec.parse(problem.id).cell.name for problem in stream.take(16)]
    assert all(cell in bins["easy"] for cell in taken[:4])
    assert all(cell in bins["hard"] for cell in taken[-4:])


def test_equal_seeds_give_equal_curricula_and_a_skipped_stream_goes_on_as_before() -> None:
    names = [cell.name for cell in split_cells(held_out=False)]
    bins = dict(zip(DIFFICULTIES, (names[:4], names[4:8], names[8:12]), strict=True))
    first = [p.id for p in scheduled_stream(bins, "soft", steps=4, prompts=3, seed=2).take(12)]
    again = scheduled_stream(bins, "soft", steps=4, prompts=3, seed=2)
    before = [p.id for p in again.take(5)]
    resumed = scheduled_stream(bins, "soft", steps=4, prompts=3, seed=2)
    resumed.skip_to(again.taken)
    assert first[:5] == before
    assert [p.id for p in resumed.take(3)] == [p.id for p in again.take(3)]


def test_a_repair_prompt_is_one_line_of_known_pieces() -> None:
    spec = Spec(cell=CELLS[0], combination=COMBINATIONS[5])
    program = write_program(spec, ProgramPlan.FAST)
    line = repair_line(spec.prompt, program, {"WA": 2, "AC": 1})
    assert "\n" not in line
    assert line.startswith(f"{spec.prompt} repair AC=1 WA=2#fast¶0")
    tokenizer = build_tokenizer((*vocabulary(), *PIECES), context=512)
    ids = tokenizer(line, add_special_tokens=False)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids) == line


def test_the_bonus_follows_the_gradient_of_the_entropy() -> None:
    logits = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    log_probs = torch.log_softmax(logits, dim=0)
    entropy = -(log_probs.exp() * log_probs).sum()
    (wanted,) = torch.autograd.grad(entropy, logits, retain_graph=True)
    for baseline in (0.0, 0.7):
        advantages = entropy_advantages(log_probs.detach(), baseline, 2.0)
        (found,) = torch.autograd.grad(
            (log_probs.exp().detach() * advantages * log_probs).sum(), logits, retain_graph=True
        )
        assert torch.allclose(found, 2.0 * wanted, atol=1e-12)


def test_collected_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    each = experiment("stare")
    runs = {
        0: Outcome(metrics={"solve rate": 0.5}, problems={"solve rate": {"p": 0.25, "q": 0.75}}),
        1: Outcome(
            metrics={"solve rate": 1.0}, problems={"solve rate": {"q": 1.0}}, curves={"entropy": [0.5, 0.25]}
        ),
    }
    path = tmp_path / "stare.json"
    write_results(each, {"grpo": runs, "boost 3": {}}, Scale(), path)
    assert read_collected(path) == {"grpo": runs}
    path.write_text(json.dumps([]))
    with pytest.raises(BenchError, match="does not hold the results"):
        read_collected(path)


def test_the_table_is_written_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "methods.md"
    (begin, end), (other, last) = MARKS["first"], MARKS["second"]
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n{other}\nold\n{last}\n")
    write_table(page, "new")
    write_table(page, "newer")
    write_table(page, "newest", MARKS["second"])
    assert page.read_text() == (f"before\n{begin}\n\nnewer\n\n{end}\nafter\n{other}\n\nnewest\n\n{last}\n")
    page.write_text("no marks\n")
    with pytest.raises(BenchError, match="must have the lines"):
        write_table(page, "new")


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_has_the_name_of_its_script(name: str) -> None:
    assert experiment(name).name == name


@pytest.mark.parametrize("runs", MARKS)
def test_the_page_has_the_table_of_the_results_that_are_kept(runs: Runs) -> None:
    kept = {name: RESULTS[runs] / f"{name}.json" for name in NAMES}
    found = {
        name: findings(experiment(name), read_collected(path)) for name, path in kept.items() if path.exists()
    }
    page = Path(__file__).parents[4] / "docs" / "methods.md"
    begin, end = MARKS[runs]
    assert f"{begin}\n\n{table(found)}\n\n{end}" in page.read_text()
