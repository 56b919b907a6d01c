"""Draw the figures of a merge by tensor. Needs matplotlib, the extra `report`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...terminal import install_hint
from ..errors import MergeError
from .examine import Examination
from .figures import Figures
from .table import short_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES: Final = (".png", ".svg", ".pdf")
# Colours that readers with a colour vision deficiency can tell apart (Okabe and Ito).
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_Read = Callable[[Figures], float | None]


def draw(examination: Examination, path: Path) -> None:
    """Draw effective alpha, size of the change, identical weights and lost changes over the tensors.

    The bytes of the file are equal for equal figures.

    Args:
        examination: The figures.
        path: A file with the suffix .png, .svg or .pdf, which is replaced.

    Raises:
        MergeError: matplotlib is not installed, or the suffix is another.
        OSError: The file cannot be written.
    """
    check_suffix(path)
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MergeError(f"a picture needs matplotlib: {install_hint('report')}") from error
    with matplotlib.rc_context({"svg.hashsalt": "codefrontier", "font.size": 9}):
        figure = Figure(figsize=(10, 9), layout="constrained")
        axes = figure.subplots(4, 1, sharex=True)
        _fill(examination, list(axes))
        figure.suptitle(f"{examination.merged.name}: figures by tensor, in the order of the files")
        figure.savefig(path, dpi=120, metadata=_no_date(path))


def check_suffix(path: Path) -> None:
    """Refuse a file that is no picture.

    Raises:
        MergeError: The suffix is not one of `SUFFIXES`.
    """
    if path.suffix not in SUFFIXES:
        raise MergeError(f"{path}: a picture ends with one of {', '.join(SUFFIXES)}, got {path.suffix!r}")


def _fill(examination: Examination, axes: Sequence[Axes]) -> None:
    from matplotlib.ticker import MaxNLocator

    names = short_names(examination.parents)
    alpha, size, same, lost = axes
    whole = examination.whole
    if whole.effective_alpha is not None:
        _dots(alpha, examination, lambda each: each.effective_alpha, "effective alpha", 0)
        alpha.axhline(whole.effective_alpha, color=_COLOURS[0], linewidth=0.8, linestyle="--")
        if examination.requested_alpha is not None:
            alpha.axhline(examination.requested_alpha, color="#999999", linewidth=0.8, label="requested")
    else:
        _dots(alpha, examination, lambda each: each.outside, "outside of the parents' span", 0)
    _dots(size, examination, lambda each: each.relative_change, "|change| / |anchor|", 0)
    sizes = [each.relative_change for each in examination.tensors.values() if each.relative_change]
    if sizes and max(sizes) > 10 * min(sizes):
        size.set_yscale("log")
    else:
        size.set_ylim(bottom=0)
    size.set_ylabel("share of the norm")
    for number, name in enumerate(names):
        _dots(same, examination, _identical(number), f"identical to {name}", number)
    _dots(lost, examination, lambda each: each.below_resolution, "below 16-bit resolution", 0)
    _dots(lost, examination, lambda each: each.dead_zone, "dead zone of the parents", 1)
    _dots(lost, examination, lambda each: each.one_unit, "one unit", 2)
    for each in (same, lost):
        each.set_ylim(-0.05, 1.05)
        each.set_ylabel("share")
    alpha.set_ylabel("alpha")
    lost.set_xlabel("number of the tensor")
    for each in axes:
        each.grid(alpha=0.3)
        each.xaxis.set_major_locator(MaxNLocator(integer=True))
        # Above the axes, so that no point is hidden.
        each.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize=8, frameon=False)


def _identical(number: int) -> _Read:
    return lambda each: each.identical[number]


def _dots(axes: Axes, examination: Examination, read: _Read, label: str, colour: int) -> None:
    values = [read(each) for each in examination.tensors.values()]
    points = [(place, value) for place, value in enumerate(values) if value is not None]
    axes.plot(
        [place for place, _ in points],
        [value for _, value in points],
        ".",
        color=_COLOURS[colour % len(_COLOURS)],
        label=label,
    )


def _no_date(path: Path) -> dict[str, None] | None:
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix)
