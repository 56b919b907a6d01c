"""A judge of predicted states: it compares the parts of a state and runs nothing."""

from __future__ import annotations

from ...judge import (
    Compilation,
    Execution,
    JudgeError,
    JudgeIdentity,
    Judgement,
    Run,
    Submission,
    Verdict,
    failure_class,
    overall_verdict,
)
from ...judge.judgement import NO_SANDBOX
from ...problems import CoverageOrder, Limits, Problem
from ...problems.traces import parse_frame
from ...problems.traces.state_problems import components

_IDENTITY = JudgeIdentity(version="1", sandbox=NO_SANDBOX)


class StateJudge:
    """Judges a state against the state that a problem of `state_problems` asks for, part by part."""

    def judge(
        self,
        problem: Problem,
        submission: Submission,
        *,
        coverage: float = 1.0,
        order: CoverageOrder = "size",
        order_seed: int = 0,
        stop_early: bool = False,
        samples: bool = False,
    ) -> Judgement:
        """Judge a state: AC for each part that is equal, WA for each that is not.

        Raises:
            ValueError: The submission is no state.
        """
        cases = problem.samples if samples else problem.tests.coverage(coverage, order=order, seed=order_seed)
        predicted = components(parse_frame(submission.source.decode()))
        runs = []
        for case in cases:
            expected = components(parse_frame(case.answer().decode()))
            right = case.name in predicted and predicted[case.name] == expected[case.name]
            runs.append(_run(case.name, case.index, Verdict.ACCEPTED if right else Verdict.WRONG_ANSWER))
            if stop_early and not right:
                break
        verdicts = [run.verdict for run in runs]
        return Judgement(
            verdict=overall_verdict(verdicts),
            failure_class=failure_class(verdicts),
            runs=tuple(runs),
            selected=len(cases),
            coverage=coverage,
            compilation=Compilation(ok=True),
            judge=_IDENTITY,
            dialect=problem.dialect,
        )

    def execute(self, submission: Submission, stdin: bytes, *, limits: Limits) -> Execution:
        """Refuse: there is nothing to execute.

        Raises:
            JudgeError: Always.
        """
        raise JudgeError("a judge of states runs no programs")


def _run(name: str, index: int, verdict: Verdict) -> Run:
    return Run(
        test=name,
        index=index,
        input_size=0,
        verdict=verdict,
        cpu_time_s=0.0,
        wall_time_s=0.0,
        memory_mib=0.0,
    )
