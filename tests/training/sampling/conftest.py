"""A tiny chat model on bytes: it reads any text, and writes one of a few replies for the three modes.

Its chat template shows the first line of each message, so prompts are short. The system message is left out.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from codefrontier.training.rows import Row

CONTEXT = 512
GROWING = """\
{{- bos_token -}}
{%- for message in messages if message['role'] != 'system' -%}
{%- if message['role'] == 'user' -%}{{ '<user>' + message['content'].split('\\n')[0][:32] + '\\n' }}
{%- else -%}{{ message['content'] + eos_token }}{%- endif -%}
{%- endfor -%}
"""
"""Template that only ever appends to a conversation."""
REWRITING = """\
{{- bos_token -}}
{%- for message in messages | reverse if message['role'] == 'user' -%}
{%- if loop.first -%}{{ '<user>' + message['content'].split('\\n')[0][:32] + '\\n' }}{%- endif -%}
{%- endfor -%}
"""
"""Template that shows the last observation only, so every turn rewrites the history."""


def call(name: str, **arguments: str) -> str:
    return json.dumps({"name": name, "arguments": arguments})


REPLIES = (
    call("submit", code="print(1)"),
    call("submit", code="print(2)"),
    call("python", code="print(3)"),
    call("edit", command="create", path="a.py", text="print(1)"),
    call("submit", path="a.py"),
    "```python\nprint(1)\n```",
    "```python\nprint(2)\n```",
)
TASKS = ("# The red task", "# Missing ticket", "3", "Nothing was done: x", "Wrote 8 characters to a.py.")


def chat_tokenizer(template: str = GROWING) -> Any:
    """Return a byte-level tokenizer whose merges come from the replies."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<pad>", "<user>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*REPLIES, *TASKS], trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers does not annotate it
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        clean_up_tokenization_spaces=False,
        model_max_length=CONTEXT,
        chat_template=template,
    )


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checkpoint of a model that answers any message with one of the replies."""
    import torch

    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.updating.update import UpdateSettings, update

    path, tokenizer = tmp_path_factory.mktemp("chat"), chat_tokenizer()
    model: Any = tiny_model(tokenizer, d=32, layers=1, heads=2, context=CONTEXT)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    conversations = _conversations(tokenizer)
    for _ in range(90):
        update(model, optimizer, [next(conversations) for _ in range(16)], UpdateSettings())
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def _conversations(tokenizer: Any) -> Iterator[Row]:
    """Yield conversations of one or two turns as rows, of which the replies are learned."""
    import torch

    from codefrontier.training.rows import CE, Row

    generator = random.Random(0)
    while True:
        ids, mask = [tokenizer.bos_token_id], [False]
        for _ in range(generator.choice((1, 2))):
            said = tokenizer.encode(f"<user>{generator.choice(TASKS)}\n", add_special_tokens=False)
            reply = tokenizer.encode(f"{generator.choice(REPLIES)}</s>", add_special_tokens=False)
            ids += [*said, *reply]
            mask += [False] * len(said) + [True] * len(reply)
        learned, nothing = torch.tensor(mask), torch.zeros(len(ids))
        yield Row(
            episode_id="",
            group_id="",
            token_ids=torch.tensor(ids),
            loss_mask=learned,
            sampler_log_probs=nothing,
            advantages=nothing,
            weights={CE: learned.float()},
            turn_ids=torch.zeros(len(ids), dtype=torch.int64),
            reward=0.0,
            truncated=False,
            policy_version=0,
        )


@pytest.fixture
def rewriting(chat: Path, tmp_path: Path) -> Path:
    """Return the same model with a chat template that rewrites the history in every turn."""
    path = tmp_path / "rewriting"
    shutil.copytree(chat, path)
    chat_tokenizer(REWRITING).save_pretrained(path)
    return path
