"""The environment of verification: a problem and 2 to 5 programs, of which exactly one is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Unpack

from ...judge import Language, Submission
from ...problems import Problem
from ...problems.verification import task_facts
from ..episode import Attempt, Mode, ParsedReply, StopReason
from ..modes.coding_env import MAX_OBSERVATION
from ..modes.single_env import SingleEnv
from ..settings import EnvSettings
from ..text_space import encodable
from .answers import parse_answer
from .judging import judge_answer
from .settings import VerificationKeywords, VerificationSettings

_THINK = "You may think first. End your reply with a line "
_ALONE = "Reply with nothing but "
_EXAMPLES = {False: "`Answer: N`, where N is the number of the right program", True: "`Answer: 2 1 3`"}


class VerificationEnv(SingleEnv):
    """One reply that names the program that passes all hidden tests, or ranks the programs.

    - Id: `Verification-single`. The modes tool and agentic play the same tasks as ordinary problems, where a
      submission is a Python program that prints the answer.
    - Observation: `TextSpace`. After `reset` the statement of the problem, the programs (Python, C++, Java
      and others), and how to answer; with `layout="plain"` one symbolic line and the programs. After a step
      whether the answer was read, and not whether it is right.
    - Action: `TextSpace`. With `thinking`, text may come before the answer, also between think tags; of what
      follows the last `</think>`, the last fenced block is the answer, else the last `\\boxed{...}`, else the
      last line `Answer: ...`, else the last line. Without `thinking`, the reply must be the answer alone. The
      answer is the number of a program from 1; with `ranking`, the numbers of all programs, the best first.
    - Reward: 1.0 if the named program is the one with the highest executed pass rate, otherwise 0.0. With
      `ranking` 1.0 if it is ranked first, or what `reward` says, for example `kendall` for tau-b in [-1, 1].
      -0.1 is added for a reply without an answer; plus the length penalty, if set.
    - Episode end: `terminated` after one step. Nothing is run: the labels were proved by the judge when the
      set was built, so no sandbox is needed.
    - Info: as in mode single. `selected` is 1; with `ranking` also the pairs of programs with different pass
      rates, and `passed` counts those in the right order.
    - Version: 1, in `metadata["version"]`.

    Args:
        tasks: Folder of a set that `codefrontier problems verification` wrote; the embedded set unless given.
        keywords: The fields of `VerificationSettings`.

    References:
        arXiv 2601.12186.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human"], "render_fps": 1, "version": 1}  # noqa: RUF012  # declared so by Gymnasium
    mode = Mode.SINGLE
    settings_type: ClassVar[type[EnvSettings]] = VerificationSettings
    settings: VerificationSettings

    def __init__(self, *, tasks: Path | str | None = None, **keywords: Unpack[VerificationKeywords]) -> None:
        chosen = keywords.get("problems")
        if tasks is not None and keywords.get("data") is not None:
            raise ValueError("tasks and data name the same thing: give one of them")
        # A vector environment passes on the problems that its first environment has loaded.
        if tasks is not None and not (chosen and all(isinstance(each, Problem) for each in chosen)):
            keywords["data"] = str(tasks)
        super().__init__(**keywords)  # type: ignore[misc]  # its settings_type takes the further keywords
        for problem in self._pool.problems:
            task_facts(problem)  # raises ValueError for a problem that is no task

    @property
    def pass_rates(self) -> tuple[float, ...]:
        """The executed pass rates of the programs of the episode. Not for an agent."""
        return tuple(task_facts(self.problem)["pass_rates"])

    def _instructions(self) -> str:
        ranking, count = self.settings.ranking, ""
        if ranking:
            count = " for the ranking 2, 1, 3: every program once, the most correct one first"
        return f"{_THINK if self.settings.thinking else _ALONE}{_EXAMPLES[ranking]}{count}."

    def _first_observation(self, problem: Problem) -> str:
        if self.settings.layout == "plain":
            return encodable(problem.metadata["plain"])
        parts = [problem.metadata["question"], "## How to answer", self._instructions()]
        return encodable("\n\n".join(parts))[:MAX_OBSERVATION]

    def _act(self, action: str) -> ParsedReply:
        settings, rates = self.settings, self.pass_rates
        answer = parse_answer(action, len(rates), ranking=settings.ranking, thinking=settings.thinking)
        if isinstance(answer, str):
            return ParsedReply(
                text=f"Nothing was judged: {answer}.", malformed=True, ending=StopReason.NO_CODE
            )
        judgement = judge_answer(answer, rates)
        words = " ".join(map(str, answer))
        source = f"print({words!r})" if settings.ranking else f"print({words})"
        attempt = Attempt(
            submission=Submission(source=source.encode(), language=Language.PYTHON), judgement=judgement
        )
        ending = StopReason.ACCEPTED if judgement.verdict.accepted else StopReason.SUBMITTED
        return ParsedReply(text=f"The answer {words} was received.", attempt=attempt, ending=ending)
