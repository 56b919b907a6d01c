"""A server with other weights than the model list promises is found by its tokens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.system.listening import listen

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.serving.fleet.command import CheckFleetCommand
    from codefrontier.agents.serving.fleet.files import write_fleet
    from codefrontier.agents.serving.fleet.plan import FleetSettings, plan_fleet
    from codefrontier.agents.serving.models import ServedModel, ServedModels
    from codefrontier.agents.serving.server import serving

    torch.set_num_threads(1)

Lister = Callable[..., Path]


@pytest.fixture
def listed(pair: dict[str, Path], tmp_path: Path) -> Lister:
    """Write the files of a fleet whose servers are at the port of a URL, and return the model list."""

    def write(url: str, *names: str, **settings: object) -> Path:
        port = int(url.split(":")[2].split("/")[0])
        servers = plan_fleet({name: pair[name] for name in names}, FleetSettings(**settings))  # type: ignore[arg-type]
        write_fleet(tmp_path / "fleet", [replace(server, port=port) for server in servers])
        return tmp_path / "fleet" / "models.yaml"

    return write


def shelf(**folders: Path) -> ServedModels:
    return ServedModels([ServedModel.load(name, folder) for name, folder in folders.items()])


def test_servers_with_the_listed_checkpoints_pass(
    pair: dict[str, Path], listed: Lister, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(shelf(**pair)) as url:
        assert CheckFleetCommand(model_list=listed(url, "low", "high")).run() == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == ["frontier/low", "frontier/high"]
    assert all("samples from" in line for line in told)


def test_a_server_that_was_given_other_weights_is_found(
    pair: dict[str, Path], listed: Lister, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(shelf(low=pair["high"], high=pair["high"])) as url:
        models = listed(url, "low", "high")
        assert CheckFleetCommand(model_list=models, json=True).run() == 1
        low, high = json.loads(capsys.readouterr().out)["servers"]
        assert CheckFleetCommand(model_list=models, names=("high",)).run() == 0
    assert (low["name"], high["wrong"]) == ("frontier/low", "")
    assert "the server samples from other weights: the log-prob of token" in low["wrong"]


def test_a_server_whose_weights_are_neither_is_found(pair: dict[str, Path], listed: Lister) -> None:
    """A swap that leaves a part of the previous weights in place, as packed copies of matrices do."""
    model = ServedModel.load("high", pair["high"])
    before = ServedModel.load("low", pair["low"])
    with torch.no_grad():
        model.policy.model.lm_head.weight.copy_(before.policy.model.lm_head.weight)
    with serving(ServedModels([model])) as url:
        assert CheckFleetCommand(model_list=listed(url, "high")).run() == 1


def test_a_server_in_16_bits_is_compared_in_16_bits(pair: dict[str, Path], listed: Lister) -> None:
    model = ServedModel.load("low", pair["low"])
    model.policy.model.to(torch.bfloat16)
    with serving(ServedModels([model])) as url:
        assert CheckFleetCommand(model_list=listed(url, "low", dtype="bfloat16")).run() == 0
        assert CheckFleetCommand(model_list=listed(url, "low", dtype="float32")).run() == 1


def test_what_cannot_be_checked_is_reported_with_status_2(
    pair: dict[str, Path], listed: Lister, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(models: Path, *names: str) -> str:
        assert CheckFleetCommand(model_list=models, names=names).run() == 2
        return " ".join(capsys.readouterr().err.split())

    with serving(shelf(other=pair["low"])) as url:
        models = listed(url, "low")
        assert "does not serve 'low'; it serves 'other'" in told(models)
        assert "has no model 'frontier/middle'; it has 'frontier/low'" in told(models, "middle")
    with listen(0) as silent:
        models = listed(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "low")
    assert "frontier/low: no server answers at http://127.0.0.1:" in told(models)
    assert "is no model list" in told(tmp_path / "nothing.yaml")
    shutil.copytree(pair["high"], tmp_path / "moving")
    text = models.read_text().replace(str(pair["low"]), str(tmp_path / "moving"))
    models.write_text(text)
    assert "has changed since" in told(models)
    models.write_text("\n".join(line for line in text.splitlines() if "checkpoint:" not in line))
    assert "does not say the folder of 'frontier/low'" in told(models)
