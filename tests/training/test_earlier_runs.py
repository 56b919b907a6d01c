"""Resuming runs of earlier versions, which lack settings that were added later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.system import write_digests
from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings, TrainEnvOptions

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.training.checkpoint import TRAINER, checkpoints, load_saved
    from codefrontier.training.run import deciding, load_last
    from codefrontier.training.trainer import train

Make = Callable[..., RLSettings]


def without(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return settings without one of them, whose name has a dot before the name of a nested one."""
    first, _, rest = name.partition(".")
    if not rest:
        return {key: value for key, value in settings.items() if key != first}
    return {**settings, first: without(settings[first], rest)}


def forget(out: Path, name: str) -> None:
    """Remove a setting from run.json and from the last checkpoint of a run."""
    run = json.loads((out / "run.json").read_text())
    for begun in run["starts"]:
        begun["settings"] = without(begun["settings"], name)
    (out / "run.json").write_text(json.dumps(run))
    path = checkpoints(out)[-1] / TRAINER
    content = torch.load(path, weights_only=True)
    state = json.loads(content["state"])
    state["settings"] = without(state["settings"], name)
    torch.save({**content, "state": json.dumps(state)}, path)
    write_digests(path.parent)


def with_defaults(kind: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of the fields of settings that have a default, and of the settings in them."""
    for field in fields(kind):
        value = field.default if field.default_factory is MISSING else field.default_factory()
        if is_dataclass(value):
            yield from with_defaults(value, f"{prefix}{field.name}.")
        elif value is not MISSING:
            yield f"{prefix}{field.name}"


def test_a_run_from_before_a_setting_of_the_environments_is_resumed_to_the_same_bytes(
    settings: Make, judge_that: Any, stream_of: Any, weights_of: Callable[[Path], bytes], tmp_path: Path
) -> None:
    whole = train(settings(out=tmp_path / "whole", steps=2), judge=judge_that(), problems=stream_of())
    early = settings(out=tmp_path / "early", steps=1)
    train(early, judge=judge_that(), problems=stream_of())
    forget(early.out, "env_options.answers")
    going_on = replace(early, steps=2, resume=True)
    assert weights_of(train(going_on, judge=judge_that(), problems=stream_of())) == weights_of(whole)
    assert load_saved(checkpoints(early.out)[-1]).state.settings["env_options"]["answers"] is None


def test_a_value_that_the_earlier_version_could_not_have_is_another_run(
    settings: Make, judge_that: Any, stream_of: Any
) -> None:
    early = settings(steps=1)
    train(early, judge=judge_that(), problems=stream_of())
    forget(early.out, "env_options.answers")
    other = replace(early, resume=True, env_options=TrainEnvOptions(answers=2))
    with pytest.raises(TrainingError, match=r"settings \(env_options\.answers None instead of 2\): resume"):
        train(other, judge=judge_that(), problems=stream_of())


def test_every_setting_with_a_default_may_be_missing_and_still_tells_runs_apart(
    settings: Make, judge_that: Any, stream_of: Any
) -> None:
    defaults = {field.name: field.default for field in fields(RLSettings) if field.default is not MISSING}
    plain = settings(**{**defaults, "steps": 1, "prompts": 2, "group": 2, "max_completion_tokens": 16})
    train(plain, judge=judge_that(), problems=stream_of())
    saved = load_saved(checkpoints(plain.out)[-1]).state.settings
    own = {name: value for name, value in saved.items() if name not in deciding(plain)}
    names = [name for name in with_defaults(RLSettings) if name.partition(".")[0] in saved]
    assert {"env_options.answers", "env_options.data", "staleness", "packing", "lr"} <= set(names)
    for name in names:
        if name not in ("prompts", "group", "max_completion_tokens"):
            forget(plain.out, name)
    assert load_last(replace(plain, resume=True), "rl", deciding(plain, **own)) is not None
    other = replace(plain, resume=True, packing="rows")
    with pytest.raises(TrainingError, match=r"\(packing 'off' instead of 'rows'\)"):
        load_last(other, "rl", deciding(other, **own))
