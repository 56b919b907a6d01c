"""Validation of files of training rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...agents.records.check import Fault, Found
from ...agents.records.lines import LineReader
from ...agents.records.record import parse_json
from .row_line import COMPONENTS, IMITATED, SCHEMA_VERSION

_ROUNDING = 1e-4
"""Highest accepted log-prob: values computed in float32 may be this much above 0."""
_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "group_id": str,
    "group_size": int,
    "episode_id": str,
    "row": int,
    "token_ids": list,
    "loss_mask": list,
    "log_probs": list,
    "advantages": list,
    "weights": dict,
    "turns": list,
    "prompt_tokens": dict,
    "texts": dict,
    "reward": (int, float),
    "truncated": bool,
}
_STREAMS: Mapping[str, type | tuple[type, ...]] = {
    "token_ids": int,
    "loss_mask": bool,
    "log_probs": (int, float),
    "advantages": (int, float),
    "turns": int,
}
_NAMES = {int: "a whole number", bool: "true or false", str: "a text", list: "a list", dict: "an object"}


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What the checks of ids and texts need to know of a tokenizer."""

    size: int
    """Number of tokens."""
    decode: Callable[[Sequence[int]], str]
    """Returns the text of tokens, without special tokens."""


@dataclass(kw_only=True)
class RowInspection:
    """Counts of a file, filled in by `inspect_rows`."""

    rows: int = 0
    tokens: int = 0
    sampled: int = 0
    learned: int = 0
    """Number of tokens with a weight for some component of the loss."""
    torn_line: int | None = None
    """Number of a last line that a crash cut off."""
    groups: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """Lines of each episode of each group."""


def inspect_rows(
    path: Path, seen: RowInspection, *, vocabulary: Vocabulary | None = None, echo: bool = False
) -> Iterator[Fault]:
    """Check every row of a file, then its groups, and yield the faults.

    Args:
        path: File of rows; compressed if its name ends with `.zst`.
        seen: Counts, which are filled in.
        vocabulary: Tokenizer of the rows; without it ids have no upper bound and texts are not checked.
        echo: Whether cross-entropy may learn from tokens that were not sampled.

    Raises:
        RecordError: The file cannot be read.
    """
    reader = LineReader(path)
    last: dict[str, dict[str, Any]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for line in reader:
        row, faults = _parsed(line.data)
        if row is not None:
            _count(row, seen, line.number)
            faults = [*_row_faults(row, echo), *_vocabulary_faults(row, vocabulary)]
            faults += _episode_faults(row, last.get(row["episode_id"]))
            last[row["episode_id"]] = row
            size, first = sizes.setdefault(row["group_id"], (row["group_size"], line.number))
            if size != row["group_size"]:
                faults.append(("group_size", f"must be {size} as on line {first}, got {row['group_size']}"))
        for where, message in faults:
            yield Fault(line=line.number, field=where, message=message)
    seen.torn_line = reader.torn_line
    for group, (size, first) in sizes.items():
        found = len(seen.groups[group])
        if found != size:
            message = f"is {size}, but the file has {found} episodes of the group {group!r}"
            yield Fault(line=first, field="group_size", message=message)


def _parsed(line: bytes) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """Return a row whose fields have the right types and lengths, or the faults."""
    try:
        value = parse_json(line)
    except (ValueError, RecursionError) as error:
        return None, [("", f"is no JSON: {error}")]
    if not isinstance(value, dict):
        return None, [("", f"must be a JSON object, got {type(value).__name__}")]
    if value.get("schema_version") != SCHEMA_VERSION:
        return None, [("schema_version", f"must be {SCHEMA_VERSION}, got {value.get('schema_version')!r}")]
    faults = list(_type_faults(value)) or list(_length_faults(value))
    return (None, faults) if faults else (value, [])


def _type_faults(value: dict[str, Any]) -> Found:
    for name, kind in _FIELDS.items():
        if name not in value:
            yield name, f"is missing; must be {_described(kind)}"
        elif not _is(value[name], kind):
            yield name, f"must be {_described(kind)}, got {value[name]!r:.80}"
    for name in value.keys() - _FIELDS.keys() - {"schema_version"}:
        yield name, f"is no field of a row; allowed are {', '.join(_FIELDS)}"
    for name, kind in _STREAMS.items():
        yield from _entry_faults(name, value.get(name), kind)
    yield from _weight_type_faults(value.get("weights"))
    yield from _turn_type_faults("prompt_tokens", value.get("prompt_tokens"), int)
    yield from _turn_type_faults("texts", value.get("texts"), str)


def _weight_type_faults(weights: Any) -> Found:
    for name, stream in weights.items() if isinstance(weights, dict) else ():
        if name not in COMPONENTS:
            yield f"weights.{name}", f"is no component of the loss; allowed are {', '.join(COMPONENTS)}"
        elif not isinstance(stream, list):
            yield f"weights.{name}", f"must be a list, got {stream!r:.80}"
        yield from _entry_faults(f"weights.{name}", stream, (int, float))


def _turn_type_faults(name: str, entries: Any, kind: type) -> Found:
    for turn, entry in entries.items() if isinstance(entries, dict) else ():
        if not (turn.isascii() and turn.isdigit()):
            yield f"{name}.{turn}", "must have the number of a turn as its key"
        elif not _is(entry, kind):
            yield f"{name}.{turn}", f"must be {_described(kind)}, got {entry!r:.80}"


def _entry_faults(name: str, stream: Any, kind: type | tuple[type, ...]) -> Found:
    for place, entry in enumerate(stream if isinstance(stream, list) else ()):
        if not _is(entry, kind):
            yield f"{name}.{place}", f"must be {_described(kind)}, got {entry!r:.80}"
            return


def _length_faults(value: dict[str, Any]) -> Found:
    count = len(value["token_ids"])
    if not count:
        yield "token_ids", "must hold at least one token, got none"
    streams = {name: value[name] for name in _STREAMS}
    streams |= {f"weights.{name}": stream for name, stream in value["weights"].items()}
    for name, stream in streams.items():
        if len(stream) != count:
            yield name, f"has {len(stream)} values; must have {count}, as token_ids"


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _described(kind: type | tuple[type, ...]) -> str:
    return "a number" if isinstance(kind, tuple) else _NAMES[kind]


def _row_faults(row: dict[str, Any], echo: bool) -> Found:
    """Check the values of one row against each other."""
    mask = row["loss_mask"]
    if not math.isfinite(row["reward"]):
        yield "reward", f"must be finite, got {row['reward']!r}"
    for name, low in (("group_size", 1), ("row", 0)):
        if row[name] < low:
            yield name, f"must be at least {low}, got {row[name]!r}"
    if not any(mask):
        yield "loss_mask", "marks no token as sampled; must mark at least one"
    yield from _first(_log_prob_faults(row["log_probs"], mask))
    yield from _first(_advantage_faults(row["advantages"], mask))
    for name, weights in row["weights"].items():
        yield from _first(_weight_faults(name, weights, mask, echo))
    yield from _turn_faults(row)


def _first(faults: Found) -> Found:
    """Yield the first fault of a stream: one cause often affects all its values."""
    for fault in faults:
        yield fault
        return


def _log_prob_faults(log_probs: list[float], mask: list[bool]) -> Found:
    for place, (value, sampled) in enumerate(zip(log_probs, mask, strict=True)):
        where = f"log_probs.{place}"
        if not math.isfinite(value):
            yield where, f"must be finite, got {value!r}"
        elif sampled and value > _ROUNDING:
            yield where, f"must be at most 0, got {value!r}"
        elif not sampled and value != 0:
            yield where, f"must be 0 where nothing was sampled, got {value!r}"


def _advantage_faults(advantages: list[float], mask: list[bool]) -> Found:
    for place, (value, sampled) in enumerate(zip(advantages, mask, strict=True)):
        if not math.isfinite(value):
            yield f"advantages.{place}", f"must be finite, got {value!r}"
        elif not sampled and value != 0:
            yield f"advantages.{place}", f"must be 0 where nothing was sampled, got {value!r}"


def _weight_faults(name: str, weights: list[float], mask: list[bool], echo: bool) -> Found:
    for place, (value, sampled) in enumerate(zip(weights, mask, strict=True)):
        where = f"weights.{name}.{place}"
        if not 0 <= value < math.inf:
            yield where, f"must be finite and at least 0, got {value!r}"
        elif value and not sampled and not (echo and name == IMITATED):
            yield where, f"must be 0 where nothing was sampled: an observation is not learned, got {value!r}"


def _turn_faults(row: dict[str, Any]) -> Found:
    """Check that the row only grows: turns in order, and within a turn first what is read."""
    turns, mask = row["turns"], row["loss_mask"]
    for place in range(1, len(turns)):
        if turns[place] < turns[place - 1]:
            yield f"turns.{place}", f"must be at least {turns[place - 1]} as before it, got {turns[place]}"
            return
        if turns[place] == turns[place - 1] and mask[place - 1] and not mask[place]:
            yield f"loss_mask.{place}", "a token was read after sampling in its turn; must begin another turn"
            return
    for name in ("prompt_tokens", "texts"):
        for turn in row[name]:
            if int(turn) not in turns:
                yield f"{name}.{turn}", f"is no turn of the row; allowed are {turns[0]} to {turns[-1]}"
    for turn, count in row["prompt_tokens"].items():
        places = [place for place, each in enumerate(turns) if each == int(turn)]
        read = places[0] + sum(not mask[place] for place in places) if places else count
        if read != count:
            yield (
                f"prompt_tokens.{turn}",
                f"the model has read {count} tokens, but the row has {read} before the sampled tokens: a "
                "history that is rewritten must start a new row",
            )


def _vocabulary_faults(row: dict[str, Any], vocabulary: Vocabulary | None) -> Found:
    ids = row["token_ids"]
    for place, token in enumerate(ids):
        if token < 0 or (vocabulary is not None and token >= vocabulary.size):
            allowed = "at least 0" if vocabulary is None else f"in [0, {vocabulary.size})"
            yield f"token_ids.{place}", f"must be {allowed}, got {token}"
            return
    if vocabulary is None:
        return
    for turn, text in row["texts"].items():
        sampled = [
            token
            for token, at, own in zip(ids, row["turns"], row["loss_mask"], strict=True)
            if own and at == int(turn)
        ]
        decoded = vocabulary.decode(sampled)
        # A reply may begin with tokens that were given to the policy, which are not sampled.
        if not text.endswith(decoded):
            yield f"texts.{turn}", f"must end with the decoded tokens {decoded!r:.80}, got {text!r:.80}"


def _episode_faults(row: dict[str, Any], before: dict[str, Any] | None) -> Found:
    """Check a row against the row before it of the same episode."""
    expected = 0 if before is None else before["row"] + 1
    if row["row"] != expected:
        yield "row", f"must be {expected}, the next of the episode {row['episode_id']!r}, got {row['row']}"
    if before is None:
        return
    for name in ("group_id", "reward"):
        if row[name] != before[name]:
            yield name, f"must be {before[name]!r} as in the row before of the episode, got {row[name]!r}"
    if row["turns"][0] <= before["turns"][-1]:
        yield (
            "turns.0",
            f"must be above {before['turns'][-1]}, the last turn of the row before, got {row['turns'][0]}",
        )
    if row["token_ids"][: len(before["token_ids"])] == before["token_ids"]:
        yield "token_ids", "begins with the whole row before; a sequence that only grows must be one row"


def _count(row: dict[str, Any], seen: RowInspection, line: int) -> None:
    seen.rows += 1
    seen.tokens += len(row["token_ids"])
    seen.sampled += sum(row["loss_mask"])
    seen.learned += sum(any(values) for values in zip(*row["weights"].values(), strict=True))
    seen.groups.setdefault(row["group_id"], {}).setdefault(row["episode_id"], []).append(line)
