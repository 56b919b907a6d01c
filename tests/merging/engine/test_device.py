"""The arithmetic with torch gives the bits of numpy; tried on the device `cpu` of torch."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint
from codefrontier.merging.checkpoints.formats import FORMATS, FloatFormat
from codefrontier.merging.engine.choice import agreement
from codefrontier.merging.engine.device import TorchArithmetic, arithmetic_on

pytestmark = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.code)
def test_bits_are_those_of_numpy_and_sums_agree(form: FloatFormat) -> None:
    assert agreement(TorchArithmetic("cpu"), form, digits=10)


def test_a_merge_has_the_same_bytes_and_says_what_computed_it(
    float_pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wanted,) = merge_checkpoints(*float_pair, [0.3], tmp_path / "cpu", MergeOptions(force=True))
    monkeypatch.setattr("codefrontier.merging.merge.arithmetic_on", lambda name: TorchArithmetic("cpu"))
    (found,) = merge_checkpoints(*float_pair, [0.3], tmp_path / "torch", MergeOptions(force=True))
    assert found.digest == wanted.digest
    assert found.effective_alpha == pytest.approx(wanted.effective_alpha, rel=1e-12)
    assert '"computed_by": "torch on cpu"' in (found.path / "merge.json").read_text()
    assert open_checkpoint(found.path).tensors.keys() == open_checkpoint(wanted.path).tensors.keys()


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(MergeError, match=r"device must be one of \('cpu', 'cuda'\), got 'tpu'"):
        MergeOptions(device="tpu")  # type: ignore[arg-type]
    assert arithmetic_on("cpu").name in ("compiled", "numpy")
    torch = import_module("torch")
    if not torch.cuda.is_available():
        with pytest.raises(MergeError, match="sees no GPU: use the device cpu"):
            arithmetic_on("cuda")
