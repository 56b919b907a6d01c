"""Groups of short episodes with given rewards, for the tests of all algorithms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.problems import Problem

if TYPE_CHECKING:
    from codefrontier.training.algorithms.algorithm import Group


@pytest.fixture
def scored_group(problem_of: Callable[..., Problem], episode_of: Callable[..., Any]) -> Callable[..., Group]:
    """Return a maker of groups; each reply has two sampled tokens, and `turns` says how many replies."""
    from codefrontier.training.algorithms.algorithm import Group, Scored
    from codefrontier.training.rows import row_of

    def make(*rewards: float, cut: int | None = None, turns: tuple[int, ...] | None = None) -> Group:
        members = []
        for sample, reward in enumerate(rewards):
            finish = ("length" if sample == cut else "stop",) * (turns[sample] if turns else 1)
            episode = episode_of(reward=reward, sample=sample, finish_reasons=finish)
            row = row_of(episode, group_id="red-task", policy_version=0)
            members.append(Scored(episode=episode, row=row))
        return Group(problem=problem_of("red"), members=tuple(members))

    return make


PLAIN = (
    "{{ bos_token }}{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}Reply:{% endif %}"
)
GROWING = (
    "{{ bos_token }}{% for message in messages if message['role'] != 'system' %}"
    "{% if message['role'] == 'assistant' %}Reply:{{ message['content'] }}</s>"
    "{% else %}{{ message['content'].split('\\n')[0][:32] }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}Reply:{% endif %}"
)
"""Template that only appends to a conversation, and shows the beginning of each message."""


def save_byte_model(path: Path, replies: Sequence[tuple[str, ...]], *, template: str, context: int) -> Path:
    """Save a model that can read any text and writes one of the replies, each given as its tokens."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    from codefrontier.training.pretraining.model import tiny_model

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    make: Any = PreTrainedTokenizerFast
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = make(tokenizer_object=made, model_max_length=context, **special)
    tokenizer.add_tokens(list(dict.fromkeys(piece for reply in replies for piece in reply)))
    tokenizer.chat_template = template
    model: Any = tiny_model(tokenizer, d=16, layers=1, heads=2, context=context)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    fillers = ("Print 1.", "```x```")
    texts = [f"{filler}\nReply:{''.join(reply)}</s>" for filler in fillers for reply in replies]
    rows = [torch.tensor([tokenizer.encode(text, add_special_tokens=False)]) for text in texts]
    for _ in range(40):
        optimizer.zero_grad()
        for row in rows:
            model(input_ids=row, labels=row).loss.backward()
        optimizer.step()
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def byte_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that can read any text and writes programs that print 1 or 2, each a token."""
    replies: list[tuple[str, ...]] = [(f"```python\nprint({number})\n```",) for number in (1, 2)]
    path = tmp_path_factory.mktemp("bytes") / "checkpoint"
    return save_byte_model(path, replies, template=PLAIN, context=4096)


@pytest.fixture(scope="session")
def tool_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that waits, or calls a tool with a program that is mostly wrong."""
    replies: list[tuple[str, ...]] = [
        ("<tool_call>", f'{{"name": "{name}", "arguments": {{"code": "', program, '"}}', "</tool_call>")
        for name in ("run_samples", "submit")
        for program in ("print(1)", "print(2)", "print(3)")
    ]
    replies += [("Wait.",)] * 2
    path = tmp_path_factory.mktemp("tools") / "checkpoint"
    return save_byte_model(path, replies, template=GROWING, context=1024)
