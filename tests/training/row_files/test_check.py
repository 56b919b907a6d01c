from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from codefrontier.training.row_files.check import RowInspection, Vocabulary, inspect_rows

Writer = Callable[..., Path]
LETTERS = Vocabulary(size=26, decode=lambda ids: "".join(chr(97 + token) for token in ids))


def sound(episode: str = "0:red#0", **changes: Any) -> dict[str, Any]:
    """Return a row of two turns: two tokens are read and two sampled, then one read and one sampled."""
    return {
        "schema_version": 1,
        "group_id": "0:red",
        "group_size": 1,
        "episode_id": episode,
        "row": 0,
        "token_ids": [0, 1, 2, 3, 4, 5],
        "loss_mask": [False, False, True, True, False, True],
        "log_probs": [0, 0, -0.5, -0.25, 0, -1.5],
        "advantages": [0, 0, 0.5, 0.5, 0, 0.5],
        "weights": {"rl": [0, 0, 1, 1, 0, 1]},
        "turns": [0, 0, 0, 0, 1, 1],
        "prompt_tokens": {"0": 2, "1": 5},
        "texts": {"0": "cd", "1": "f"},
        "reward": 1.0,
        "truncated": False,
        **changes,
    }


def faults_of(path: Path, *rows: dict[str, Any], **how: Any) -> list[str]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = inspect_rows(path, RowInspection(), **how)
    return [f"{fault.line}: {fault.field}: {fault.message}" for fault in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def test_a_sound_row_has_no_faults_and_is_counted(path: Path) -> None:
    assert faults_of(path, sound(), vocabulary=LETTERS) == []
    seen = RowInspection()
    list(inspect_rows(path, seen))
    assert (seen.rows, seen.tokens, seen.sampled, seen.learned) == (1, 6, 3, 3)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"schema_version": 2}, "schema_version: must be 1, got 2"),
        ({"reward": "1"}, "reward: must be a number, got '1'"),
        ({"truncated": 1}, "truncated: must be true or false, got 1"),
        ({"more": 1}, "more: is no field of a row"),
        ({"token_ids": [0, 1, 2, 3, 4, "f"]}, "token_ids.5: must be a whole number, got 'f'"),
        ({"log_probs": [0, 0, -0.5]}, "log_probs: has 3 values; must have 6, as token_ids"),
        ({"weights": {"rl": [1]}}, "weights.rl: has 1 values; must have 6, as token_ids"),
        ({"weights": {"kt": []}}, "weights.kt: is no component of the loss; allowed are rl, ce, kl"),
        ({"log_probs": [0, 0, 0.5, 0, 0, 0]}, "log_probs.2: must be at most 0, got 0.5"),
        ({"log_probs": [0, 0, float("-inf"), 0, 0, 0]}, "is no JSON"),
        ({"log_probs": [0, -0.5, 0, 0, 0, 0]}, "log_probs.1: must be 0 where nothing was sampled, got -0.5"),
        ({"advantages": [0, 1, 0, 0, 0, 0]}, "advantages.1: must be 0 where nothing was sampled, got 1"),
        ({"weights": {"rl": [0, 0, 1, 1, 1, 1]}}, "weights.rl.4: must be 0 where nothing was sampled"),
        ({"weights": {"ce": [1, 0, 1, 1, 0, 1]}}, "weights.ce.0: must be 0 where nothing was sampled"),
        ({"weights": {"rl": [0, 0, -1, 1, 0, 1]}}, "weights.rl.2: must be finite and at least 0, got -1"),
        ({"loss_mask": [False] * 6}, "loss_mask: marks no token as sampled"),
        ({"turns": [0, 0, 1, 1, 0, 1]}, "turns.4: must be at least 1 as before it, got 0"),
        ({"turns": [0] * 6}, "loss_mask.4: a token was read after sampling in its turn"),
        ({"prompt_tokens": {"1": 4}}, "prompt_tokens.1: the model has read 4 tokens, but the row has 5"),
        ({"texts": {"2": ""}}, "texts.2: is no turn of the row; allowed are 0 to 1"),
        ({"texts": {"1": "g"}}, "texts.1: must end with the decoded tokens 'f', got 'g'"),
        ({"token_ids": [0, 1, 2, 3, 26, 5]}, "token_ids.4: must be in [0, 26), got 26"),
        ({"token_ids": [0, -1, 2, 3, 4, 5]}, "token_ids.1: must be in [0, 26), got -1"),
        ({"row": 1}, "row: must be 0, the next of the episode '0:red#0', got 1"),
        ({"group_size": 2}, "group_size: is 2, but the file has 1 episodes of the group '0:red'"),
    ],
)
def test_each_fault_names_field_value_and_what_is_allowed(
    path: Path, changes: dict[str, Any], fault: str
) -> None:
    found = faults_of(path, sound(**changes), vocabulary=LETTERS)
    assert any(fault in said for said in found), found


def test_missing_fields_and_other_lines_are_named(path: Path) -> None:
    row = sound()
    del row["turns"]
    assert faults_of(path, row) == ["1: turns: is missing; must be a list"]
    path.write_text("[]\n{\n")
    said = [fault.message for fault in inspect_rows(path, RowInspection())]
    assert said[0] == "must be a JSON object, got list"
    assert said[1].startswith("is no JSON")


def test_echo_allows_cross_entropy_on_what_was_read(path: Path) -> None:
    row = sound(weights={"rl": [0, 0, 1, 1, 0, 1], "ce": [0, 1, 0, 0, 1, 0]})
    assert faults_of(path, row, echo=True) == []
    assert len(faults_of(path, row)) == 1


def later(ids: Sequence[int], **changes: Any) -> dict[str, Any]:
    """Return a row of the third turn of the same episode."""
    mask = [False] * (len(ids) - 1) + [True]
    streams = {
        "token_ids": list(ids),
        "loss_mask": mask,
        "log_probs": [-float(sampled) for sampled in mask],
        "advantages": [0.0] * len(ids),
        "weights": {"rl": [float(sampled) for sampled in mask]},
        "turns": [2] * len(ids),
        "prompt_tokens": {"2": len(ids) - 1},
        "texts": {},
        "row": 1,
    }
    return sound(**{**streams, **changes})


def test_a_rewritten_history_is_another_row_of_the_episode(path: Path) -> None:
    assert faults_of(path, sound(), later([0, 9, 9, 7])) == []
    grown = faults_of(path, sound(), later([0, 1, 2, 3, 4, 5, 6, 7]))
    assert grown == [
        "2: token_ids: begins with the whole row before; a sequence that only grows must be one row"
    ]
    again = faults_of(path, sound(), later([0, 9], turns=[1, 1], prompt_tokens={}, reward=0.0))
    assert again == [
        "2: reward: must be 1.0 as in the row before of the episode, got 0.0",
        "2: turns.0: must be above 1, the last turn of the row before, got 1",
    ]


def test_groups_have_as_many_episodes_as_each_row_says(path: Path) -> None:
    rows = [sound(f"0:red#{sample}", group_size=2) for sample in range(2)]
    assert faults_of(path, *rows) == []
    rows[1]["group_size"] = 3
    assert faults_of(path, *rows) == ["2: group_size: must be 2 as on line 1, got 3"]
