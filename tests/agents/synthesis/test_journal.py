"""The journal of a synthesis."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefrontier.agents.synthesis.journal import Journal, JournalError
from codefrontier.system import FolderInUseError


def test_events_are_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append("asked", 0, 1)
        journal.append("answered", 0, 1, reply="é\nx")
    with Journal(path) as journal:
        found = journal.find("answered", 0, 1)
        assert found is not None
        assert found["reply"] == "é\nx"
        assert journal.find("answered", 0, 2) is None
        assert (journal.repeated, len(journal.events("answered"))) == (0, 1)


def test_a_torn_line_is_removed_and_the_request_counts_as_repeated(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append("asked", 0, 0)
    with path.open("ab") as file:
        file.write(b'{"kind": "answered", "lineage": 0, "tu')
    with Journal(path) as journal:
        assert journal.find("answered", 0, 0) is None
        journal.append("asked", 0, 0)
        journal.append("answered", 0, 0, reply="r")
        assert journal.repeated == 1
    assert path.read_bytes().count(b"\n") == 3


def test_an_event_cannot_happen_twice(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append("ended", 3, 0)
        with pytest.raises(JournalError, match="lineage 3, turn 0 has 'ended' twice"):
            journal.append("ended", 3, 0)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(JournalError, match="twice"):
        Journal(path)


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b"{}\n",
        b'{"kind": "dreamt", "lineage": 0, "turn": 0}\n',
        b'{"kind": "asked", "lineage": "0", "turn": 0}\n',
    ],
)
def test_a_damaged_line_is_told_with_its_number(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line)
    with pytest.raises(JournalError, match="line 1: not a line of a journal"):
        Journal(path)


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    with Journal(tmp_path / "j"), pytest.raises(FolderInUseError, match="another synthesis"):
        Journal(tmp_path / "j")
