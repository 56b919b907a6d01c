"""The keyword arguments of the environments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict, get_args

from ..judge import DockerOptions, EmbeddedOptions, Language, SandboxChoice
from ..problems import (
    CoverageOrder,
    Dialect,
    Difficulty,
    KnownBad,
    Problem,
    Require,
    Window,
    check_coverage,
    check_float_tolerance,
    parse_dialect,
)
from .judging import Judging, sandbox_of
from .rewards import NEED_EVERY_RUN, REWARDS, RewardFunction

Feedback = Literal["none", "verdict", "samples", "counts", "first_failure"]
"""How much the observation after a submission says about it."""
RenderMode = Literal["ansi", "human"]
"""`ansi`: `render` returns a text. `human`: every `reset` and `step` prints it."""


class EnvKeywords(TypedDict, total=False):
    """The keyword arguments of `gymnasium.make(id, ...)`; `EnvSettings` documents each of them."""

    problem_set: str
    difficulty: Difficulty | str | None
    coverage: float
    coverage_order: CoverageOrder
    order_seed: int
    window: Window | None
    language: Language | str
    data: Path | str | None
    stop_early: bool
    judge: Judging | None
    max_turns: int | None
    problems: Sequence[Problem] | Sequence[str] | None
    require: Require | None
    known_bad: KnownBad
    feedback: Feedback | None
    max_submissions: int
    reward: str | RewardFunction
    length_penalty: tuple[int, int] | None
    max_tokens: int | None
    count_tokens: Callable[[str], int] | None
    max_tool_calls: int | None
    max_malformed: int | None
    judge_deadline_s: float
    runtime: SandboxChoice | None
    hints: bool
    answers: int
    dialect: Dialect | str | None
    float_tolerance: float | None
    strict: bool
    debugger: str
    render_mode: str | None


@dataclass(frozen=True, kw_only=True)
class EnvSettings:
    """The keyword arguments of an environment, checked.

    Raises:
        ValueError: A value is not allowed; the message names it.
    """

    problem_set: str = "classics"
    """Name of the problem set, for example `classics`, or path of a problem package or of a folder of
    packages. The id of the environment sets it."""
    difficulty: Difficulty | str | None = None
    """Difficulty of the problems: `easy`, `medium`, `hard`, or None for all. The id of the environment sets
    it."""
    coverage: float = 1.0
    """Share of the hidden tests that decides the reward, in (0, 1]. A lower coverage selects a subset of the
    tests of a higher one."""
    coverage_order: CoverageOrder = "size"
    """Order in which coverage selects tests: by `size` of the input, or `shuffled` as a control
    experiment."""
    order_seed: int = 0
    """Seed of the shuffled test order."""
    window: Window | None = None
    """First and last contest date of the problems, each included, for example `("2025-01-01", None)`."""
    language: Language | str = Language.PYTHON
    """Language of the submissions, for example `python` or `cpp`."""
    data: Path | str | None = None
    """File or folder of a problem set that does not come with the package. For tasks about functions: a
    folder of functions, of which tasks are made, or of tasks."""
    stop_early: bool = False
    """Whether judging stops at the first failing test. This saves time, and cuts the vector of verdicts
    short."""
    judge: Judging | None = field(default=None, repr=False, compare=False)
    """Judge to share; the environment does not close it. None: the environment starts its own when needed.

    Leave it None for Gymnasium's asynchronous vector environments: their processes cannot share a judge.
    """
    max_turns: int | None = None
    """Most steps of an episode. None: `max_submissions` in mode single, 16 in mode tool, 64 in mode
    agentic."""
    problems: Sequence[Problem] | Sequence[str] | None = field(default=None, repr=False)
    """Ids of the problems of the set to play, or problems to play instead of the set. None: the whole set."""
    require: Require | None = None
    """Quality that problems must have: `proved` takes only problems that passed `codefrontier problems
    check`, `any` takes all. None: `proved` for the embedded set, `any` for others. It does not apply to
    problems that are passed in `problems`."""
    known_bad: KnownBad = "exclude"
    """Treatment of the LiveCodeBench problems whose tests are known to be wrong: `exclude` or `keep`."""
    feedback: Feedback | None = None
    """Level of detail of the observation after a submission; no level shows hidden data. `none`: only that
    the submission was received. `verdict`: the verdict. `samples`: the results on the samples, and nothing
    about the hidden tests. `counts`: the verdict and the number of tests passed. `first_failure`: the same,
    and the position and verdict of the first test that failed. None: `counts`, or `samples` if
    `max_submissions` is above 1."""
    max_submissions: int = 1
    """Most submissions of an episode; an accepted submission ends it earlier. With the feedback `samples`,
    only a submission that passes the samples and the last submission are judged on the hidden tests, and
    either ends the episode."""
    reward: str | RewardFunction = "all_tests"
    """Name of a reward in `codefrontier.envs.REWARDS`, or a function of the judgement. -0.1 is added when
    nothing was submitted that could be judged."""
    length_penalty: tuple[int, int] | None = None
    """Penalty on the characters of all actions together, given as a pair (start, end): 0 is added to the
    reward up to `start` characters, -1 from `end` on, and a linear interpolation in between."""
    max_tokens: int | None = None
    """Most tokens of all actions of an episode. The action that exceeds them is not read and ends the
    episode. It needs `count_tokens`."""
    count_tokens: Callable[[str], int] | None = field(default=None, repr=False)
    """Function that counts the tokens of a text, for example with the tokenizer of a model."""
    max_tool_calls: int | None = None
    """Most calls of tools other than `submit` in an episode. One more call ends the episode."""
    max_malformed: int | None = None
    """Number of malformed actions that ends the episode. None: a malformed action only costs a turn."""
    judge_deadline_s: float = 1800.0
    """Wall seconds after which a judge that has not answered counts as failed. This is a last resort, as
    judges have limits of their own."""
    runtime: SandboxChoice | None = None
    """Kind of sandbox of the workspaces and of a judge that the environment starts: `embedded`, `docker`,
    `auto`, or the options of either kind. None: the kind of the shared judge if it is known, otherwise
    `embedded`."""
    hints: bool = False
    """Whether the task includes the hints of Classics: which ideas are fast enough and which are too slow.
    Contest statements do not say this."""
    answers: int = 1
    """Most answers in a reply, in mode single: each of its first fenced code blocks is judged. The reward of
    the episode is that of the best answer. Above 1, `max_submissions` must be 1 and `stop_early` False."""
    dialect: Dialect | str | None = None
    """Dialect of the judge, which decides cases in which judges differ: `lcb`, `codeforces` or `strict`.
    None: the dialect of the problem set."""
    float_tolerance: float | None = None
    """Largest difference between a number of the output and of the answer, for example 1e-6. Runs that need
    it are counted. None: only the tolerance of the problem itself."""
    strict: bool = False
    """Whether abduction asks for the input from which the output was made, instead of any input with this
    output. It changes no other problems."""
    debugger: str = "real"
    """Debugger behind the tool `debug` of mode agentic: `real` runs the program; `policy:CHECKPOINT` or
    `litellm:MODEL` is a model that predicts its states."""
    render_mode: RenderMode | str | None = None
    """`ansi`: `render()` returns the last observation below a line with the state of the episode. `human`:
    every `reset` and `step` prints that text. None: `render()` raises ValueError."""

    def __post_init__(self) -> None:
        check_coverage(self.coverage)
        _check_choice("coverage_order", self.coverage_order, get_args(CoverageOrder))
        _check_choice("language", self.language, tuple(Language))
        _check_debugger(self.debugger)
        _check_choice("known_bad", self.known_bad, get_args(KnownBad))
        for name, allowed in (
            ("require", get_args(Require)),
            ("difficulty", tuple(Difficulty)),
            ("render_mode", get_args(RenderMode)),
        ):
            if getattr(self, name) is not None:
                _check_choice(name, getattr(self, name), allowed)
        _check_whole("order_seed", self.order_seed, at_least=0)
        _check_whole("max_submissions", self.max_submissions, at_least=1)
        for name, lowest in (
            ("max_turns", 1),
            ("max_tokens", 1),
            ("max_tool_calls", 0),
            ("max_malformed", 1),
        ):
            if getattr(self, name) is not None:
                _check_whole(name, getattr(self, name), at_least=lowest)
        if not isinstance(self.runtime, DockerOptions | EmbeddedOptions | None):
            _check_choice("runtime", self.runtime, ("auto", "embedded", "docker"))
        _check_switch("hints", self.hints)
        _check_switch("strict", self.strict)
        self._check_feedback()
        self._check_reward()
        self._check_answers()
        if self.dialect is not None:
            parse_dialect(self.dialect)
        check_float_tolerance(self.float_tolerance)
        if self.window is not None and not (isinstance(self.window, tuple | list) and len(self.window) == 2):
            raise ValueError(f"window must be a pair of dates (first, last) or None, got {self.window!r}")
        if self.judge is not None and not isinstance(self.judge, Judging):
            raise ValueError(f"judge must be a Judge or None, got {self.judge!r}")

    def _check_answers(self) -> None:
        _check_whole("answers", self.answers, at_least=1)
        if self.answers > 1 and (self.max_submissions > 1 or self.stop_early):
            raise ValueError(
                f"answers above 1 needs max_submissions=1 and stop_early=False, got {self.answers!r}, "
                f"{self.max_submissions!r} and {self.stop_early!r}"
            )

    def _check_feedback(self) -> None:
        if self.feedback is not None:
            _check_choice("feedback", self.feedback, get_args(Feedback))
        # Without feedback a further submission would be a guess.
        if self.feedback == "none" and self.max_submissions > 1:
            raise ValueError("feedback 'none' leaves nothing to learn from: max_submissions must be 1")
        if (self.max_tokens is None) != (self.count_tokens is None):
            raise ValueError("max_tokens and count_tokens need each other: give both or neither")
        if self.count_tokens is not None and not callable(self.count_tokens):
            raise ValueError(f"count_tokens must be a function of a text, got {self.count_tokens!r}")
        deadline = self.judge_deadline_s
        if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0 < deadline < 1e6:
            raise ValueError(f"judge_deadline_s must be a positive number below 1e6, got {deadline!r}")

    def _check_reward(self) -> None:
        if not callable(self.reward):
            _check_choice("reward", self.reward, tuple(REWARDS))
        if self.stop_early and self.reward in NEED_EVERY_RUN:
            raise ValueError(f"the reward {self.reward!r} needs every run, so stop_early must be False")
        penalty = self.length_penalty
        if penalty is not None:
            pair = isinstance(penalty, tuple | list) and len(penalty) == 2
            if not pair or not all(type(item) is int for item in penalty) or not 0 <= penalty[0] < penalty[1]:
                raise ValueError(
                    f"length_penalty must be a pair of whole numbers 0 <= start < end, got {penalty!r}"
                )

    @property
    def shown_feedback(self) -> Feedback:
        """The feedback in effect, with None replaced by its default."""
        return self.feedback or ("counts" if self.max_submissions == 1 else "samples")

    @property
    def reward_function(self) -> RewardFunction:
        """The reward of an episode without the penalties."""
        return self.reward if callable(self.reward) else REWARDS[self.reward]

    @property
    def required(self) -> Require:
        """The value of `require` in effect, with None replaced by its default."""
        return self.require or default_require(self.problem_set)

    @property
    def sandbox(self) -> SandboxChoice:
        """The kind of sandbox in effect, with None replaced by its default."""
        if self.runtime is not None:
            return self.runtime
        return sandbox_of(self.judge)

    def turns(self, mode: str, default: int) -> int:
        """Return the number of turns of an episode; in mode single it is the number of submissions.

        Args:
            mode: Name of the mode.
            default: Number of turns in the other modes if the settings give none.

        Raises:
            ValueError: `max_turns` or `answers` does not go with the mode.
        """
        if mode != "agentic" and self.debugger != "real":
            raise ValueError(f"debugger must be 'real' in mode {mode}, got {self.debugger!r}")
        if mode == "single":
            turns = self.max_submissions
            if self.max_turns not in (None, turns):
                raise ValueError(f"max_turns must be {turns} or None in mode single, got {self.max_turns!r}")
            return turns
        if self.answers > 1:
            raise ValueError(f"answers must be 1 in mode {mode}, got {self.answers!r}")
        return self.max_turns or default

    @property
    def program_language(self) -> Language:
        """The language of submissions."""
        return Language(self.language)


def _check_debugger(value: object) -> None:
    if value != "real" and not (isinstance(value, str) and value.startswith(("policy:", "litellm:"))):
        raise ValueError(f"debugger must be 'real', 'policy:<path>' or 'litellm:<model>', got {value!r}")


def default_require(problem_set: str) -> Require:
    """Return the default of `require` for a problem set."""
    return "proved" if problem_set == "classics" else "any"


def _check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        choices = ", ".join(repr(str(choice)) for choice in allowed)
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")


def _check_switch(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")


def _check_whole(name: str, value: object, *, at_least: int) -> None:
    # bool is a subclass of int, but True is hardly meant as 1.
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}")
