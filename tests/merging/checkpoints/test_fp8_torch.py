"""The values of FP8 numbers are those of torch."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codefrontier.merging.checkpoints.quantised import table_of

if TYPE_CHECKING:
    import torch


@pytest.mark.long
@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
@pytest.mark.parametrize(("code", "kind"), [("F8_E4M3", "float8_e4m3fn"), ("F8_E5M2", "float8_e5m2")])
def test_every_number_has_the_value_that_torch_gives_it(code: str, kind: str) -> None:
    bits = torch.arange(256, dtype=torch.int32).to(torch.uint8)
    values = bits.view(getattr(torch, kind)).to(torch.float64).numpy()
    assert np.array_equal(values, table_of(code), equal_nan=True)
