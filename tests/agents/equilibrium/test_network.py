from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codefrontier.agents import AgentError

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.equilibrium import EquilibriumConfig, EquilibriumNetwork, load_network, solve
    from codefrontier.agents.equilibrium.network import LatentState, rms_norm, truncated_normal

    torch.set_num_threads(1)

Make = Callable[..., "EquilibriumConfig"]


def puzzles(rows: int) -> torch.Tensor:
    return torch.randint(5, (rows, 16), generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("mixing", ["cells", "attention"])
def test_shapes_and_determinism(config: Make, mixing: str) -> None:
    network = EquilibriumNetwork(config(mixing=mixing), seed=1)
    found = solve(network, puzzles(3), depth=4, breadth=2, seed=5)
    assert found.logits.shape == (3, 4, 2, 16, 4)
    assert found.residuals.shape == found.halts.shape == (3, 4, 2)
    assert found.answers(2).shape == (3, 2, 16)
    assert found.changes(4).shape == (3, 2)
    again = solve(EquilibriumNetwork(config(mixing=mixing), seed=1), puzzles(3), depth=4, breadth=2, seed=5)
    assert torch.equal(again.logits, found.logits)
    assert not torch.equal(found.logits[:, :, 0], found.logits[:, :, 1])


def test_a_deeper_run_begins_like_a_shallower_one(config: Make) -> None:
    network = EquilibriumNetwork(config())
    deep, shallow = (solve(network, puzzles(2), depth=depth, breadth=3, seed=1) for depth in (5, 2))
    assert torch.equal(deep.logits[:, :2], shallow.logits)


def test_an_update_is_the_damped_block_worked_by_hand(config: Make) -> None:
    network = EquilibriumNetwork(config(h_cycles=1, l_cycles=1, damping=0.25, noise=0.0))
    rows = puzzles(2)
    state = network.start(2, torch.Generator().manual_seed(0))
    given = (network.embed(rows) + network.places) * 8**0.5
    block = network.blocks[0]
    low = 0.25 * state.low + 0.75 * block(state.low + state.high + given)
    high = 0.25 * state.high + 0.75 * block(state.high + low)
    thought = network.step(state, rows)
    assert torch.allclose(thought.state.low, low, atol=1e-6)
    assert torch.allclose(thought.state.high, high, atol=1e-6)
    change = ((high - state.high) ** 2 + (low - state.low) ** 2).mean(dim=(1, 2)) / 2
    assert torch.allclose(thought.residual, change.sqrt().detach(), atol=1e-6)


def test_without_noise_and_random_start_restarts_are_equal(config: Make) -> None:
    network = EquilibriumNetwork(config(noise=0.0, random_start=False))
    found = solve(network, puzzles(2), depth=3, breadth=2)
    assert torch.allclose(found.logits[:, :, 0], found.logits[:, :, 1], atol=1e-5)


def test_gradients_flow_through_the_last_cycle_only(config: Make) -> None:
    for tied in (True, False):
        network = EquilibriumNetwork(config(tied=tied, h_cycles=2, l_cycles=1))
        assert len(network.blocks) == (1 if tied else 4)
        first = torch.zeros(2, 16, 8, requires_grad=True)
        network.step(LatentState(high=first, low=first), puzzles(2)).logits.sum().backward()  # type: ignore[no-untyped-call]
        assert (first.grad is None) is tied
        assert network.embed.weight.grad is not None


def test_the_truncated_normal_has_deviation_one_and_an_edge() -> None:
    numbers = truncated_normal((200_000,), torch.Generator().manual_seed(0))
    assert float(numbers.std()) == pytest.approx(1, abs=0.01)
    assert float(numbers.mean()) == pytest.approx(0, abs=0.01)
    assert float(numbers.abs().max()) == pytest.approx(2 / 0.8796, abs=0.01)


def test_a_norm_has_mean_square_one() -> None:
    assert torch.allclose(rms_norm(torch.randn(5, 64) * 7).square().mean(-1), torch.ones(5), atol=1e-4)


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 0), ("mixing", "magic"), ("damping", 1.0), ("noise", -1.0), ("heads", 3)],
)
def test_a_wrong_form_is_named(config: Make, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        config(**{"mixing": "attention", field: value})


def test_a_checkpoint_is_read_back(checkpoint: Path, config: Make) -> None:
    network = load_network(checkpoint)
    assert network.config == config()
    rows = puzzles(1)
    expected = solve(EquilibriumNetwork(config(), seed=3), rows, depth=2).logits
    assert torch.equal(solve(network, rows, depth=2).logits, expected)


def test_a_checkpoint_of_another_kind_is_refused(checkpoint: Path) -> None:
    path = checkpoint / "config.json"
    fields = json.loads(path.read_text())
    path.write_text(json.dumps({**fields, "width": 16}))
    with pytest.raises(AgentError, match="cannot be read as the weights"):
        load_network(checkpoint)
    path.write_text(json.dumps({**fields, "model_type": "llama"}))
    with pytest.raises(AgentError, match="'llama'"):
        load_network(checkpoint)
    path.write_text("[]")
    with pytest.raises(AgentError, match="cannot be read as an equilibrium reasoner"):
        load_network(checkpoint)


@pytest.mark.parametrize(("depth", "breadth", "word"), [(0, 1, "depth"), (1, 0, "breadth")])
def test_a_wrong_budget_is_named(config: Make, depth: int, breadth: int, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        solve(EquilibriumNetwork(config()), puzzles(1), depth=depth, breadth=breadth)
    with pytest.raises(ValueError, match="puzzles must be"):
        solve(EquilibriumNetwork(config()), puzzles(1)[:, :9], depth=1)
