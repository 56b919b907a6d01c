"""Wrong answers made from right ones, which a checker has to reject."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
GARBAGE = b"\xff\xfe not an answer \xc3\x28\n"
"""Bytes that are not UTF-8 and fit the format of no problem."""


def mutants(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and mutants of an answer; each differs in one respect, and in more than white space.

    For an answer without tokens only the mutants that add something are yielded.
    """
    tokens = [(match.start(), match.end()) for match in re.finditer(rb"\S+", answer)]
    if tokens:
        yield "nothing", b""
        start, end = tokens[-1]
        yield "last token missing", answer[:start] + answer[end:]
        yield "last token changed", answer[:start] + _changed(answer[start:end]) + answer[end:]
        start, end = tokens[len(tokens) // 2]
        yield "middle token changed", answer[:start] + _changed(answer[start:end]) + answer[end:]
    yield "a token more", answer.rstrip() + b" 7\n"
    yield "garbage", GARBAGE


def value_mutants() -> Iterator[tuple[str, bytes]]:
    """Yield names and values, in JSON and as Python literals, that are wrong for every method."""
    yield "a value of our own", b'{"not": "an answer"}'
    yield "no value", b""


def _changed(token: bytes) -> bytes:
    """Return a token changed by more than any tolerance allows."""
    if _NUMBER.fullmatch(token):
        whole, _, rest = token.partition(b".")
        # Python parses at most 4300 digits by default.
        return b"%d" % (2 * int(whole[:4000]) + 1_000_003) + (b"." + rest if rest else b"")
    return token[:-1] + (b"q" if token[-1:] not in b"qQ" else b"z") if len(token) > 1 else token + b"q"
