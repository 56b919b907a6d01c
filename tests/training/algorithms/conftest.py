"""Groups of short episodes with given rewards, for the tests of all algorithms."""

from __future__ import annotations

from collections.abc import Callable
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


@pytest.fixture(scope="session")
def byte_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that can read any text and writes programs that print 1 or 2, each a token."""
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
    tokenizer = make(tokenizer_object=made, model_max_length=4096, **special)
    programs = [f"```python\nprint({number})\n```" for number in (1, 2)]
    tokenizer.add_tokens(programs)
    tokenizer.chat_template = (
        "{{ bos_token }}{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
        "{% if add_generation_prompt %}Reply:{% endif %}"
    )
    model: Any = tiny_model(tokenizer, d=16, layers=1, heads=2, context=4096)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    texts = [f"{filler}\nReply:{program}</s>" for filler in ("Print 1.", "```x```") for program in programs]
    rows = [torch.tensor([tokenizer.encode(text, add_special_tokens=False)]) for text in texts]
    for _ in range(40):
        optimizer.zero_grad()
        for row in rows:
            model(input_ids=row, labels=row).loss.backward()
        optimizer.step()
    path = tmp_path_factory.mktemp("bytes") / "checkpoint"
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path
