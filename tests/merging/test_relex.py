"""RELEX: exact lines, the authors' arithmetic, refusals, controls and the null of a random walk."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codefrontier.merging import MergeError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.merging.relex import fit, position_of, random_walk

    Checkpoint = dict[str, torch.Tensor]


def walk(*, length: int, seed: int = 0, drift: float = 0.0) -> tuple[Checkpoint, list[Checkpoint]]:
    """Return a base and checkpoints with two tensors that move, and one that does not."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"matrix": (6, 5), "bias": (7,)}
    base = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    trend = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    now, checkpoints = {name: tensor.clone() for name, tensor in base.items()}, []
    for _ in range(length):
        for name in now:
            now[name] = now[name] + drift * trend[name] + torch.randn(shapes[name], generator=generator)
        checkpoints.append(
            {**{name: tensor.clone() for name, tensor in now.items()}, "frozen": torch.ones(3)}
        )
    return {**base, "frozen": torch.ones(3)}, checkpoints


def by_svd(
    base: torch.Tensor, checkpoints: list[torch.Tensor], *, rank: int, window: int, at: float
) -> torch.Tensor:
    """Return the prediction by its definition, in float64, with the singular vectors of M."""
    rows = torch.stack([(each.double() - base.double()).reshape(-1) for each in checkpoints])
    left, singular, right = torch.linalg.svd(rows, full_matrices=False)
    coefficients = (left * singular)[:, :rank].numpy()
    places = np.arange(len(rows) - window, len(rows))
    lines = [np.polyval(np.polyfit(places, coefficients[-window:, each], 1), at) for each in range(rank)]
    moved = torch.tensor(lines, dtype=torch.float64) @ right[:rank]
    predicted: torch.Tensor = base.double() + moved.reshape(base.shape)
    return predicted


@pytest.mark.parametrize(("rank", "window"), [(1, None), (1, 3), (2, None), (3, 4), (5, 2)])
@pytest.mark.parametrize("at", [-1.0, 0.0, 4.0, 17.5])
def test_a_prediction_is_that_of_the_singular_vectors(rank: int, window: int | None, at: float) -> None:
    base, checkpoints = walk(length=5, drift=0.5)
    trajectory = fit(base, checkpoints, rank=rank, window=window, difference_dtype=torch.float64)
    predicted = trajectory.predict(at)
    for name in ("matrix", "bias"):
        expected = by_svd(
            base[name], [each[name] for each in checkpoints], rank=rank, window=window or 5, at=at
        )
        torch.testing.assert_close(predicted[name].double(), expected, atol=1e-5, rtol=1e-5)


def test_an_exact_line_is_continued_and_leads_back_to_its_base() -> None:
    base = {"w": torch.randn(40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)}
    step = torch.randn(40, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    checkpoints = [{"w": base["w"] + count * step} for count in (1, 2, 3, 4)]
    trajectory = fit(base, checkpoints, difference_dtype=torch.float64)
    assert trajectory.explained_variance == pytest.approx(1)
    assert trajectory.r_squared == pytest.approx(1)
    torch.testing.assert_close(trajectory.predict(9)["w"], base["w"] + 10 * step, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(trajectory.predict(-1)["w"], base["w"], rtol=1e-12, atol=1e-12)


def test_a_frozen_tensor_stays_and_has_no_variance() -> None:
    base, checkpoints = walk(length=4)
    trajectory = fit(base, checkpoints)
    assert torch.equal(trajectory.predict(50)["frozen"], base["frozen"])
    assert (trajectory.explained_variance["frozen"], trajectory.r_squared["frozen"]) == (0, 0)
    assert 0 < trajectory.explained_variance < 1
    unmoved = fit(base, [base, base])
    assert not unmoved.explained_variance
    assert not unmoved.r_squared
    assert torch.equal(unmoved.predict(9)["matrix"], base["matrix"])


def test_integers_stay_and_the_dtype_of_the_base_is_kept() -> None:
    base = {"w": torch.zeros(3, dtype=torch.bfloat16), "steps": torch.tensor([3])}
    checkpoints = [
        {"w": torch.full((3,), value, dtype=torch.bfloat16), "steps": torch.tensor([value])}
        for value in (1, 2)
    ]
    predicted = fit(base, checkpoints).predict(3)
    assert predicted["w"].dtype is torch.bfloat16
    assert predicted["w"].tolist() == [4, 4, 4]
    assert predicted["steps"].tolist() == [3]


def test_all_directions_explain_everything() -> None:
    base, checkpoints = walk(length=4)
    trajectory = fit(base, checkpoints, rank=4)
    assert trajectory.explained_variance == pytest.approx(1)
    assert trajectory.explained_variance["bias"] == pytest.approx(1)


def test_float16_differences_lose_small_updates_as_the_authors_code_does() -> None:
    generator = torch.Generator().manual_seed(0)
    base = {"w": 0.02 * torch.randn(20_000, generator=generator)}
    step = 1e-6 * torch.randn(20_000, generator=generator)
    checkpoints = [{"w": base["w"] + count * step} for count in (1, 2)]
    exact = fit(base, checkpoints).fits["w"].total
    lossy = fit(base, checkpoints, difference_dtype=torch.float16).fits["w"].total
    halves = [each["w"].half() - base["w"].half() for each in checkpoints]
    assert lossy == pytest.approx(sum(float((half.float() ** 2).sum()) for half in halves))
    assert lossy != pytest.approx(exact, rel=0.5)
    assert sum(int((half == 0).sum()) for half in halves) > 0.6 * 40_000


def test_folders_give_what_tensors_give(kit: SimpleNamespace, tmp_path: Path) -> None:
    base, checkpoints = walk(length=3)
    folders = []
    for number, tensors in enumerate([base, *checkpoints]):
        content = {name: ("F32", tensor.numpy()) for name, tensor in tensors.items()}
        shards = [["matrix"], ["bias", "frozen"]] if number % 2 else []
        folders.append(kit.make_checkpoint(tmp_path / str(number), content, shards=shards))
    in_memory, on_disk = fit(base, checkpoints), fit(folders[0], folders[1:])
    assert on_disk.rows(7) == in_memory.rows(7)
    for name, tensor in in_memory.predict(7).items():
        assert torch.equal(on_disk.predict(7)[name], tensor)


def test_chunks_do_not_change_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    base, checkpoints = walk(length=3)
    whole = fit(base, checkpoints, difference_dtype=torch.float64).grams["matrix"]
    monkeypatch.setattr("codefrontier.merging.relex.CHUNK", 7)
    torch.testing.assert_close(fit(base, checkpoints, difference_dtype=torch.float64).grams["matrix"], whole)


def test_the_controls_are_what_their_names_say() -> None:
    base, checkpoints = walk(length=4, drift=1)
    trajectory = fit(base, checkpoints)
    controls = {name: trajectory.combine(rows) for name, rows in trajectory.controls(9, shrink=0.25).items()}
    prediction = trajectory.predict(9)
    first, predicted = 0.0, 0.0
    for name in ("matrix", "bias"):
        torch.testing.assert_close(controls["last"][name], checkpoints[-1][name])
        torch.testing.assert_close(
            controls["shrunk"][name], base[name] + 0.25 * (prediction[name] - base[name])
        )
        along = (controls["first_delta"][name] - base[name]) / (checkpoints[0][name] - base[name])
        torch.testing.assert_close(along, along.flatten()[0].expand_as(along), atol=1e-3, rtol=1e-3)
        first += float(((controls["first_delta"][name] - base[name]) ** 2).sum())
        predicted += float(((prediction[name] - base[name]) ** 2).sum())
    assert first == pytest.approx(predicted, rel=1e-4)


def test_a_random_walk_looks_like_a_line() -> None:
    share, fitted = random_walk(20)
    assert share == pytest.approx(0.81, abs=0.01)
    assert fitted == pytest.approx(0.96, abs=0.01)


@pytest.mark.parametrize(
    ("step", "steps", "position"), [(160, range(10, 90, 10), 15), (60, (1, 2, 3), 59), (25, (10, 20), 1.5)]
)
def test_a_position_counts_checkpoints(step: int, steps: tuple[int, ...], position: float) -> None:
    assert position_of(step, list(steps)) == position


@pytest.mark.parametrize("steps", [(10,), (10, 20, 25), (20, 10), (10, 10)])
def test_steps_at_unequal_distances_are_refused(steps: tuple[int, ...]) -> None:
    with pytest.raises(MergeError, match="equal positive distances"):
        position_of(30, steps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 1}, "at least two checkpoints besides the base, got 1"),
        ({"count": 0}, "got 0"),
        ({"rank": 0}, "rank must be from 1"),
        ({"rank": 4}, "rank must be from 1 to the number of checkpoints, 3, got 4"),
        ({"window": 1}, "window must be from 2"),
        ({"window": 4}, "window must be from 2"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, object], message: str) -> None:
    base, checkpoints = walk(length=3)
    given = dict(arguments)
    with pytest.raises(MergeError, match=message):
        fit(base, checkpoints[: int(str(given.pop("count", 3)))], **given)  # type: ignore[arg-type]


def test_another_dtype_of_the_differences_is_refused() -> None:
    base, checkpoints = walk(length=3)
    with pytest.raises(MergeError, match="difference_dtype must be one of"):
        fit(base, checkpoints, difference_dtype=torch.bfloat16)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_weight_that_is_not_finite_is_named(value: float) -> None:
    base, checkpoints = walk(length=2)
    checkpoints[1]["bias"][2] = value
    with pytest.raises(MergeError, match=r"'bias'.*not finite"):
        fit(base, checkpoints)


def test_other_tensors_and_shapes_are_named() -> None:
    base, checkpoints = walk(length=2)
    with pytest.raises(MergeError, match=r"checkpoint 2 .*'more'"):
        fit(base, [checkpoints[0], {**checkpoints[1], "more": torch.ones(1)}])
    with pytest.raises(MergeError, match=r"'bias' has shape \(7,\) in the base and \(8,\) in checkpoint 1"):
        fit(base, [{**checkpoints[0], "bias": torch.ones(8)}, checkpoints[1]])


@pytest.mark.parametrize("position", [float("nan"), float("inf")])
def test_a_position_must_be_finite(position: float) -> None:
    base, checkpoints = walk(length=2)
    with pytest.raises(MergeError, match="finite"):
        fit(base, checkpoints).predict(position)


@pytest.mark.parametrize("shrink", [0, 1, -1])
def test_a_shrink_factor_is_checked(shrink: float) -> None:
    base, checkpoints = walk(length=2)
    with pytest.raises(MergeError, match="shrink"):
        fit(base, checkpoints).controls(3, shrink=shrink)
