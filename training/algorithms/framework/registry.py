"""The algorithms by name, with their fields as options of `codefrontier train rl`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ...options import parse_options, settings_class, text_fields, typed_options
from ..algorithm import Algorithm

__all__ = ["ALGORITHMS", "algorithm_class", "algorithm_fields", "make_algorithm", "parse_options"]

ALGORITHMS: dict[str, tuple[str, str]] = {
    "axpo": ("axpo", "AXPO"),
    "cispo": ("cispo", "CISPO"),
    "dapo": ("dapo", "DAPO"),
    "dr_grpo": ("dr_grpo", "DrGRPO"),
    "grpo": ("grpo", "GRPO"),
    "exprl": ("exprl", "ExpRL"),
    "gspo": ("gspo", "GSPO"),
    "max_at_k": ("maxrl", "MaxAtK"),
    "maxrl": ("maxrl", "MaxRL"),
    "online_fixing": ("online_fixing", "OnlineFixing"),
    "pow3r": ("pow3r", "POW3R"),
    "raft": ("raft", "RAFT"),
    "repro": ("repro", "RePro"),
    "resample_only": ("online_fixing", "ResampleOnly"),
    "rloo": ("rloo", "RLOO"),
    "stare": ("stare", "STARE"),
    "verified_grpo": ("verified", "VerifiedGRPO"),
    "vpo": ("vpo", "VPO"),
}
"""Module in the folder above and class, by name. A module is imported when its algorithm is made."""


def algorithm_class(name: str) -> type[Algorithm]:
    """Return the class of an algorithm.

    Raises:
        ValueError: There is no algorithm of this name.
    """
    if name not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {', '.join(sorted(ALGORITHMS))}, got {name!r}")
    module, class_name = ALGORITHMS[name]
    found = getattr(import_module(f"..{module}", __package__), class_name)
    assert isinstance(found, type)
    assert issubclass(found, Algorithm)
    return found


def algorithm_fields(name: str) -> dict[str, Any]:
    """Return the types of the fields of an algorithm, by name.

    They are the fields of its settings, if its constructor takes `settings`, and otherwise the keyword
    arguments of the constructor but `group_size`. Fields that are no number, truth value or text are left
    out, as they can be set in Python only.

    Raises:
        ValueError: There is no algorithm of this name.
    """
    return text_fields(algorithm_class(name), but=frozenset({"group_size"}))


def make_algorithm(name: str, *, group_size: int, options: Mapping[str, str] | None = None) -> Algorithm:
    """Make an algorithm from the texts of a command line.

    Args:
        name: Name in `ALGORITHMS`.
        group_size: Number of episodes per problem.
        options: Values of its fields as text, by the name of the field.

    Raises:
        ValueError: There is no such algorithm or field, or a value is not allowed.
    """
    kind = algorithm_class(name)
    values = typed_options(
        options or {}, algorithm_fields(name), owner=f"algorithm {name!r}", flag="--algorithm."
    )
    settings = settings_class(kind)
    if settings is not None:
        values = {"settings": settings(**values)}
    return kind(group_size=group_size, **values)
