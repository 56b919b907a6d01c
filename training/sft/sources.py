"""What a checkpoint is fine-tuned on: the accepted episodes of records, or rows of messages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ...agents import EpisodeRecord, Message, RecordError, TokenSpan, read_episodes
from ...agents.llm.prompts import LITERAL, Prompts
from ...agents.policy.tokenizer import PolicyTokenizer, Tools
from ...agents.records import final_episodes, token_rows
from ...agents.records.files import find_records
from ...judge import Language
from ...problems import LITERAL_KINDS
from ..errors import TrainingError
from ..rows import CE, Row
from ..settings import FineTuneSettings
from .messages import MaskedTokens, mask_conversation

ROLES = ("system", "user", "assistant", "tool", "developer")
NO_CODE = "no_code"
"""Name that stands for the verdict of an episode without a submission."""


@dataclass(kw_only=True)
class Selection:
    """The rows to learn from, and what was left out."""

    rows: list[Row] = field(default_factory=list, repr=False)
    dropped: Counter[str] = field(default_factory=Counter)
    """Number of episodes, conversations or rows that were left out, by reason."""
    from_tokens: int = 0
    """Number of episodes whose recorded tokens are used."""
    rendered: int = 0
    """Number of episodes and conversations that were encoded by the chat template."""

    @property
    def described(self) -> dict[str, Any]:
        """The counts, for run.json."""
        return {
            "rows": len(self.rows),
            "tokens_learned": sum(int(row.loss_mask.sum()) for row in self.rows),
            "from_recorded_tokens": self.from_tokens,
            "rendered": self.rendered,
            "dropped": dict(sorted(self.dropped.items())),
        }


def select_rows(policy: PolicyTokenizer, settings: FineTuneSettings) -> Selection:
    """Read the files of the settings and return the rows to learn from.

    Raises:
        TrainingError: A file cannot be read or has a line that is no conversation, or nothing is left to
            learn from; the message says how much was left out and why.
    """
    selection = Selection()
    for episode in _episodes(settings):
        reason = _refused(episode, settings)
        if reason is None:
            add_episode(selection, policy, episode, system=settings.system)
        else:
            selection.dropped[reason] += 1
    for path in settings.rows:
        for where, talk in _conversations(path):
            _add(selection, policy, where, talk)
    if not selection.rows:
        told = "; ".join(f"{count} {reason}" for reason, count in sorted(selection.dropped.items()))
        named = ", ".join(str(path) for path in (*settings.from_records, *settings.rows))
        raise TrainingError(f"{named}: nothing to learn from: {told or 'the files are empty'}")
    return selection


def _episodes(settings: FineTuneSettings) -> list[EpisodeRecord]:
    episodes: list[EpisodeRecord] = []
    for path in settings.from_records:
        try:
            episodes += read_episodes(find_records(path)).episodes
        except RecordError as error:
            raise TrainingError(str(error)) from error
    return final_episodes(episodes)


def _refused(episode: EpisodeRecord, settings: FineTuneSettings) -> str | None:
    """Return why an episode is left out; None if it is learned from."""
    if not episode.reward_valid:
        return "not valid"
    if settings.env is not None and episode.env_id != settings.env:
        return f"not of environment {settings.env}"
    if settings.problem and episode.problem_id not in settings.problem:
        return "on other problems"
    verdict = episode.judgement.verdict.value if episode.judgement else NO_CODE
    if verdict not in settings.verdict:
        return f"with verdict {verdict}"
    return None


def add_episode(
    selection: Selection, policy: PolicyTokenizer, episode: EpisodeRecord, *, system: bool
) -> None:
    """Add the rows of an episode to a selection, or count why they are left out.

    Raises:
        TrainingError: The chat template refuses the conversation.
    """
    where = f"{episode.problem_id}#{episode.sample}"
    recorded = recorded_rows(policy, episode)
    if recorded is None:
        messages = with_system(episode) if system else list(episode.messages)
        _add(selection, policy, where, _Conversation(messages=messages))
        return
    selection.from_tokens += 1
    _keep(selection, policy, where, recorded)


def with_system(episode: EpisodeRecord) -> list[Message]:
    """Return the messages of an episode; in mode single, add the system message of policies if there is none.

    In other modes the system message describes tools, which a record does not hold.
    """
    messages = list(episode.messages)
    if episode.mode != "single" or any(message.get("role") == "system" for message in messages):
        return messages
    literal = str(episode.env_kwargs.get("problem_set")).partition(":")[0] in LITERAL_KINDS
    system = Prompts().system(LITERAL if literal else episode.mode, Language(episode.language))
    return [{"role": "system", "content": system}, *messages]


def _add(selection: Selection, policy: PolicyTokenizer, where: str, talk: _Conversation) -> None:
    try:
        rows = mask_conversation(policy, talk.messages, tools=talk.tools)
    except (TrainingError, ValueError) as error:
        raise TrainingError(f"{where}: {error}") from error
    selection.rendered += 1
    _keep(selection, policy, where, rows)


def _keep(selection: Selection, policy: PolicyTokenizer, where: str, rows: Sequence[MaskedTokens]) -> None:
    for number, row in enumerate(rows):
        if len(row.ids) > policy.context:
            selection.dropped[f"longer than the context of {policy.context} tokens"] += 1
        elif not any(row.learned[1:]):
            selection.dropped["without a token of the model"] += 1
        else:
            selection.rows.append(_row(f"{where}/{number}", row))


def recorded_rows(policy: PolicyTokenizer, episode: EpisodeRecord) -> list[MaskedTokens] | None:
    """Return the recorded tokens of an episode; None unless they are tokens of this tokenizer.

    The tokenizer must encode the first prompt to the recorded tokens and decode each reply to the recorded
    action.
    """
    try:
        rows = token_rows(episode)
    except ValueError:  # some steps have tokens and others do not
        return None
    spans = [step.tokens for step in episode.steps if step.tokens is not None]
    if not rows or len(spans) != len(episode.steps):
        return None
    first = next(
        (place for place, message in enumerate(episode.messages) if message.get("role") == "assistant"), 0
    )
    try:
        prompt = policy.prompt_ids(episode.messages[:first])
    except ValueError:
        return None
    if spans[0].ids[: len(prompt)] != prompt:
        return None
    replies = zip(spans, episode.steps, strict=True)
    if not all(_decodes_to(policy, span, step.action) for span, step in replies):
        return None
    return [MaskedTokens(ids=row.ids, learned=row.loss_mask) for row in rows]


def _decodes_to(policy: PolicyTokenizer, span: TokenSpan, action: str) -> bool:
    sampled = [token for token, own in zip(span.ids, span.loss_mask, strict=True) if own]
    # A reply may begin with given tokens, which are not sampled.
    return max(span.ids) < len(policy.tokenizer) and action.endswith(policy.decode(sampled))


@dataclass(frozen=True, kw_only=True)
class _Conversation:
    messages: list[Message] = field(repr=False)
    tools: Tools = ()


def _conversations(path: Path) -> Iterator[tuple[str, _Conversation]]:
    """Yield the conversations of a file of JSON lines, each with the name of its place."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _conversation(where, line)


def _conversation(where: str, line: bytes) -> _Conversation:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise TrainingError(f"{where}: is no JSON: {error}") from error
    messages = value.get("messages") if isinstance(value, dict) else None
    if not isinstance(messages, list) or not messages:
        raise TrainingError(f'{where}: must be {{"messages": [...]}} with at least one message')
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise TrainingError(
                f"{where}: the role of a message must be one of {', '.join(ROLES)}, got {role!r}"
            )
        if not isinstance(message.get("content"), str):
            raise TrainingError(
                f"{where}: the content of a message must be text, got {message.get('content')!r}"
            )
    tools = value.get("tools") or []
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise TrainingError(f"{where}: tools must be a list of function schemas, got {tools!r:.200}")
    return _Conversation(messages=messages, tools=tools)


def _row(name: str, tokens: MaskedTokens) -> Row:
    mask = torch.tensor(tokens.learned, dtype=torch.bool)
    nothing = torch.zeros(len(mask))
    return Row(
        episode_id=name,
        group_id="",
        token_ids=torch.tensor(tokens.ids),
        loss_mask=mask,
        sampler_log_probs=nothing,
        advantages=nothing,
        weights={CE: mask.float()},
        turn_ids=torch.zeros(len(mask), dtype=torch.int64),
        reward=0.0,
        truncated=False,
        policy_version=0,
    )
