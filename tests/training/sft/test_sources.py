from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.agents import AgentIdentity, EpisodeRecord, StepRecord, TokenSpan
from codefrontier.agents.llm.prompts import Prompts
from codefrontier.agents.records.record import JudgementRecord, JudgeRecord
from codefrontier.judge import Language, Verdict
from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import FineTuneSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.agents.policy.tokenizer import PolicyTokenizer
    from codefrontier.training.sft.sources import recorded_rows, select_rows

MESSAGES = (
    {"role": "system", "content": "S"},
    {"role": "user", "content": "ab"},
    {"role": "assistant", "content": "cd"},
)


@pytest.fixture
def policy(tokenizer_bytes: Any) -> PolicyTokenizer:
    return PolicyTokenizer(tokenizer_bytes, eos_ids=(), context=2048)


@pytest.fixture
def record(episode_of: Callable[..., EpisodeRecord], policy: PolicyTokenizer) -> Callable[..., EpisodeRecord]:
    """Return a function that makes an episode of one reply; by default its tokens are recorded."""

    def make(verdict: str | None = "AC", *, tokens: bool = True, **changes: Any) -> EpisodeRecord:
        prompt = policy.prompt_ids(MESSAGES[:2])
        sampled = (*policy.encode("cd"), policy.end_id)
        span = TokenSpan(
            ids=(*prompt, *sampled),
            loss_mask=(*[False] * len(prompt), *[True] * len(sampled)),
            log_probs=None,
        )
        step = StepRecord(action="cd", observation="", reward=1.0, tokens=span if tokens else None)
        judged = None
        if verdict is not None:
            judged = JudgementRecord(
                verdict=Verdict(verdict),
                selected=1,
                tests=1,
                runs=(),
                cpu_time_s=0.0,
                judge=JudgeRecord(version="0", sandbox="none"),
            )
        made = replace(episode_of(reward=1.0), messages=MESSAGES, steps=(step,), judgement=judged)
        return replace(made, **changes)

    return make


@pytest.fixture
def select(policy: PolicyTokenizer, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that selects from records, which are written to a file."""

    def call(*episodes: EpisodeRecord, **settings: Any) -> Any:
        path = tmp_path / "records.jsonl"
        path.write_text("".join(episode.to_json() + "\n" for episode in episodes))
        chosen = FineTuneSettings(init=tmp_path, out=tmp_path, from_records=(path,), **settings)
        return select_rows(policy, chosen)

    return call


def test_only_accepted_episodes_are_learned_from(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    episodes = [
        record(sample=0),
        record("WA", sample=1),
        record("WA", sample=2),
        record(None, sample=3),
        record(sample=4, reward_valid=False, failure_class=None),
    ]
    selection = select(*episodes)
    assert [row.episode_id for row in selection.rows] == ["red-task#0/0"]
    assert selection.dropped == {"with verdict WA": 2, "with verdict no_code": 1, "not valid": 1}
    assert [row.episode_id for row in select(*episodes, verdict=("WA", "no_code")).rows] == [
        "red-task#1/0",
        "red-task#2/0",
        "red-task#3/0",
    ]


def test_environments_and_problems_are_selected(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    episodes = [
        record(env_id="Classics-tool"),
        record(env_id="Classics-single"),
        record(env_id="Classics-tool", problem_id="blue", problem_digest="b"),
    ]
    assert len(select(*episodes).rows) == 3
    assert len(select(*episodes, env="Classics-tool").rows) == 2
    selection = select(*episodes, env="Classics-tool", problem=("blue",))
    assert [row.episode_id for row in selection.rows] == ["blue#0/0"]
    assert selection.dropped == {"not of environment Classics-tool": 1, "on other problems": 1}


def test_an_empty_selection_says_what_was_left_out_and_why(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    with pytest.raises(TrainingError, match="nothing to learn from: 1 not valid; 2 with verdict TLE"):
        select(
            record("TLE"),
            record("TLE", sample=1),
            record(sample=2, reward_valid=False, failure_class=None),
        )
    with pytest.raises(TrainingError, match=r"records\.jsonl: nothing to learn from: the files are empty"):
        select()


def test_an_episode_that_was_repeated_counts_once(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    failed = record(reward_valid=False, failure_class=None)
    selection = select(failed, record(attempt=2))
    assert len(selection.rows) == 1
    assert not selection.dropped


def test_recorded_tokens_are_used_and_are_those_of_rendering(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    recorded, rendered = select(record()), select(record(tokens=False))
    assert (recorded.from_tokens, recorded.rendered) == (1, 0)
    assert (rendered.from_tokens, rendered.rendered) == (0, 1)
    [ours], [theirs] = recorded.rows, rendered.rows
    # The template writes a line end after the end of the reply, which nobody samples.
    assert theirs.token_ids[:-1].tolist() == ours.token_ids.tolist()
    assert ours.token_ids[ours.loss_mask].tolist() == theirs.token_ids[theirs.loss_mask].tolist()
    assert ours.weights["ce"].sum() == 3


def test_tokens_of_another_tokenizer_are_not_used(
    policy: PolicyTokenizer, record: Callable[..., EpisodeRecord]
) -> None:
    episode = record()
    [step] = episode.steps
    assert step.tokens is not None
    assert recorded_rows(policy, episode) is not None
    shifted = replace(step.tokens, ids=tuple(token + 1 for token in step.tokens.ids))
    beyond = replace(step.tokens, ids=(*step.tokens.ids[:-1], 100_000))
    other_reply = replace(step.tokens, ids=(*step.tokens.ids[:-3], *policy.encode("xy"), policy.end_id))
    for tokens in (shifted, beyond, other_reply):
        assert recorded_rows(policy, replace(episode, steps=(replace(step, tokens=tokens),))) is None
    assert recorded_rows(policy, replace(episode, steps=(step, replace(step, tokens=None)))) is None


def test_rows_that_are_too_long_are_counted(
    tokenizer_bytes: Any, record: Callable[..., EpisodeRecord], tmp_path: Path
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(record().to_json() + "\n")
    short = PolicyTokenizer(tokenizer_bytes, eos_ids=(), context=20)
    settings = FineTuneSettings(init=tmp_path, out=tmp_path, from_records=(path,))
    with pytest.raises(TrainingError, match="1 longer than the context of 20 tokens"):
        select_rows(short, settings)


def test_rows_of_messages_are_read(policy: PolicyTokenizer, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"messages": list(MESSAGES)}) + "\n\n")
    settings = FineTuneSettings(init=tmp_path, out=tmp_path, rows=(path,))
    selection = select_rows(policy, settings)
    [row] = selection.rows
    assert policy.decode(row.token_ids[row.loss_mask].tolist()) == "cd"
    assert selection.described == {
        "rows": 1,
        "tokens_learned": 3,
        "from_recorded_tokens": 0,
        "rendered": 1,
        "dropped": {},
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: is no JSON"),
        ('{"text": "a"}', r'line 1: must be \{"messages": \[...\]\}'),
        ('{"messages": []}', "at least one message"),
        ('{"messages": [{"role": "user", "content": "a"}], "tools": 3}', "tools must be a list"),
        ('{"messages": [{"role": "bot", "content": "a"}]}', "must be one of system, user, .* got 'bot'"),
        ('{"messages": [{"role": "user", "content": 3}]}', "content of a message must be text, got 3"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "line 1: there is no message of the assistant"),
    ],
)
def test_a_line_that_is_no_conversation_is_named(
    line: str, said: str, policy: PolicyTokenizer, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    settings = FineTuneSettings(init=tmp_path, out=tmp_path, rows=(path,))
    with pytest.raises(TrainingError, match=said):
        select_rows(policy, settings)


def test_a_policy_of_other_agents_is_rendered(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord]
) -> None:
    """Such as the replies of a large model behind a server, which records no tokens."""
    other = record(tokens=False, agent=AgentIdentity(name="litellm:x/y", kind="litellm", model="x/y"))
    assert select(other).rendered == 1


def test_episodes_without_a_system_message_begin_with_that_of_policies(
    select: Callable[..., Any], record: Callable[..., EpisodeRecord], policy: PolicyTokenizer
) -> None:
    scripted = record(tokens=False, messages=MESSAGES[1:])
    [row] = select(scripted).rows
    system = Prompts().system("single", Language.PYTHON)
    text = policy.tokenizer.decode(row.token_ids.tolist())
    assert text.startswith(f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\nab<|im_end|>\n")
    [other] = select(record(tokens=False)).rows
    assert policy.tokenizer.decode(other.token_ids.tolist()).startswith("<|im_start|>system\nS<|im_end|>")
    [plain] = select(scripted, system=False).rows
    assert policy.tokenizer.decode(plain.token_ids.tolist()).startswith("<|im_start|>user\nab")
    [agentic] = select(replace(scripted, mode="agentic")).rows
    assert agentic.token_ids.tolist() == plain.token_ids.tolist()


def test_rows_may_name_tools(tokenizer_bytes: Any, tmp_path: Path) -> None:
    changed = type(tokenizer_bytes)(
        tokenizer_object=tokenizer_bytes.backend_tokenizer, eos_token="<|im_end|>"
    )
    changed.chat_template = (
        "{%- for t in tools or [] -%}{{- t['function']['name'] + ';' -}}{%- endfor -%}"
        + tokenizer_bytes.chat_template
    )
    path = tmp_path / "rows.jsonl"
    tools = [{"type": "function", "function": {"name": "submit"}}]
    path.write_text(json.dumps({"messages": list(MESSAGES), "tools": tools}) + "\n")
    settings = FineTuneSettings(init=tmp_path, out=tmp_path, rows=(path,))
    [row] = select_rows(PolicyTokenizer(changed, eos_ids=(), context=2048), settings).rows
    assert changed.decode(row.token_ids.tolist()).startswith("submit;<|im_start|>system\nS<|im_end|>")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({}, "from_records or rows must name at least one file"),
        ({"rows": (Path("x"),), "verdict": ("OK",)}, "verdict must be one of AC, .*, got 'OK'"),
        ({"rows": (Path("x"),), "epochs": 0}, "epochs must be a whole number of at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        FineTuneSettings(init=tmp_path, out=tmp_path, **bad)
