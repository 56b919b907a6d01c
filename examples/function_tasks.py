"""Ask four questions about a function of your own: write it, find its input, its output, a failing input.

    python examples/function_tasks.py

A folder of Python files is the `data` of the environments Induction, Abduction, Deduction and Fuzzing. The
functions run only in the sandbox, and each right answer is worth 1. Takes about three seconds.
"""

import os
import tempfile
from pathlib import Path

import gymnasium

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.judge import Judge
from codefrontier.problems import answer_text, hidden_answer

FUNCTION = '''\
"""Clamp a number."""

INPUTS = [(1, 0, 3), (5, 0, 3), (-2, 0, 3), (2, 0, 3), (9, 1, 4)]


def f(x, low, high):
    return max(low, min(x, high))


def pre_test(x, low, high):
    return low <= high


def test(x, low, high):
    assert f(x, low, high) != 4
'''
REPLIES = {
    "Induction": "```python\ndef f(x, low, high):\n    return sorted((x, low, high))[1]\n```",
    "Abduction": "answer: {solution}",
    "Deduction": "answer: {solution}",
    "Fuzzing": "`pre_test` wants low <= high, and `test` fails where f returns 4.\n\nanswer: f(4, 4, 4)",
}

with tempfile.TemporaryDirectory() as name, Judge(workers=1) as judge:
    os.environ["XDG_CACHE_HOME"] = str(Path(name, "cache"))  # where the tasks are kept
    folder = Path(name, "functions")
    folder.mkdir()
    Path(folder, "clamp.py").write_text(FUNCTION)
    for task, reply in REPLIES.items():
        env = gymnasium.make(f"{task}-single", data=folder, judge=judge)
        env.reset(seed=0)
        problem = env.get_wrapper_attr("problem")  # not for an agent: it knows the solution
        solution = answer_text(problem, hidden_answer(problem) or "")
        reward = env.step(reply.format(solution=solution))[1]
        print(f"{task}: reward {reward}")
        env.close()
