"""Check that parents can be merged: equal tensors, equal settings of the model, an equal tokenizer.

Merging combines weights only. Other differences between the parents are shown and refused: a merge with the
tokenizer or settings of only one parent would load and run, and give wrong results. Differences without an
effect pass with a note, and further differences pass when they are allowed by name. The merge then takes its
settings from low.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import MergeError
from .checkpoint import CONFIG, Checkpoint

HARMLESS_KEYS: Final = frozenset(
    {
        *("_name_or_path", "name_or_path", "_commit_hash", "transformers_version", "_from_model_config"),
        *("torch_dtype", "dtype", "use_cache", "padding_side"),
        # transformers notes in a saved tokenizer that it was loaded from a folder.
        *("is_local", "local_files_only"),
    }
)
"""JSON keys, at any depth, in which parents may differ because no weight and no token depends on them."""
DEFAULTS: Final[dict[str, tuple[object, ...]]] = {
    **dict.fromkeys(("output_attentions", "output_hidden_states", "is_encoder_decoder"), (False,)),
    **dict.fromkeys(
        ("add_cross_attention", "tie_encoder_decoder", "use_sliding_window", "do_sample"), (False,)
    ),
    **dict.fromkeys(("attention_dropout", "attention_bias", "mlp_bias"), (0.0, False)),
    **dict.fromkeys(
        ("pretraining_tp", "num_beams", "num_return_sequences", "chunk_size_feed_forward"), (1, 0)
    ),
    **dict.fromkeys(("top_p", "temperature", "repetition_penalty"), (1.0,)),
    **dict.fromkeys(("rope_scaling", "sliding_window"), (None,)),
}
"""Values that loaders use for absent keys; a parent with such a value agrees with one without the key."""
_SHOWN = 12
_LONGEST_VALUE = 70
_MISSING: Final = object()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference between the parents other than the values of their weights."""

    field: str
    """Name that allows the difference, for example `chat_template`; empty if it cannot be allowed."""
    text: str
    """Description of the difference: its place and both values."""
    harmless: bool = False
    """Whether the difference has no effect on the merge."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The accepted differences between the parents of a merge; the merge follows low in all of them."""

    harmless: tuple[str, ...] = ()
    """Descriptions of differences without an effect."""
    allowed: tuple[str, ...] = ()
    """Descriptions of differences that were allowed by name."""


def check_agreement(low: Checkpoint, high: Checkpoint, *, allow: Collection[str] = ()) -> Agreement:
    """Refuse parents that differ in more than the values of their weights.

    Args:
        low: The parent that the merge follows where a difference is accepted.
        high: The other parent.
        allow: Names of fields that may differ.

    Raises:
        MergeError: Tensors, fields or files differ; the message names them with both values. Or `allow` names
            a field in which the parents do not differ.
    """
    found = [*_tensor_differences(low, high), *_setting_differences(low, high)]
    differing = sorted({each.field for each in found if each.field and not each.harmless})
    for name in allow:
        if name not in {each.field for each in found if each.field}:
            listed = ", ".join(differing) or "none"
            raise MergeError(
                f"--allow {name}: the parents do not differ in this field; fields that differ: {listed}"
            )
    refused = [each for each in found if not each.harmless and each.field not in allow]
    if refused:
        shown = "\n  ".join(each.text for each in refused[:_SHOWN])
        more = f"\n  and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        names = " ".join(sorted({each.field for each in refused if each.field}))
        advice = f"\nto use the values of low, add: --allow {names}" if names else ""
        raise MergeError(f"{low.place} and {high.place} cannot be merged:\n  {shown}{more}{advice}")
    return Agreement(
        harmless=tuple(each.text for each in found if each.harmless),
        allowed=tuple(each.text for each in found if not each.harmless),
    )


def _tensor_differences(low: Checkpoint, high: Checkpoint) -> Iterator[Difference]:
    for parent in (low, high):
        role = "low" if parent is low else "high"
        if parent.converted:
            yield Difference(field="", text=f"the weights of {role} are {parent.converted}", harmless=True)
        for name in parent.copies:
            yield Difference(
                field="",
                text=f"tensor {name!r} of {role} equals the embedding that it is tied to and is left out",
                harmless=True,
            )
    tied = " (tied weights that only one parent stores?)" if len(low.tensors) != len(high.tensors) else ""
    for name in sorted(low.tensors.keys() ^ high.tensors.keys()):
        role = "low" if name in low.tensors else "high"
        yield Difference(field="", text=f"tensor {name!r} is only in {role}{tied}")
    for name in sorted(low.tensors.keys() & high.tensors.keys()):
        ours, theirs = low.tensors[name], high.tensors[name]
        if ours.shape != theirs.shape:
            shapes = f"{list(ours.shape)} in low, {list(theirs.shape)} in high"
            yield Difference(field="", text=f"tensor {name!r} has shape {shapes}")
        elif ours.code != theirs.code and not (ours.form and theirs.form):
            yield Difference(
                field="", text=f"tensor {name!r} has dtype {ours.code} in low, {theirs.code} in high"
            )


def _setting_differences(low: Checkpoint, high: Checkpoint) -> Iterator[Difference]:
    yield from _key_differences(CONFIG, low.config, high.config)
    ours, theirs = ({*parent.tokenizer_files, *parent.generation_files} for parent in (low, high))
    for name in sorted(ours | theirs):
        if name not in ours or name not in theirs:
            role = "low" if name in ours else "high"
            yield Difference(field=_field_of(name), text=f"{name} is only in {role}")
            continue
        contents = [(parent.folder / name).read_bytes() for parent in (low, high)]
        if contents[0] != contents[1]:
            yield from _file_differences(name, *contents)


def _file_differences(name: str, ours: bytes, theirs: bytes) -> Iterator[Difference]:
    """Yield the keys in which two JSON files differ, or the first line in which two other files differ."""
    if Path(name).suffix == ".json":
        try:
            yield from _key_differences(name, json.loads(ours), json.loads(theirs))
        except ValueError:
            yield Difference(field=_field_of(name), text=f"{name}: differs, and is not JSON in both parents")
        return
    if ours.rstrip(b"\r\n") == theirs.rstrip(b"\r\n"):
        yield Difference(field=_field_of(name), text=f"{name}: the final newline differs", harmless=True)
        return
    pairs = zip([*ours.split(b"\n"), b""], [*theirs.split(b"\n"), b""], strict=False)
    for number, (our_line, their_line) in enumerate(pairs, start=1):
        if our_line != their_line:
            text = f"{name}, line {number}: {_short(our_line)} in low, {_short(their_line)} in high"
            yield Difference(field=_field_of(name), text=text)
            return


def _key_differences(place: str, ours: Any, theirs: Any, field: str = "") -> Iterator[Difference]:
    """Yield the keys in which two JSON values differ; the outermost key is the field of a difference."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            inner = (ours.get(key, _MISSING), theirs.get(key, _MISSING))
            yield from _key_differences(f"{place}: {key}", *inner, field=field or key)
    elif type(ours) is not type(theirs) or ours != theirs:  # 1 == True == 1.0 in Python, but not in JSON
        key = place.rpartition(": ")[2]
        yield Difference(
            field=field or _field_of(place),
            text=f"{place} is {_short(ours)} in low, {_short(theirs)} in high",
            harmless=_is_harmless(key, ours, theirs),
        )


def _is_harmless(key: str, ours: object, theirs: object) -> bool:
    if key in HARMLESS_KEYS:
        return True
    if _MISSING in (ours, theirs):
        given = theirs if ours is _MISSING else ours
        known = DEFAULTS.get(key, ())
        return any(type(given) is type(value) and given == value for value in known)
    if key == "chat_template" and isinstance(ours, str) and isinstance(theirs, str):
        return ours.rstrip("\r\n") == theirs.rstrip("\r\n")
    return False


def _field_of(name: str) -> str:
    """Return the field of a whole file that differs: its name without suffixes, such as `chat_template`."""
    return Path(name).name.partition(".")[0]


def _short(value: object) -> str:
    text = "missing" if value is _MISSING else repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
