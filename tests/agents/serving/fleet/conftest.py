"""Two checkpoints of one shape with other weights, and a program that takes vLLM's command line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

STAND_IN = """\
#!{python}
# An interpreter for the scripts of a fleet: it starts `codefrontier serve` where they start vLLM.
import os
import sys

words = sys.argv[1:]
if words[0] == "-m":
    flags = ("--served-model-name", "--model", "--port")
    name, folder, port = (words[words.index(flag) + 1] for flag in flags)
    words = ["-m", "codefrontier", "serve", name + "=" + folder, "--port", port]
os.execv(sys.executable, [sys.executable, *words])
"""


@pytest.fixture(scope="session")
def pair(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of two checkpoints, `low` and `high`."""
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy

    root = tmp_path_factory.mktemp("pair")
    policy = LocalPolicy.load(checkpoint)
    for name in ("low", "high"):
        policy.model.save_pretrained(root / name)
        policy.tokenizer.save_pretrained(root / name)
        torch.manual_seed(1)
        with torch.no_grad():
            for parameter in policy.model.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
    return {name: root / name for name in ("low", "high")}


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """The path of the program."""
    path = tmp_path / "python"
    path.write_text(STAND_IN.format(python=sys.executable))
    path.chmod(0o755)
    return path
