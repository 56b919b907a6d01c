"""A language of a dozen pieces that a model learns in a second: programs print 1 or 2, and 1 is correct."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.agents import AgentIdentity, EpisodeRecord, StepRecord, TokenSpan
from codefrontier.judge import (
    Compilation,
    Execution,
    FailureClass,
    JudgeError,
    JudgeIdentity,
    Judgement,
    Run,
    Submission,
    Verdict,
)
from codefrontier.judge.verdicts import failure_class, overall_verdict
from codefrontier.problems import Label, LabelledSubmission, Limits, Problem, Testset
from codefrontier.training.sampling.problem_stream import ProblemStream
from codefrontier.training.settings import RLSettings, SFTSettings

if TYPE_CHECKING:
    from codefrontier.agents.policy.policy import LocalPolicy
    from codefrontier.training.rows import Row

COLOURS = ("red", "green", "blue", "black", "white", "grey", "pink", "brown")
PIECES = (*COLOURS, " task", "print(", "1", "2", ")", "#fast\n", "#slow\n")
CONTEXT = 64


def pairs(seed: int) -> Iterator[tuple[str, str]]:
    """Yield pairs of tasks and programs that print 1 or 2 with equal probability."""
    generator = random.Random(seed)
    while True:
        plan = generator.choice(("#fast\n", "#slow\n"))
        yield f"{generator.choice(COLOURS)} task", f"{plan}print({generator.choice('12')})"


def make_problem(colour: str, *, tests: int = 4) -> Problem:
    return Problem(
        id=f"{colour}-task",
        title=f"The {colour} task",
        statement=f"{colour} task\n\nPrint 1.",
        tests=Testset.inline([(f"{number}\n".encode(), b"1\n") for number in range(tests)]),
        limits=Limits(time_s=2.0),
        submissions=(
            LabelledSubmission(name="right.py", label=Label.ACCEPTED, source=b"#fast\nprint(1)\n"),
            LabelledSubmission(name="wrong.py", label=Label.WRONG_ANSWER, source=b"#slow\nprint(2)\n"),
        ),
    )


def make_stream(colours: tuple[str, ...] = COLOURS) -> ProblemStream:
    """Return a stream of the tasks, in an order that changes with the epoch."""

    def epoch(number: int) -> Iterator[Callable[[], Problem]]:
        order = random.Random(number).sample(colours, len(colours))
        return (lambda colour=colour: make_problem(colour) for colour in order)  # type: ignore[misc]

    return ProblemStream(epoch)


class TextJudge:
    """A judge that accepts programs whose text prints 1, without running them.

    Args:
        breaks: Text of submissions on which the judge fails.
    """

    def __init__(self, breaks: bytes | None = None) -> None:
        self.breaks = breaks
        self.seen: list[bytes] = []
        self.stopped_early: list[bool] = []

    def judge(
        self,
        problem: Problem,
        submission: Submission,
        *,
        coverage: float = 1.0,
        order: str = "size",
        order_seed: int = 0,
        stop_early: bool = False,
        samples: bool = False,
    ) -> Judgement:
        self.seen.append(submission.source)
        self.stopped_early.append(stop_early)
        if self.breaks is not None and self.breaks in submission.source:
            raise JudgeError("the sandbox is gone")
        right = b"print(1)" in submission.source
        verdict = Verdict.ACCEPTED if right else Verdict.WRONG_ANSWER
        cases = problem.tests.coverage(coverage)
        runs = tuple(
            Run(
                test=case.name,
                index=case.index,
                input_size=case.input_size,
                verdict=verdict,
                cpu_time_s=0.0,
                wall_time_s=0.0,
                memory_mib=1.0,
            )
            for case in cases
        )[: 1 if stop_early and not right else None]
        verdicts = [run.verdict for run in runs]
        return Judgement(
            verdict=overall_verdict(verdicts),
            failure_class=failure_class(verdicts),
            runs=runs,
            selected=len(cases),
            coverage=coverage,
            compilation=Compilation(ok=True),
            judge=JudgeIdentity(version="0", sandbox="none"),
        )

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        raise JudgeError("this judge runs nothing")


def make_episode(
    *,
    reward: float,
    sample: int = 0,
    finish_reasons: tuple[str, ...] = ("stop",),
    problem_id: str = "red-task",
) -> EpisodeRecord:
    """Make a record with a step per finish reason, each of two prompt tokens and two sampled ones."""
    span = TokenSpan(
        ids=(1, 5, 10, 11), loss_mask=(False, False, True, True), log_probs=(0.0, 0.0, -0.5, -0.25)
    )
    steps = tuple(
        StepRecord(action="", observation="", reward=0.0, finish_reason=reason, tokens=span)
        for reason in finish_reasons
    )
    return EpisodeRecord(
        package_version="0",
        problem_id=problem_id,
        problem_digest="",
        difficulty=None,
        env_id="Families-single",
        env_version=1,
        env_kwargs={},
        mode="single",
        language="python",
        seed=0,
        sample=sample,
        agent=AgentIdentity(name="policy", kind="policy"),
        observation="",
        messages=(),
        steps=steps,
        stop_reason="submitted",
        reward=reward,
        reward_valid=True,
        failure_class=FailureClass.SOLVED if reward == 1 else FailureClass.CORRECTNESS,
    )


# Small random checkpoints of the shapes people train: GPT-2 has learned positions, dropout, tied embeddings
# and transposed weights; Llama, Qwen2 and Qwen3 share key heads among query heads, and Qwen2 has biases.
CHATML = """\
{%- for message in messages -%}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LONG_CONTEXT = 2048
SHAPES = ("gpt2", "llama", "llama-tied", "qwen2", "qwen3")


def make_tokenizer() -> Any:
    """Return a byte-level tokenizer with the template of ChatML; its vocabulary is the bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {symbol: number for number, symbol in enumerate([*SPECIAL, *alphabet])}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    make: Any = PreTrainedTokenizerFast  # transformers does not annotate it
    return make(
        tokenizer_object=inner,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        chat_template=CHATML,
        model_max_length=LONG_CONTEXT,
    )


def make_model(shape: str, tokenizer: Any) -> Any:
    """Return a random model of a family."""
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, Qwen2Config, Qwen3Config

    shared: dict[str, Any] = {
        "vocab_size": len(tokenizer) + 5,  # as many models: more embeddings than tokens
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": None,
    }
    decoder: dict[str, Any] = {
        **shared,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": LONG_CONTEXT,
    }
    configs: dict[str, Any] = {
        "gpt2": lambda: GPT2Config(**shared, n_positions=LONG_CONTEXT, n_embd=32, n_layer=2, n_head=4),
        "llama": lambda: LlamaConfig(**decoder, tie_word_embeddings=False),
        "llama-tied": lambda: LlamaConfig(**decoder, tie_word_embeddings=True),
        "qwen2": lambda: Qwen2Config(**decoder, tie_word_embeddings=True),
        "qwen3": lambda: Qwen3Config(**decoder, tie_word_embeddings=True),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made: Any = AutoModelForCausalLM
        return made.from_config(configs[shape]())


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Train in one thread; torch is imported here, as its import takes seconds that collection need not."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def episode_of() -> Callable[..., EpisodeRecord]:
    return make_episode


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    return build_tokenizer(PIECES, context=CONTEXT)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that writes programs of the language, half of which are correct."""
    from codefrontier.training.pretraining.sft import train_sft

    out = tmp_path_factory.mktemp("sft")
    settings = SFTSettings(out=out, steps=120, batch=32, lr=2e-2, warmup=5, d=16, layers=1, heads=2)
    return train_sft(settings, pairs=pairs, pieces=PIECES)


@pytest.fixture
def policy(start: Path) -> LocalPolicy:
    """Load the checkpoint, so that a test can train it."""
    from codefrontier.agents.policy.policy import LocalPolicy

    return LocalPolicy.load(start)


@pytest.fixture
def settings(start: Path, tmp_path: Path) -> Callable[..., RLSettings]:
    """Return the settings of a small reinforcement run."""

    def make(**changes: Any) -> RLSettings:
        defaults: dict[str, Any] = {
            "init": start,
            "out": tmp_path / "rl",
            "steps": 4,
            "prompts": 4,
            "group": 4,
            "lr": 2e-3,
            "max_completion_tokens": 16,
        }
        return RLSettings(**{**defaults, **changes})

    return make


@pytest.fixture(scope="session")
def problem_of() -> Callable[..., Problem]:
    return make_problem


@pytest.fixture(scope="session")
def stream_of() -> Callable[..., ProblemStream]:
    return make_stream


@pytest.fixture(scope="session")
def judge_that() -> type[TextJudge]:
    return TextJudge


@pytest.fixture(scope="session")
def some_pairs() -> Callable[[int], list[tuple[str, str]]]:
    """Return the first pairs of the language."""
    return lambda count: list(itertools.islice(pairs(0), count))


@pytest.fixture(scope="session")
def pair_source() -> Callable[[int], Iterator[tuple[str, str]]]:
    return pairs


@pytest.fixture(scope="session")
def pieces() -> tuple[str, ...]:
    return PIECES


@pytest.fixture(scope="session")
def weights_of() -> Callable[[Path], bytes]:
    """Return the bytes of the weights of a checkpoint."""
    from codefrontier.training.checkpoint import find_checkpoint

    return lambda path: (find_checkpoint(path) / "model.safetensors").read_bytes()


@pytest.fixture(scope="session")
def checkpoint_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a random checkpoint of a family, made once."""
    made: dict[str, Path] = {}

    def make(shape: str) -> Path:
        if shape not in made:
            path = tmp_path_factory.mktemp(shape)
            tokenizer = make_tokenizer()
            make_model(shape, tokenizer).save_pretrained(path)
            tokenizer.save_pretrained(path)
            made[shape] = path
        return made[shape]

    return make


@pytest.fixture(scope="session")
def tokenizer_bytes() -> Any:
    return make_tokenizer()


@pytest.fixture(scope="session")
def row_of_tokens() -> Callable[..., Row]:
    """Return a function that makes a row for cross-entropy of token ids, the first of which are a prompt."""
    import torch

    from codefrontier.training.rows import CE, Row

    def make(ids: list[int], *, prompt: int) -> Row:
        mask = torch.arange(len(ids)) >= prompt
        nothing = torch.zeros(len(ids))
        return Row(
            episode_id=str(ids),
            group_id="",
            token_ids=torch.tensor(ids),
            loss_mask=mask,
            sampler_log_probs=nothing,
            advantages=nothing,
            weights={CE: mask.float()},
            turn_ids=nothing.long(),
            reward=0.0,
            truncated=False,
            policy_version=0,
        )

    return make
