"""The rows and the model that the measurements of training share, made from seeds."""

from __future__ import annotations

import contextlib
import copy
import math
import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from codefrontier.training.pretraining.model import tiny_model
from codefrontier.training.pretraining.tokenizer import build_tokenizer
from codefrontier.training.rows import RL, Row
from codefrontier.training.updating.reference import Reference

Lengths = Literal["equal", "ragged"]
GROUP = 8
"""Number of rows per prompt."""
LR = 5e-5
BETAS = (0.9, 0.95)
PART_ROWS = 16
LONGEST, MEAN = 192, 64
"""Largest and mean number of tokens in a reply, in tokens."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The rows of one step."""

    lengths: Lengths
    """Whether all replies have the mean length, or lengths as those of sampled programs."""
    groups: int
    """Number of prompts; each has eight rows."""
    prompt: int
    """Number of tokens of a prompt."""
    seed: int = 0


def reply_lengths(workload: Workload) -> list[int]:
    """Return the number of tokens of each reply; ragged lengths are exponential with the same mean."""
    count = workload.groups * GROUP
    if workload.lengths == "equal":
        return [MEAN] * count
    generator = torch.Generator().manual_seed(workload.seed + 1)
    uniform = torch.rand(count, generator=generator, dtype=torch.float64)
    return [min(max(round(-MEAN * math.log(1 - float(each))), 4), LONGEST) for each in uniform]


def make_tokenizer() -> Any:
    """Return a tokenizer with as many tokens as that of the families, 147."""
    return build_tokenizer([f"w{number:03d}" for number in range(141)], context=1024)


def make_model(tokenizer: Any) -> Any:
    """Return a model with the default shape of `codefrontier train sft`, about 0.36 M parameters."""
    return tiny_model(tokenizer, context=1024)


def make_rows(workload: Workload, vocabulary: int) -> list[Row]:
    """Return rows of random tokens; in each group some rewards are 1 and others 0."""
    generator = torch.Generator().manual_seed(workload.seed)
    lengths = iter(reply_lengths(workload))
    rows = []
    for group in range(workload.groups):
        prompt = torch.randint(6, vocabulary, (workload.prompt,), generator=generator)
        right = 1 + group % (GROUP - 1)
        for sample in range(GROUP):
            reply = torch.randint(6, vocabulary, (next(lengths),), generator=generator)
            ids = torch.cat([prompt, reply])
            mask = torch.arange(len(ids)) >= workload.prompt
            reward = float(sample < right)
            rows.append(
                Row(
                    episode_id=f"{group:03d}#{sample}",
                    group_id=f"{group:03d}",
                    token_ids=ids,
                    loss_mask=mask,
                    sampler_log_probs=torch.zeros(len(ids)),
                    advantages=(reward - right / GROUP) * mask,
                    weights={RL: mask.float()},
                    turn_ids=torch.zeros(len(ids), dtype=torch.int64),
                    reward=reward,
                    truncated=False,
                    policy_version=0,
                )
            )
    return rows


def with_sampler_log_probs(rows: list[Row], model: Any) -> list[Row]:
    """Return the rows with the log-probs of the model as those of the sampler, so that no ratio is capped."""
    scored = Reference(copy.deepcopy(model)).score(rows)
    return [
        replace(
            row,
            sampler_log_probs=row.reference_log_probs * row.loss_mask,
            reference_log_probs=None,
            weights={RL: row.weights[RL]},
        )
        for row in scored
        if row.reference_log_probs is not None
    ]


class Meter:
    """Measures CPU time and peak memory of one piece of work in this process."""

    def __init__(self) -> None:
        self.excluded_s = 0.0
        """CPU time within the work that does not count."""
        _reset_peak()
        self._before = _memory("VmRSS")
        self._started = time.process_time()

    def read(self) -> dict[str, float]:
        """Return CPU time, peak memory, and how far the peak is above the memory at the start, in MiB."""
        cpu_s = time.process_time() - self._started - self.excluded_s
        peak = _memory("VmHWM")
        return {"cpu_s": cpu_s, "peak_mib": peak, "above_mib": peak - self._before}


def _reset_peak() -> None:
    # Where it is not allowed, the peak is that of the process so far.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> float:
    """Return a figure of /proc/self/status in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
