"""Models with weights set by hand that always write the same reply, and a process that serves them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

Says = Callable[..., Path]
PREFIX = "serving at "


@pytest.fixture(scope="session")
def says(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Says:
    """Make a checkpoint that writes these pieces, a token each, after any prompt of its chat template.

    The hidden state is the last token alone, and the head knows one successor of it. All other texts have
    one token per byte.
    """
    torch = pytest.importorskip("torch", reason="the extra train is not installed")
    from tokenizers import AddedToken
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    def make(pieces: Sequence[str], *, template: str | None = None, name: str = "says") -> Path:
        tokenizer: Any = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
        tokenizer.add_tokens([AddedToken(piece, normalized=False, special=False) for piece in pieces])
        tokenizer.chat_template = template or tokenizer.chat_template
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=-(-len(tokenizer) // 4) * 4,
            intermediate_size=4,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=32768,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=tokenizer.bos_token_id,
            tie_word_embeddings=False,
        )
        model: Any = LlamaForCausalLM(config)
        [newline] = tokenizer.encode("\n", add_special_tokens=False)
        chain = [newline, *tokenizer.convert_tokens_to_ids(list(pieces)), tokenizer.eos_token_id]
        with torch.no_grad():
            for parameter in (model.model.layers[0].self_attn.o_proj, model.model.layers[0].mlp.down_proj):
                parameter.weight.zero_()
            model.model.embed_tokens.weight.copy_(torch.eye(len(tokenizer), config.hidden_size))
            model.lm_head.weight.zero_()
            for token, successor in pairwise(chain):
                model.lm_head.weight[successor, token] = 5.0  # times the square root of the hidden size
        path = tmp_path_factory.mktemp("says") / name
        model.save_pretrained(path)
        tokenizer.save_pretrained(path)
        return path

    return make


@contextmanager
def serve_process(*checkpoints: str) -> Iterator[str]:
    """Run `codefrontier serve` while the context lasts; yield its base URL."""
    command = [sys.executable, "-m", "codefrontier", "serve", *checkpoints, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(PREFIX), line
        yield line.removeprefix(PREFIX).strip()
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def serve_checkpoints() -> Callable[..., Any]:
    """Serve checkpoints in a process of their own."""
    return serve_process
