"""The compiled kernel gives the bits and the sums of numpy."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints
from codefrontier.merging.block import Block
from codefrontier.merging.census import LANES, Census, dot
from codefrontier.merging.checkpoints.checkpoint import Checkpoint
from codefrontier.merging.checkpoints.formats import BFLOAT16, FLOAT16, FLOAT32, FORMATS, Bits, FloatFormat
from codefrontier.merging.checkpoints.tensor_file import Tensor, TensorFile
from codefrontier.merging.engine import arithmetic
from codefrontier.merging.engine.arithmetic import Arithmetic, CompiledArithmetic, NumpyArithmetic
from codefrontier.merging.engine.choice import agrees, best_arithmetic
from codefrontier.merging.methods.method import Blend, LinearBlend, terms_of
from codefrontier.merging.methods.task_vectors import VectorSettings, task_vectors
from codefrontier.merging.plan import MergePlan, Rounding

Result = tuple[list[bytes], object]
NEAR = {"float32": (1, 23, 127), "bfloat16": (1, 7, 127), "float16": (1, 10, 15)}


@pytest.fixture(scope="module")
def compiled() -> CompiledArithmetic:
    return CompiledArithmetic()


def chunk(
    form: FloatFormat, parents: Sequence[FloatFormat], count: int, rounding: Rounding, merges: int, first: int
) -> Block:
    opened = []
    for parent in parents:
        tensor = Tensor(name="w", code=parent.code, shape=(first + count,), file=Path(), start=0)
        shard = TensorFile(path=Path(), data_start=0, metadata={}, tensors=(tensor,))
        opened.append(Checkpoint(folder=Path(), shards=(shard,), config={}))
    points = range(len(parents) + merges)
    plan = MergePlan(
        parents=tuple(opened),
        names=tuple(f"parent {number}" for number in range(len(parents))),
        methods=(),
        labels=tuple(f"merge {number}" for number in range(merges)),
        form=form,
        rounding=rounding,
        seed=5,
        pairs=tuple(itertools.combinations(points, 2)),
        metadata=(),
    )
    return Block(plan=plan, tensor=opened[0].tensors["w"], form=form, first=first)


def compute(computer: Arithmetic, block: Block, bits: Sequence[Bits], blends: Sequence[Blend]) -> Result:
    results = [np.empty(len(bits[0]), block.form.bits) for _ in blends]
    census = Census(parents=len(bits), merges=len(blends), pairs=block.plan.pairs)
    computer.merge(block, bits, results, blends, census)
    return [result.tobytes() for result in results], census.state


def random_bits(form: FloatFormat, count: int, seed: int) -> Bits:
    """Return finite numbers of every exponent up to 2^12, many of them subnormal, zero, or equal."""
    random = np.random.default_rng(seed)
    _, mantissa, bias = NEAR[form.name]
    exponents = random.integers(0, bias + 12, count)
    exponents[random.random(count) < 0.2] = 0
    signs = random.integers(0, 2, count) << (8 * form.bits.itemsize - 1)
    bits = signs | exponents << mantissa | random.integers(0, 1 << mantissa, count)
    bits[random.random(count) < 0.1] &= 1 << (8 * form.bits.itemsize - 1)
    return bits.astype(np.uint16) if form.bits == np.uint16 else bits.astype(np.uint32)


def near_bits(bits: Bits, seed: int) -> Bits:
    """Return the same numbers, of which a third is a unit or two larger in size, as after a little RL."""
    random = np.random.default_rng(seed)
    moves = np.where(random.random(len(bits)) < 1 / 3, random.integers(1, 3, len(bits)), 0)
    moved = bits + moves
    return moved.astype(np.uint16) if bits.dtype == np.uint16 else moved.astype(np.uint32)


def added(
    *, weight: float, scale: float = 1.0, normalize: bool = False, method: str = "task_arithmetic"
) -> Blend:
    settings = [VectorSettings(weight=lambda name: weight)]
    view: Any = SimpleNamespace(name="w")  # what is not sparse reads nothing
    return task_vectors(method, settings, normalize=normalize, scale=lambda name: scale).blend(view)


BLENDS: list[Blend] = [
    LinearBlend(row=(0.3,)),
    LinearBlend(row=(-0.5,)),
    LinearBlend(row=(0.0,)),
    LinearBlend(row=(1.0,)),
    LinearBlend(row=(1.5,)),
    LinearBlend(row=(0.25,), scale=0.9),
    added(weight=0.7, scale=0.4, normalize=True),
    added(weight=1.0),
    added(weight=0.3, scale=-1.5),
]


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
@pytest.mark.parametrize(
    "parents", list(itertools.product(FORMATS, FORMATS)), ids=lambda pair: pair[0].code + pair[1].code
)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.code)
def test_bits_and_sums_are_those_of_numpy(
    form: FloatFormat,
    parents: tuple[FloatFormat, FloatFormat],
    rounding: Rounding,
    compiled: CompiledArithmetic,
) -> None:
    for count, first in ((1, 0), (511, 1), (1025, 2)):
        low = random_bits(parents[0], count, count)
        high = near_bits(low, 1) if parents[0] is parents[1] else random_bits(parents[1], count, 2)
        block = chunk(form, parents, count, rounding, len(BLENDS), first)
        assert compute(compiled, block, [low, high], BLENDS) == compute(
            NumpyArithmetic(), block, [low, high], BLENDS
        )


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.code)
def test_sums_of_several_parents_are_those_of_numpy(form: FloatFormat, compiled: CompiledArithmetic) -> None:
    parents = [FLOAT32, BFLOAT16, FLOAT16, BFLOAT16]
    bits = [random_bits(parent, 3000, number) for number, parent in enumerate(parents)]
    blends = [
        LinearBlend(row=(0.2, -0.3, 0.6)),
        LinearBlend(row=(0, 1, 0)),
        LinearBlend(row=(0, 0.5, 0), scale=2),
    ]
    block = chunk(form, parents, 3000, "nearest", 3, 0)
    assert compute(compiled, block, bits, blends) == compute(NumpyArithmetic(), block, bits, blends)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.code)
def test_the_sums_of_several_blocks_are_those_of_numpy(
    form: FloatFormat, compiled: CompiledArithmetic
) -> None:
    low = random_bits(form, 140_000, 0)
    block = chunk(form, [form, form], len(low), "nearest", len(BLENDS), 7)
    bits = [low, near_bits(low, 1)]
    assert compute(compiled, block, bits, BLENDS) == compute(NumpyArithmetic(), block, bits, BLENDS)


def test_formulas_that_look_at_each_weight_are_computed_with_numpy(compiled: CompiledArithmetic) -> None:
    blends = [added(weight=1.0, normalize=True, method="ties")]
    assert terms_of(blends[0]) is None
    low = random_bits(FLOAT32, 1000, 0)
    block = chunk(FLOAT32, [FLOAT32, FLOAT32], 1000, "nearest", 1, 0)
    bits = [low, near_bits(low, 1)]
    assert compute(compiled, block, bits, blends) == compute(NumpyArithmetic(), block, bits, blends)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.code)
@pytest.mark.parametrize("fault", ["nan", "inf", "range"])
def test_a_weight_at_fault_is_named_as_numpy_names_it(
    fault: str, form: FloatFormat, compiled: CompiledArithmetic
) -> None:
    _, mantissa, bias = NEAR[form.name]
    infinity = (2 * bias + 1) << mantissa
    low, high = np.zeros((2, 1000), form.bits)
    low[777] = infinity + {"nan": 1, "inf": 0, "range": -1}[fault]
    high[777] = (infinity - 1) | 1 << (8 * form.bits.itemsize - 1)
    block = chunk(form, [form, form], 1000, "nearest", 1, 100)
    messages = []
    for computer in (compiled, NumpyArithmetic()):
        with pytest.raises(MergeError, match="element 877") as caught:
            compute(computer, block, [low, high], [LinearBlend(row=(-1.5,))])
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_a_parent_outside_of_the_range_of_the_output_equals_nothing(compiled: CompiledArithmetic) -> None:
    low = np.array([1e30, 7e4, 65519.0, 1.0], "<f4").view("<u4")
    high = np.array([1.0, 1.0, 1.0, 1.0], "<f4").view("<u4")
    block = chunk(FLOAT16, [FLOAT32, FLOAT32], 4, "nearest", 1, 0)
    blends = [LinearBlend(row=(1.0,))]
    assert compute(compiled, block, [low, high], blends) == compute(
        NumpyArithmetic(), block, [low, high], blends
    )


def test_a_dot_product_has_one_order() -> None:
    left, right = np.random.default_rng(0).normal(0, 1, (2, 3 * LANES + 5))
    lanes = [0.0] * LANES
    for index, product in enumerate(left * right):
        lanes[index % LANES] += float(product)
    total = 0.0
    for lane in lanes:
        total += lane
    assert dot(left, right) == total


def test_an_arithmetic_that_differs_is_noticed(compiled: CompiledArithmetic) -> None:
    class Wrong(NumpyArithmetic):
        def merge(self, chunk, bits, results, blends, census):  # type: ignore[no-untyped-def]
            super().merge(chunk, bits, results, blends, census)
            results[0][-1] ^= 1

    assert agrees(compiled)
    assert agrees(NumpyArithmetic())
    assert not agrees(Wrong())


def test_without_a_compiler_numpy_writes_the_same_bytes_and_merge_json_says_so(
    float_pair: tuple[Path, Path],
    kit: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = MergeOptions(force=True)
    (fast,) = merge_checkpoints(*float_pair, [0.3], tmp_path / "fast", options)
    best_arithmetic.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    try:
        with caplog.at_level(logging.INFO):
            (slow,) = merge_checkpoints(*float_pair, [0.3], tmp_path / "slow", options)
    finally:
        best_arithmetic.cache_clear()
    assert "none of gcc, cc, clang is on PATH" in caplog.text
    assert (slow.digest, slow.effective_alpha) == (fast.digest, fast.effective_alpha)
    said = [json.loads((each.path / "merge.json").read_text())["computed_by"] for each in (fast, slow)]
    assert said == ["compiled", "numpy"]
    assert arithmetic.CompiledArithmetic.name == "compiled"
