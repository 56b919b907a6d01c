"""Small random checkpoints of the shapes that people train: their families differ in what this folder tests.

GPT-2 has learned positions, dropout, tied embeddings and transposed weights; Llama, Qwen2 and Qwen3 share key
heads among query heads, and Qwen2 has biases.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from codefrontier.training.rows import Row

CHATML = """\
{%- for message in messages -%}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CONTEXT = 2048
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
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        chat_template=CHATML,
        model_max_length=CONTEXT,
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
        "max_position_embeddings": CONTEXT,
    }
    configs = {
        "gpt2": lambda: GPT2Config(**shared, n_positions=CONTEXT, n_embd=32, n_layer=2, n_head=4),
        "llama": lambda: LlamaConfig(**decoder, tie_word_embeddings=False),
        "llama-tied": lambda: LlamaConfig(**decoder, tie_word_embeddings=True),
        "qwen2": lambda: Qwen2Config(**decoder, tie_word_embeddings=True),
        "qwen3": lambda: Qwen3Config(**decoder, tie_word_embeddings=True),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return AutoModelForCausalLM.from_config(configs[shape]())


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
