"""The rates of sampling and update with a model of a given shape: for a GPU, but runs anywhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from codefrontier.agents.policy.running import RunningBatch, sample_all
from codefrontier.agents.policy.sampler import SampleRequest
from codefrontier.benchmarks.perf.training_parts.workload import BETAS, LR, Workload, make_rows
from codefrontier.training.rows import Row
from codefrontier.training.settings import Packing
from codefrontier.training.updating.update import UpdateSettings, update

PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L4": 121e12}
"""Dense bfloat16 operations per second of GPUs, by a part of their names; from the vendor's data sheets."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Shape of a model, and size of a step."""

    hidden: int
    mlp: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int
    groups: int
    prompt: int


LARGE = Scale(hidden=896, mlp=4864, layers=24, heads=14, kv_heads=2, vocabulary=151936, groups=8, prompt=256)
"""Shape of Qwen2.5-0.5B."""
TINY = Scale(hidden=32, mlp=64, layers=2, heads=4, kv_heads=2, vocabulary=64, groups=2, prompt=12)


def measure_scale(scale: Scale, device: str, *, rounds: int = 3) -> dict[str, Any]:
    """Sample and update; return times, tokens per second, model FLOPs utilisation and peak memory.

    Utilisation counts 6 operations per parameter and token of the rows, padding and shared work excluded; it
    is None on a device whose peak is not known.
    """
    model = _model(scale).to(device)
    rows = make_rows(Workload(lengths="ragged", groups=scale.groups, prompt=scale.prompt), scale.vocabulary)
    tokens = sum(len(row) for row in rows)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, betas=BETAS, weight_decay=0.0)
    flops = 6 * sum(p.numel() for p in model.parameters()) * tokens
    found: dict[str, Any] = {"device": _name(device), "tokens": tokens}
    sampled = sum(int(row.loss_mask.sum()) for row in rows)
    found["sample_s"] = _timed(lambda: _sample(model, rows), device, rounds)
    found["sampled_tokens_per_s"] = sampled / found["sample_s"]
    packings: tuple[Packing, ...] = ("off", "rows", "prefixes")
    for packing in packings:
        settings = UpdateSettings(packing=packing)
        seconds = _timed(lambda settings=settings: update(model, optimizer, rows, settings), device, rounds)
        found[f"update_{packing}"] = {
            "seconds": seconds,
            "tokens_per_s": tokens / seconds,
            "mfu": None if (peak := _peak(device)) is None else flops / seconds / peak,
            "share_of_step": seconds / (seconds + found["sample_s"]),
        }
    if device == "cuda":
        found["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    return found


def _model(scale: Scale) -> Any:
    config = Qwen2Config(
        vocab_size=scale.vocabulary,
        hidden_size=scale.hidden,
        intermediate_size=scale.mlp,
        num_hidden_layers=scale.layers,
        num_attention_heads=scale.heads,
        num_key_value_heads=scale.kv_heads,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: Any = Qwen2ForCausalLM(config)
    return model.to(torch.bfloat16)


def _sample(model: Any, rows: list[Row]) -> None:
    requests = [
        SampleRequest(
            prompt_ids=tuple(row.token_ids[~row.loss_mask].tolist()),
            max_new_tokens=int(row.loss_mask.sum()),
            seed=number,
        )
        for number, row in enumerate(rows)
    ]
    batch = RunningBatch(model, slots=len(requests), stop_ids=frozenset(), ends=lambda request, tokens: False)
    sample_all(batch, requests)


def _timed(work: Any, device: str, rounds: int) -> float:
    """Return the shortest wall time of several rounds, after one that warms up."""
    seconds = []
    for _ in range(rounds + 1):
        _wait(device)
        started = time.perf_counter()
        work()
        _wait(device)
        seconds.append(time.perf_counter() - started)
    return min(seconds[1:])


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else device


def _peak(device: str) -> float | None:
    name = _name(device)
    return next((peak for part, peak in PEAK_FLOPS.items() if part in name), None)
