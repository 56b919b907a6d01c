"""Vector environments that step in threads; `gymnasium.make_vec(id, num_envs)` makes them.

Gymnasium's `AsyncVectorEnv` corrupts text in shared memory, and starts a process, a problem set and a judge
for each environment. Here texts are passed unchanged, the problem set is loaded once, and one judge with
several workers serves all environments. Programs run in processes of the judge, so that threads are enough.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from .judging import LazyJudge
from .modes.agentic_env import AgenticEnv
from .modes.coding_env import CodingEnv
from .modes.function_envs import FunctionAgenticEnv, FunctionSingleEnv, FunctionToolEnv
from .modes.grid_env import GridEnv
from .modes.single_env import SingleEnv
from .modes.tool_env import ToolEnv
from .settings import EnvKeywords, EnvSettings
from .verification.env import VerificationEnv

Texts = tuple[str, ...]
Info = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """The result of one environment in a step."""

    observation: str
    info: Info
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    final: tuple[str, Info] | None = None
    """Last observation and info of an episode, if the next episode began in the same step."""


class TextVectorEnv(VectorEnv[Texts, Sequence[str], NDArray[Any]]):
    """Environments of one mode that step at the same time.

    - Observations and actions: tuples of texts in the order of the environments. Actions may be any sequence.
    - Seeds: with an integer seed, environment i is reset with `seed + i`. The episode of an environment
      depends only on its own seed and actions, not on the order in which the threads run.
    - Autoreset, as in Gymnasium: `NEXT_STEP` resets an environment whose episode has ended in the next step,
      ignores its action and gives reward 0. `SAME_STEP` resets it in the same step, with the last observation
      and info in `infos["final_obs"]` and `infos["final_info"]`. `DISABLED` leaves the reset to the caller,
      with `options={"reset_mask": ...}`.

    Args:
        num_envs: Number of environments.
        autoreset_mode: When an environment whose episode has ended is reset.
        max_episode_steps: Number of steps after which an episode is truncated, as by Gymnasium's `TimeLimit`.
            Truncation does not judge a submission that was only tried on the samples, while `max_turns` does.
            None or -1: no limit.
        keywords: The fields of `EnvSettings`, for each environment. Without a judge, one judge is started for
            all, with one worker per environment, but not more workers than processors.

    Raises:
        ValueError: A keyword argument is not allowed, or `num_envs` or `max_episode_steps` is below 1.
        ProblemError: The problem set cannot be loaded.
    """

    env_type: ClassVar[type[CodingEnv]]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **keywords: Unpack[EnvKeywords],
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, got {num_envs!r}")
        self.num_envs = num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        # Gymnasium's vector wrappers read the mode from the metadata.
        self.metadata = {**self.env_type.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = keywords.get("render_mode")
        if self.render_mode == "human":
            keywords["render_mode"] = (
                "ansi"  # printed by the vector environment, in the order of the environments
            )
        self._max_episode_steps = _step_limit(max_episode_steps)
        self._judge = None
        if keywords.get("judge") is None:
            workers = min(num_envs, os.cpu_count() or 1)
            self._judge = LazyJudge(
                workers=workers, sandbox=EnvSettings(runtime=keywords.get("runtime")).sandbox
            )
            keywords["judge"] = self._judge
        self.envs = tuple(self._make(keywords))
        """The environments."""
        self.single_observation_space = self.envs[0].observation_space
        self.single_action_space = self.envs[0].action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._ended = np.zeros(num_envs, np.bool_)
        self._observations = [""] * num_envs
        # One thread per environment: most of a step is spent waiting for processes of the judge.
        self._threads = ThreadPoolExecutor(num_envs, thread_name_prefix="env")

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Texts, Info]:
        """Reset all environments, or those of the boolean array `options["reset_mask"]`.

        Raises:
            ValueError: The number of seeds or the shape of the mask does not fit the number of environments.
            JudgeError: A workspace cannot be started.
        """
        rest = dict(options or {})
        mask = np.asarray(rest.pop("reset_mask", np.ones(self.num_envs, np.bool_)))
        seeds = self._seeds(seed)
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise ValueError(f"reset_mask must be {self.num_envs} booleans, got {mask!r}")
        # In threads, as a reset of mode agentic starts a workspace.
        chosen = [int(number) for number in np.flatnonzero(mask)]
        moments = self._threads.map(
            lambda number: self.envs[number].reset(seed=seeds[number], options=rest or None), chosen
        )
        infos: Info = {}
        for number, (observation, info) in zip(chosen, moments, strict=True):
            self._observations[number] = observation
            infos = self._add_info(infos, info, number)
        self._ended[mask] = False
        self._show(chosen)
        return tuple(self._observations), infos

    def step(self, actions: Sequence[str]) -> tuple[Texts, NDArray[Any], NDArray[Any], NDArray[Any], Info]:
        """Take an action in each environment; an environment that is reset ignores its action.

        Raises:
            ValueError: The number of actions is not the number of environments.
            ResetNeeded: An episode has ended, and autoreset is disabled.
        """
        if len(actions) != self.num_envs:
            raise ValueError(f"there must be {self.num_envs} actions, got {len(actions)}")
        moments = list(self._threads.map(self._step_one, range(self.num_envs), actions))
        infos: Info = {}
        for number, moment in enumerate(moments):
            if moment.final is not None:
                last = {"final_obs": moment.final[0], "final_info": moment.final[1]}
                infos = self._add_info(infos, last, number)
            infos = self._add_info(infos, moment.info, number)
        self._observations = [moment.observation for moment in moments]
        terminated = np.array([moment.terminated for moment in moments], np.bool_)
        truncated = np.array([moment.truncated for moment in moments], np.bool_)
        self._ended = terminated | truncated
        rewards = np.array([moment.reward for moment in moments], np.float64)
        self._show(range(self.num_envs))
        return tuple(self._observations), rewards, terminated, truncated, infos

    def render(self) -> tuple[str | None, ...]:  # type: ignore[override]  # Gymnasium's type variable
        """Return the state of each episode as text if `render_mode` is `ansi`; Nones if it is `human`.

        Raises:
            ValueError: The environments were made without a `render_mode`.
            ResetNeeded: An episode has not begun.
        """
        shown = tuple(env.render() for env in self.envs)
        return shown if self.render_mode == "ansi" else (None,) * self.num_envs

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call the method `name` of each environment in threads and return the results.

        For an attribute that is not a method, return its values. After `call("restore", snapshot)` each
        environment continues the episode of the snapshot, even if its own episode had ended.

        Raises:
            AttributeError: The environments have no attribute of this name.
        """

        def one(env: CodingEnv) -> Any:
            found = env.get_wrapper_attr(name)
            return found(*args, **kwargs) if callable(found) else found

        results = tuple(self._threads.map(one, self.envs))
        if name in ("reset", "restore"):
            self._observations = [observation for observation, _ in results]
            self._ended = np.array([info["stop_reason"] is not None for _, info in results], np.bool_)
        return results

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return an attribute of each environment. A method is called, as in Gymnasium's vector environments.

        Raises:
            AttributeError: The environments have no attribute of this name.
        """
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of each environment to the values of a list or tuple, or of all to one value.

        Raises:
            ValueError: The number of values is not the number of environments.
        """
        each = values if isinstance(values, list | tuple) else [values] * self.num_envs
        if len(each) != self.num_envs:
            raise ValueError(f"there must be {self.num_envs} values of {name!r}, got {len(each)}")
        for env, value in zip(self.envs, each, strict=True):
            env.set_wrapper_attr(name, value)

    def close_extras(self, **kwargs: Any) -> None:
        """Close the environments, the judge that was started for them, and the threads."""
        for env in self.envs:
            env.close()
        self._threads.shutdown()
        if self._judge is not None:
            self._judge.close()

    def _make(self, keywords: EnvKeywords) -> list[CodingEnv]:
        """Make the environments; only the first loads the problems, the others share them."""
        first = self.env_type(**keywords)
        # `data` and `window` select problems that are loaded, so they do not go together with given problems.
        rest = EnvKeywords(**{**keywords, "problems": first.problems, "data": None, "window": None})
        return [first, *(self.env_type(**rest) for _ in range(self.num_envs - 1))]

    def _seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int):
            return range(seed, seed + self.num_envs)
        if len(seed) != self.num_envs:
            raise ValueError(f"there must be {self.num_envs} seeds, got {len(seed)}")
        return seed

    def _step_one(self, number: int, action: str) -> _Moment:
        env = self.envs[number]
        if self._ended[number] and self.autoreset_mode is AutoresetMode.NEXT_STEP:
            observation, info = env.reset()
            return _Moment(observation=observation, info=info)
        if self._ended[number] and self.autoreset_mode is AutoresetMode.DISABLED:
            raise gymnasium.error.ResetNeeded(f"episode {number} has ended: reset it with a reset_mask")
        observation, reward, terminated, truncated, info = env.step(action)
        # Counted by the environment itself, so that it also holds for an episode that was restored.
        if self._max_episode_steps is not None and info["turn"] >= self._max_episode_steps:
            truncated = True
        final = None
        if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
            final = (observation, info)
            observation, info = env.reset()
        return _Moment(
            observation=observation,
            info=info,
            reward=reward,
            terminated=terminated,
            truncated=truncated,
            final=final,
        )

    def _show(self, numbers: Iterable[int]) -> None:
        if self.render_mode == "human":
            for number in numbers:
                print(self.envs[number].render(), flush=True)


def _step_limit(steps: int | None) -> int | None:
    """Return `max_episode_steps` after checking it, and None for -1, which means no limit in Gymnasium."""
    if steps is None or steps == -1:
        return None
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"max_episode_steps must be a whole number of at least 1, -1 or None, got {steps!r}")
    return steps


class SingleVectorEnv(TextVectorEnv):
    """Environments of the mode single."""

    env_type = SingleEnv


class ToolVectorEnv(TextVectorEnv):
    """Environments of the mode tool."""

    env_type = ToolEnv


class GridVectorEnv(TextVectorEnv):
    """Environments with filled grids as actions."""

    env_type = GridEnv


class AgenticVectorEnv(TextVectorEnv):
    """Environments of the mode agentic."""

    env_type = AgenticEnv


class FunctionSingleVectorEnv(TextVectorEnv):
    """Environments of tasks about functions in the mode single."""

    env_type = FunctionSingleEnv


class FunctionToolVectorEnv(TextVectorEnv):
    """Environments of tasks about functions in the mode tool."""

    env_type = FunctionToolEnv


class FunctionAgenticVectorEnv(TextVectorEnv):
    """Environments of tasks about functions in the mode agentic."""

    env_type = FunctionAgenticEnv


class VerificationVectorEnv(TextVectorEnv):
    """Environments of verification in the mode single."""

    env_type = VerificationEnv
