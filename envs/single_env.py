"""Mode single: one reply holds the program."""

from __future__ import annotations

from .actions import last_code_block
from .coding_env import CodingEnv
from .episode import Ending, Mode, Reply, StopReason


class SingleEnv(CodingEnv):
    """One reply; the last fenced code block of it is the submission.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-single`.
    - Observation: `TextSpace`. At reset the task and how to answer; after the step the verdict and how
      many tests passed.
    - Action: `TextSpace`. Any reply; its last fenced code block is the program, whatever its language tag
      says, closed or not. With think tags only what follows the last `</think>` counts.
    - Reward: 1.0 when every selected test is AC, 0.0 when some is not, -0.1 when there is nothing to judge.
    - Episode end: always `terminated` after one step; `truncated` only when infrastructure fails.
    - Info, the same keys at reset and step: `problem_id`, `mode`, `turn` (steps taken), `verdict` and
      `failure_class` (None until the end), `passed` and `selected` (tests, 0 until judged), `stop_reason`
      (None until the end), `reward_valid`, `error`.

    A program that is empty, too long or holds NUL bytes is nothing to judge: failure class `no_code`.
    When infrastructure fails, `reward_valid` is False and `error` names the type of the failure: mask the
    reward. Times are in `env.unwrapped.last_judgement`, not in `info`. Keyword arguments: `EnvSettings`.
    """

    mode = Mode.SINGLE
    default_max_turns = 1
    instructions = (
        "Reply once. The last fenced code block of your reply is your submission: the complete program. "
        "It is judged on hidden tests."
    )

    def _act(self, action: str) -> Reply:
        code = last_code_block(action)
        if code is None:
            return self._reject("Nothing was judged: the reply holds no fenced code block.")
        return self._referee.submit(self.problem, code.encode())

    def _reject(self, reason: str) -> Reply:
        return Reply(text=reason, ending=Ending.without_code(StopReason.NO_CODE))
