"""Mode single: one reply with the program."""

from __future__ import annotations

from dataclasses import replace

from ..actions import BLOCK_HELP, MISSING_FENCE, first_code_blocks, has_stray_fence, last_code_block
from ..episode import Mode, ParsedReply, StopReason
from .coding_env import CodingEnv


class SingleEnv(CodingEnv):
    """One reply whose last fenced code block is the submission.

    - Ids: `{Classics,LCB}{,Easy,Medium,Hard}-single`, `{CodeContests,TACO,APPS,Families}-single`.
    - Observation: `TextSpace`. After `reset` the task and the rules of the answer. After a step what
      `feedback` allows, by default the verdict and the number of tests passed.
    - Action: `TextSpace`. Any reply. The content of its last fenced code block is the program, whatever the
      language tag, and also when the closing fence is missing. The indentation of an enclosing list item and
      the marks of an enclosing block quote are removed. A fence at the end that closes nothing and has
      neither a tag nor content is not a block; a reply with only such a fence is rejected, and the
      observation names the missing opening fence. In a reply with think tags only the text after the last
      `</think>` counts.
    - Reward: 0.0 until the episode ends. Then the reward named by `reward`, by default 1.0 if every selected
      test is AC and 0.0 otherwise; plus -0.1 if there was nothing to judge; plus the length penalty, if set.
    - Episode end: `terminated` after one step. With `max_submissions` above 1, `terminated` when a submission
      is accepted or the last one is judged. `truncated` only when infrastructure fails.
    - Several answers: with `answers` above 1, each of the first `answers` code blocks is judged, and the
      answer with the highest reward counts, the first of equal ones. A block that cannot be judged is left
      out; if none can, there was nothing to judge. `info` then also has `answers`, a list with the `verdict`,
      `passed`, `selected` and `runs` of each answer; `runs` maps the index of each test to its verdict.
    - Info: the same keys after `reset` and `step`:

      - `problem_id`, `mode`: str.
      - `turn`, `submissions`, `tool_calls`, `malformed`: counts of the episode so far.
      - `verdict`, `failure_class`: of the submission that counts; None until the end.
      - `passed`, `selected`: tests passed and tests selected by `coverage`; 0 until judged.
      - `stop_reason`: a value of `StopReason`; None until the end.
      - `reward_components`: every reward of `REWARDS`, `tier_1` to `tier_4`, `format` and `length`; 0.0 until
        the end.
      - `reward_valid`: False when infrastructure failed; mask the reward then.
      - `error`: the type of the failure, for example `SandboxError`; None without one.
      - `failure_kind`: the part that failed, a value of `FailureKind`; None without a failure.

    - Version: 3, in `metadata["version"]`. A change of rewards or texts raises it.

    A program that is empty, longer than 1 MiB or has NUL bytes is not judged. Its failure class is `no_code`;
    if there may be several submissions, it is not counted as a submission but costs a turn. Times are in
    `env.unwrapped.last_judgement` and not in `info`, so that equal runs have equal infos. The keyword
    arguments are the fields of `EnvSettings`.
    """

    mode = Mode.SINGLE
    default_max_turns = 1
    instructions = f"Reply with text. {BLOCK_HELP} It is judged on hidden tests."

    def _instructions(self) -> str:
        if self.settings.answers == 1:
            return super()._instructions()
        return (
            f"Reply with text. Each of the first {self.settings.answers} fenced code blocks of your reply is "
            "an answer, whatever its language tag: put a complete program into each. Each answer is judged "
            "on hidden tests, and the best of them counts."
        )

    def _act(self, action: str) -> ParsedReply:
        if self.settings.answers > 1:
            return self._answer_several(action)
        code = last_code_block(action)
        if code is None and has_stray_fence(action):
            return self._reject(f"Nothing was judged: {MISSING_FENCE}.")
        if code is None:
            return self._reject("Nothing was judged: the reply holds no fenced code block.")
        return self._submit(code.encode())

    def _answer_several(self, action: str) -> ParsedReply:
        """Judge each answer of a reply; programs that cannot be judged are left out."""
        sources = first_code_blocks(action, self.settings.answers)
        if not sources:
            missing = f"Nothing was judged: {MISSING_FENCE}."
            none = "Nothing was judged: the reply holds no fenced code block."
            return self._reject(missing if has_stray_fence(action) else none)
        replies = [self._submit(source.encode()) for source in sources]
        judged = [reply for reply in replies if reply.attempt is not None]
        if not judged:
            return replies[0]
        answers = tuple(reply.attempt for reply in judged if reply.attempt is not None)
        # The first of the best answers counts, so that equal answers give equal episodes.
        values = [float(self._reward_function(answer.judgement)) for answer in answers]
        best = judged[values.index(max(values))]
        text = f"{len(answers)} answers were judged. Of the best: {best.text}"
        return replace(best, text=text, answers=answers)

    def _reject(self, reason: str) -> ParsedReply:
        once = self.settings.max_submissions == 1
        return ParsedReply(text=reason, malformed=True, ending=StopReason.NO_CODE if once else None)
