"""The command `codefrontier traces crux`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tyro.conf import Positional

from ...judge import JudgeError, open_judge
from ...judge.options import JudgeFlags, options_from
from ...problems import ProblemError
from ...problems.traces import CruxRow, family_rows, read_crux_rows, write_crux_rows
from ...terminal import INTERRUPTED, fail, print_json
from ..errors import AgentError
from ..factory import agent_factory
from ..llm.options import ModelOptions
from .crux_eval import (
    WAYS,
    ChancePlayer,
    PerfectPlayer,
    Question,
    accuracy,
    by_skipped,
    chance_level,
    evaluate,
    questions_of,
)
from .state_models import AgentModel, StateModel
from .trace_sources import FUNCTIONS

DONE = 0
PERFECT, CHANCE = "perfect", "chance"


@dataclass(frozen=True, kw_only=True)
class CruxCommand(JudgeFlags):
    """Predict outputs and inputs of functions by debugger actions and directly, on rows like CruxEval's.

    Rows whose function does not return their output are left out and counted. Inputs are judged by execution
    in the sandbox.
    """

    rows: Positional[str]
    """File of rows (JSON lines with `code`, `input`, `output`), or `functions` for rows made of the micro
    families."""
    agent: str = PERFECT
    """`perfect` and `chance`, whose scores are known, or an agent such as `policy:CKPT` or
    `litellm:MODEL`."""
    count: int = 100
    """Most rows."""
    seed: int = 0
    """Seed of the rows that are made, and of the chance player."""
    held_out: bool = True
    """Make rows of the combinations that are held out from training."""
    ways: tuple[str, ...] = WAYS
    """Ways of asking."""
    write_rows: Path | None = None
    """File to write the rows to; nothing is evaluated then."""
    temperature: float = 0.0
    """Sampling temperature of a model."""
    max_completion_tokens: int | None = None
    """Most tokens of a reply of a model."""
    api_base: str | None = None
    """Base URL of an OpenAI-compatible server of a model."""
    judge: str = "embedded"
    """Judge: `embedded`, `docker`, `auto`, or the address of a judging service or of Ray."""
    json: bool = False
    """Output as one JSON object instead of a table."""

    def run(self) -> int:
        """Evaluate, print, and return the exit status."""
        try:
            rows = self._rows()
            if self.write_rows is not None:
                print(f"{write_crux_rows(self.write_rows, rows)} rows are in {self.write_rows}")
                return DONE
            with open_judge(self.judge, options_from(self)) as judge:
                questions, left_out = questions_of(judge, rows)
                if not questions:
                    raise ProblemError(f"no row can be asked: {next(iter(left_out.values()))}")
                results = evaluate(judge, self._model(questions), questions, ways=self.ways)
        except KeyboardInterrupt:
            fail("stopped")
            return INTERRUPTED
        except (ProblemError, AgentError, JudgeError, ValueError, OSError) as error:
            return fail(error, self)
        document = {
            "agent": self.agent,
            "rows": len(questions),
            "left_out": left_out,
            "accuracy": accuracy(results),
            "by_skipped_states": by_skipped(results),
            "chance_of_outputs": chance_level(questions),
        }
        if self.json:
            print_json(document)
        else:
            _print(document)
        return DONE

    def _rows(self) -> list[CruxRow]:
        if self.count < 1:
            raise ValueError(f"count must be at least 1, got {self.count!r}")
        if self.rows == FUNCTIONS:
            return list(islice(family_rows(self.seed, held_out=self.held_out), self.count))
        return read_crux_rows(Path(self.rows))[: self.count]

    def _model(self, questions: list[Question]) -> StateModel:
        if self.agent == PERFECT:
            return PerfectPlayer(questions)
        if self.agent == CHANCE:
            return ChancePlayer(questions, seed=self.seed)
        options = replace(
            ModelOptions(),
            temperature=self.temperature,
            max_completion_tokens=self.max_completion_tokens,
            api_base=self.api_base,
        )
        return AgentModel(agent_factory(self.agent, options))


def _print(document: dict[str, Any]) -> None:
    ways = list(document["accuracy"])
    width = max(map(len, ways))
    groups = document["by_skipped_states"]
    print(f"{document['agent']} on {document['rows']} rows; {len(document['left_out'])} left out")
    names = "".join(f"{name:>9}" for name in groups)
    print(f"{'skipped states':<{width}}{'all':>9}{names}")
    print(
        f"{'rows':<{width}}{document['rows']:>9}" + "".join(f"{each['rows']:>9}" for each in groups.values())
    )
    for way in ways:
        shares = "".join(f"{each.get(way, float('nan')):>9.3f}" for each in groups.values())
        print(f"{way:<{width}}{document['accuracy'][way]:>9.3f}{shares}")
    print(f"an output drawn from the rows is right with probability {document['chance_of_outputs']:.3f}")
