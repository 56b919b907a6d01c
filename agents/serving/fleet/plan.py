"""The vLLM servers of a fleet: names, ports, commands."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ....system.listening import LOOPBACK
from ...errors import AgentError
from ...policy.checkpoint import CONFIG, find_checkpoint, identify, load_tokens
from ...policy.tokenizer import PolicyTokenizer, eos_ids
from .tool_calls import AUTO, ToolCalls, tool_calls_of

STORED: Literal["stored"] = "stored"
DTYPES = ("float32", "bfloat16", "float16")
Dtype = Literal["stored", "float32", "bfloat16", "float16"]
LogProbs = Literal["processed_logprobs", "raw_logprobs"]
MEMORY = 0.9
"""Share of the memory of a GPU that its servers take together."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class FleetSettings:
    """Settings that the servers of a fleet have in common."""

    python: str = "python"
    """Interpreter of the environment in which vLLM is installed: a path, or a name to look up."""
    port: int = 8001
    """Port of the first server; each further server has the next one."""
    dtype: Dtype = STORED
    """Precision of the models; `stored` is the one in which the weights are stored."""
    max_model_len: int | None = None
    """Maximum number of tokens of prompt and reply; None for the context of the checkpoint."""
    tool_parser: str = AUTO
    """vLLM's parser of tool calls; `auto` for the one that suits the chat template, `none` for no tools."""
    log_probs: LogProbs = "processed_logprobs"
    """Which log-probs vLLM returns; at temperature 1 and top_p 1, both are the log-probs of the model."""
    gpus: tuple[int, ...] = ()
    """Numbers of the GPUs, which the servers take in turn; empty: all servers use what vLLM finds."""
    more: tuple[str, ...] = ()
    """Further options of vLLM for every server."""

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise AgentError(f"port must be in [1, 65535], got {self.port!r}")
        if self.max_model_len is not None and self.max_model_len < 1:
            raise AgentError(f"max_model_len must be at least 1, got {self.max_model_len!r}")
        if any(gpu < 0 for gpu in self.gpus):
            raise AgentError(f"gpus must be numbers from 0, got {self.gpus!r}")


@dataclass(frozen=True, kw_only=True)
class PlannedServer:
    """A vLLM server with one checkpoint."""

    name: str
    folder: Path
    """Folder of the checkpoint, absolute."""
    digest: str
    """Digest of the checkpoint, as `codefrontier serve` reports it."""
    port: int
    dtype: str
    words: tuple[str, ...] = field(repr=False)
    """Command line, without the chat template."""
    tool_calls: ToolCalls = field(repr=False)
    gpu: int | None = None

    @property
    def api_base(self) -> str:
        """Base URL of the server."""
        return f"http://{LOOPBACK}:{self.port}/v1"

    @property
    def template_file(self) -> str:
        """Name of the file with the chat template; empty if the checkpoint's own is used."""
        return f"{self.name}.jinja" if self.tool_calls.chat_template else ""

    @property
    def command(self) -> str:
        """Command line for a shell; the file of the chat template is beside the script."""
        template = f' --chat-template "$here"/{self.template_file}' if self.template_file else ""
        return shlex.join(self.words) + template


def plan_fleet(named: Mapping[str, Path], settings: FleetSettings) -> list[PlannedServer]:
    """Return a server for each checkpoint.

    Args:
        named: Folders of checkpoints, or of runs, whose last checkpoint is served, by name.
        settings: Settings of all servers.

    Raises:
        AgentError: A folder is no checkpoint, a name cannot be the name of a file, or there are too few
            ports.
    """
    if settings.port + len(named) - 1 > 65535:
        raise AgentError(f"{len(named)} servers need ports from {settings.port} on; the last port is 65535")
    for name in named:
        if not _NAME.fullmatch(name):
            raise AgentError(
                f"{name!r} cannot be a name: it names files, so it may have letters, digits, '.', '_' and '-'"
            )
    return [
        _plan(name, path, place, len(named), settings) for place, (name, path) in enumerate(named.items())
    ]


def _plan(name: str, path: Path, place: int, servers: int, settings: FleetSettings) -> PlannedServer:
    folder = find_checkpoint(path).resolve()
    tokens = load_tokens(folder)
    tokenizer = PolicyTokenizer(tokens.tokenizer, eos_ids=eos_ids(tokens.generation), context=tokens.context)
    dtype = _stored_dtype(folder) if settings.dtype == STORED else settings.dtype
    tool_calls = tool_calls_of(tokenizer, settings.tool_parser)
    port = settings.port + place
    together = math.ceil(servers / max(1, len(settings.gpus)))
    words = [
        *(_found_from_anywhere(settings.python), "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(folder), "--served-model-name", name),
        *("--host", LOOPBACK, "--port", str(port), "--dtype", dtype),
        *("--logprobs-mode", settings.log_probs, "--max-logprobs", "20", "--enable-prefix-caching"),
        # Otherwise vLLM takes temperature and top_p that a request leaves out from the checkpoint.
        *("--generation-config", "vllm"),
    ]
    if settings.max_model_len is not None:
        words += ["--max-model-len", str(settings.max_model_len)]
    if together > 1:
        words += ["--gpu-memory-utilization", f"{MEMORY / together:.3f}"]
    if tool_calls.parser:
        words += ["--enable-auto-tool-choice", "--tool-call-parser", tool_calls.parser]
    return PlannedServer(
        name=name,
        folder=folder,
        digest=identify(folder).digest,
        port=port,
        dtype=dtype,
        words=(*words, *settings.more),
        tool_calls=tool_calls,
        gpu=settings.gpus[place % len(settings.gpus)] if settings.gpus else None,
    )


def _found_from_anywhere(python: str) -> str:
    """Return a path that is absolute, and still the link that makes it the interpreter of its environment."""
    return os.path.abspath(python) if os.sep in python else python


def _stored_dtype(folder: Path) -> str:
    """Return the precision in which weights are stored, by the configuration.

    Raises:
        AgentError: The configuration does not say it, or says one that vLLM does not take.
    """
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        text = config.get("text_config") or {}
        stored = next(
            about[key] for about in (config, text) for key in ("dtype", "torch_dtype") if about.get(key)
        )
    except (OSError, ValueError, AttributeError, StopIteration) as error:
        raise AgentError(
            f"{folder / CONFIG} does not say the precision of the weights: give --dtype"
        ) from error
    if stored not in DTYPES:
        raise AgentError(f"{folder / CONFIG}: precision must be one of {', '.join(DTYPES)}, got {stored!r}")
    return str(stored)
