"""The difference of a tensor from a base as bits, in an order that compresses well.

The bits of each number are combined by exclusive or with the bits of the base, so equal numbers give zeros
and the restored bits are exact. The bytes are then sorted by their place in the number: signs and exponents
hardly ever differ and become long runs of zeros.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..checkpoints.formats import round_nearest, widen
from ..checkpoints.source import Raw
from ..checkpoints.tensor_file import Tensor


def difference(data: Raw, base: Raw) -> bytes:
    """Return the difference of elements from those of a base, with their bytes sorted.

    Args:
        data: uint8 [N, size], the bytes of N elements.
        base: uint8 [N, size], the bytes of the base in the same dtype.
    """
    return np.ascontiguousarray((data ^ base).T).tobytes()


def restore(packed: bytes, base: Raw) -> Raw:
    """Return the elements of which `difference` gave the difference from the base: uint8 [N, size].

    Raises:
        ValueError: The difference has another number of bytes than the base.
    """
    count, size = base.shape
    sorted_bytes: NDArray[np.uint8] = np.frombuffer(packed, np.uint8).reshape(size, count)
    return np.ascontiguousarray(sorted_bytes.T) ^ base


def expected(tensor: Tensor, base: Tensor | None, base_bytes: Raw, count: int) -> Raw:
    """Return the bytes that a tensor would have if it equalled the base: uint8 [count, size].

    Args:
        tensor: The tensor.
        base: The tensor of the base with this name; None if there is none with its shape.
        base_bytes: Bytes of the elements of the base; empty if there are none.
        count: Number of elements.
    """
    if base is None or not fits(tensor, base):
        return np.zeros((count, tensor.item_size), np.uint8)
    if tensor.code == base.code:
        return base_bytes.reshape(count, tensor.item_size)
    assert tensor.form is not None, "checked by `fits`"
    assert base.form is not None, "checked by `fits`"
    values = widen(base_bytes.view(base.form.bits), base.form)
    return np.ascontiguousarray(round_nearest(values, tensor.form)).view(np.uint8).reshape(count, -1)


def fits(tensor: Tensor, base: Tensor) -> bool:
    """Return whether a base says something about a tensor."""
    return tensor.shape == base.shape and (
        tensor.code == base.code or (tensor.form is not None and base.form is not None)
    )
