"""Token sequences of an episode: a sequence only grows, and a rewritten history starts a new row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..agent import TokenSpan, Usage
from .record import EpisodeRecord, StepRecord

_ROUNDING = 1e-4
"""Highest accepted log-prob: values computed in float32 may be this much above 0."""


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A sequence of T tokens, exactly as the model has read and sampled them."""

    ids: tuple[int, ...] = field(repr=False)
    loss_mask: tuple[bool, ...] = field(repr=False)
    """[T]: True for sampled tokens."""
    log_probs: tuple[float, ...] | None = field(repr=False)
    """[T]: log-probs of the sampled tokens; 0 for the others. None when some step has no log-probs."""
    steps: tuple[int, ...] = field(repr=False)
    """[T]: number of the step that added the token, from 0."""


class TokenLedger:
    """Collects the tokens that a model reads and samples, step by step.

    The ledger never encodes text. If a chat template rewrites sampled text, removes reasoning or merges
    tokens, the next prompt does not begin with the tokens so far; then a new row begins.

    Args:
        spans: Spans of earlier steps, for an episode that is continued.
    """

    def __init__(self, spans: Sequence[TokenSpan] = ()) -> None:
        self._row: list[int] = []
        for span in spans:
            self._row = [*(() if span.starts_row else self._row), *span.ids]

    @property
    def row(self) -> tuple[int, ...]:
        """The tokens of the current row so far."""
        return tuple(self._row)

    def append(
        self,
        prompt_ids: Sequence[int],
        sampled_ids: Sequence[int],
        log_probs: Sequence[float] | None = None,
        *,
        entropies: Sequence[float] | None = None,
        policy_version: int | None = None,
    ) -> TokenSpan:
        """Return the span of a step.

        Args:
            prompt_ids: All tokens that the model has read for this step.
            sampled_ids: Sampled tokens, including the token that ended the reply.
            log_probs: Log-probs of the sampled tokens.
            entropies: Entropies of the distributions of the sampled tokens.
            policy_version: Number of optimizer steps that the policy had taken.

        Raises:
            ValueError: The prompt is empty, or the number of log-probs or entropies differs from the number
                of sampled tokens.
        """
        if not prompt_ids:
            raise ValueError("prompt_ids must hold at least one token")
        if log_probs is not None and len(log_probs) != len(sampled_ids):
            raise ValueError(
                f"there must be one log-prob per sampled token, got {len(log_probs)} for {len(sampled_ids)}"
            )
        if entropies is not None and len(entropies) != len(sampled_ids):
            raise ValueError(
                f"there must be one entropy per sampled token, got {len(entropies)} for {len(sampled_ids)}"
            )
        known = len(self._row)
        # A prompt that begins with all tokens so far continues the row; every other prompt starts a new row.
        grows = list(prompt_ids[:known]) == self._row
        read = tuple(prompt_ids[known:]) if grows else tuple(prompt_ids)
        self._row = [*prompt_ids, *sampled_ids]
        return TokenSpan(
            ids=(*read, *sampled_ids),
            loss_mask=(False,) * len(read) + (True,) * len(sampled_ids),
            log_probs=None if log_probs is None else (0.0,) * len(read) + tuple(log_probs),
            starts_row=not grows,
            entropies=None if entropies is None else (0.0,) * len(read) + tuple(entropies),
            policy_version=policy_version,
        )


def token_rows(episode: EpisodeRecord) -> list[TokenRow]:
    """Return the rows of an episode; an empty list when the agent records no tokens.

    Raises:
        ValueError: Some steps have tokens and others do not.
    """
    spans = [(number, step.tokens) for number, step in enumerate(episode.steps)]
    known = [(number, span) for number, span in spans if span is not None]
    if known and len(known) < len(spans):
        missing = next(number for number, span in spans if span is None)
        raise ValueError(f"step {missing} has no tokens, but others have")
    return [_row(chunk) for chunk in _chunks(known)]


def _chunks(spans: Iterable[tuple[int, TokenSpan]]) -> Iterator[list[tuple[int, TokenSpan]]]:
    chunk: list[tuple[int, TokenSpan]] = []
    for number, span in spans:
        if chunk and span.starts_row:
            yield chunk
            chunk = []
        chunk.append((number, span))
    if chunk:
        yield chunk


def _row(chunk: Sequence[tuple[int, TokenSpan]]) -> TokenRow:
    known = [span.log_probs for _, span in chunk if span.log_probs is not None]
    return TokenRow(
        ids=tuple(token for _, span in chunk for token in span.ids),
        loss_mask=tuple(sampled for _, span in chunk for sampled in span.loss_mask),
        log_probs=tuple(value for values in known for value in values) if len(known) == len(chunk) else None,
        steps=tuple(number for number, span in chunk for _ in span.ids),
    )


def token_faults(steps: Sequence[StepRecord]) -> list[tuple[str, str]]:
    """Return the violations of the token rules in an episode, as pairs of field and what is wrong.

    Within a step the tokens read come before the sampled tokens, and both counts equal those of the usage. If
    a history was rewritten without starting a new row, the length of the prompt differs from the length of
    the row.
    """
    faults = []
    row = 0
    has_tokens = any(step.tokens is not None for step in steps)
    for number, step in enumerate(steps):
        span, where = step.tokens, f"steps.{number}.tokens"
        if span is None:
            if has_tokens:
                faults.append((where, "is missing, but other steps have tokens"))
            continue
        sampled = sum(span.loss_mask)
        read = (0 if span.starts_row else row) + len(span.ids) - sampled
        row = read + sampled
        faults += [(f"{where}.{name}", said) for name, said in _span_faults(span)]
        faults += [(f"{where}.loss_mask", said) for said in _count_faults(step.usage, read, sampled)]
    return faults


def _span_faults(span: TokenSpan) -> Iterator[tuple[str, str]]:
    if any(token < 0 for token in span.ids):
        yield "ids", f"token ids must be at least 0, got {min(span.ids)}"
    sampled = sum(span.loss_mask)
    if any(span.loss_mask[: len(span.ids) - sampled]):
        yield "loss_mask", "a sampled token stands before one that was read: the step sampled last"
    for place, (is_sampled, value) in enumerate(zip(span.loss_mask, span.log_probs or (), strict=False)):
        if is_sampled and value > _ROUNDING:
            yield "log_probs", f"must be at most 0, got {value!r} at {place}"
            return
        if not is_sampled and value != 0:
            yield "log_probs", f"must be 0 where nothing was sampled, got {value!r} at {place}"
            return
    for place, (is_sampled, value) in enumerate(zip(span.loss_mask, span.entropies or (), strict=False)):
        if value < -_ROUNDING or (value != 0 and not is_sampled):
            allowed = "at least 0" if is_sampled else "0 where nothing was sampled"
            yield "entropies", f"must be {allowed}, got {value!r} at {place}"
            return


def _count_faults(usage: Usage, read: int, sampled: int) -> Iterator[str]:
    if usage.requests != 1:  # of repeated requests only the last reply is in the sequence
        if sampled > usage.completion_tokens:
            yield f"{sampled} tokens are marked as sampled, but the usage says {usage.completion_tokens}"
        return
    if sampled != usage.completion_tokens:
        yield f"{sampled} tokens are marked as sampled, but the usage says {usage.completion_tokens}"
    if read != usage.prompt_tokens:
        yield (
            f"the row has {read} tokens before what was sampled, but the model has read "
            f"{usage.prompt_tokens}: a history that is rewritten must start a new row"
        )
