from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium
import pytest

from codefrontier.agents import AgentError, agent_factory, rollout
from codefrontier.judge import Language
from codefrontier.problems import find_problem, load_problems

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.equilibrium import EquilibriumConfig, EquilibriumNetwork, select
    from codefrontier.agents.equilibrium.agent import Budget, EquilibriumFactory, choose
    from codefrontier.agents.equilibrium.selection import majority, select_by_residual
    from codefrontier.agents.equilibrium.solving import Restarts

DRAW = "grids:test:3:0:sudoku-4"


def test_an_agent_plays_grids(checkpoint: Path) -> None:
    factory = agent_factory(f"equilibrium:{checkpoint}@3x2")
    problems = load_problems(DRAW)
    assert [factory.obstacle(problem, Language.PYTHON) for problem in problems] == [None] * 3
    env = gymnasium.make("Grids-single", problems=problems)
    record = rollout(factory.make(), env, seed=1)
    again = rollout(factory.make(), env, seed=1)
    assert record.steps[0].action == again.steps[0].action
    assert record.stop_reason in ("accepted", "submitted")
    facts = json.loads(record.steps[0].reasoning or "")
    assert set(facts) == {"residual", "agreement", "confidence"}
    assert 0 < facts["confidence"] <= 1
    assert record.agent.kind == "equilibrium"
    assert record.agent.settings["depth"] == 3


def test_a_puzzle_is_answered_alike_wherever_it_comes(checkpoint: Path) -> None:
    factory = EquilibriumFactory.load(f"{checkpoint}@2x3")
    puzzles = [problem.tests[0].input().decode() for problem in load_problems(DRAW)]
    forwards = [factory.answer(puzzle, 0) for puzzle in puzzles]
    backwards = [factory.answer(puzzle, 0) for puzzle in reversed(puzzles)]
    assert forwards == backwards[::-1]
    assert factory.answer(puzzles[0], 1) != forwards[0]


def test_other_problems_are_refused(checkpoint: Path) -> None:
    factory = agent_factory(f"equilibrium:{checkpoint}")
    for name in ("classics/pair-sums", "grids/maze-9-1", "grid-programs/sudoku-4"):
        assert "no grid of the family sudoku-4" in str(factory.obstacle(find_problem(name), Language.PYTHON))
    env = gymnasium.make("Grids-single", problems=[find_problem("grids/maze-9-1")])
    with pytest.raises(AgentError, match="no code block with a grid of the family sudoku-4"):
        rollout(factory.make(), env, seed=0)


@pytest.mark.parametrize(
    ("suffix", "message"),
    [("@0x1", "at least 1"), ("@2x2-luck", "selector must be one of convergence"), ("@2", "no folder")],
)
def test_a_wrong_spec_is_named(checkpoint: Path, suffix: str, message: str) -> None:
    with pytest.raises(AgentError, match=message):
        agent_factory(f"equilibrium:{checkpoint}{suffix}")


def test_each_selector_chooses_as_it_says(config: Callable[..., EquilibriumConfig]) -> None:
    logits = torch.randn(1, 5, 6, 16, 2, generator=torch.Generator().manual_seed(2))
    logits[:, :, 1:3] = logits[:, :, :1] + torch.arange(5.0)[None, :, None, None, None]
    residuals = torch.rand(1, 5, 6, generator=torch.Generator().manual_seed(3))
    found = Restarts(logits=logits, residuals=residuals, halts=residuals)
    answers = found.answers(5)[0]

    def chosen(selector: Any) -> torch.Tensor:
        return choose(found, Budget(depth=5, breadth=6, selector=selector))[0]

    assert torch.equal(chosen("convergence"), answers[select(logits[0])[0]])
    assert torch.equal(chosen("residual"), answers[select_by_residual(residuals[0])[0]])
    assert torch.equal(chosen("majority"), majority(answers))
    assert torch.equal(majority(answers), answers[0])  # restarts 0 to 2 agree
    assert EquilibriumNetwork(config()).config.family == "sudoku-4"
