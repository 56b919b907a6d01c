"""Play two verifiers that look at appearances only, and measure them as a trained verifier is measured.

    python examples/verifiers.py

The embedded tasks of verification are balanced: the right program stands at every place and has every rank by
length equally often, so both verifiers are right as often as a uniform choice. It takes about two seconds.
"""

import re

import gymnasium

import codefrontier  # noqa: F401  # registers the environments
from codefrontier.benchmarks.analysis.verification import VerifierAnswer, verifier_metrics
from codefrontier.problems.verification import task_facts, task_problems

BLOCK = re.compile(r"## Program (\d+) .*?\n\n```\w+\n(.*?)\n```", re.DOTALL)


def first(observation: str) -> int:
    """Name the first program."""
    return 1


def longest(observation: str) -> int:
    """Name the longest program."""
    return int(max(BLOCK.findall(observation), key=lambda found: len(found[1]))[0])


for verifier in (first, longest):
    env = gymnasium.make("Verification-single", thinking=False)
    answers = []
    for problem in task_problems():
        observation, _ = env.reset(options={"problem": problem.id})
        number = verifier(observation)
        env.step(str(number))
        facts = task_facts(problem)
        answers.append(
            VerifierAnswer(
                task=problem.id,
                base=facts["base"],
                turn=0,
                problem=facts["problem"],
                kind=facts["kind"],
                sample=0,
                order=(number,),
                pass_rates=tuple(facts["pass_rates"]),
            )
        )
    found = verifier_metrics(answers)
    print(f"{verifier.__name__}: top-1 {found.top_1}, chance {found.chance:.3f}")
