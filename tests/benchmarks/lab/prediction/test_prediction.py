import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

if TYPE_CHECKING:
    from safetensors.numpy import load_file, save_file

    from codefrontier.benchmarks.lab.prediction.__main__ import main
    from codefrontier.benchmarks.lab.prediction.arms import CONTROLS, PREDICTION, predict
    from codefrontier.benchmarks.lab.prediction.comparison import REAL, SolveRates, compare, name_of
    from codefrontier.training.pretraining.sft import train_sft
    from codefrontier.training.settings import SFTSettings

STEPS = 4


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A start, and a run that moves along a line at a constant speed."""
    folder = tmp_path_factory.mktemp("run")
    start = Path(train_sft(SFTSettings(out=folder / "sft", steps=1, d=16)))
    weights = load_file(start / "model.safetensors")
    draw = np.random.default_rng(0)
    direction = {name: draw.standard_normal(value.shape) for name, value in weights.items()}
    for step in range(1, STEPS + 1):
        target = folder / "run" / f"checkpoint-{step:06d}"
        shutil.copytree(start, target)
        moved = {
            name: (value + step * 1e-3 * direction[name]).astype(np.float32)
            for name, value in weights.items()
        }
        save_file(moved, target / "model.safetensors")
    return start, folder / "run"


def test_a_straight_run_is_predicted_and_the_controls_are_what_they_say(
    run: tuple[Path, Path], tmp_path: Path
) -> None:
    start, folder = run
    made = predict(start, folder, 3, target=STEPS, work=tmp_path)
    assert set(made.folders) == {PREDICTION, *CONTROLS}
    origin, end = (
        load_file(path / "model.safetensors") for path in (start, folder / f"checkpoint-{STEPS:06d}")
    )
    weights = {name: load_file(path / "model.safetensors") for name, path in made.folders.items()}
    for name, values in end.items():
        np.testing.assert_allclose(weights[PREDICTION][name], values, atol=1e-5, err_msg=name)
        # The first difference is scaled to the norm of the prediction, which is on the same line here.
        np.testing.assert_allclose(weights["first_delta"][name], values, atol=1e-5, err_msg=name)
        halfway = (origin[name] + values) / 2
        np.testing.assert_allclose(weights["shrunk"][name], halfway, atol=1e-5, err_msg=name)
    assert made.folders["last"].name == "checkpoint-000003"
    assert made.fit["factor_of_the_first_delta"] == pytest.approx(STEPS, rel=1e-3)
    assert made.fit["explained_variance"] == pytest.approx(1.0, abs=1e-4)
    assert made.fit["explained_variance_of_a_random_walk"] < 0.95
    again = predict(start, folder, 3, target=STEPS, work=tmp_path)
    assert again.folders == made.folders


def rates(prediction: float, control: float, real: float, *, problems: int = 40) -> "SolveRates":
    """Make solve rates of three seeds whose problems differ in difficulty."""
    draw = np.random.default_rng(1)
    found = {}
    for seed in (0, 1, 2):
        difficulty = draw.uniform(-0.2, 0.2, problems)
        noise = {name: draw.uniform(-0.05, 0.05, problems) for name in (PREDICTION, *CONTROLS, REAL)}
        means = {PREDICTION: prediction, REAL: real, **dict.fromkeys(CONTROLS, control)}
        for name, mean in means.items():
            key = name if name == REAL else name_of(9, name)
            found[seed, key] = mean + difficulty + noise[name]
    return SolveRates(problems=tuple(map(str, range(problems))), rates=found)


@pytest.mark.parametrize(
    ("values", "expected", "end"),
    [
        ((0.5, 0.4, 0.5), {"beats"}, "as good"),
        ((0.4, 0.5, 0.5), {"loses"}, "not shown to be as good"),
        ((0.5, 0.5, 0.5), {"undecided"}, "as good"),
    ],
)
def test_a_prediction_is_held_against_its_controls_and_the_real_end(
    values: tuple[float, float, float], expected: set[str], end: str
) -> None:
    found = {each.control: each for each in compare(rates(*values), [9])}
    assert {found[name].verdict for name in CONTROLS} == expected
    assert found[REAL].verdict == end
    assert found["last"].difference.estimate == pytest.approx(values[0] - values[1], abs=0.02)
    assert len(found["last"].by_seed) == 3


def test_p_values_are_corrected_for_the_number_of_tests() -> None:
    table = rates(0.5, 0.49, 0.5)
    alone = min(each.p for each in compare(table, [9]) if each.control != REAL)
    doubled = dict(table.rates) | {
        (seed, name.replace("of 9", "of 15")): values for (seed, name), values in table.rates.items()
    }
    more = compare(SolveRates(problems=table.problems, rates=doubled), [9, 15])
    assert min(each.p for each in more if each.control != REAL) >= alone


@pytest.mark.slow
@pytest.mark.sandbox
def test_the_command_runs_from_training_to_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--out", str(tmp_path / "out"), "--quick"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures == json.loads((tmp_path / "out" / "prediction.json").read_text())
    assert [each["steps_known"] for each in figures["comparisons"]] == [2] * 4 + [3] * 4
