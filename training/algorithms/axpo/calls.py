"""Tool calls among the tokens of a row: where a call begins, forks and ends, and how probable it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Call:
    """The positions of a tool call among the T tokens of a row."""

    start: int
    """First token of the reply that has the call; the prefix of the call is `start` to `fork`."""
    open: int
    """First token of the opening tag."""
    fork: int
    """First token after the opening tag."""
    end: int
    """First token after the closing tag, or after the reply if the call is not closed."""

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.open <= self.fork <= self.end:
            raise ValueError(f"need 0 <= start <= open <= fork <= end, got {self!r}")


def find_tagged(
    token_ids: Tensor, loss_mask: Tensor, *, open_ids: Sequence[int], close_ids: Sequence[int]
) -> Call | None:
    """Find the first tool call between two tags in a reply of a row.

    Args:
        token_ids: int64 [T].
        loss_mask: bool [T]: tokens that the policy sampled; a reply is a run of such tokens.
        open_ids: Token ids of the opening tag; without them there is no call.
        close_ids: Token ids of the closing tag.

    Raises:
        ValueError: The streams are not both [T].
    """
    check_shapes("[T]", token_ids, loss_mask)
    ids, sampled = token_ids.tolist(), loss_mask.tolist()
    tag, close = list(open_ids), list(close_ids)
    start = 0
    for place in range(len(ids)):
        if place and not sampled[place - 1]:
            start = place
        fork = place + len(tag)
        if tag and ids[place:fork] == tag and all(sampled[place:fork]):
            stop = next((later for later in range(fork, len(ids)) if not sampled[later]), len(ids))
            ends = range(fork + len(close), stop + 1)
            closed = (end for end in ends if close and ids[end - len(close) : end] == close)
            return Call(start=start, open=place, fork=fork, end=next(closed, stop))
    return None


def mean_probabilities(log_probs: Tensor, spans: Tensor) -> Tensor:
    """Return the mean probability of the tokens of each call.

    Args:
        log_probs: float [B, T]: log-probs of the sampled tokens.
        spans: bool [B, T]: tokens of the call, including its tags.

    Returns:
        [B] in the dtype of `log_probs`; NaN for a row without a call.

    Raises:
        ValueError: The shapes are not [B, T] or differ.
    """
    check_shapes("[B, T]", log_probs, spans)
    return torch.where(spans, log_probs.exp(), 0.0).sum(dim=1) / spans.sum(dim=1)


Decode = Callable[[Sequence[int]], str]
"""Function that returns the text of tokens, with special tokens and without any clean-up."""


def find_call(
    token_ids: Tensor,
    loss_mask: Tensor,
    *,
    decode: Decode,
    open_tag: str,
    close_tag: str,
    ignored: str = "submit",
) -> Call | None:
    """Find the first tool call between two texts in a reply of a row, whatever tokens the texts are made of.

    Where a token has the end of a tag and further characters, the token counts as a part of the tag.

    Args:
        token_ids: int64 [T].
        loss_mask: bool [T]: tokens that the policy sampled; a reply is a run of such tokens.
        decode: Returns the text of tokens.
        open_tag: Text that opens a call; without it there is no call.
        close_tag: Text that closes a call; without it a call extends to the end of the reply.
        ignored: Name of a tool whose calls do not count.

    Raises:
        ValueError: The streams are not both [T].
    """
    check_shapes("[T]", token_ids, loss_mask)
    if not open_tag:
        return None
    no_call = re.compile(rf"^\W*(?:name\W+|function=)?{re.escape(ignored)}\b") if ignored else None
    for start, reply in _replies(token_ids.tolist(), loss_mask.tolist()):
        place = 0
        while fork := _first_with(open_tag, reply, place, decode):
            end = (_first_with(close_tag, reply, fork, decode) if close_tag else None) or len(reply)
            if no_call is None or not no_call.match(decode(reply[fork:end])):
                opened = next(o for o in range(fork - 1, -1, -1) if open_tag in decode(reply[o:fork]))
                return Call(start=start, open=start + opened, fork=start + fork, end=start + end)
            place = end
    return None


def _replies(ids: Sequence[int], sampled: Sequence[bool]) -> Iterator[tuple[int, list[int]]]:
    """Yield the first position and the tokens of each run of sampled tokens."""
    start = None
    for place, is_sampled in enumerate([*sampled, False]):
        if is_sampled and start is None:
            start = place
        elif not is_sampled and start is not None:
            yield start, list(ids[start:place])
            start = None


def _first_with(text: str, ids: Sequence[int], start: int, decode: Decode) -> int | None:
    """Return the smallest end of the tokens from `start` whose text has `text` in it; None without one."""
    if text not in decode(ids[start:]):
        return None
    low, high = start, len(ids)  # the text is in ids[start:high] and not in ids[start:low]
    while high - low > 1:
        middle = (low + high) // 2
        if text in decode(ids[start:middle]):
            high = middle
        else:
            low = middle
    return high


def check_shapes(axes: str, *tensors: Tensor) -> None:
    """Raise ValueError unless the tensors have equal shapes with these axes."""
    shapes = [list(tensor.shape) for tensor in tensors]
    if any(len(shape) != axes.count(",") + 1 or shape != shapes[0] for shape in shapes):
        raise ValueError(f"shapes must be equal and {axes}, got {shapes}")
