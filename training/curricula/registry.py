"""The curricula by name, with their fields as options of `codefrontier train rl`."""

from __future__ import annotations

from collections.abc import Mapping

from ..options import settings_class, text_fields, typed_options
from .curriculum import Curriculum
from .pass_rates import PassRateBand, SteppingStones
from .schedules import Classic, CoverageRamp, Hard, ReverseHard, ReverseMedium, Soft, Uniform

CURRICULA: dict[str, type[Curriculum]] = {
    kind.name: kind
    for kind in (
        Curriculum,
        Uniform,
        Soft,
        Hard,
        Classic,
        ReverseHard,
        ReverseMedium,
        CoverageRamp,
        PassRateBand,
        SteppingStones,
    )
}
"""Class by name; `none` changes nothing."""


def make_curriculum(name: str, options: Mapping[str, str] | None = None) -> Curriculum:
    """Make a curriculum from the texts of a command line.

    Args:
        name: Name in `CURRICULA`.
        options: Values of the fields of its settings as text, by the name of the field.

    Raises:
        ValueError: There is no such curriculum or field, a field is missing, or a value is not allowed.
    """
    if name not in CURRICULA:
        raise ValueError(f"curriculum must be one of {', '.join(sorted(CURRICULA))}, got {name!r}")
    kind = CURRICULA[name]
    settings = settings_class(kind)
    fields = {} if settings is None else text_fields(settings)
    values = typed_options(options or {}, fields, owner=f"curriculum {name!r}", flag="--curriculum.")
    if settings is None:
        return kind()
    if "length" in fields and "length" not in values:
        raise ValueError(
            f"curriculum {name!r} needs --curriculum.length, the number of steps over which it runs; resumed "
            "runs may have more steps than the curriculum"
        )
    made = kind(settings(**values))  # type: ignore[call-arg]  # a class with settings takes them
    assert isinstance(made, Curriculum)
    return made
