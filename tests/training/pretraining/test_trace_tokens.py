"""Tokens of the trace language, for tiny models and for any model of transformers."""

from __future__ import annotations

import random
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from codefrontier.problems.traces import (
    MARKERS,
    Event,
    EventKind,
    StateTree,
    Trace,
    TraceTarget,
    family_rows,
    forward_policy,
    walk,
    walk_rows,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast  # noqa: F401  # makes conftest run this module late

    from codefrontier.agents.policy.tokenizer import PolicyTokenizer
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.trace_tokens import add_markers, trace_tokenizer
    from codefrontier.training.sft.messages import mask_conversation

pytestmark = pytest.mark.skipif(find_spec("transformers") is None, reason="needs codefrontier[train]")


def conversation() -> list[dict[str, str]]:
    source = "def f(a):\n    return [x ** 2 for x in a]\n"
    events = (
        Event(kind=EventKind.CALL, depth=0, line=1, function="f", changed={"a": "[1, -2]"}),
        Event(kind=EventKind.LINE, depth=0, line=2, function="f", changed={}),
        Event(kind=EventKind.RETURN, depth=0, line=2, function="f", changed={}, argument="[1, 4]"),
    )
    target = TraceTarget(id="t", source=source, entry="f", arguments="[1, -2]")
    tree = StateTree.forward(Trace(target=target, events=events, end="normal"))
    (row,) = walk_rows(walk(tree, forward_policy(), random.Random(1)))
    return list(row["messages"])


def test_the_tiny_tokenizer_writes_every_family_function_and_walk_without_unknown_tokens() -> None:
    tokenizer = trace_tokenizer(context=512)
    texts = [row.code + row.input for row in islice(family_rows(0, bug_share=0.5), 30)]
    texts += [message["content"] for message in conversation()] + list(MARKERS)
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids
        assert tokenizer.decode(ids) == text
    assert all(len(tokenizer(marker, add_special_tokens=False)["input_ids"]) == 1 for marker in MARKERS)


def test_a_walk_is_learned_where_the_model_writes_states() -> None:
    tokenizer = trace_tokenizer(context=512)
    policy = PolicyTokenizer(tokenizer, eos_ids=(tokenizer.eos_token_id,), context=512)
    messages = conversation()
    (row,) = mask_conversation(policy, messages)
    learned = [token for token, own in zip(row.ids, row.learned, strict=True) if own]
    replies = [message["content"] for message in messages if message["role"] == "assistant"]
    assert tokenizer.decode(learned) == "".join(f"{reply}</s>" for reply in replies)


def test_markers_become_tokens_of_another_tokenizer_and_its_model_grows() -> None:
    from codefrontier.training.pretraining.tokenizer import build_tokenizer

    tokenizer = build_tokenizer(["a", "b", "<", "|", ">", "_"], context=64)
    model = tiny_model(tokenizer, d=8, layers=1, heads=1)
    assert add_markers(tokenizer, model) == len(MARKERS)
    assert add_markers(tokenizer, model) == 0
    assert model.config.vocab_size == len(tokenizer)
    ids = tokenizer("<|frame|>ab<|inv_line_call|>", add_special_tokens=False)["input_ids"]
    assert len(ids) == 4
    assert tokenizer.decode(ids, skip_special_tokens=True) == "<|frame|>ab<|inv_line_call|>"
