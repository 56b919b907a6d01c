from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from codefrontier.agents.equilibrium import EquilibriumConfig


@pytest.fixture
def config() -> Callable[..., EquilibriumConfig]:
    """Make the form of a tiny network for Sudoku of size 4."""
    from codefrontier.agents.equilibrium import EquilibriumConfig  # torch takes seconds to import

    def make(**fields: Any) -> EquilibriumConfig:
        tiny = {"family": "sudoku-4", "cells": 16, "symbols": 5, "marks": 4, "width": 8, "layers": 1}
        return EquilibriumConfig(**{**tiny, **fields})

    return make


@pytest.fixture
def checkpoint(config: Callable[..., EquilibriumConfig], tmp_path: Path) -> Path:
    """A checkpoint of an untrained network."""
    from codefrontier.agents.equilibrium import EquilibriumNetwork, save_network

    network = EquilibriumNetwork(config(), seed=3)
    folder = tmp_path / "checkpoint-000001"
    folder.mkdir()
    save_network(folder, network.config, network.state_dict())
    return folder
