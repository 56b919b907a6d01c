"""Train an equilibrium reasoner on Sudoku of size 4, and solve unseen puzzles with more and more iterations.

    python examples/equilibrium.py

The network applies one small block again and again. It is trained with at most 8 outer steps; here it takes
up to 32, from four random states, and the state that has settled most gives the answer. Takes about ten
seconds.
"""

import tempfile
from itertools import islice
from pathlib import Path

from codefrontier.agents.equilibrium import GridCodec
from codefrontier.problems.families import SupplyPart
from codefrontier.problems.families.puzzles import check, grid_family, stream
from codefrontier.training.equilibrium import (
    EquilibriumSettings,
    load_network,
    select,
    solve,
    train_equilibrium,
)

FAMILY = grid_family("sudoku-4")


def main() -> None:
    """Train, solve, and print the share of puzzles that are solved."""
    with tempfile.TemporaryDirectory() as folder:
        settings = EquilibriumSettings(
            out=Path(folder),
            steps=300,
            batch=48,
            puzzles=300,
            width=32,
            lr=3e-3,
            ema=0.98,
            checkpoint_every=300,
        )
        network = load_network(train_equilibrium(settings))
    unseen = list(islice(stream(FAMILY, SupplyPart.TEST), 50))
    codec = GridCodec(FAMILY)
    found = solve(network, codec.puzzles([each.puzzle for each in unseen]), depth=32, breadth=4)
    for depth in (1, 4, 32):
        solved = 0
        for number, instance in enumerate(unseen):
            best = select(found.logits[number, :depth])[0]
            answer = codec.text(found.answers(depth)[number, best])
            solved += check(instance.puzzle, answer, "")[0]
        print(f"{depth} outer steps solve {solved / len(unseen):.2f}")


if __name__ == "__main__":
    main()
