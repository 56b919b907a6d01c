"""Checkpoints of equilibrium reasoners: config.json with the form of the network, and its weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import AgentError
from .network import EquilibriumConfig, EquilibriumNetwork

CONFIG, WEIGHTS = "config.json", "model.safetensors"
MODEL_TYPE = "codefrontier-equilibrium"


def save_network(folder: Path, config: EquilibriumConfig, weights: dict[str, Tensor]) -> None:
    """Write a network into a folder that exists."""
    described = {"model_type": MODEL_TYPE, **asdict(config)}
    (folder / CONFIG).write_text(json.dumps(described, indent=2) + "\n")
    # Copies: safetensors refuses tensors that share memory.
    save_file({name: tensor.detach().clone() for name, tensor in weights.items()}, folder / WEIGHTS)


def load_network(folder: Path) -> EquilibriumNetwork:
    """Read a network.

    Raises:
        AgentError: The folder holds no such network, or its files do not fit each other.
    """
    config = read_config(folder)
    network = EquilibriumNetwork(config)
    try:
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise AgentError(
            f"{folder / WEIGHTS}: cannot be read as the weights of the network: {error}"
        ) from error
    return network.eval()


def read_config(folder: Path) -> EquilibriumConfig:
    """Read the form of a network; errors as for `load_network`."""
    path = folder / CONFIG
    try:
        fields = json.loads(path.read_bytes())
        kind = fields.pop("model_type")
        if kind != MODEL_TYPE:
            raise AgentError(f"{path}: is a model of type {kind!r}, not {MODEL_TYPE!r}")
        return EquilibriumConfig(**fields)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AgentError(f"{path}: cannot be read as an equilibrium reasoner: {error}") from error
