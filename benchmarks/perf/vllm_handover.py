"""Hand weights to a real vLLM server and check by tokens that it samples from them.

Needs the interpreter of another environment in which vLLM is installed; on a machine without a GPU a build
of vLLM for CPUs. A small model is changed as by training, in three versions, in three legs: `started` starts
a server for each version; `reloaded` starts one server in development mode, which reloads the versions; in
`remembering` it reloads them but keeps the keys and values of prompts that the old weights have read, so the
check must refuse it. A leg tells for each version whether the server is accepted or why it is refused, the
seconds until then, the largest difference between its log-probs and those of this process, and tokens per
second at 64 requests. The last line is JSON.

    python benchmarks/perf/vllm_handover.py ENVIRONMENT/bin/python [--leg started|reloaded|remembering]
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch

from codefrontier.agents.policy.handover import HandoverError
from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
from codefrontier.agents.policy.vllm import ReloadedServer, ServerSampling, StartedServer, WeightServer
from codefrontier.training.pretraining.model import tiny_model
from codefrontier.training.pretraining.tokenizer import build_tokenizer

CONTEXT = 512
VERSIONS = 3
STEP = 0.02
"""Standard deviation of the change of each weight between two versions."""
REQUESTS, REPLY = 64, 48
SETTINGS = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_SERVER_DEV_MODE": "1",
}


def command_of(python: str) -> str:
    """Return the command line of a vLLM server in float32."""
    words = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", "{folder}", "--port", "{port}"]
    sizes = ["--host", "127.0.0.1", "--dtype", "float32", "--enforce-eager", "--max-model-len", str(CONTEXT)]
    return shlex.join([*words, *sizes])


class Remembering(ReloadedServer):
    """Reloads without forgetting what was computed with the previous weights, which the check must refuse."""

    def _post(self, route: str, body: bytes) -> None:
        if route != "reset_prefix_cache":
            super()._post(route, body)


class Reloaded:
    """One server in development mode that is started with the first version and reloads the others."""

    def __init__(self, started: StartedServer, kind: type[ReloadedServer]) -> None:
        self._started = started
        self._kind = kind
        self._reloaded: ReloadedServer | None = None

    def serve(self, folder: Path) -> str:
        """Start the server, or have it reload."""
        if self._reloaded is not None:
            return self._reloaded.serve(folder)
        url = self._started.serve(folder)
        self._reloaded = self._kind(url)
        return url

    def close(self) -> None:
        """Stop the server."""
        self._started.close()


LEGS: dict[str, type[ReloadedServer] | None] = {
    "started": None,
    "reloaded": ReloadedServer,
    "remembering": Remembering,
}


def run_leg(server: WeightServer, policy: LocalPolicy, root: Path) -> list[dict[str, Any]]:
    """Hand over all versions and return what happened to each."""
    found = []
    with ServerSampling(server, policy, root) as sampling:
        for version in range(VERSIONS):
            started = time.monotonic()
            about: dict[str, Any] = {"version": version}
            try:
                sampling.hand_over(version)
            except HandoverError as error:
                about["refused"] = str(error)
            about["seconds"] = round(time.monotonic() - started, 1)
            if sampling.version == version:
                about |= _measure(sampling, policy)
            print(json.dumps(about), flush=True)
            found.append(about)
            _change(policy)
    return found


def _measure(sampling: ServerSampling, policy: LocalPolicy) -> dict[str, Any]:
    requests = [
        SampleRequest(prompt_ids=(1, 10 + number % 20, 7, 8), max_new_tokens=REPLY, seed=number)
        for number in range(REQUESTS)
    ]
    started = time.monotonic()
    with ThreadPoolExecutor(REQUESTS) as pool:
        replies = [reply.sampled for reply in pool.map(sampling.reply, requests)]
    taken_s = time.monotonic() - started
    differences = [
        abs(there - here)
        for request, reply in zip(requests, replies, strict=True)
        for there, here in zip(
            reply.log_probs, policy.score(request.prompt_ids, reply.token_ids), strict=True
        )
    ]
    tokens = sum(len(reply.token_ids) for reply in replies)
    return {"largest_difference": max(differences), "tokens_per_s": round(tokens / taken_s)}


def _change(policy: LocalPolicy) -> None:
    with torch.no_grad():
        for parameter in policy.model.parameters():
            parameter.add_(STEP * torch.randn_like(parameter))


def new_policy() -> LocalPolicy:
    """Return a random model of 5 M parameters."""
    tokenizer = build_tokenizer(tuple(f"w{number}" for number in range(250)), context=CONTEXT)
    model = tiny_model(tokenizer, d=256, layers=6, heads=8, context=CONTEXT)
    torch.manual_seed(1)
    return LocalPolicy(model, tokenizer)


def main(words: Sequence[str] | None = None) -> None:
    """Run the legs and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("python", help="interpreter of the environment of vLLM")
    parser.add_argument("--leg", choices=LEGS, default=None, help="one leg only")
    parser.add_argument("--logs", type=Path, default=None, help="folder that keeps weights and logs")
    options = parser.parse_args(words)
    torch.set_num_threads(1)
    os.environ.update(SETTINGS)
    summary: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for leg, kind in LEGS.items():
            if options.leg not in (None, leg):
                continue
            root = (options.logs or Path(scratch)) / leg
            root.mkdir(parents=True, exist_ok=True)
            started = StartedServer(command_of(options.python), root / "server.log")
            policy = new_policy()
            server = started if kind is None else Reloaded(started, kind)
            summary[leg] = run_leg(server, policy, root)
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
