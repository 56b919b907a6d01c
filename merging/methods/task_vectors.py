"""Sums of task vectors, which may be made sparse and may have to agree in sign.

Task arithmetic, TIES, DARE, DELLA and Model Breadcrumbs are this method with other settings. `METHODS` has
their names and defaults, which are those of mergekit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..checkpoints.formats import Values
from ..errors import MergeError
from .method import Kind, ParentsBlock, Setting, TensorView, Terms
from .sparse import Keep, Sparsifier, Sparsity


@dataclass(frozen=True, kw_only=True)
class _Defaults:
    """What distinguishes a method from task arithmetic."""

    sparsity: Sparsity = Sparsity.NONE
    consensus: bool = False
    normalize: bool = False
    rescale: bool = False


METHODS: Final[Mapping[str, _Defaults]] = {
    "task_arithmetic": _Defaults(),  # arXiv 2212.04089
    "ties": _Defaults(sparsity=Sparsity.MAGNITUDE, consensus=True, normalize=True),  # arXiv 2306.01708
    "dare_linear": _Defaults(sparsity=Sparsity.RANDOM, rescale=True),  # arXiv 2311.03099
    "dare_ties": _Defaults(sparsity=Sparsity.RANDOM, consensus=True, rescale=True),
    "breadcrumbs": _Defaults(sparsity=Sparsity.OUTLIERS),  # arXiv 2312.06795
    "breadcrumbs_ties": _Defaults(sparsity=Sparsity.OUTLIERS, consensus=True),
    "della": _Defaults(
        sparsity=Sparsity.RANKED, consensus=True, normalize=True, rescale=True
    ),  # arXiv 2406.11617
    "della_linear": _Defaults(sparsity=Sparsity.RANKED, rescale=True),
}
"""The methods by name."""


@dataclass(frozen=True, kw_only=True)
class VectorSettings:
    """Settings of one task vector."""

    weight: Setting
    density: Setting = lambda name: 1.0
    outliers: Setting = lambda name: 0.01
    spread: Setting = lambda name: 0.15


@dataclass(frozen=True, kw_only=True)
class TaskVectors:
    """`theta_0 + scale * sum_i w_i s_i(theta_i - theta_0)`, where s_i makes a difference sparse.

    References:
        The signs and the divisor are those of TIES, arXiv 2306.01708, section 3, as in mergekit: the sign of
        a weight is that of the weighted sum, and vectors of another sign, or 0, do not count there.
    """

    vectors: tuple[VectorSettings, ...]
    """Settings per parent but the first."""
    sparsity: Sparsity
    consensus: bool
    """Whether only the vectors count whose weight has the sign of the weighted sum."""
    normalize: bool
    """Whether the sum is divided by the sum of the weights that count."""
    rescale: bool
    """Whether a sparse difference is scaled to its L1 norm before it was made sparse."""
    scale: Setting = lambda name: 1.0
    """Factor of the sum, called lambda."""
    seed: int = 0

    def blend(self, view: TensorView) -> TaskVectorBlend:
        """Return the formula of a tensor.

        Raises:
            MergeError: A setting is outside of its range.
        """
        return self.blend_of(self.read(view), view.name)

    def read(self, view: TensorView) -> VectorSum:
        """Return the sum of the sparse task vectors of a tensor.

        Raises:
            MergeError: A setting is outside of its range.
        """
        keeps = [
            self._sparsifier(each, view.name).keep(view, index) for index, each in enumerate(self.vectors)
        ]
        factors = np.ones(len(self.vectors))
        if self.rescale and self.sparsity is not Sparsity.NONE:
            factors = _rescaling(view, keeps)
        weights = [each.weight(view.name) for each in self.vectors]
        return VectorSum(
            keeps=keeps,
            factors=factors,
            weights=np.array(weights),
            consensus=self.consensus,
            normalize=self.normalize,
            sparse=self.sparsity is not Sparsity.NONE,
        )

    def blend_of(self, statistics: VectorSum, name: str) -> TaskVectorBlend:
        """Return the formula of a tensor from the sum of its task vectors."""
        return TaskVectorBlend(vectors=statistics, scale=self.scale(name))

    def _sparsifier(self, settings: VectorSettings, name: str) -> Sparsifier:
        return Sparsifier(
            kind=self.sparsity,
            density=settings.density(name),
            outliers=settings.outliers(name),
            spread=settings.spread(name),
            seed=self.seed,
        )


@dataclass(kw_only=True, eq=False)
class VectorSum:
    """The sum of the sparse task vectors of one tensor; remembers the sum of the last block."""

    keeps: Sequence[Keep]
    factors: Values
    """[m - 1]: factors that restore the norms of the sparse differences."""
    weights: Values
    """[m - 1]: weights of the task vectors."""
    consensus: bool
    normalize: bool
    sparse: bool
    _last: tuple[ParentsBlock, Values] | None = None

    def block(self, block: ParentsBlock) -> Values:
        """Return the sum in a block: float64 [N], which callers do not change."""
        if self._last is None or self._last[0] is not block:
            self._last = block, self._sum(block)
        return self._last[1]

    def _sum(self, block: ParentsBlock) -> Values:
        deltas = np.stack(list(block.deltas))
        for delta, keep, factor in zip(deltas, self.keeps, self.factors, strict=True):
            if self.sparse:
                delta *= keep.mask(delta, block.first)
            if factor != 1:
                delta *= factor
        weighted = deltas * self.weights[:, None]
        if self.consensus:
            agree = np.sign(weighted) == np.where(weighted.sum(axis=0) >= 0, 1.0, -1.0)
            mixed = (weighted * agree).sum(axis=0)
            divisor = (self.weights[:, None] * agree).sum(axis=0)
        else:
            mixed = weighted.sum(axis=0)
            divisor = np.asarray(self.weights.sum())
        if self.normalize:
            mixed = mixed / np.where(divisor == 0, 1.0, divisor)
        total: Values = mixed
        return total


@dataclass(frozen=True, kw_only=True)
class TaskVectorBlend:
    """The formula of one tensor."""

    vectors: VectorSum
    scale: float

    @property
    def terms(self) -> Terms | None:
        """The formula for the compiled kernel; None if it looks at each weight, as sparse vectors do."""
        vectors = self.vectors
        if vectors.sparse or vectors.consensus or np.any(vectors.factors != 1):
            return None
        divisor = float(vectors.weights.sum()) if vectors.normalize else 1.0
        row = tuple(map(float, vectors.weights))
        return Terms(kind=Kind.ADDED, row=row, scale=self.scale, divisor=divisor or 1.0)

    def block(self, block: ParentsBlock) -> Values:
        """Return the merged weights of a block."""
        mixed = self.vectors.block(block)
        merged: Values = block.parents[0] + self.scale * mixed
        # Adding 0 would turn a weight of -0.0 into 0.0.
        untouched = np.flatnonzero(mixed == 0)
        merged[untouched] = block.parents[0][untouched]
        return merged


def _rescaling(view: TensorView, keeps: Sequence[Keep]) -> Values:
    """Return the L1 norm of each difference divided by that of its kept weights; 1 if nothing is kept."""
    before, after = np.zeros(len(keeps)), np.zeros(len(keeps))
    for block in view.blocks():
        for index, (delta, keep) in enumerate(zip(block.deltas, keeps, strict=True)):
            sizes = np.abs(delta)
            before[index] += sizes.sum()
            after[index] += sizes[keep.mask(delta, block.first)].sum()
    return np.divide(before, after, out=np.ones_like(before), where=after > 0)


def task_vectors(
    name: str,
    vectors: Sequence[VectorSettings],
    *,
    normalize: bool | None = None,
    rescale: bool | None = None,
    scale: Setting = lambda name: 1.0,
    seed: int = 0,
) -> TaskVectors:
    """Return a method by its name.

    Args:
        name: A key of `METHODS`.
        vectors: Settings per parent but the first.
        normalize: As of `TaskVectors`; the method's own default unless given.
        rescale: As of `TaskVectors`; the method's own default unless given.
        scale: Factor of the sum.
        seed: Seed of the methods that drop weights at random.

    Raises:
        MergeError: There is no method of this name.
    """
    if name not in METHODS:
        raise MergeError(f"method must be one of {sorted(METHODS)}, got {name!r}")
    chosen = METHODS[name]
    if normalize is not None:
        chosen = replace(chosen, normalize=normalize)
    if rescale is not None:
        chosen = replace(chosen, rescale=rescale)
    return TaskVectors(
        vectors=tuple(vectors),
        sparsity=chosen.sparsity,
        consensus=chosen.consensus,
        normalize=chosen.normalize,
        rescale=chosen.rescale,
        scale=scale,
        seed=seed,
    )
