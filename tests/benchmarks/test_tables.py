from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from codefrontier.agents import AgentIdentity, EpisodeRecord
from codefrontier.benchmarks import rows
from codefrontier.benchmarks.tables import detail_tables, summary_tables

EpisodeMaker = Callable[..., EpisodeRecord]


def drawn(table: Table, *, width: int) -> list[str]:
    """Draw a table and return its lines, with single spaces between the words."""
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines() if line.strip()]


def test_the_details_of_an_agent_are_a_line_per_difficulty_and_coverage(episode: EpisodeMaker) -> None:
    (table,) = detail_tables(rows([episode("AC TLE", difficulty="hard")], [0.5, 1.0]))
    lines = drawn(table, width=120)
    assert lines[0] == "Classics-single"
    assert lines[-4:] == [
        "a hard 0.5 1 1 · · · · 1 · · · · · ·",
        "1 1 · · 1 · · · · · 1 · · ·",
        "all 0.5 1 1 · · · · 1 · · · · · ·",
        "1 1 · · 1 · · · · · 1 · · ·",
    ]


def test_the_summary_fits_eighty_columns(episode: EpisodeMaker) -> None:
    reference = AgentIdentity(name="reference", kind="scripted")
    episodes = [
        episode("AC AC AC TLE", problem_digest="1", agent=reference),
        episode("AC AC AC AC", problem_digest="2", agent=reference),
        episode("invalid", problem_digest="3", agent=reference),
    ]
    (table,) = summary_tables(rows(episodes))
    lines = drawn(table, width=80)
    assert lines[-1] == "reference 3 2 2 1 · 1 · 1 AC 1, TLE 1"
    assert "zation" in lines[2]
