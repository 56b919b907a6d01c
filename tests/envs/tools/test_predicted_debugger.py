"""The debugger that a model predicts: with a perfect model it says what the real debugger says."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium
import pytest

import codefrontier
from codefrontier.envs import EnvSettings
from codefrontier.envs.tools.predicted_debugger import PredictedDebugger
from codefrontier.judge import Judge, Workspace
from codefrontier.judge.tracing import record
from codefrontier.problems import Problem
from codefrontier.problems.traces import (
    Action,
    StateTree,
    Trace,
    TraceTarget,
    frame_of,
    print_frame,
    target_of,
)
from codefrontier.problems.traces.actions import state_at

pytestmark = pytest.mark.sandbox
SOURCE = """\
def f(n):
    if n < 2:
        return n
    a = f(n - 1)
    return a + 1

total = 0
for n in range(3):
    total += f(n)
    total *= 2
last = total
"""


class PerfectModel:
    """Knows the trace, and where the walk through it is."""

    def __init__(self, trace: Trace) -> None:
        self.tree, self.state = StateTree.forward(trace), 0

    def __call__(self, prompt: str) -> str:
        match = re.search(r"<\|action\|><\|(\w+)\|>(\d*)$", prompt)
        assert match
        action = Action.parse(f"{match[1]} {match[2]}".strip())
        self.state = target_of(self.tree, self.state, action)
        return print_frame(frame_of(self.tree.trace, state_at(self.tree, self.state)))


@pytest.fixture(scope="module")
def trace(judge: Judge) -> Trace:
    return record(judge, TraceTarget(id="p", source=SOURCE))


@pytest.mark.parametrize("seed", range(3))
def test_a_perfect_model_says_what_the_real_debugger_says(trace: Trace, seed: int) -> None:
    rng = random.Random(seed)
    predicted = PredictedDebugger(PerfectModel(trace), SOURCE, name="main.py")
    with Workspace() as workspace:
        workspace.write_file("main.py", SOURCE.encode())

        def both(**request: Any) -> str:
            real = workspace.debug(request)
            assert real is not None
            said = predicted.begin() if request["command"] == "start" else predicted.answer(request)
            assert said == real.output.rstrip("\n")
            return said

        said = both(command="start", path="main.py")
        commands = 0
        while "ended" not in said:
            if " in f:" in said and "about to return" not in said:
                assert "n = " in both(command="locals")
                both(command="evaluate", expression="n")
            command = rng.choices(["step", "next", "continue"], weights=[6, 3, 1])[0]
            if command == "continue":
                line = rng.choice([3, 5, 10, 11])
                both(command="break", line=line)
                said = both(command="continue")
                if "ended" not in said:
                    both(command="clear", line=line)
            elif " in f:" in said and rng.random() < 0.3:
                assert "about to return" in both(command="return")
                said = both(command="next")
            else:
                said = both(command=command)
            commands += 1
        assert commands > 3
    assert predicted.over


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("", r"\[the model has predicted no state: expected <\|frame\|>"),
        (
            "<|frame|><|line|><|argument|>{}<|source|>x = 9",
            r"\[the model has predicted a line that is not in the program: 'x = 9'",
        ),
        (
            "<|frame|><|inv_call|><|source|>total = 0<|argument|>{}",
            r"\[the model has predicted a state of kind inv_call",
        ),
        (
            "<|frame|><|call|><|source|>total = 0<|argument|>{}",
            r"\[no line follows within 24 predicted states",
        ),
        ("<|frame|><|exit|>error", r"\[the program has ended by an error"),
        ("<|frame|><|exit|>never", r"\[the program never ends"),
    ],
)
def test_a_model_that_is_wrong_is_told_and_breaks_nothing(reply: str, said: str) -> None:
    debugger = PredictedDebugger(lambda prompt: reply, SOURCE, name="main.py")
    assert re.match(said, debugger.begin())


def test_what_a_model_cannot_say_is_refused(trace: Trace) -> None:
    debugger = PredictedDebugger(PerfectModel(trace), SOURCE, name="main.py")
    debugger.begin()
    replies = {
        ("break", ("line", 99)): "[no breakpoint at line 99: the file has no such line]",
        ("clear", ("line", 3)): "[there is no breakpoint at line 3]",
        (
            "evaluate",
            ("expression", "n + 1"),
        ): "[only variables are predicted, and 'n + 1' is none of this frame]",
        ("locals", ("frame", 1)): "[only the innermost frame is predicted: frame must be 0]",
    }
    for (command, argument), reply in replies.items():
        assert debugger.answer({"command": command, argument[0]: argument[1]}) == reply
    condition = {"command": "break", "line": 3, "condition": "n"}
    assert debugger.answer(condition) == "[no breakpoint: conditions are not predicted]"
    assert debugger.answer({"command": "break", "line": 3}) == "[breakpoint at line 3: return n]"
    again = debugger.answer({"command": "break", "line": 5})
    assert again == "[breakpoint at line 5: return a + 1; it replaces that at line 3]"
    assert debugger.answer({"command": "stop"}) == "[the session is over]"
    assert debugger.over


@pytest.mark.skipif(find_spec("transformers") is None, reason="needs codefrontier[train]")
def test_an_agent_debugs_with_a_checkpoint(
    tmp_path: Path, problem: Problem, call: Callable[..., str]
) -> None:
    # Not above: the other tests of this module run without the extra `train`.
    from codefrontier.training.pretraining.model import tiny_model
    from codefrontier.training.pretraining.trace_tokens import trace_tokenizer

    assert codefrontier.__doc__
    tokenizer = trace_tokenizer(context=256)
    tiny_model(tokenizer, d=8, layers=1, heads=1, context=256).save_pretrained(tmp_path / "m")
    tokenizer.save_pretrained(tmp_path / "m")
    env = gymnasium.make("Classics-agentic", problems=[problem], debugger=f"policy:{tmp_path / 'm'}")
    env.reset(seed=0)
    assert "there is no debugging session" in env.step(call("debug", command="locals"))[0]
    env.step(call("edit", command="create", path="a.py", text=SOURCE))
    said = env.step(call("debug", command="start", path="a.py"))[0]
    assert "[the model has predicted no state" in said
    assert "no variables" in env.step(call("debug", command="locals"))[0]
    assert "the session is over" in env.step(call("debug", command="stop"))[0]
    assert "Nothing was done" in env.step(call("debug", command="start", path="none.py"))[0]
    env.close()
    missing = gymnasium.make("Classics-agentic", problems=[problem], debugger=f"policy:{tmp_path / 'none'}")
    missing.reset(seed=0)
    missing.step(call("edit", command="create", path="a.py", text=SOURCE))
    _, _, _, truncated, info = missing.step(call("debug", command="start", path="a.py"))
    assert (truncated, info["reward_valid"], info["error"]) == (True, False, "EnvError")
    missing.close()


def test_a_debugger_that_is_unknown_or_of_no_use_is_refused(problem: Problem) -> None:
    with pytest.raises(
        ValueError, match="debugger must be 'real', 'policy:<path>' or 'litellm:<model>', got 'x'"
    ):
        EnvSettings(debugger="x")
    with pytest.raises(ValueError, match="debugger must be 'real' in mode single, got 'policy:x'"):
        gymnasium.make("Classics-single", problems=[problem], debugger="policy:x")
    assert json.loads(json.dumps(EnvSettings().debugger)) == "real"
