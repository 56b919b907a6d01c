from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefrontier.agents.serving.text_stream import TextStream

TEXT = "héllo €uro 🎈 ab\n<tool> STOPPED"


def decode(ids: Sequence[int]) -> str:
    """Return the text of bytes, as a byte-level tokenizer does."""
    return bytes(ids).decode(errors="replace")


def cut(text: str, stops: Sequence[str]) -> str:
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(found)] if found else text


def pieces(data: bytes, *, stops: Sequence[str] = (), holds: Sequence[str] = ()) -> list[str]:
    """Return the pieces of a text up to the token with which a stop text is complete."""
    stream = TextStream(decode, stops=stops, holds=holds)
    sent = []
    for end in range(1, len(data) + 1):
        sent.append(stream.push(data[end - 1]))
        if any(stop in decode(data[:end]) for stop in stops):
            data = data[:end]
            break
    return [*sent, stream.finish(cut(decode(data), stops))]


def test_a_piece_ends_where_a_character_ends() -> None:
    assert "".join(pieces(TEXT.encode())) == TEXT
    assert all("\ufffd" not in piece for piece in pieces(TEXT.encode()))


def test_the_beginning_of_a_stop_text_waits() -> None:
    sent = pieces(b"a STOP b", stops=["STOP", "STAR"])
    assert sent == ["a", " ", "", "", "", "", ""]
    assert "".join(pieces(b"a STO b", stops=["STOP"])) == "a STO b"
    assert pieces(b"aab", stops=["ab"])[:2] == ["", "a"]


def test_what_may_be_a_call_waits_with_the_white_space_before_it() -> None:
    assert pieces(b"ok \n<t> x", holds=["<t>"]) == ["o", "k", "", "", "", "", "", "", "", " \n<t> x"]
    assert "".join(pieces(b"1 < 2", holds=["<t>"])) == "1 < 2"


@given(
    st.binary(max_size=40) | st.text("ab€🎈 ", max_size=20).map(str.encode),
    st.lists(st.text("ab€", min_size=1, max_size=3), max_size=2),
)
def test_the_pieces_are_the_text_up_to_the_stop_text(data: bytes, stops: list[str]) -> None:
    sent = pieces(data, stops=stops)
    whole = "".join(sent)
    assert cut(whole, stops) == whole
    assert decode(data).startswith(whole) or not stops


def test_a_text_that_does_not_begin_with_its_pieces_is_reported() -> None:
    stream = TextStream(decode)
    stream.push(ord("a"))
    with pytest.raises(ValueError, match="another text"):
        stream.finish("b")
