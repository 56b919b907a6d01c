"""Two stages of one training run of a tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two checkpoints of a model that reads some problems of the families."""
    from codefrontier.training import SFTSettings, checkpoints, train_sft  # torch takes seconds

    out = tmp_path_factory.mktemp("stages") / "sft"
    train_sft(SFTSettings(out=out, steps=20, checkpoint_every=10, batch=8, d=16, layers=1, heads=2))
    low, high = checkpoints(out)
    return low, high
