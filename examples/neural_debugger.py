"""Record a program, walk through its states, and debug it with a model that predicts them.

    python examples/neural_debugger.py

The model here knows the trace, so it says what the real debugger would say. With
`gymnasium.make(..., debugger="policy:CHECKPOINT")` a trained model takes its place. Takes about two seconds.
"""

import random
import re

from codefrontier.envs.tools.predicted_debugger import PredictedDebugger
from codefrontier.judge import Judge
from codefrontier.judge.tracing import record
from codefrontier.problems import traces
from codefrontier.problems.traces.actions import state_at

SOURCE = """\
def digits(n):
    total = 0
    while n:
        n, last = divmod(n, 10)
        total += last
    return total

answer = digits(407)
"""

with Judge(workers=1) as judge:
    trace = record(judge, traces.TraceTarget(id="digits", source=SOURCE))
tree = traces.StateTree.forward(trace)
print(len(tree), "states; a walk as training data draws it:")
drawn = traces.walk(tree, traces.forward_policy(), random.Random(2), steps=6)
for action, frame in zip(drawn.actions, drawn.transcript.frames[1:], strict=True):
    print(f"  {action!s:<13} {traces.print_frame(frame)}")


class PerfectModel:
    """Replies with the right states of one walk."""

    def __init__(self) -> None:
        self.state = 0

    def __call__(self, prompt: str) -> str:
        """Return the state after the action at the end of a prompt."""
        asked = re.search(r"<\|action\|><\|(\w+)\|>(\d*)$", prompt)
        assert asked
        action = traces.Action.parse(f"{asked[1]} {asked[2]}".strip())
        self.state = traces.target_of(tree, self.state, action)
        return traces.print_frame(traces.frame_of(trace, state_at(tree, self.state)))


debugger = PredictedDebugger(PerfectModel(), SOURCE, name="main.py")
print(debugger.begin())
print("break ->", debugger.answer({"command": "break", "line": 6}))
for command in ("continue", "return"):
    print(command, "->", debugger.answer({"command": command}))
