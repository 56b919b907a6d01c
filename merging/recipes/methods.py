"""From a recipe to a method: which parameters each method has, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import MergeError
from ..methods.fits import polynomial_row
from ..methods.method import Method, Rows, Setting, WeightedSum, same_row
from ..methods.sce import SCE
from ..methods.sphere import Karcher, MultiSlerp, Slerp
from ..methods.task_vectors import METHODS, VectorSettings, task_vectors
from .recipe_file import IGNORED, RecipeFile
from .setting import Place, parse_setting


@dataclass(frozen=True, kw_only=True)
class Parents:
    """The parents of a recipe in the order of the merge."""

    names: tuple[str, ...]
    """Names as in the recipe; the first is the anchor, which is the base if there is one."""
    parameters: tuple[Mapping[str, Any], ...]
    """Own parameters of each parent."""
    positions: tuple[float | None, ...]
    """Own positions of each parent."""
    bases: tuple[str | None, ...]
    """Base of each parent that is an adapter, where the recipe gives one."""
    has_base: bool
    """Whether the first parent is the base."""


def order_parents(recipe: RecipeFile) -> Parents:
    """Return the parents of a recipe, the base first.

    Raises:
        MergeError: A parent is named twice.
    """
    names = [each.model for each in recipe.models]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise MergeError(f"models: {twice[0]!r} is named twice")
    entries = {each.model: each for each in recipe.models}
    base = recipe.base_model
    order = names if base is None else [base, *(name for name in names if name != base)]
    if len(order) < 2:
        raise MergeError(f"models: a merge needs at least two parents, base_model included, got {order}")
    return Parents(
        names=tuple(order),
        parameters=tuple(entries[name].parameters if name in entries else {} for name in order),
        positions=tuple(entries[name].position if name in entries else None for name in order),
        bases=tuple(entries[name].base if name in entries else None for name in order),
        has_base=base is not None,
    )


class _Settings:
    """The parameters of a recipe; notes which were asked for, so that the others can be refused."""

    def __init__(self, recipe: RecipeFile, parents: Parents, place: Place) -> None:
        self.recipe, self.parents = recipe, parents
        self._place = place
        self._asked = set(IGNORED)

    def each(self, name: str, default: float | None = None, *, base: bool = False) -> list[Setting]:
        """Return a setting per parent, or per parent but the base; a parent's own parameter comes first."""
        self._asked.add(name)
        first = 0 if base or not self.parents.has_base else 1
        settings = []
        for parent, own in list(zip(self.parents.names, self.parents.parameters, strict=True))[first:]:
            value = own.get(name, self.recipe.parameters.get(name, default))
            if value is None:
                raise MergeError(f"{self.recipe.merge_method} needs the parameter {name!r} of {parent}")
            settings.append(parse_setting(value, f"{name} of {parent}", self._place))
        return settings

    def one(self, name: str, default: float | None = None) -> Setting:
        """Return a setting of the whole merge."""
        self._asked.add(name)
        value = self.recipe.parameters.get(name, default)
        if value is None:
            raise MergeError(f"{self.recipe.merge_method} needs the parameter {name!r}")
        return parse_setting(value, name, self._place)

    def plain(self, name: str, kind: type, default: Any) -> Any:
        """Return a parameter that is the same for all tensors."""
        self._asked.add(name)
        value = self.recipe.parameters.get(name, default)
        if value is not None and not (type(value) is kind or (kind is float and type(value) is int)):
            raise MergeError(f"{name} must be of type {kind.__name__}, got {value!r}")
        return value

    def check_all_used(self) -> None:
        given = set(self.recipe.parameters).union(*self.parents.parameters)
        if unknown := sorted(given - self._asked):
            known = ", ".join(sorted(self._asked - set(IGNORED))) or "none"
            method = self.recipe.merge_method
            raise MergeError(f"{method} has no parameter {unknown[0]!r}; it has {known}")


def _linear(settings: _Settings) -> Method:
    normalize = settings.plain("normalize", bool, True)
    return WeightedSum(weights=tuple(settings.each("weight", base=True)), normalize=normalize)


def _soup(settings: _Settings) -> Method:
    count = len(settings.parents.names)
    return WeightedSum(weights=((lambda name: 1.0),) * count)


def _line(settings: _Settings) -> Method:
    _need(settings, count=2)
    alpha = settings.one("alpha")
    return Rows(row=lambda name: (alpha(name),))


def _expo(settings: _Settings) -> Method:
    _need(settings, count=2, base=True)
    alpha = settings.one("alpha")
    return Rows(row=lambda name: (1 + alpha(name),))


def _task_vectors(settings: _Settings) -> Method:
    _need(settings, base=True)
    columns = zip(
        settings.each("weight"),
        settings.each("density", 1.0),
        settings.each("gamma", 0.01),
        settings.each("epsilon", 0.15),
        strict=True,
    )
    return task_vectors(
        settings.recipe.merge_method,
        [
            VectorSettings(weight=weight, density=density, outliers=gamma, spread=epsilon)
            for weight, density, gamma, epsilon in columns
        ],
        normalize=settings.plain("normalize", bool, None),
        rescale=settings.plain("rescale", bool, None),
        scale=settings.one("lambda", 1.0),
        seed=settings.recipe.seed,
    )


def _slerp(settings: _Settings) -> Method:
    _need(settings, count=2)
    return Slerp(t=settings.one("t"))


def _multislerp(settings: _Settings) -> Method:
    origin = settings.parents.has_base
    return MultiSlerp(
        weights=tuple(settings.each("weight")),
        origin=origin,
        normalize=settings.plain("normalize_weights", bool, True),
    )


def _karcher(settings: _Settings) -> Method:
    return Karcher(
        iterations=settings.plain("max_iter", int, 10), tolerance=settings.plain("tol", float, 1e-5)
    )


def _sce(settings: _Settings) -> Method:
    _need(settings, base=True)
    return SCE(density=settings.plain("select_topk", float, 1.0))


def _polynomial(settings: _Settings) -> Method:
    _need(settings, base=True)
    row = polynomial_row(
        _positions(settings),
        settings.plain("target", float, None) or 0.0,
        degree=settings.plain("degree", int, 1),
        through_base=settings.plain("through_base", bool, False),
    )
    return same_row(row)


def _positions(settings: _Settings) -> list[float]:
    """Return the positions of the parents; that of the base is 0 unless given."""
    known = settings.parents.positions
    positions = [0.0 if known[0] is None else known[0]]
    for name, position in list(zip(settings.parents.names, known, strict=True))[1:]:
        if position is None:
            raise MergeError(
                f"{settings.recipe.merge_method} needs a `position` of {name}: its number of steps"
            )
        positions.append(position)
    if settings.recipe.parameters.get("target") is None:
        raise MergeError(f"{settings.recipe.merge_method} needs the parameter 'target': a number of steps")
    return positions


def _need(settings: _Settings, *, count: int | None = None, base: bool = False) -> None:
    method, names = settings.recipe.merge_method, settings.parents.names
    if base and not settings.parents.has_base:
        raise MergeError(f"{method} needs a base_model")
    if count is not None and len(names) != count:
        raise MergeError(f"{method} merges exactly {count} parents, got {len(names)}: {', '.join(names)}")


_MAKERS: Final[Mapping[str, Callable[[_Settings], Method]]] = {
    "linear": _linear,
    "soup": _soup,
    "lerp": _line,
    "wise_ft": _line,
    "expo": _expo,
    **dict.fromkeys(METHODS, _task_vectors),
    "slerp": _slerp,
    "multislerp": _multislerp,
    "karcher": _karcher,
    "sce": _sce,
    "polynomial": _polynomial,
}
RELEX: Final = "relex"
CONTROLS: Final = ("last", "first_delta", "shrunk")
"""What a prediction of RELEX has to be better than, by the names in `Trajectory.controls`."""
NAMES: Final = (*_MAKERS, RELEX)
"""The names of all methods of recipes."""


def make_method(recipe: RecipeFile, parents: Parents, place: Place) -> Method:
    """Return the method of a recipe with its parameters; not `relex`, which reads the parents first.

    Raises:
        MergeError: There is no such method, or a parameter is missing, unknown, or outside of its range.
    """
    if recipe.merge_method not in _MAKERS:
        raise MergeError(f"merge_method must be one of {', '.join(NAMES)}, got {recipe.merge_method!r}")
    settings = _Settings(recipe, parents, place)
    method = _MAKERS[recipe.merge_method](settings)
    settings.check_all_used()
    return method


@dataclass(frozen=True, kw_only=True)
class TrajectorySettings:
    """The settings of RELEX in a recipe."""

    rank: int
    window: int | None
    target: float
    """Number of steps of the prediction."""
    positions: Sequence[float]
    """Number of steps of each checkpoint."""
    control: str | None
    """Control that is written instead of the prediction."""


def trajectory_settings(recipe: RecipeFile, parents: Parents) -> TrajectorySettings:
    """Return the settings of a recipe for RELEX.

    Raises:
        MergeError: A parameter is missing, unknown, or of another type.
    """
    settings = _Settings(recipe, parents, lambda name: 0.0)
    _need(settings, base=True)
    rank = settings.plain("rank", int, 1)
    window = settings.plain("window", int, None)
    target = settings.plain("target", float, None)
    control = settings.plain("control", str, None)
    settings.check_all_used()
    if control not in (None, *CONTROLS):
        raise MergeError(f"control must be one of {', '.join(CONTROLS)}, got {control!r}")
    positions = _positions(settings)[1:]
    return TrajectorySettings(rank=rank, window=window, target=target, positions=positions, control=control)
