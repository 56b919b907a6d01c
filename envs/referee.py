"""What an environment asks its judge, answered in words for the agent."""

from __future__ import annotations

from ..judge import CompileError, Language, Submission
from ..problems import Limits, Problem, ProblemError
from .episode import Ending, Reply, StopReason
from .feedback import OUTPUT_SHOWN, cut_middle, execution_text, samples_reply, submission_text
from .judging import JudgeHandle
from .settings import EnvSettings

PYTHON_LIMITS = Limits(time_s=10, memory_mib=512, output_mib=4)
"""Of one run of the tool `python`."""


class Referee:
    """Judges and runs programs as the settings say. Every method may raise JudgeError."""

    def __init__(self, settings: EnvSettings) -> None:
        self._settings = settings
        self._judge = JudgeHandle(settings.judge)

    def close(self) -> None:
        """Close the judge unless it is shared. A second call does nothing."""
        self._judge.close()

    def submit(self, problem: Problem, source: bytes) -> Reply:
        """Judge a program on the selected tests; this ends the episode.

        Raises:
            ProblemError: The hidden tests cannot be loaded, or there are none.
        """
        settings = self._settings
        try:
            submission = Submission(source=source, language=settings.program_language)
        except ValueError as error:
            text = f"Nothing was judged: {error}."
            return Reply(text=text, ending=Ending.without_code(StopReason.NO_CODE))
        if not len(problem.tests):
            raise ProblemError(f"problem {problem.id!r} has no hidden tests")
        judgement = self._judge.get().judge(
            problem,
            submission,
            coverage=settings.coverage,
            order=settings.coverage_order,
            order_seed=settings.order_seed,
            stop_early=settings.stop_early,
        )
        ending = Ending.judged(judgement, submission)
        return Reply(text=submission_text(judgement), judged=True, ending=ending)

    def run_samples(self, problem: Problem, source: bytes) -> Reply:
        """Judge a program on the samples."""
        if not len(problem.samples):
            return Reply(text="This problem has no samples.")
        try:
            submission = Submission(source=source, language=self._settings.program_language)
        except ValueError as error:
            return Reply(text=f"Nothing was run: {error}.")
        return samples_reply(problem, self._judge.get().judge(problem, submission, samples=True))

    def run_python(self, code: str, stdin: str) -> Reply:
        """Run a Python program once."""
        try:
            program = Submission(source=code.encode(), language=Language.PYTHON)
        except ValueError as error:
            return Reply(text=f"Nothing was run: {error}.")
        try:
            execution = self._judge.get().execute(program, stdin.encode(), limits=PYTHON_LIMITS)
        except CompileError as error:
            return Reply(text=f"The program does not compile.\n{cut_middle(str(error), OUTPUT_SHOWN)}")
        return Reply(text=execution_text(execution))
