"""The base class of the three modes: reset, the error boundary around a step, judging, snapshots."""

from __future__ import annotations

import copy
import logging
from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, ClassVar, Self, Unpack

import gymnasium
from gymnasium.envs.registration import EnvSpec

from ...judge import JudgeError, Judgement, Submission, WorkspaceSnapshot
from ...problems import Problem, ProblemError
from ..episode import Attempt, Counts, Episode, EpisodeEnd, EpisodeSnapshot, Mode, ParsedReply, StopReason
from ..errors import EnvError
from ..feedback import cut_middle
from ..leaks import LeakLint, lint_of
from ..referee import Referee
from ..rewards import FORMAT_PENALTY, reward_components
from ..selection import ProblemPool
from ..settings import EnvKeywords, EnvSettings
from ..task_text import rules, task_text
from ..text_space import TextSpace, encodable
from ..tools.tool import Tool, with_submissions

logger = logging.getLogger(__name__)

MAX_OBSERVATION = 1 << 20
"""Most characters of an observation."""
MAX_ACTION = 1 << 21
"""Most characters of an action. A submission has at most 1 MiB, and escapes in JSON may double its length."""


class CodingEnv(gymnasium.Env[str, str], ABC):
    """A programming problem as an episode; subclasses define how the agent acts.

    Args:
        keywords: The fields of `EnvSettings`.

    Raises:
        ValueError: A keyword argument has a value that is not allowed.
        ProblemError: The problem set cannot be loaded.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human"], "render_fps": 1, "version": 3}  # noqa: RUF012  # declared so by Gymnasium
    mode: ClassVar[Mode]
    default_max_turns: ClassVar[int]
    instructions: ClassVar[str]
    """Part of the first observation that says how to act."""
    tool_set: tuple[Tool, ...] = ()
    settings_type: ClassVar[type[EnvSettings]] = EnvSettings

    def __init__(self, **keywords: Unpack[EnvKeywords]) -> None:
        self._keywords = keywords
        self.settings = self.settings_type(**keywords)
        self.render_mode = self.settings.render_mode
        self.max_turns = self.settings.turns(self.mode, self.default_max_turns)
        self.tool_set = with_submissions(type(self).tool_set, self.settings.max_submissions)
        self._reward_function = self.settings.reward_function
        self._spec: EnvSpec | None = None
        self._pool = self._load_pool()
        self._referee = Referee(self.settings)
        self._problem: Problem | None = None
        self._lint: LeakLint | None = None
        self._episode: Episode | None = None
        self.observation_space = TextSpace(MAX_OBSERVATION)
        self.action_space = TextSpace(MAX_ACTION)

    @property
    def spec(self) -> EnvSpec | None:
        """The spec from which `gymnasium.make` makes this environment again, without a shared judge."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = spec
        if spec is not None:
            spec.kwargs = {name: value for name, value in spec.kwargs.items() if name != "judge"}

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The function schemas of the tools in the form of the OpenAI protocol; empty in mode single."""
        return [tool.schema for tool in self.tool_set]

    @property
    def excluded(self) -> dict[str, str]:
        """The problems of the set that are not played, with the reasons; see `require` and `known_bad`."""
        return dict(self._pool.excluded)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems that are played, in a fixed order. Not for an agent: they hold the hidden tests."""
        return self._pool.problems

    @property
    def problem(self) -> Problem:
        """The problem of the episode. Not for an agent: it holds the hidden tests.

        Raises:
            ResetNeeded: `reset` has not been called.
        """
        if self._problem is None:
            raise gymnasium.error.ResetNeeded("there is no problem before reset()")
        return self._problem

    @property
    def last_judgement(self) -> Judgement | None:
        """The judgement on the submission that ended the episode, with times; None when there was none."""
        return self._episode.ending.judgement if self._episode and self._episode.ending else None

    @property
    def reward_without_submission(self) -> float:
        """The reward of an episode in which the agent gives up before it submits anything."""
        return float(self._reward_function(None)) + FORMAT_PENALTY

    @property
    def answers(self) -> tuple[Attempt, ...]:
        """The judged answers of the reply that ended the episode, where a reply may hold several."""
        return self._episode.ending.answers if self._episode and self._episode.ending else ()

    @property
    def submission(self) -> Submission | None:
        """The submission that ended the episode; None when there was none."""
        return self._episode.ending.submission if self._episode and self._episode.ending else None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode on a problem drawn with `np_random`, or on `options["problem"]` (an id).

        Raises:
            ValueError: The id or an option is unknown.
            JudgeError: The workspace cannot be started. No episode has begun, so `reset` may be called again.
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
        several = self.settings.answers > 1
        episode = Episode(problem_id=problem.id, mode=self.mode, observation=observation, several=several)
        self._begin(problem, episode)
        self._show()
        return observation, self._running().info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take an action. A failure of the judge or the workspace truncates the episode.

        Raises:
            ResetNeeded: The episode has ended, or none has begun.
            TypeError: The action is not a `str`.
        """
        episode = self._running()
        if not isinstance(action, str):
            raise TypeError(f"an action must be a str, got {type(action).__name__}")
        try:
            reply, counts = self._answer(action, episode.counts)
            attempt = reply.attempt or episode.attempt
            # At a limit the last submission counts, although it may have been tried on the samples only.
            if reply.ending is not None and attempt is not None:
                attempt = self._referee.judge(self.problem, attempt)
            if reply.judged:
                self._check_leaks(reply)
            ending = None
            if reply.ending is not None:
                ending = EpisodeEnd(stop_reason=reply.ending, attempt=attempt, answers=reply.answers)
        except (JudgeError, EnvError, ProblemError, OSError) as error:
            logger.warning("episode on %r ends without a reward: %r", episode.problem_id, error)
            reply = ParsedReply(text=_FAILURE.format(error=type(error).__name__))
            ending = EpisodeEnd.failed(error)
            counts, attempt = replace(episode.counts, turns=episode.counts.turns + 1), episode.attempt
        observation = encodable(cut_middle(reply.text, MAX_OBSERVATION // 2))
        episode = replace(episode, counts=counts, observation=observation, attempt=attempt, ending=ending)
        if ending is not None:
            self._release()
            episode = self._rewarded(episode, ending)
        self._episode = episode
        self._show()
        over, valid = ending is not None, ending is None or ending.valid
        return observation, episode.reward, over and valid, not valid, episode.info

    def render(self) -> str | None:
        """Return the state of the episode as text if `render_mode` is `ansi`; None if it is `human`.

        Raises:
            ValueError: The environment was made without a `render_mode`.
            ResetNeeded: No episode has begun.
        """
        if self.render_mode is None:
            raise ValueError("render() needs render_mode='ansi' or 'human' when the environment is made")
        return self._shown() if self.render_mode == "ansi" else None

    def close(self) -> None:
        """End the workspace and the environment's own judge. A second call does nothing."""
        self._leave()
        self._referee.close()

    def snapshot(self) -> EpisodeSnapshot:
        """Return the state of the episode for `restore`; the snapshot can be pickled.

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
        """Continue the episode of a snapshot; return its last observation and info, as `reset` does.

        Raises:
            ValueError: Mode, problem set or version of the snapshot differ, or its problem is unknown here.
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

    def fork(self) -> Self:
        """Return a copy of this environment, in which the episode continues from the same state.

        Close both environments. A judge that was passed in is shared.

        Raises:
            ResetNeeded: No episode has begun.
            JudgeError: A workspace failed.
        """
        snapshot = self.snapshot()
        # The problems are not loaded again, so what selects them is left out.
        keywords: Any = {**self._keywords, "problems": self._pool.problems, "data": None, "window": None}
        other = type(self)(**keywords)
        try:
            other._keywords, other._pool = self._keywords, self._pool
            other.spec = copy.deepcopy(self.spec)
            other.restore(snapshot)
        except BaseException:
            other.close()
            raise
        return other

    def _load_pool(self) -> ProblemPool:
        return ProblemPool.of(self.settings)

    @abstractmethod
    def _act(self, action: str) -> ParsedReply:
        """Answer an action that is in the action space; may raise JudgeError and OSError."""

    def _open(self, problem: Problem) -> None:
        """Start the resources of an episode."""

    def _release(self) -> None:
        """Release the resources of the episode. A second call does nothing."""

    def _pack(self) -> WorkspaceSnapshot | bytes | None:
        """Return the state of the resources that `_open` started."""
        return None

    def _unpack(self, packed: WorkspaceSnapshot | bytes | None) -> None:
        """Start the resources of an episode in a state that `_pack` returned."""

    # The steps of an episode, common to all modes.

    def _answer(self, action: str, before: Counts) -> tuple[ParsedReply, Counts]:
        """Return the reply to an action and the new counts; the reply ends the episode at a limit."""
        settings, count = self.settings, self.settings.count_tokens
        counts = replace(
            before,
            turns=before.turns + 1,
            characters=before.characters + len(action),
            tokens=before.tokens + (count(action) if count else 0),
        )
        if settings.max_tokens is not None and counts.tokens > settings.max_tokens:
            text = f"The limit of {settings.max_tokens} tokens is passed: the action was not read."
            return ParsedReply(text=text, ending=StopReason.MAX_TOKENS), counts
        if action in self.action_space:
            reply = self._act(action)
        else:
            reply = self._reject(f"The action is not UTF-8 text of at most {MAX_ACTION} characters.")
        counts = replace(
            counts,
            tool_calls=counts.tool_calls + reply.tool_call,
            malformed=counts.malformed + reply.malformed,
            submissions=counts.submissions + (reply.attempt is not None),
        )
        return (reply if reply.ending else self._at_the_limits(reply, counts)), counts

    def _at_the_limits(self, reply: ParsedReply, counts: Counts) -> ParsedReply:
        """End the episode if no turn is left; otherwise append the number of turns to the reply."""
        turns = f"Turn {counts.turns} of {self.max_turns}."
        if self.settings.max_submissions > 1:
            turns += f" {counts.submissions} of {self.settings.max_submissions} submissions made."
        ending = None
        if counts.malformed == self.settings.max_malformed:
            turns = f"That was malformed action number {counts.malformed}, the last that is allowed."
            ending = StopReason.PARSE_ERROR
        elif counts.turns >= self.max_turns:
            nothing = ": nothing was submitted" if counts.submissions == 0 else ""
            turns, ending = f"That was the last of {self.max_turns} turns{nothing}.", StopReason.MAX_TURNS
        return replace(reply, text=f"{reply.text}\n\n{turns}", ending=ending)

    def _rewarded(self, episode: Episode, ending: EpisodeEnd) -> Episode:
        """Return the ended episode with its reward; exceptions of a reward function are not caught."""
        if not ending.valid:
            return episode
        judgement, penalty = ending.judgement, self.settings.length_penalty
        components = reward_components(judgement, length=episode.counts.characters, penalty=penalty)
        reward = float(self._reward_function(judgement)) + components["format"] + components["length"]
        return replace(episode, reward=reward, components=components)

    def _instructions(self) -> str:
        """Return the part of the first observation that says how to act."""
        return self.instructions

    def _submit(self, source: bytes) -> ParsedReply:
        """Submit a program."""
        made = self._running().counts.submissions
        return self._referee.submit(self.problem, source, last=made + 1 >= self.settings.max_submissions)

    def _reject(self, reason: str) -> ParsedReply:
        """Return a reply that says what is wrong with an action."""
        return ParsedReply(text=reason, malformed=True)

    def _check_leaks(self, reply: ParsedReply) -> None:
        if self._lint is None:
            self._lint = lint_of(self.problem)
        self._lint.check(reply.text, quoted=reply.quoted)

    def _first_observation(self, problem: Problem) -> str:
        parts = [
            task_text(problem, self.settings.program_language, hints=self.settings.hints),
            "## How to answer",
            self._instructions(),
        ]
        if self.tool_set:
            parts.append("\n".join(tool.summary for tool in self.tool_set))
        parts += rules(self.settings, turns=self.max_turns if self.tool_set else None)
        text = encodable("\n\n".join(parts))
        if len(text) > MAX_OBSERVATION:
            raise ProblemError(
                f"the text of problem {problem.id!r} has {len(text)} characters, more than {MAX_OBSERVATION}"
            )
        return text

    def _shown(self) -> str:
        if self._episode is None:
            raise gymnasium.error.ResetNeeded("there is nothing to render before reset()")
        return self._episode.shown(self.max_turns)

    def _show(self) -> None:
        if self.render_mode == "human":
            print(self._shown(), flush=True)

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
