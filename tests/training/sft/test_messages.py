"""Masks worked by hand: one token is one byte, so that each can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.errors import TrainingError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.tokenizer import PolicyTokenizer
    from codefrontier.training.pretraining.tokenizer import build_tokenizer
    from codefrontier.training.sft.messages import MaskedTokens, mask_conversation

TURNS = [
    {"role": "system", "content": "S"},
    {"role": "user", "content": "ab"},
    {"role": "assistant", "content": "cd"},
    {"role": "user", "content": "e"},
    {"role": "assistant", "content": " f\n"},
]


@pytest.fixture
def policy(tokenizer_bytes: Any) -> PolicyTokenizer:
    return PolicyTokenizer(tokenizer_bytes, eos_ids=(), context=2048)


def with_template(tokenizer: Any, template: str | None) -> PolicyTokenizer:
    changed = type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, eos_token="<|im_end|>")
    changed.chat_template = template
    return PolicyTokenizer(changed, eos_ids=(), context=2048)


def texts(policy: PolicyTokenizer, row: MaskedTokens) -> list[tuple[str, bool]]:
    """Return the text of each stretch of tokens that are learned or not."""
    found: list[tuple[str, bool]] = []
    for token, learned in zip(row.ids, row.learned, strict=True):
        text = policy.token_text(token)
        if found and found[-1][1] == learned:
            found[-1] = (found[-1][0] + text, learned)
        else:
            found.append((text, learned))
    return found


def test_replies_and_their_ends_are_learned_and_nothing_else(policy: PolicyTokenizer) -> None:
    [row] = mask_conversation(policy, TURNS)
    assert texts(policy, row) == [
        (
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n",
            False,
        ),
        ("cd<|im_end|>", True),
        ("\n<|im_start|>user\ne<|im_end|>\n<|im_start|>assistant\n", False),
        (" f\n<|im_end|>", True),
        ("\n", False),
    ]
    # One token per byte and per special token; the user's message of two letters is 1 + 5 + 2 + 1 + 1.
    assert sum(row.learned) == 3 + 4
    assert len(row.ids) == 11 + 10 + 11 + 3 + (1 + 9) + 11 + 4 + 1


def test_the_tokens_are_those_of_sampling(policy: PolicyTokenizer) -> None:
    """A prompt is encoded as an agent encodes it, and so is what follows a reply."""
    [row] = mask_conversation(policy, TURNS)
    first = policy.prompt_ids(TURNS[:2])
    sampled = (*policy.encode("cd"), policy.end_id)
    second = policy.next_prompt_ids((*first, *sampled), TURNS[:4])
    assert row.ids[: len(second)] == second
    assert row.learned[: len(second)] == tuple(
        len(first) <= place < len(first) + len(sampled) for place in range(len(second))
    )


def test_no_token_lies_across_the_border_of_a_reply(tokenizer_bytes: Any) -> None:
    """The tokenizer would join the line ends before and at the beginning of the reply."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    newline = "\u010a"  # as byte-level tokenizers write a line end
    inner = Tokenizer(
        models.BPE(vocab={**tokenizer_bytes.get_vocab(), newline * 2: 300}, merges=[(newline, newline)])
    )
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    joining = type(tokenizer_bytes)(tokenizer_object=inner, eos_token="<|im_end|>")
    joining.chat_template = tokenizer_bytes.chat_template
    policy = PolicyTokenizer(joining, eos_ids=(), context=2048)
    assert 300 in policy.encode("a\n\nb")
    [row] = mask_conversation(
        policy, [{"role": "user", "content": "a"}, {"role": "assistant", "content": "\nb"}]
    )
    assert 300 not in row.ids
    assert texts(policy, row)[1] == ("\nb<|im_end|>", True)


def test_a_template_that_rewrites_earlier_replies_gives_each_reply_a_row(tokenizer_bytes: Any) -> None:
    """Reasoning of earlier turns is removed, as by Qwen3; the last reply keeps it."""
    policy = with_template(
        tokenizer_bytes,
        "{%- for m in messages -%}{{- m['role'] + ':' -}}"
        "{{- m['content'] if loop.last or m['role'] == 'user' else m['content'].split('</think>')[-1] -}}"
        "{{- '<|im_end|>' -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- 'assistant:' -}}{%- endif -%}",
    )
    rows = mask_conversation(
        policy,
        [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "x</think>b"},
            {"role": "user", "content": "c"},
            {"role": "assistant", "content": "y</think>d"},
        ],
    )
    assert [texts(policy, row) for row in rows] == [
        [("user:a<|im_end|>assistant:", False), ("x</think>b<|im_end|>", True)],
        [
            ("user:a<|im_end|>assistant:b<|im_end|>user:c<|im_end|>assistant:", False),
            ("y</think>d<|im_end|>", True),
        ],
    ]


def test_a_template_without_an_end_of_text_token_gets_one(tokenizer_bytes: Any) -> None:
    policy = with_template(
        tokenizer_bytes,
        "{%- for m in messages -%}{{- m['role'] + ':' + m['content'] + ';' -}}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- 'assistant:' -}}{%- endif -%}",
    )
    [row] = mask_conversation(policy, TURNS[1:3])
    assert texts(policy, row) == [("user:ab;assistant:", False), ("cd;<|im_end|>", True)]


def test_a_template_that_shows_no_replies_still_teaches_them() -> None:
    """Such as the template of the tiny models, which shows the prompt only."""
    tiny = build_tokenizer(["ab", "cd"], context=64)
    policy = PolicyTokenizer(tiny, eos_ids=(), context=64)
    rows = mask_conversation(policy, TURNS[1:3])
    assert [texts(policy, row) for row in rows] == [[("<s>ab", False), ("cd</s>", True)]]


def test_without_a_template_the_messages_follow_one_another(tokenizer_bytes: Any) -> None:
    policy = with_template(tokenizer_bytes, None)
    [row] = mask_conversation(policy, TURNS)
    assert texts(policy, row) == [
        ("ab", False),
        ("cd<|im_end|>", True),
        ("e", False),
        (" f\n<|im_end|>", True),
    ]


def test_a_template_that_asks_in_another_way_than_it_writes_is_refused(tokenizer_bytes: Any) -> None:
    policy = with_template(
        tokenizer_bytes,
        "{%- for m in messages -%}{{- m['role'] + ':' + m['content'] + ';' -}}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- 'ANSWER:' -}}{%- endif -%}",
    )
    with pytest.raises(TrainingError, match="asks for a reply with 'user:ab;ANSWER:' at the end, but writes"):
        mask_conversation(policy, TURNS[1:3])


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (TURNS[:2], "no message of the assistant"),
        (TURNS[2:3], "the first message is the assistant's"),
    ],
)
def test_conversations_without_prompt_or_reply_are_refused(
    policy: PolicyTokenizer, messages: list[dict[str, str]], said: str
) -> None:
    with pytest.raises(TrainingError, match=said):
        mask_conversation(policy, messages)
