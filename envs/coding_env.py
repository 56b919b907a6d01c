"""What the three modes share: reset, the boundary around a step, judging, snapshots."""

from __future__ import annotations

import copy
import logging
from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, ClassVar, Unpack

import gymnasium
from gymnasium.envs.registration import EnvSpec

from ..judge import JudgeError, Judgement, Submission
from ..problems import Problem, ProblemError
from .episode import Ending, Episode, EpisodeSnapshot, Mode, Reply, StopReason
from .errors import EnvError
from .feedback import cut_middle
from .leaks import LeakLint
from .referee import Referee
from .selection import ProblemPool
from .settings import EnvKeywords, EnvSettings
from .task_text import task_text
from .text_space import TextSpace, encodable
from .tools import Tool

logger = logging.getLogger(__name__)

MAX_OBSERVATION = 1 << 20
"""Characters of an observation."""
MAX_ACTION = 1 << 21
"""Characters of an action: a submission has at most 1 MiB, and JSON may double it."""


class CodingEnv(gymnasium.Env[str, str], ABC):
    """A problem to solve by a program; subclasses say how the agent acts.

    Args:
        keywords: See `EnvSettings`.

    Raises:
        ValueError: A keyword argument has a bad value.
        ProblemError: The problem set cannot be loaded.
    """

    metadata: dict[str, Any] = {"render_modes": [], "version": 1}  # noqa: RUF012  # declared so by Gymnasium
    mode: ClassVar[Mode]
    default_max_turns: ClassVar[int]
    instructions: ClassVar[str]
    """How to act, for the first observation."""
    tool_set: ClassVar[tuple[Tool, ...]] = ()

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        self.settings = EnvSettings(**keywords)
        self.max_turns = self.settings.max_turns or self.default_max_turns
        if self.mode is Mode.SINGLE and self.max_turns != 1:
            raise ValueError(f"max_turns must be 1 or None in mode single, got {self.max_turns!r}")
        self._spec: EnvSpec | None = None
        self._pool = ProblemPool.of(self.settings)
        self._referee = Referee(self.settings)
        self._problem: Problem | None = None
        self._lint: LeakLint | None = None
        self._episode: Episode | None = None
        self.observation_space = TextSpace(MAX_OBSERVATION)
        self.action_space = TextSpace(MAX_ACTION)

    @property
    def spec(self) -> EnvSpec | None:
        """How `gymnasium.make` makes this environment again; a shared judge is no part of it."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = spec
        if spec is not None:
            spec.kwargs = {name: value for name, value in spec.kwargs.items() if name != "judge"}

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The function schemas of the tools, as the OpenAI protocol has them; none in mode single."""
        return [tool.schema for tool in self.tool_set]

    @property
    def excluded(self) -> dict[str, str]:
        """Problems of the set that are not played, with the reason of each: see `require`, `known_bad`."""
        return dict(self._pool.excluded)

    @property
    def problem(self) -> Problem:
        """The problem of the episode. Its tests are hidden: not for an agent.

        Raises:
            ResetNeeded: There was no reset yet.
        """
        if self._problem is None:
            raise gymnasium.error.ResetNeeded("there is no problem before reset()")
        return self._problem

    @property
    def last_judgement(self) -> Judgement | None:
        """All about the submission that ended the episode, times included; None without one."""
        return self._episode.ending.judgement if self._episode and self._episode.ending else None

    @property
    def submission(self) -> Submission | None:
        """The submission that was judged; None without one."""
        return self._episode.ending.submission if self._episode and self._episode.ending else None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode on a problem drawn with `np_random`, or on `options["problem"]` (an id).

        Raises:
            ValueError: The id or an option is unknown.
            JudgeError: The workspace cannot be started: nothing has begun, so reset again.
            ProblemError: The problem's samples cannot be loaded.
        """
        super().reset(seed=seed)
        self._leave()
        problem = self._pool.choose(self.np_random, options)
        observation = self._first_observation(problem)
        with ExitStack() as undo:
            undo.callback(self._release)
            self._open(problem)
            undo.pop_all()
        self._begin(problem, Episode(problem_id=problem.id, mode=self.mode, observation=observation))
        return observation, self._running().info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action; a failure of the judge or the workspace ends the episode as truncated.

        Raises:
            ResetNeeded: The episode has ended, or none has begun.
            TypeError: The action is no text.
        """
        episode = self._running()
        if not isinstance(action, str):
            raise TypeError(f"an action must be a str, got {type(action).__name__}")
        try:
            reply = self._answer(action, turn=episode.turn + 1)
            if reply.judged:
                self._check_leaks(reply)
        except (JudgeError, EnvError, ProblemError, OSError) as error:
            logger.warning("episode on %r ends without a reward: %r", episode.problem_id, error)
            reply = Reply(text=_FAILURE.format(error=type(error).__name__), ending=Ending.failed(error))
        ending = reply.ending
        observation = encodable(cut_middle(reply.text, MAX_OBSERVATION // 2))
        self._episode = replace(episode, turn=episode.turn + 1, observation=observation, ending=ending)
        if ending is None:
            return observation, 0.0, False, False, self._episode.info
        self._release()
        truncated = ending.stop_reason is StopReason.INFRASTRUCTURE
        return observation, ending.reward, not truncated, truncated, self._episode.info

    def close(self) -> None:
        """End the workspace and the environment's own judge. A second call does nothing."""
        self._leave()
        self._referee.close()

    def snapshot(self) -> EpisodeSnapshot:
        """Return the episode as it stands, to be taken up by `restore`; it can be pickled.

        Raises:
            ResetNeeded: No episode has begun.
            JudgeError: The workspace failed.
        """
        if self._episode is None:
            raise gymnasium.error.ResetNeeded("there is nothing to snapshot before reset()")
        return EpisodeSnapshot(
            problem_set=self.settings.problem_set,
            episode=self._episode,
            random_state=copy.deepcopy(dict(self.np_random.bit_generator.state)),
            workspace=self._pack() if self._episode.ending is None else None,
        )

    def restore(self, snapshot: EpisodeSnapshot) -> tuple[str, dict[str, Any]]:
        """Take up an episode where a snapshot left it; return its last observation and info, as `reset` does.

        Raises:
            ValueError: The snapshot is of another mode, problem set or version, or its problem is not here.
            JudgeError: The workspace failed.
        """
        episode = snapshot.episode
        for name, theirs, ours in (
            ("version", snapshot.version, EpisodeSnapshot.version),
            ("mode", episode.mode, self.mode),
            ("problem set", snapshot.problem_set, self.settings.problem_set),
        ):
            if theirs != ours:
                raise ValueError(f"the snapshot has {name} {theirs!s}, this environment has {ours!s}")
        problem = self._pool.by_id(episode.problem_id)
        self._leave()
        if episode.ending is None:
            with ExitStack() as undo:
                undo.callback(self._release)
                self._unpack(snapshot.workspace)
                undo.pop_all()
        self.np_random.bit_generator.state = copy.deepcopy(snapshot.random_state)
        self._begin(problem, episode)
        return episode.observation, episode.info

    # What a mode defines.

    @abstractmethod
    def _act(self, action: str) -> Reply:
        """Answer a well-formed text; JudgeError and OSError may leave."""

    def _open(self, problem: Problem) -> None:
        """Start what an episode needs."""

    def _release(self) -> None:
        """End what an episode needed. A second call does nothing."""

    def _pack(self) -> bytes | None:
        """Return the state of what `_open` started."""
        return None

    def _unpack(self, packed: bytes | None) -> None:
        """Start what an episode needs, in a packed state."""

    # The rest is the episode's own.

    def _answer(self, action: str, *, turn: int) -> Reply:
        """Answer an action, and end the episode when it was the last turn."""
        if action in self.action_space:
            reply = self._act(action)
        else:
            reply = self._reject(f"The action is not UTF-8 text of at most {MAX_ACTION} characters.")
        if reply.ending is not None or self.mode is Mode.SINGLE:
            return reply
        if turn < self.max_turns:
            return replace(reply, text=f"{reply.text}\n\nTurn {turn} of {self.max_turns}.")
        text = f"{reply.text}\n\nThat was the last of {self.max_turns} turns: nothing was submitted."
        return replace(reply, text=text, ending=Ending.without_code(StopReason.MAX_TURNS))

    def _reject(self, reason: str) -> Reply:
        """Explain what is wrong with an action."""
        return Reply(text=reason)

    def _check_leaks(self, reply: Reply) -> None:
        if self._lint is None:
            self._lint = LeakLint(self.problem)
        self._lint.check(reply.text, quoted=reply.quoted)

    def _first_observation(self, problem: Problem) -> str:
        parts = [task_text(problem, self.settings.program_language), "## How to answer", self.instructions]
        if self.tool_set:
            parts += ["\n".join(tool.summary for tool in self.tool_set), f"You have {self.max_turns} turns."]
        text = encodable("\n\n".join(parts))
        if len(text) > MAX_OBSERVATION:
            raise ProblemError(
                f"the text of problem {problem.id!r} has {len(text)} characters, more than {MAX_OBSERVATION}"
            )
        return text

    def _begin(self, problem: Problem, episode: Episode) -> None:
        if problem is not self._problem:
            self._problem, self._lint = problem, None
        self._episode = episode

    def _running(self) -> Episode:
        if self._episode is None or self._episode.ending is not None:
            state = "no episode has begun" if self._episode is None else "the episode has ended"
            raise gymnasium.error.ResetNeeded(f"{state}: call reset()")
        return self._episode

    def _leave(self) -> None:
        self._episode = None
        self._release()


_FAILURE = (
    "The environment failed ({error}), not the program: "
    "the episode ends here without a verdict and does not count."
)
