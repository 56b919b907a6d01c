from __future__ import annotations

import pytest

from codefrontier.training.command import RLCommand
from codefrontier.training.recipes import RECIPES, with_recipe

PLACES = ["--init", "start", "--out", "run"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_a_valid_command_line(name: str) -> None:
    command = RLCommand.parse([*PLACES, "--recipe", name], prog="train rl")
    assert command.env[0].startswith("Verification-single")
    assert command.algorithm in ("grpo", "raft")


def test_the_command_line_overrides_a_recipe() -> None:
    words = [
        *PLACES,
        "--recipe=verifier-grpo-think-8k",
        "--group",
        "4",
        "--env",
        "Verification-single,data=D",
    ]
    command = RLCommand.parse(words, prog="train rl")
    assert (command.group, command.max_completion_tokens) == (4, 8192)
    assert command.env == ("Verification-single,data=D",)


def test_an_unknown_recipe_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert with_recipe(["--lr", "1"]) == ["--lr", "1"]
    with pytest.raises(SystemExit):
        RLCommand.parse([*PLACES, "--recipe", "x"], prog="train rl")
    assert "verifier-raft" in capsys.readouterr().err
