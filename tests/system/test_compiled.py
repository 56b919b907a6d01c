from __future__ import annotations

import ctypes
import os
import subprocess
from pathlib import Path

import pytest

from codefrontier.system.compiled import built_folder

BUILDS = {"answer.so": ["-shared", "-fPIC", "answer.c"]}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "answer.c").write_text("int answer(void) { return 42; }\n")
    return folder


def test_a_part_is_built_once_and_again_for_other_sources_or_another_variant(
    sources: Path, tmp_path: Path
) -> None:
    built = built_folder(tmp_path, sources, BUILDS)
    assert ctypes.CDLL(str(built / "answer.so")).answer() == 42
    before = (built / "answer.so").stat().st_mtime_ns
    assert built_folder(tmp_path, sources, BUILDS) == built
    assert (built / "answer.so").stat().st_mtime_ns == before
    assert built_folder(tmp_path, sources, BUILDS, variant="another CPU") != built
    (sources / "answer.c").write_text("int answer(void) { return 43; }\n")
    assert ctypes.CDLL(str(built_folder(tmp_path, sources, BUILDS) / "answer.so")).answer() == 43


def test_without_a_compiler_the_error_names_what_was_looked_for(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="none of gcc, cc, clang is on PATH"):
        built_folder(tmp_path, sources, BUILDS)


def test_sources_that_do_not_compile_leave_nothing(sources: Path, tmp_path: Path) -> None:
    (sources / "answer.c").write_text("int answer(void) {")
    with pytest.raises(subprocess.CalledProcessError):
        built_folder(tmp_path, sources, BUILDS)
    assert not [path for path in (tmp_path / "native").rglob("*") if path.is_file()]


def test_parts_that_others_may_have_written_are_refused(sources: Path, tmp_path: Path) -> None:
    os.chmod(built_folder(tmp_path, sources, BUILDS) / "answer.so", 0o777)
    with pytest.raises(PermissionError, match="others may write"):
        built_folder(tmp_path, sources, BUILDS)
