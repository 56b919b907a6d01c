"""Save a model from two ranks in every format of sharded weights: python shard_program.py FOLDER RANK RANKS.

Rank 0 also saves the whole weights in safetensors, as FOLDER/whole.safetensors.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from safetensors.torch import save_file
from torch import nn
from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageWriter
from torch.distributed.checkpoint.state_dict import get_model_state_dict, get_optimizer_state_dict
from torch.distributed.checkpoint.state_dict_saver import save
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import (
    FullyShardedDataParallel,
    ShardedStateDictConfig,
    StateDictType,
    fully_shard,
)
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor


class Tiny(nn.Module):
    """Shapes that two ranks cannot divide evenly, a buffer, integers, and a row that one rank lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 6)
        self.layer = nn.Linear(6, 8)
        self.head = nn.Linear(8, 5, bias=False)
        self.single = nn.Parameter(torch.randn(1, 5))
        self.register_buffer("running", torch.randn(3))
        self.register_buffer("ids", torch.arange(4))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.head(self.layer(self.embed(tokens)))
        return hidden * self.single


def whole(value: torch.Tensor) -> torch.Tensor:
    return (value.full_tensor() if isinstance(value, DTensor) else value).detach().clone().contiguous()


def original(state: dict[str, torch.Tensor]) -> Tiny:
    model = Tiny()
    model.load_state_dict(state)
    return model


def save_rank(folder: Path, state: dict[str, Any], rank: int, ranks: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state, folder / f"model_world_size_{ranks}_rank_{rank}.pt")


def main(folder: Path, rank: int, ranks: int) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder / 'store'}", rank=rank, world_size=ranks)
    mesh = init_device_mesh("cpu", (ranks,), mesh_dim_names=("fsdp",))
    torch.manual_seed(0)
    model = Tiny()
    for part in (model.layer, model.head, model):
        fully_shard(part, mesh=mesh)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.arange(5)).square().mean().backward()
    optimizer.step()

    state: dict[str, Any] = dict(get_model_state_dict(model))
    nested = {"model": state, "optim": get_optimizer_state_dict(model, optimizer)}
    save(nested, checkpoint_id=folder / "dcp" / "pytorch_model_fsdp_0")
    save_rank(folder / "verl" / "actor", model.state_dict(), rank, ranks)
    numbers = dict.fromkeys(state, 1)
    writer = HuggingFaceStorageWriter(
        path=str(folder / "hf"), fqn_to_index_mapping=numbers, save_distributed=True
    )
    save(state, storage_writer=writer)

    full = {name: whole(value) for name, value in state.items()}
    columns = {
        name: distribute_tensor(value, mesh, [Shard(value.ndim - 1)]) if value.is_floating_point() else value
        for name, value in full.items()
    }
    save(columns, checkpoint_id=folder / "columns")
    save_rank(folder / "verl_columns", columns, rank, ranks)
    twice = init_device_mesh("cpu", (ranks, 1), mesh_dim_names=("ddp", "fsdp"))
    hybrid = {name: distribute_tensor(value, twice, [Replicate(), Shard(0)]) for name, value in full.items()}
    save_rank(folder / "hybrid", hybrid, rank, ranks)
    save_rank(folder / "loose", {name: value + rank for name, value in full.items()}, rank, ranks)
    flat = FullyShardedDataParallel(original(full), device_mesh=mesh, device_id=torch.device("cpu"))
    kind, how = StateDictType.SHARDED_STATE_DICT, ShardedStateDictConfig(offload_to_cpu=True)
    with FullyShardedDataParallel.state_dict_type(flat, kind, how):
        save_rank(folder / "fsdp1", flat.state_dict(), rank, ranks)
    half = {name: value.bfloat16() if value.is_floating_point() else value for name, value in state.items()}
    save(half, checkpoint_id=folder / "half")
    if rank == 0:
        save_file(full, folder / "whole.safetensors", metadata={"format": "pt"})
        half_full = {k: v.bfloat16() if v.is_floating_point() else v for k, v in full.items()}
        save_file(half_full, folder / "whole_half.safetensors", metadata={"format": "pt"})
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
