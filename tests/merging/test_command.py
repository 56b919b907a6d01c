from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tyro

from codefrontier.merging.command import MergeCommand


def _run(*arguments: object) -> int:
    return tyro.cli(MergeCommand, args=[str(argument) for argument in arguments]).run()


def test_alphas_are_merged_and_a_table_is_printed(
    float_pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = float_pair
    out = tmp_path / "out"
    assert _run("--low", low, "--high", high, "--alpha", "-0.5", "0.25", "1", "1e1", "--out", out) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "1,200 weights, 100.0% differ between the parents" in printed.out
    rows = [
        [cell.strip() for cell in line.split("│")[1:6]] for line in printed.out.splitlines() if "│" in line
    ]
    assert [row[:2] for row in rows if row[0]] == [
        ["-0.5", "-0.5000"],
        ["0.25", "0.2500"],
        ["1", "1.0000"],
        ["10", "10.0000"],
    ]
    assert [row[3] for row in rows if row[0] == "1"] == ["100.00%"]
    assert sorted(path.name for path in out.iterdir()) == ["alpha--0.5", "alpha-0.25", "alpha-1", "alpha-10"]


def test_a_staircase_is_a_negative_answer_with_advice_and_force_keeps_it(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = (
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("BF16"), strict=True)
    )
    arguments = ("--low", low, "--high", high, "--alpha", "1.1", "1.25", "--out", tmp_path / "out")
    assert _run(*arguments) == 1
    printed = capsys.readouterr()
    assert "effective alpha" in printed.out
    assert "refused: alpha 1 and 1.1 are" in printed.err
    assert "--rounding stochastic" in printed.err
    assert "--out-dtype float32" in printed.err
    assert not (tmp_path / "out").exists()
    assert _run(*arguments, "--force") == 0
    assert "warning: alpha 1 and 1.1 are" in capsys.readouterr().err
    assert _run(*arguments, "--force", "--rounding", "stochastic", "--seed", "3") == 0
    assert capsys.readouterr().err == ""


def test_with_json_the_differences_of_the_parents_are_in_the_document(
    kit: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = kit.rl_pair("F32", count=200)
    other = json.dumps({**kit.CONFIG, "transformers_version": "9"})
    parents = (
        kit.make_checkpoint(tmp_path / "low", low),
        kit.make_checkpoint(tmp_path / "high", high, config__json=other),
    )
    words = ("--low", parents[0], "--high", parents[1], "--alpha", "0.5", "--out", tmp_path / "out", "--json")
    assert _run(*words) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["merges"]) == 1
    (harmless,) = document["differences"]["harmless"]
    assert "transformers_version" in harmless


def test_bad_input_is_told_on_stderr_with_status_2(
    float_pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = float_pair
    for arguments, words in (
        (("--low", low, "--high", tmp_path / "gone", "--alpha", "0.5"), "gone: not a checkpoint folder"),
        (("--low", low, "--high", high, "--alpha", "nan"), "alpha must be a finite number, got nan"),
        (("--low", low, "--high", high, "--alpha", "0.5", "0.5"), "alpha 0.5 is given twice"),
    ):
        assert _run(*arguments, "--out", tmp_path / "out") == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("error: ")
        assert words in printed.err


def test_merging_imports_numpy_and_of_ours_only_the_rooms_at_the_bottom() -> None:
    room = Path(inspect.getfile(MergeCommand)).parent
    imported = set()
    # Not imported by the others, or only where a picture is drawn.
    optional = {room / "relex.py", room / "checkpoints" / "weights.py", room / "doctor" / "picture.py"}
    for path in set(room.rglob("*.py")) - optional:
        depth = len(path.relative_to(room).parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level > depth:
                assert str(node.module).split(".")[0] in ("system", "terminal"), f"{path.name}: {node.module}"
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).split(".")[0])
    assert imported - sys.stdlib_module_names == {"numpy", "rich", "pydantic", "tyro", "yaml"}
