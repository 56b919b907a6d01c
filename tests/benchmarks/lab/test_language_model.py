"""The preset for a language model, on a CPU with a tiny one that is made on the spot."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tyro

from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.lab.plan import PRESETS, LabPlan
from codefrontier.problems.families import Split

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

if TYPE_CHECKING:
    from codefrontier.agents import read_episodes
    from codefrontier.benchmarks.lab.command import LabCommand
    from codefrontier.benchmarks.lab.job import KINDS
    from codefrontier.benchmarks.lab.stages import Lab

TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


def plan(model: Path) -> LabPlan:
    """Return the preset with the smallest sizes, on the CPU."""
    return replace(
        PRESETS["gpu"],
        model=model,
        device="cpu",
        sft_steps=1,
        rl_steps=1,
        prompts=2,
        group=2,
        problems={Split.HELDOUT.value: 2, Split.VALIDATION.value: 1},
        samples=1,
        served={"problems": 1, "samples": 1},
        max_completion_tokens=8,
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of one layer, whose tokens are the bytes, with a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|pad|>", "<|start|>", "<|end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={each: i for i, each in enumerate([*special, *alphabet])}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    make: Any = PreTrainedTokenizerFast  # transformers does not annotate it
    tokenizer = make(
        tokenizer_object=inner,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        additional_special_tokens=["<|start|>"],
        chat_template=TEMPLATE,
        model_max_length=4096,
    )
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        dtype="float32",
    )
    folder = tmp_path_factory.mktemp("model") / "tiny"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.sandbox
def test_a_language_model_is_tuned_reinforced_played_and_served(model: Path, tmp_path: Path) -> None:
    lab = Lab(plan(model), tmp_path / "out")
    stages = {name: [{**job.description} for job in jobs] for name, jobs in lab.stages.items()}
    (tuning,) = stages["supervised"]
    assert tuning["kind"] == "finetune"
    KINDS["finetune"](tuning)
    assert lab.stages["supervised"][0].done
    (first, *_) = stages["reinforcement"]
    KINDS["rl"](first)
    low = lab.side(0, "low")
    (evaluation,) = stages["evaluation"]
    part = evaluation["parts"][0]
    Path(part["out"]).parent.mkdir(parents=True)
    KINDS["evaluate"]({**evaluation, "parts": [{**part, "checkpoint": str(low)}]})
    episodes = read_episodes(Path(part["out"])).episodes
    assert len(episodes) == 2
    assert all(each.reward_valid and each.usage.completion_tokens <= 8 for each in episodes)
    (serving,) = stages["serving"]
    own = serving["parts"][0]
    KINDS["serve"]({**serving, "parts": [{**own, "checkpoint": str(low)}]})
    (served,) = read_episodes(Path(own["out"])).episodes
    (played,) = [each for each in episodes if each.problem_id == served.problem_id]
    assert served.steps[0].action == played.steps[0].action, "both give the same tokens"


def test_the_place_of_the_model_is_not_part_of_the_plan(model: Path, tmp_path: Path) -> None:
    own = plan(model)
    assert own.settings()["model"] == "tiny"
    assert replace(own, model=tmp_path / "tiny").digest == own.digest
    assert "model" not in PRESETS["demo"].settings()
    with pytest.raises(ValueError, match="modes must be empty"):
        replace(PRESETS["demo"], model=model)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--preset", "gpu"], "the preset gpu needs --model"),
        (["--preset", "demo", "--model", "x"], "--model goes with the preset gpu, got --preset demo"),
        (["--preset", "smoke", "--device", "cpu"], "--device goes with the preset gpu, got --preset smoke"),
    ],
)
def test_a_language_model_goes_with_its_preset_only(words: list[str], told: str) -> None:
    with pytest.raises(BenchError, match=told):
        tyro.cli(LabCommand, args=words).plan()


def test_the_options_of_the_command_reach_the_plan(model: Path) -> None:
    words = ["--preset", "gpu", "--model", str(model), "--device", "cpu", "--seed", "3"]
    made = tyro.cli(LabCommand, args=words).plan()
    assert (made.model, made.device, made.seeds) == (model, "cpu", (3,))
