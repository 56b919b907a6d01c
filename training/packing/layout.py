"""The layout of packed rows: which token of the packed sequence stands for which token of a row.

A packed sequence is a list of blocks. A block holds branches: pieces of rows that attend to themselves and to
the tokens of one root, if the block has one. Without shared prefixes each row is a branch without a root.
With shared prefixes the prompt of several rows is a branch without a root as well, and the rest of those rows
are the branches of a block whose root is that prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..rows import Batch, Row, collate
from ..settings import Packing


@dataclass(frozen=True, kw_only=True, eq=False)
class Padding:
    """The mapping between the S tokens of a block and its G branches, padded to the largest length C."""

    pad: Tensor = field(repr=False)
    """int64 [G * C]: token of the block at each place; the places behind a branch hold its last token."""
    unpad: Tensor = field(repr=False)
    """int64 [S]: place of each token of the block."""
    real: Tensor = field(repr=False)
    """bool [G * C, 1, 1]: whether the place holds a token of its branch, and no padding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Branches that attend to themselves, and to the same root if there is one."""

    root: slice | None
    """Packed tokens of the root; None for branches that are beginnings of rows."""
    tokens: slice
    """Packed tokens of the block: its branches one after another."""
    branches: int
    """Number of branches, G."""
    padding: Padding | None
    """How branches of different lengths are padded; None for branches of one length."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """A packed sequence of N tokens, and where the tokens of the rows are in it."""

    token_ids: Tensor = field(repr=False)
    """int64 [1, N]."""
    position_ids: Tensor = field(repr=False)
    """int64 [1, N]: position of each token in its row, from 0."""
    blocks: tuple[Block, ...]
    """The blocks, in the order of the packed tokens."""
    nodes: Tensor = field(repr=False)
    """int64 [B, T - 1]: packed token that stands for each token of the rows but the last; 0 at padding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedBatch(Batch):
    """A batch whose rows go through the model as one packed sequence."""

    layout: Layout


def collate_packed(rows: Sequence[Row], packing: Packing, *, device: torch.device | str = "cpu") -> Batch:
    """Collate rows, and lay them out unless packing is off.

    Raises:
        ValueError: There are no rows.
    """
    batch = collate(rows, device=device)
    if packing == "off":
        return batch
    layout = lay_out(rows, share=packing == "prefixes", device=device)
    return PackedBatch(**vars(batch), layout=layout)


def lay_out(rows: Sequence[Row], *, share: bool, device: torch.device | str = "cpu") -> Layout:
    """Lay rows out in one sequence.

    Args:
        rows: Rows of at least two tokens; the last token of each is left out, because it predicts nothing.
        share: Whether a prompt that several rows begin with is computed once.
        device: Device of the tensors.

    Raises:
        ValueError: There are no rows, or a row has less than two tokens.
    """
    if not rows or min(map(len, rows)) < 2:
        raise ValueError(f"rows to pack must have at least two tokens, got {[len(row) for row in rows]}")
    builder = _Builder(rows, device)
    families = same_prompts(rows) if share else [[number] for number in range(len(rows))]
    shared = [family for family in families if len(family) > 1]
    alone = [number for family in families if len(family) == 1 for number in family]
    if alone:
        builder.add([(number, 0) for number in alone])
    if shared:
        prompts = [prompt_length(rows[family[0]]) for family in shared]
        roots = builder.add([(family[0], 0) for family in shared], ends=prompts)
        for family, root in zip(shared, roots, strict=True):
            builder.add_branches(family, root)
    return builder.layout()


def prompt_length(row: Row) -> int:
    """Return the number of tokens before the first sampled token, at most all but the last token."""
    sampled = row.loss_mask.nonzero()
    first = int(sampled[0]) if len(sampled) else len(row) - 1
    return min(first, len(row) - 1)


def same_prompts(rows: Sequence[Row]) -> list[list[int]]:
    """Group the numbers of rows by prompt, in the order of the first row of each group."""
    families: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(rows):
        length = prompt_length(row)
        # A row that begins with a sampled token has no prompt, so it shares its prompt with no other row.
        prompt = tuple(row.token_ids[:length].tolist()) if length else (-1, number)
        families.setdefault(prompt, []).append(number)
    return list(families.values())


def packed_parts(rows: Sequence[Row], size: int, *, tokens: int | None = None) -> Iterator[list[Row]]:
    """Split rows into parts that keep rows with the same prompt together where they fit.

    Rows of less than two tokens are left out. The parts do not depend on the order of the rows.

    Args:
        rows: Rows of a batch.
        size: Largest number of rows in a part.
        tokens: Largest number of tokens in a part. A prompt counts once for the rows that share it. A longer
            row makes up a part alone.
    """
    ordered = sorted((row for row in rows if len(row) > 1), key=lambda row: (len(row), row.episode_id))
    part: list[Row] = []
    held = 0
    for family in same_prompts(ordered):
        for piece in _pieces([ordered[number] for number in family], size, tokens):
            needed = _packed_length(piece)
            full = tokens is not None and held + needed > tokens
            if part and (full or len(part) + len(piece) > size):
                yield part
                part, held = [], 0
            part, held = part + piece, held + needed
    if part:
        yield part


def _pieces(family: Sequence[Row], size: int, tokens: int | None) -> Iterator[list[Row]]:
    """Split rows with the same prompt into pieces that fit into a part."""
    piece: list[Row] = []
    for row in family:
        full = tokens is not None and _packed_length([*piece, row]) > tokens
        if piece and (full or len(piece) == size):
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece


def _packed_length(family: Sequence[Row]) -> int:
    """Return the number of tokens of rows that share a prompt, which counts once."""
    return sum(map(len, family)) - (len(family) - 1) * prompt_length(family[0])


class _Builder:
    """Collects the pieces of rows in the order of the packed sequence."""

    def __init__(self, rows: Sequence[Row], device: torch.device | str) -> None:
        self._rows = rows
        self._device = device
        self._ids: list[Tensor] = []
        self._positions: list[Tensor] = []
        self._blocks: list[Block] = []
        self._end = 0
        self._nodes = torch.zeros((len(rows), max(map(len, rows)) - 1), dtype=torch.int64)

    def add(
        self, pieces: Sequence[tuple[int, int]], *, ends: Sequence[int] = (), root: slice | None = None
    ) -> list[slice]:
        """Append a block of pieces, each a row's number and the piece's first token; return their places.

        Args:
            pieces: The pieces; a piece ends before the last token of its row.
            ends: The ends of the pieces, where they end earlier.
            root: The root of the block.
        """
        start, places = self._end, []
        stops = ends or [len(self._rows[number]) - 1 for number, _ in pieces]
        for (number, first), stop in zip(pieces, stops, strict=True):
            length = stop - first
            self._ids.append(self._rows[number].token_ids[first:stop])
            self._positions.append(torch.arange(first, stop))
            self._nodes[number, first:stop] = torch.arange(self._end, self._end + length)
            places.append(slice(self._end, self._end + length))
            self._end += length
        padding = _padding([place.stop - place.start for place in places], self._device)
        block = Block(root=root, tokens=slice(start, self._end), branches=len(pieces), padding=padding)
        self._blocks.append(block)
        return places

    def add_branches(self, family: Sequence[int], root: slice) -> None:
        """Append the block of the rows that begin with the same root."""
        length = root.stop - root.start
        for number in family:
            self._nodes[number, :length] = torch.arange(root.start, root.stop)
        # A row whose only further token is the last one has nothing left to compute.
        branches = [(number, length) for number in family if len(self._rows[number]) - 1 > length]
        if branches:
            self.add(branches, root=root)

    def layout(self) -> Layout:
        """Return the layout of what was added."""
        return Layout(
            token_ids=torch.cat(self._ids)[None].to(self._device),
            position_ids=torch.cat(self._positions)[None].to(self._device),
            blocks=tuple(self._blocks),
            nodes=self._nodes.to(self._device),
        )


def _padding(lengths: Sequence[int], device: torch.device | str) -> Padding | None:
    """Return how branches are padded to the longest; None if all have one length."""
    if len(set(lengths)) == 1:
        return None
    sizes = torch.tensor(lengths)
    columns = torch.arange(int(sizes.max()))
    starts = sizes.cumsum(0) - sizes
    pad = starts[:, None] + torch.minimum(columns, sizes[:, None] - 1)
    real = (columns < sizes[:, None]).flatten()
    return Padding(
        pad=pad.flatten().to(device),
        unpad=real.nonzero().flatten().to(device),
        real=real[:, None, None].to(device),
    )
