from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from codefrontier.merging import MergeOptions, merge_checkpoints
from codefrontier.merging.recipes.recipe_file import parse_recipe
from codefrontier.merging.recipes.run import merge_recipe


def front_matter(folder: Path) -> Any:
    return yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])


def merged(low: Path, high: Path, out: Path) -> Path:
    (report,) = merge_checkpoints(low, high, [0.5], out, MergeOptions(force=True))
    return report.path


def test_the_card_of_a_line_has_the_recipe_the_parents_and_the_precision(
    float_pair: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = merged(*float_pair, tmp_path / "out")
    assert front_matter(folder) == {
        "base_model": [f"{tmp_path.name}/low", f"{tmp_path.name}/high"],
        "library_name": "transformers",
        "tags": ["merge", "codefrontier"],
    }
    card, record = (folder / "README.md").read_text(), json.loads((folder / "merge.json").read_text())
    assert str(tmp_path) not in card, "the folders of this machine are not published"
    for digest in (record["output"]["digest"], *(each["digest"] for each in record["parents"].values())):
        assert digest in card
    assert f"| effective alpha | {record['measured']['effective_alpha']:.6g} |" in card
    assert '"formula": "low + alpha * (high - low)"' in card
    assert "state no license" in card


@pytest.mark.parametrize(
    ("licences", "stated", "note"),
    [
        (("mit", "mit"), "mit", ""),
        (("mit", "apache-2.0"), None, "The parents' cards state apache-2.0, mit, so"),
        (("mit", None), None, "The parents' cards state mit and not all cards state one, so"),
    ],
)
def test_a_license_is_stated_if_all_parents_state_it(
    licences: tuple[str | None, ...],
    stated: str | None,
    note: str,
    float_pair: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    for parent, licence in zip(float_pair, licences, strict=True):
        text = f"---\nlicense: {licence}\n---\nAbout low.\n" if licence else "About low.\n"
        (parent / "README.md").write_text(text)
    folder = merged(*float_pair, tmp_path / "out")
    assert front_matter(folder).get("license") == stated
    card = (folder / "README.md").read_text()
    assert note in card
    assert "About low" not in card


def test_the_card_of_a_recipe_names_models_of_the_hub(kit: SimpleNamespace, tmp_path: Path) -> None:
    low, high = kit.rl_pair("F32", count=400, delta=1e-3)
    cached = tmp_path / "models--owner--name" / "snapshots" / "0123abc"
    kit.make_checkpoint(cached, low)
    kit.make_checkpoint(tmp_path / "high", high)
    content = {
        "merge_method": "linear",
        "models": [
            {"model": str(cached), "parameters": {"weight": 0.4}},
            {"model": "high", "parameters": {"weight": 0.6}},
        ],
    }
    report = merge_recipe(
        parse_recipe(content, where="test"), tmp_path / "out", name="mix", relative_to=tmp_path
    )
    assert front_matter(report.path)["base_model"] == ["owner/name", f"{tmp_path.name}/high"]
    card = (report.path / "README.md").read_text()
    assert card.split("---\n")[2].startswith("\n# mix\n")
    assert '"model": "owner/name"' in card
    assert str(tmp_path) not in card
