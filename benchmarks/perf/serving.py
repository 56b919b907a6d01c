"""Measure the server of checkpoints against `generate` of transformers, at 1, 8 and 64 requests at a time.

The model is the tiny default one (0.4 M parameters) with random weights. These ways answer the same requests
in turn, and each way continues the same prompts with the same number of tokens:

- generate: `generate` of transformers in this process, all requests of a moment as one batch
- sampler: the sampler of this package in this process, without a server
- served, streamed: `codefrontier serve` in a process of its own, asked over HTTP, whole and streamed replies
- vllm: a vLLM server, with --vllm, which is the interpreter of an environment that has vLLM. The model then
  has 3 heads of 32 numbers instead of 4 of 24, which builds of vLLM for CPUs do not know

The server must give the tokens of the sampler. A figure is the median of the rounds; CPU seconds of a server
are those of its processes, without the client. The overhead is what the server needs beyond the sampler, per
request. The last line is JSON.

    python benchmarks/perf/serving.py [--quick] [--rounds N] [--vllm PYTHON]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import torch
from rich.console import Console
from rich.table import Table

from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
from codefrontier.agents.serving.fleet.plan import FleetSettings, plan_fleet
from codefrontier.benchmarks.perf.process_trees import tree_cpu_s
from codefrontier.benchmarks.perf.sampler import generate_batch
from codefrontier.system.listening import listen
from codefrontier.training.pretraining.model import tiny_model
from codefrontier.training.pretraining.tokenizer import build_tokenizer

CONTEXT = 512
CONCURRENT = (1, 8, 64)
PROMPT = (20, 60)
"""Smallest and largest number of tokens of a prompt."""
LONGEST = 64
"""Largest number of tokens of a reply; some end earlier."""
NAME, SAYS = "tiny", "serving at "
START_LIMIT_S = 900.0
SETTINGS = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}
Cost = tuple[float, float]
"""CPU seconds and wall seconds."""
Way = Callable[[Sequence[SampleRequest]], Cost]


@dataclass(frozen=True, kw_only=True)
class ServingFigures:
    """Medians of one way at one number of requests at a time."""

    at_a_time: int
    way: str
    requests: int
    tokens: int
    cpu_s: float
    wall_s: float
    tokens_per_cpu_s: float
    tokens_per_wall_s: float
    ratio: float
    """CPU time of `generate` divided by that of this way: the median of the ratios of the rounds."""
    overhead_ms: float
    """CPU milliseconds per request beyond those of the sampler: the median of the rounds."""


class Bench:
    """The model with all ways to sample from it.

    Args:
        folder: Folder for the checkpoint.
        heads: Number of attention heads.
    """

    def __init__(self, folder: Path, heads: int) -> None:
        tokenizer = build_tokenizer(tuple(f"w{number}" for number in range(250)), context=CONTEXT)
        tiny_model(tokenizer, heads=heads, context=CONTEXT).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        self.policy = LocalPolicy.load(folder)
        self.expected: dict[SampleRequest, tuple[int, ...]] = {}

    def requests(self, count: int) -> list[SampleRequest]:
        """Return requests with different prompts and seeds, and keep the tokens that they must get."""
        generator = random.Random(count)
        made = [
            SampleRequest(
                prompt_ids=(1, *generator.choices(range(10, 200), k=generator.randint(*PROMPT))),
                max_new_tokens=LONGEST,
                seed=seed,
            )
            for seed in range(count)
        ]
        for request, sampled in zip(made, self.policy.sample(made), strict=True):
            self.expected[request] = sampled.token_ids
        return made

    def generate(self, requests: Sequence[SampleRequest]) -> Cost:
        """Sample with transformers; each reply gets the length that the sampler's reply has."""
        lengths = [len(self.expected[each]) for each in requests]
        ends = self.policy.model.generation_config.eos_token_id
        self.policy.model.generation_config.eos_token_id = None
        started = _now()
        generate_batch(self.policy.model, requests, lengths)
        cost = _since(started)
        self.policy.model.generation_config.eos_token_id = ends
        return cost

    def sample(self, requests: Sequence[SampleRequest]) -> Cost:
        """Sample with the sampler of this package."""
        started = _now()
        self.policy.sample(requests)
        return _since(started)

    def asking(self, url: str, cpu_s: Callable[[], float], *, stream: bool, exact: bool = True) -> Way:
        """Return a way that asks a server, each request in a thread of its own.

        Args:
            url: Base URL of the server.
            cpu_s: Returns the CPU seconds of the server so far.
            stream: Whether to ask for streamed replies.
            exact: Whether the tokens must be those of the sampler; otherwise only their number.
        """
        client = httpx.Client(base_url=url, timeout=600, trust_env=False, limits=httpx.Limits())

        def ask(request: SampleRequest) -> None:
            expected = self.expected[request]
            body = {
                "model": NAME,
                "prompt": list(request.prompt_ids),
                "max_tokens": request.max_new_tokens if exact else len(expected),
                "seed": request.seed,
                "stream": stream,
                "return_token_ids": True,
            }
            answer = client.post("/completions", json=body if exact else {**body, "ignore_eos": True})
            answer.raise_for_status()
            ids = tuple(_streamed(answer.text) if stream else answer.json()["choices"][0]["token_ids"])
            if (ids != expected) if exact else (len(ids) != len(expected)):
                raise RuntimeError(f"the server gave {ids}, and not {expected}")

        def way(requests: Sequence[SampleRequest]) -> Cost:
            with ThreadPoolExecutor(len(requests)) as pool:
                cpu, wall = cpu_s(), time.monotonic()
                list(pool.map(ask, requests))
                return cpu_s() - cpu, time.monotonic() - wall

        return way


def _streamed(text: str) -> Iterator[int]:
    for event in text.split("\n\n")[:-2]:
        yield from json.loads(event.removeprefix("data: "))["choices"][0].get("token_ids", ())


def _now() -> Cost:
    return time.process_time(), time.monotonic()


def _since(started: Cost) -> Cost:
    return time.process_time() - started[0], time.monotonic() - started[1]


@contextmanager
def our_server(folder: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Run `codefrontier serve`; yield its base URL and a function that returns its CPU seconds."""
    command = [sys.executable, "-m", "codefrontier", "serve", f"{NAME}={folder}", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith(SAYS):
                raise RuntimeError(f"the server said {line!r}")
            # The CPU clock of the process, as of clock_getcpuclockid, which Python lacks.
            clock = (~process.pid << 3) | 2
            yield line.removeprefix(SAYS).strip(), lambda: time.clock_gettime(clock)
        finally:
            process.terminate()


@contextmanager
def vllm_server(folder: Path, python: str, log: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Run the vLLM server that `codefrontier vllm write` would start; yield its URL and its CPU seconds."""
    with listen(0) as free:
        port = int(free.getsockname()[1])
    settings = FleetSettings(python=python, port=port, more=("--enforce-eager",))
    [server] = plan_fleet({NAME: folder}, settings)
    with (
        log.open("w") as told,
        subprocess.Popen(server.words, stdout=told, stderr=told, env={**os.environ, **SETTINGS}) as process,
    ):
        try:
            ends = time.monotonic() + START_LIMIT_S
            while not _answers(server.api_base):
                if process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"vLLM does not answer:\n{log.read_text()[-2000:]}")
                time.sleep(1)
            yield server.api_base, lambda: tree_cpu_s(process.pid, itself=True)
        except httpx.HTTPError as error:
            raise RuntimeError(f"vLLM failed:\n{log.read_text()[-4000:]}") from error
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/models", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def measure(
    bench: Bench, ways: dict[str, Way], count: int, *, rounds: int, repeats: int
) -> list[ServingFigures]:
    """Return the figures of all ways at a number of requests at a time.

    Args:
        bench: The model.
        ways: The ways to answer requests.
        count: Number of requests at a time.
        rounds: Number of times that all ways are measured, in turn.
        repeats: Number of moments per round; each has other prompts.
    """
    requests = bench.requests(count * repeats)
    moments = [requests[place : place + count] for place in range(0, len(requests), count)]
    tokens = sum(len(bench.expected[request]) for request in requests)
    for way in ways.values():  # warms up
        way(moments[0])
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            spent = [way(moment) for moment in moments]
            costs[name].append((sum(cpu for cpu, _ in spent), sum(wall for _, wall in spent)))
    found = []
    for name, each in costs.items():
        cpu = statistics.median(cost[0] for cost in each)
        wall = statistics.median(cost[1] for cost in each)
        ratios = [reference[0] / own[0] for reference, own in zip(costs["generate"], each, strict=True)]
        beyond = [own[0] - least[0] for least, own in zip(costs["sampler"], each, strict=True)]
        found.append(
            ServingFigures(
                at_a_time=count,
                way=name,
                requests=len(requests),
                tokens=tokens,
                cpu_s=round(cpu, 3),
                wall_s=round(wall, 3),
                tokens_per_cpu_s=round(tokens / cpu),
                tokens_per_wall_s=round(tokens / wall),
                ratio=round(statistics.median(ratios), 2),
                overhead_ms=round(1000 * statistics.median(beyond) / len(requests), 2),
            )
        )
    return found


def main() -> None:
    """Measure all ways and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer requests and rounds")
    parser.add_argument("--rounds", type=int, default=None, help="rounds: 5, or 3 with --quick")
    parser.add_argument("--vllm", default="", help="interpreter of an environment with vLLM")
    options = parser.parse_args()
    rounds, most = options.rounds or (3 if options.quick else 5), 32 if options.quick else 128
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    figures: list[ServingFigures] = []
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as servers:
        folder = Path(scratch) / NAME
        bench = Bench(folder, heads=3 if options.vllm else 4)
        url, cpu_s = servers.enter_context(our_server(folder))
        ways: dict[str, Way] = {
            "generate": bench.generate,
            "sampler": bench.sample,
            "served": bench.asking(url, cpu_s, stream=False),
            "streamed": bench.asking(url, cpu_s, stream=True),
        }
        if options.vllm:
            log = Path(scratch) / "vllm.log"
            url, cpu_s = servers.enter_context(vllm_server(folder, options.vllm, log))
            ways["vllm"] = bench.asking(url, cpu_s, stream=False, exact=False)
        for count in CONCURRENT:
            repeats = max(1, most // count)
            figures += measure(bench, ways, count, rounds=rounds, repeats=repeats)
    table = Table(
        "at a time", "way", "tokens", "CPU s", "wall s", "tokens/CPU s", "tokens/s", "ratio", "overhead ms"
    )
    for each in figures:
        row = (each.at_a_time, each.way, each.tokens, each.cpu_s, each.wall_s, each.tokens_per_cpu_s)
        table.add_row(*map(str, (*row, each.tokens_per_wall_s, each.ratio, each.overhead_ms)))
    Console().print(table)
    smallest = min(each.ratio for each in figures if each.way == "served")
    print(json.dumps({"served_ratio": smallest, "figures": [asdict(each) for each in figures]}))


if __name__ == "__main__":
    main()
