from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tyro

from codefrontier.problems.families import SupplyPart
from codefrontier.problems.families.puzzles import check, grid_family
from codefrontier.problems.families.puzzles.instance import part_of
from codefrontier.training.command import EquilibriumCommand
from codefrontier.training.equilibrium import EquilibriumSettings
from codefrontier.training.errors import TrainingError
from codefrontier.training.tracking.catalogue import METRICS
from codefrontier.training.tracking.metric import Stage, Writer, flatten

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.equilibrium import GridCodec, load_network
    from codefrontier.training.checkpoint import checkpoints
    from codefrontier.training.equilibrium.puzzles import PuzzleRows
    from codefrontier.training.equilibrium.train import ReasonerLearner, train_equilibrium
    from codefrontier.training.metrics import read_lines


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., EquilibriumSettings]:
    def make(name: str = "run", **fields: Any) -> EquilibriumSettings:
        small = {"steps": 6, "batch": 8, "puzzles": 20, "width": 8, "layers": 1, "segments": 3, "warmup": 2}
        return EquilibriumSettings(out=tmp_path / name, **{**small, **fields})

    return make


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_an_interrupted_run_ends_with_the_same_weights(tiny: Callable[..., EquilibriumSettings]) -> None:
    whole = train_equilibrium(tiny("whole"))
    short = tiny("parts", checkpoint_every=2)

    class StopError(Exception):
        pass

    def stop(metrics: Any) -> None:
        if metrics["step"] == 5:
            raise StopError

    with pytest.raises(StopError):
        train_equilibrium(short, on_step=stop)
    assert [path.name for path in checkpoints(short.out)] == ["checkpoint-000002", "checkpoint-000004"]
    resumed = train_equilibrium(replace(short, resume=True))
    assert weights(resumed) == weights(whole)
    ours, theirs = (read_lines(path.parent / "metrics.jsonl") for path in (resumed, whole))
    plain = [{**line, "time_s": 0} for line in ours]
    assert plain == [{**line, "time_s": 0} for line in theirs]


def test_another_seed_gives_other_weights(tiny: Callable[..., EquilibriumSettings]) -> None:
    one, other = (train_equilibrium(tiny(str(seed), steps=1, seed=seed)) for seed in (0, 1))
    assert weights(one) != weights(other)


def test_a_run_with_other_settings_is_not_resumed(tiny: Callable[..., EquilibriumSettings]) -> None:
    train_equilibrium(tiny(steps=1))
    with pytest.raises(TrainingError, match="--resume"):
        train_equilibrium(tiny(steps=1))
    with pytest.raises(TrainingError, match=r"noise 0\.01 instead of 0\.5"):
        train_equilibrium(tiny(steps=1, noise=0.5, resume=True))


def test_the_metrics_are_those_of_the_table(tiny: Callable[..., EquilibriumSettings]) -> None:
    settings = tiny(steps=1)
    train_equilibrium(settings)
    [line] = read_lines(settings.out / "metrics.jsonl")
    documented = {
        name
        for name, metric in METRICS.items()
        if Stage.EQUILIBRIUM in metric.stages and metric.writer is Writer.EVERY
    }
    assert set(flatten(line)) - {"step"} == documented


def test_a_network_that_diverges_is_told(tiny: Callable[..., EquilibriumSettings]) -> None:
    with pytest.raises(TrainingError, match="lower the learning rate"):
        train_equilibrium(tiny(lr=1e30, warmup=0))


@pytest.mark.parametrize("name", ["sudoku-4", "sudoku-6", "maze-9"])
def test_images_of_training_puzzles_are_solved_and_of_the_training_part(name: str) -> None:
    rows, codec, family = PuzzleRows.make(name, 5, seed=2), GridCodec.of(name), grid_family(name)
    puzzles, solutions = rows.draw(40, torch.Generator().manual_seed(1))
    size = family.columns
    for puzzle, solution in zip(puzzles, solutions, strict=True):
        cells = "".join(family.symbols[place] for place in puzzle.tolist())
        text = "".join(cells[row : row + size] + "\n" for row in range(0, len(cells), size))
        assert check(text, codec.text(solution), "") == (True, "solved")
        assert part_of(family, text) is SupplyPart.TRAIN
    assert len({tuple(puzzle.tolist()) for puzzle in puzzles}) > 20


def test_a_puzzle_stays_for_as_many_steps_as_segments(tiny: Callable[..., EquilibriumSettings]) -> None:
    settings = tiny(segments=2, explore=0.0)
    learner = ReasonerLearner(settings, PuzzleRows.make("sudoku-4", 20, seed=0), None)
    held = []
    for _ in range(4):
        learner.step()
        held.append(learner.state()["carry"]["puzzles"].clone())
    assert torch.equal(held[0], held[1])  # an untrained network does not halt: its halting bias is -5
    assert not torch.equal(held[1], held[2])
    assert torch.equal(held[2], held[3])


def test_the_loss_falls(tiny: Callable[..., EquilibriumSettings]) -> None:
    settings = tiny(steps=60, batch=16, width=16, lr=5e-3)
    last = train_equilibrium(settings)
    lines = read_lines(settings.out / "metrics.jsonl")
    assert lines[-1]["loss_ema"] < lines[0]["loss"] - 0.05
    assert load_network(last).config.width == 16


def test_the_command_prints_the_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--steps", "1", "--batch", "2", "--puzzles", "3", "--width", "8", "--layers", "1", "--quiet"]
    command = tyro.cli(EquilibriumCommand, args=["--out", str(tmp_path / "out"), *words])
    assert command.run() == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "checkpoint-000001")


@pytest.mark.parametrize(
    ("field", "value"),
    [("family", "sudoku-5"), ("segments", 0), ("ema", 1.0), ("noise", -0.1), ("lora_rank", 2)],
)
def test_a_wrong_setting_is_named(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field.removesuffix("_rank")):
        EquilibriumSettings(out=tmp_path, **{field: value})  # type: ignore[arg-type]
