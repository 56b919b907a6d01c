from __future__ import annotations

from pathlib import Path

import pytest

from codefrontier.system import unfinished_folder


def test_a_folder_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "made" / "out"
    with unfinished_folder(target) as folder:
        (folder / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"
    assert target.stat().st_mode & 0o777 == 0o755
    assert list(target.parent.iterdir()) == [target]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), unfinished_folder(tmp_path / "out") as folder:
        (folder / "missing" / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_text("old")
    with pytest.raises(OSError, match="not empty"), unfinished_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "file").read_text() == "old"
