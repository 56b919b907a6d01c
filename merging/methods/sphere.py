"""Merges on a sphere: slerp, multi-slerp and the Karcher mean of whole tensors.

All of them return a sum of the parents with factors that depend only on the inner products of the parents, so
one pass over a tensor suffices and the tensor is never in memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import Values
from ..errors import MergeError
from .method import LinearBlend, Setting, TensorView

Matrix = NDArray[np.float64]
COLINEAR = 0.9995
"""Cosine from which slerp is linear interpolation, as in mergekit."""


def inner_products(view: TensorView, *, origin: bool) -> Matrix:
    """Return the inner products of the parents of a tensor, summed in float64.

    Args:
        view: The tensor.
        origin: Whether the first parent is the origin of the others; otherwise it is one of the points.

    Returns:
        [m, m] for m points.
    """
    total: Matrix | None = None
    for block in view.blocks():
        points = np.stack(list(block.deltas if origin else block.parents))
        part = np.einsum("in,jn->ij", points, points)
        total = part if total is None else total + part
    if total is None:
        raise MergeError(f"tensor {view.name!r} is empty")
    return total


def _blend(factors: Sequence[float], *, origin: bool) -> LinearBlend:
    """Return the formula of `sum_i f_i theta_i`, or of `theta_0 + sum_i f_i (theta_i - theta_0)`."""
    if origin:
        return LinearBlend(row=tuple(factors))
    total = math.fsum(factors)
    return LinearBlend(row=tuple(factors[1:]), scale=1.0 if math.isclose(total, 1, rel_tol=1e-15) else total)


@dataclass(frozen=True, kw_only=True)
class Slerp:
    """Spherical interpolation of two parents: `(sin((1-t) a) theta_0 + sin(t a) theta_1) / sin(a)`.

    The angle a is that between the tensors, which keep their norms. Above a cosine of .9995, the result is
    that of linear interpolation. Checkpoints of one run of RL are always that close.
    """

    t: Setting
    """Place between the parents, any number."""

    def blend(self, view: TensorView) -> LinearBlend:
        """Return the formula of a tensor."""
        return self.blend_of(self.read(view), view.name)

    def read(self, view: TensorView) -> Matrix:
        """Return the inner products of the parents of a tensor."""
        return inner_products(view, origin=False)

    def blend_of(self, statistics: Matrix, name: str) -> LinearBlend:
        """Return the formula of a tensor from its inner products."""
        products, t = statistics, self.t(name)
        norms = np.sqrt(products.diagonal())
        if not norms.all() or abs(cosine := products[0, 1] / (norms[0] * norms[1])) > COLINEAR:
            return LinearBlend(row=(t,))
        angle = math.acos(cosine)
        factors = [math.sin((1 - t) * angle) / math.sin(angle), math.sin(t * angle) / math.sin(angle)]
        return _blend(factors, origin=False)


@dataclass(frozen=True, kw_only=True)
class MultiSlerp:
    """Barycentric interpolation on a sphere, with one projection to the tangent space of the mean direction.

    References:
        The method `multislerp` of mergekit, without its small constants.
    """

    weights: tuple[Setting, ...]
    """A weight per point: per parent, or per parent but the first if the first is the origin."""
    origin: bool
    """Whether the first parent is the origin of the sphere."""
    normalize: bool = True
    """Whether the weights are divided by their sum."""

    def blend(self, view: TensorView) -> LinearBlend:
        """Return the formula of a tensor.

        Raises:
            MergeError: The weighted directions of the parents cancel out, or the weights sum to 0.
        """
        products = inner_products(view, origin=self.origin)
        weights = np.array([weight(view.name) for weight in self.weights])
        if self.normalize:
            if weights.sum() == 0:
                raise MergeError(f"tensor {view.name!r}: the weights sum to 0: cannot be normalised")
            weights = weights / weights.sum()
        norms = np.sqrt(products.diagonal())
        if not norms.any():
            return LinearBlend(row=(0.0,) * (view.parents - 1))  # the first parent, like all the others
        inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        cosines = products * np.outer(inverse, inverse)
        size = math.sqrt(max(0.0, float(weights @ cosines @ weights)))
        if size < 1e-12:
            raise MergeError(f"tensor {view.name!r}: the weighted directions of the parents cancel out")
        mean = weights / size  # all directions below are combinations of the parents' directions
        dots = cosines @ mean
        tangent = weights - float(weights @ dots) * mean
        length = math.sqrt(max(0.0, float(tangent @ cosines @ tangent)))
        direction = mean * math.cos(length) + (tangent * (math.sin(length) / length) if length > 0 else 0)
        return _blend(list(direction * inverse * float(norms @ weights)), origin=self.origin)


@dataclass(frozen=True, kw_only=True)
class Karcher:
    """The Riemannian mean of the parents' directions, with the mean of their norms.

    References:
        The method `karcher` of mergekit, whose defaults these are.
    """

    iterations: int = 10
    """Largest number of iterations."""
    tolerance: float = 1e-5
    """Length of a step, in radians, below which the iteration ends."""

    def blend(self, view: TensorView) -> LinearBlend:
        """Return the formula of a tensor."""
        products = inner_products(view, origin=False)
        norms = np.sqrt(products.diagonal())
        used = norms > 0
        count = len(norms)
        if not used.any():
            return LinearBlend(row=(0.0,) * (count - 1))
        inverse = np.divide(1, norms, out=np.zeros_like(norms), where=used)
        cosines = products * np.outer(inverse, inverse)
        weights = used / used.sum()
        mean = _normalised(weights, cosines, otherwise=np.eye(count)[int(np.flatnonzero(used)[0])])
        for _ in range(self.iterations):
            step = self._step(mean, weights, cosines)
            length = math.sqrt(max(0.0, float(step @ cosines @ step)))
            if length < self.tolerance:
                break
            moved = math.cos(length) * mean + math.sin(length) * step / length
            mean = _normalised(moved, cosines, otherwise=mean)
        return _blend(list(mean * inverse * float(norms.mean())), origin=False)

    def _step(self, mean: Values, weights: Values, cosines: Matrix) -> Values:
        """Return the mean of the directions in the tangent space at the mean."""
        step = np.zeros_like(mean)
        for index, dot in enumerate(np.clip(cosines @ mean, -1, 1)):
            angle = math.acos(dot)
            if weights[index] and angle >= self.tolerance:
                towards = -dot * mean
                towards[index] += 1
                step += weights[index] * angle / math.sin(angle) * towards
        return step


def _normalised(vector: Values, cosines: Matrix, *, otherwise: Values) -> Values:
    length = math.sqrt(max(0.0, float(vector @ cosines @ vector)))
    return vector / length if length > 1e-12 else otherwise
