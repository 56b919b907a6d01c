"""The parts of the experiment with the neural debugger that need no training."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.judge import Judge, Workspace
from codefrontier.problems.families.bugs import bug_sites
from codefrontier.problems.traces import parse_frame

if TYPE_CHECKING:
    from codefrontier.benchmarks.lab.debugger.__main__ import main
    from codefrontier.benchmarks.lab.debugger.examples import (
        Sizes,
        held_out_questions,
        predictions_of,
        write_examples,
    )
    from codefrontier.benchmarks.lab.debugger.scores import by_action, by_horizon, claims, exact_matches
    from codefrontier.benchmarks.lab.debugger.wrong_lines import (
        blamed_line,
        guess_level,
        predicted_debugger,
        real_debugger,
        wrong_line_tasks,
    )
    from codefrontier.benchmarks.lab.methods.runner import SCALE_FILE, check_scale

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(find_spec("transformers") is None, reason="needs codefrontier[train]"),
]


class Known:
    """A model that knows some replies, and makes every value wrong if asked to."""

    def __init__(self, replies: dict[str, str], *, spoil: bool = False) -> None:
        self.replies, self.spoil = replies, spoil

    def prepare(self, prompts: Any) -> None:
        assert set(prompts) <= set(self.replies)

    def complete(self, prompt: str, *, instructions: str = "") -> str:
        reply = self.replies[prompt]
        return (
            reply.replace('": "', '": "9').replace('<|argument|>"', '<|argument|>"9') if self.spoil else reply
        )


def test_with_the_real_debugger_the_agent_finds_wrong_lines() -> None:
    tasks = wrong_line_tasks(4)
    with Workspace() as workspace:
        blamed = [blamed_line(task, real_debugger(workspace)) for task in tasks]
    # A change of another line may give the right results too, so it may be blamed.
    assert None not in blamed
    assert sum(line == task.line for line, task in zip(blamed, tasks, strict=True)) >= 3
    assert tasks == wrong_line_tasks(4)
    assert 0 < guess_level(tasks) < 1
    assert all(site in bug_sites(task.program) for task in tasks for site in task.candidates)
    nothing = predicted_debugger(lambda prompt: "<|frame|><|exit|>normal")
    assert [blamed_line(task, nothing) for task in tasks] == [None] * 4


def test_examples_are_rows_of_states_and_direct_answers(judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    count = write_examples(path, judge, seed=1, sizes=Sizes(functions=2, actions=2))
    rows = [json.loads(line)["messages"] for line in path.read_text().splitlines()]
    assert len(rows) == count >= 10
    replies = [row[1]["content"] for row in rows if row[1]["content"].startswith("<|frame|>")]
    assert len(replies) >= len(rows) - 4
    assert all(parse_frame(reply) for reply in replies)


def test_exact_matches_tell_control_flow_from_values(judge: Judge) -> None:
    predictions = predictions_of(held_out_questions(judge, 2))
    assert len(predictions) == 16
    from codefrontier.problems.traces import print_frame

    replies = {each.prompt: print_frame(each.expected) for each in predictions}
    right = exact_matches(Known(replies), predictions)  # type: ignore[arg-type]
    assert all(each["exact"] and each["control"] for each in right)
    assert all(share["exact"] == 1 for share in (*by_action(right).values(), *by_horizon(right).values()))
    wrong = exact_matches(Known(replies, spoil=True), predictions)  # type: ignore[arg-type]
    assert all(each["control"] for each in wrong)
    spoilt = [each for each, made in zip(wrong, predictions, strict=True) if made.expected.locals]
    assert len(spoilt) > 4
    assert not any(each["values"] for each in spoilt)


def test_results_of_other_sizes_are_not_mixed(tmp_path: Path) -> None:
    check_scale(tmp_path / SCALE_FILE, asdict(Sizes()))
    with pytest.raises(SystemExit, match="other sizes: name another folder"):
        main(["--out", str(tmp_path), "--steps", "7"])


def test_a_claim_must_hold_in_every_run() -> None:
    good: dict[str, Any] = {
        "horizon": {"<4": {"count": 4.0, "exact": 0.9}, "<16": {"count": 2.0, "exact": 0.1}},
        "control": 0.9,
        "values": 0.5,
        "crux": {"output_return": 0.5, "output_breakpoint": 0.2, "direct_output": 0.3},
        "lines": {"real": 1.0, "predicted": 0.5, "guess": 0.2},
    }
    assert all(claims([good, good]).values())
    bad = {**good, "control": 0.1, "lines": {"real": 1.0, "predicted": 0.1, "guess": 0.2}}
    assert list(claims([good, bad]).values()) == [True, False, True, False]
