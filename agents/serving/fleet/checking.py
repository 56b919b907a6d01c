"""Checks by tokens that servers sample from the weights that a model list promises.

A server that was given other weights answers as before, with status 200. Only its tokens and log-probs show
it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ...errors import AgentError, ModelError
from ...llm.options import ModelOptions
from ...policy.checkpoint import identify
from ...policy.handover import HandoverError, WeightCheck
from ...policy.policy import LocalPolicy
from ...policy.server import PolicyServer, RepliesOf
from ..model_list import PREFIX, ListedModel, read_model_list
from ..served_agent import served_models
from .plan import DTYPES

ATTEMPTS, REQUEST_LIMIT_S = 3, 300.0


@dataclass(frozen=True, kw_only=True)
class CheckedServer:
    """What a check found."""

    name: str
    checkpoint: Path
    wrong: str
    """Why the server does not sample from the checkpoint; empty if it does."""
    seconds: float
    """Wall seconds of the check, without loading the checkpoint."""


def check_servers(model_list: Path, names: Sequence[str] = ()) -> Iterator[CheckedServer]:
    """Check the servers of a model list, one after the other.

    Each checkpoint is loaded and must be the one that the list describes, by its digest. Then the server must
    give greedy and random replies with the log-probs that this process computes.

    Args:
        model_list: Model list that says folders of checkpoints.
        names: Names of models, with or without `frontier/`; empty for all.

    Raises:
        AgentError: The list cannot be read or lacks a name or a folder, a checkpoint cannot be loaded or has
            changed, or a server does not answer.
    """
    listed = read_model_list(model_list)
    wanted = [name if name.startswith(PREFIX) else f"{PREFIX}{name}" for name in names] or list(listed)
    for name in wanted:
        if name not in listed:
            raise AgentError(f"{model_list} has no model {name!r}; it has {', '.join(map(repr, listed))}")
    for name in wanted:
        yield _check(listed[name], model_list)


def _check(listed: ListedModel, model_list: Path) -> CheckedServer:
    if "checkpoint" not in listed.info:
        raise AgentError(f"{model_list}: does not say the folder of {listed.name!r}")
    folder = Path(str(listed.info["checkpoint"]))
    if identify(folder).digest != listed.info.get("digest"):
        raise AgentError(f"{folder} has changed since {model_list} was written, by its digest")
    policy = LocalPolicy.load(folder)
    dtype = str(listed.info.get("dtype", "float32"))
    if dtype not in DTYPES:
        raise AgentError(f"{model_list}: dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    policy.model.to(getattr(torch, dtype))
    model = listed.model.partition("/")[2]
    _limit_context(policy, listed, model)
    options = ModelOptions(api_base=listed.api_base, max_attempts=ATTEMPTS, request_limit_s=REQUEST_LIMIT_S)
    vocabulary = policy.model.get_input_embeddings().weight.shape[0]
    started = time.monotonic()
    try:
        WeightCheck(policy).check(RepliesOf(PolicyServer(model, policy, vocabulary, options)))
        wrong = ""
    except HandoverError as error:
        wrong = str(error)
    except ModelError as error:
        raise AgentError(f"{listed.api_base} does not answer the check: {error}") from error
    return CheckedServer(name=listed.name, checkpoint=folder, wrong=wrong, seconds=time.monotonic() - started)


def _limit_context(policy: LocalPolicy, listed: ListedModel, model: str) -> None:
    """Let the check use no more tokens than the server takes."""
    try:
        served = served_models(listed.api_base)
    except AgentError as error:
        raise AgentError(
            f"{listed.name}: no server answers at {listed.api_base}: {error.__cause__}"
        ) from error
    if model not in served:
        raise AgentError(
            f"{listed.api_base} does not serve {model!r}; it serves {', '.join(map(repr, served))}"
        )
    if isinstance(context := served[model].get("max_model_len"), int):
        policy.context = min(policy.context, context)
