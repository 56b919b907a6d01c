"""Checkpoints on disk: folders in the format of transformers, loaded in float32, and their identity."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.utils import logging as transformers_logging

from ..errors import AgentError
from .pool import Pool

CONFIG, GENERATION, RECIPE = "config.json", "generation_config.json", "merge.json"
WEIGHTS = "*.safetensors"
NAME = re.compile(r"checkpoint-(\d{6,})")
"""Folder names of the checkpoints of a run, with the number of steps."""
CONTEXT_FIELDS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
"""Names under which configurations keep the number of positions."""
NO_LIMIT = 1 << 40
"""Number of tokens from which on a tokenizer's limit stands for no limit; transformers writes 1e30."""
BEHAVIOUR = (CONFIG, GENERATION, "chat_template.jinja", "token*.json", WEIGHTS)
"""Files that decide what a model does; other files, such as the state of a trainer, are not part of the
identity."""


@dataclass(frozen=True, kw_only=True)
class CheckpointIdentity:
    """Identity of a checkpoint."""

    digest: str
    """SHA-256 over all files that decide what the model does."""
    weights_digest: str
    """SHA-256 over the weight files only, as a merge records it for its parents."""
    recipe: Mapping[str, Any] | None = field(default=None, repr=False)
    """Record of the merge, from merge.json: `recipe`, and `parents` with the digests of the parents' weights;
    None without a merge."""


@dataclass(frozen=True, kw_only=True)
class CheckpointTokens:
    """Tokenizer and related settings of a checkpoint, without its weights."""

    tokenizer: Any = field(repr=False)
    """Tokenizer of transformers."""
    generation: Any = field(repr=False)
    """Generation settings of transformers."""
    context: int
    """Number of positions of the model."""
    vocabulary: int
    """Number of tokens of the model."""


def identify(path: Path) -> CheckpointIdentity:
    """Read a checkpoint's identity from its folder.

    Raises:
        AgentError: The folder is no checkpoint, or its merge record cannot be read.
    """
    check_folder(path)
    digests = {}
    for file in {file for pattern in BEHAVIOUR for file in path.glob(pattern)}:
        with file.open("rb") as opened:
            digests[file.name] = hashlib.file_digest(opened, "sha256").hexdigest()
    weights = {name: digest for name, digest in digests.items() if name.endswith(".safetensors")}
    recipe = _recipe(path / RECIPE) if (path / RECIPE).exists() else None
    return CheckpointIdentity(digest=_combined(digests), weights_digest=_combined(weights), recipe=recipe)


def _combined(digests: Mapping[str, str]) -> str:
    """Return one digest for files: the SHA-256 of the output of `sha256sum` for them, sorted by name."""
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def check_folder(path: Path) -> None:
    """Raise AgentError unless the path is a folder with a configuration and weights."""
    if not path.is_dir():
        raise AgentError(f"checkpoint {path}: there is no such folder")
    if not (path / CONFIG).is_file():
        raise AgentError(f"checkpoint {path}: has no {CONFIG}, so it is not a transformers checkpoint")
    if not any(path.glob(WEIGHTS)):
        raise AgentError(f"checkpoint {path}: has no weights ({WEIGHTS})")


def checkpoints(out: Path) -> list[Path]:
    """Return the complete checkpoints of a run, the oldest first."""
    found = [
        (int(match[1]), path) for path in out.glob("checkpoint-*") if (match := NAME.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found)]


def find_checkpoint(path: Path) -> Path:
    """Return the checkpoint at a path: the path itself, or the last checkpoint of a run.

    Raises:
        AgentError: There is no checkpoint.
    """
    if (path / "config.json").is_file():
        return path
    found = checkpoints(path)
    if not found:
        what = "holds no checkpoint" if path.is_dir() else "is no folder"
        raise AgentError(f"{path} {what}: give a checkpoint, or the folder of a run that has one")
    return found[-1]


def load_checkpoint(path: Path, *, device: str = "cpu", pool: Pool | None = None) -> tuple[Any, Any]:
    """Load a model in float32 and its tokenizer, without downloads and without running code from the folder.

    Args:
        path: Folder of the checkpoint.
        device: Device of the model.
        pool: Shares the tokenizer and equal tensors of checkpoints that are loaded with it; such models must
            not be trained.

    Raises:
        AgentError: The folder is no checkpoint, model and tokenizer do not fit, weights are missing or not
            finite, or the device does not exist.
    """
    check_folder(path)
    try:
        with without_progress_bars():
            tokenizer = pool.tokenizer(path, lambda: _tokenizer(path)) if pool else _tokenizer(path)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                path, local_files_only=True, dtype=torch.float32, output_loading_info=True
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise AgentError(f"checkpoint {path}: cannot be loaded: {error}") from error
    model, report = loaded
    # transformers fills missing weights with random numbers and only warns.
    if report["missing_keys"]:
        raise AgentError(f"checkpoint {path}: lacks the weights {sorted(report['missing_keys'])[:5]}")
    check_fit(path, model, tokenizer)
    try:
        model = model.to(device).eval()
    except (RuntimeError, AssertionError) as error:
        raise AgentError(f"checkpoint {path}: cannot be put on device {device!r}: {error}") from error
    if pool is None:
        own_weights(model)
    else:
        pool.take_in(model)
    return model, tokenizer


def _tokenizer(path: Path) -> Any:
    return AutoTokenizer.from_pretrained(path, local_files_only=True)


@torch.no_grad()
def own_weights(model: Any) -> None:
    """Copy each weight from the mapped file into newly allocated memory.

    A weight that is mapped from a file may begin at any multiple of its item size. With such an alignment,
    matrix products use other kernels and round differently, so the same model would sample other tokens. A
    mapped weight also changes with its file.
    """
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()


def load_tokens(path: Path) -> CheckpointTokens:
    """Read the tokenizer and settings of a checkpoint without loading its weights.

    Raises:
        AgentError: The folder is no checkpoint, or tokenizer or settings cannot be read.
    """
    check_folder(path)
    try:
        with without_progress_bars():
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
            config: Any = AutoConfig.from_pretrained(path, local_files_only=True).get_text_config()
            if (path / GENERATION).is_file():
                generation: Any = GenerationConfig.from_pretrained(path, local_files_only=True)
            else:
                generation = GenerationConfig.from_model_config(config)
        return CheckpointTokens(
            tokenizer=tokenizer,
            generation=generation,
            context=context_of(config, tokenizer),
            vocabulary=int(config.vocab_size),
        )
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise AgentError(f"checkpoint {path}: its tokenizer cannot be loaded: {error}") from error


def context_of(config: Any, tokenizer: Any) -> int:
    """Return the largest number of tokens in a sequence, by a configuration of transformers.

    The configuration of a model without positions does not say it; then the tokenizer's limit counts.

    Raises:
        AgentError: Neither of them has a limit.
    """
    text = config.get_text_config()
    for name in CONTEXT_FIELDS:
        found = getattr(text, name, None)
        if isinstance(found, int) and found > 0:
            return found
    if tokenizer.model_max_length < NO_LIMIT:
        return int(tokenizer.model_max_length)
    raise AgentError(
        f"the context of the model is unknown: its configuration has none of {', '.join(CONTEXT_FIELDS)}, "
        "and its tokenizer has no model_max_length"
    )


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Switch off the progress bars of transformers, for files that are read or written quickly."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # untyped


def check_fit(path: Path, model: Any, tokenizer: Any) -> None:
    """Raise AgentError unless every token has an embedding and every weight is finite."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise AgentError(
            f"checkpoint {path}: the tokenizer has {len(tokenizer)} tokens, but the model embeds only {rows}"
        )
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            raise AgentError(f"checkpoint {path}: weight {name} holds NaN or infinity")


def _recipe(path: Path) -> Mapping[str, Any]:
    """Read the recipe and the parents' digests of a merge; paths and measurements are not part of the
    identity."""
    try:
        content = json.loads(path.read_bytes())
        parents = {role: str(parent["digest"]) for role, parent in content["parents"].items()}
        return {"recipe": dict(content["recipe"]), "parents": parents}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AgentError(f"{path}: is not the record of a merge: {error!r}") from error
