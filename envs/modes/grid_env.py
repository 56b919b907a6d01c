"""Grids: one reply with a filled grid, which the rules of the puzzle decide about."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Unpack

from ...judge import Judgement, Submission, Verdict
from ...judge.judgement import NO_SANDBOX, Compilation, JudgeIdentity, Run
from ...judge.verdicts import FailureClass
from ...problems import Problem, ProblemError
from ...problems.families.puzzles import judge_text
from ..actions import last_code_block
from ..episode import Attempt, Mode, ParsedReply, StopReason
from ..feedback import submission_reply
from ..settings import EnvKeywords
from ..text_space import encodable
from .coding_env import CodingEnv


class GridEnv(CodingEnv):
    """One reply whose last fenced code block is a filled grid. No program runs.

    - Id: `Grids-single`. The problems are the instances of `codefrontier problems list grids`: Sudoku of the
      sizes 4, 6 and 9, and mazes of the sizes 9, 13 and 17. Each has exactly one solution.
    - Observation: `TextSpace`. After `reset` the rules of the puzzle and the grid in a code block. After a
      step the verdict.
    - Action: `TextSpace`. Any reply. The content of its last fenced code block is the answer; without a
      block, the whole reply is. It has one line for each row of the grid. Spaces between cells and empty
      lines around the grid do not count. In a Sudoku all cells are digits. In a maze the free cells of the
      path are `o`, and all other cells stay.
    - Reward: that of `reward`, by default 1.0 for a solved grid and 0.0 otherwise; plus -0.1 for an empty
      answer; plus the length penalty, if set. The checker of the problem decides in this process, by the
      rules of the puzzle alone.
    - Episode end: `terminated` after one step.
    - Info: the keys of `SingleEnv`. A grid that is not right is `WA`.
    - Version: 1, in `metadata["version"]`.

    The keyword arguments are the fields of `EnvSettings`. `problem_set` may name another draw, for example
    `grids:train:100:7:sudoku-4`. Keywords about programs, such as `language`, `coverage`, `judge` and
    `stop_early`, have no effect; `answers` and `max_submissions` must be 1.
    """

    metadata: dict[str, Any] = {**CodingEnv.metadata, "version": 1}  # noqa: RUF012  # declared so by Gymnasium
    mode = Mode.SINGLE
    default_max_turns = 1
    instructions = (
        "Reply with text that ends in a fenced code block with the filled grid: one line for each row, as in "
        "the task. It is checked against the rules."
    )

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        super().__init__(**keywords)
        for name in ("answers", "max_submissions"):
            value = getattr(self.settings, name)
            if value > 1:
                raise ValueError(f"{name} must be 1 in Grids-single, got {value!r}")
        others = [problem.id for problem in self.problems if problem.source != "grids"]
        if others:
            raise ValueError(f"Grids-single plays problems of the set 'grids' only, got {others[0]!r}")

    def _first_observation(self, problem: Problem) -> str:
        parts = [f"# {problem.title}", problem.statement.strip(), "## How to answer", self._instructions()]
        return encodable("\n\n".join(parts))

    def _act(self, action: str) -> ParsedReply:
        block = last_code_block(action)
        text = action if block is None else block
        if not text.strip():
            return self._reject("Nothing was judged: the answer is empty.")
        try:
            submission = Submission(source=text.encode(), language=self.settings.program_language)
        except ValueError as error:
            return self._reject(f"Nothing was judged: {error}.")
        judgement = judge_grid(self.problem, text)
        return replace(
            submission_reply(judgement, self.settings.feedback or "verdict"),
            attempt=Attempt(submission=submission, judgement=judgement),
            ending=StopReason.ACCEPTED if judgement.verdict.accepted else StopReason.SUBMITTED,
        )

    def _reject(self, reason: str) -> ParsedReply:
        return ParsedReply(text=reason, malformed=True, ending=StopReason.NO_CODE)


def judge_grid(problem: Problem, text: str) -> Judgement:
    """Return the judgement on a filled grid: one run on the only test, which takes no time.

    Raises:
        ProblemError: The problem has not exactly one test.
    """
    if len(problem.tests) != 1:
        raise ProblemError(f"problem {problem.id!r} must have one test, has {len(problem.tests)}")
    right, message = judge_text(problem, text)
    verdict = Verdict.ACCEPTED if right else Verdict.WRONG_ANSWER
    (case,) = problem.tests
    run = Run(
        test=case.name,
        index=case.index,
        input_size=case.input_size,
        verdict=verdict,
        cpu_time_s=0.0,
        wall_time_s=0.0,
        memory_mib=0.0,
        output_size=len(text.encode()),
        checker_message=message,
    )
    return Judgement(
        verdict=verdict,
        failure_class=FailureClass.SOLVED if right else FailureClass.CORRECTNESS,
        runs=(run,),
        selected=1,
        coverage=1.0,
        compilation=Compilation(ok=True),
        judge=JudgeIdentity(version=_version(), sandbox=NO_SANDBOX),
        dialect=problem.dialect,
    )


def _version() -> str:
    try:
        return version("codefrontier")
    except PackageNotFoundError:
        return "unknown"
