from __future__ import annotations

from typing import Any

import pytest

from codefrontier.envs.feedback import command_text, cut_middle, execution_text, samples_reply
from codefrontier.judge import (
    CommandResult,
    Compilation,
    Execution,
    Interaction,
    JudgeIdentity,
    Judgement,
    Run,
    Utterance,
    Verdict,
    failure_class,
)
from codefrontier.problems import load_classic
from codefrontier.problems.presenting import fenced


def execution(**changes: Any) -> Execution:
    facts: dict[str, Any] = {"stdout": b"", "stderr": b"", "exit_status": 0, "signal": None, "limit": None}
    return Execution(**(facts | changes), cpu_time_s=1.23, wall_time_s=4.56, memory_mib=7.89)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Exit status 0.\nNothing on standard output."),
        ({"exit_status": 2, "stdout": b"x"}, "Exit status 2.\nStandard output:\n```\nx\n```"),
        ({"exit_status": None, "signal": 11}, "Ended by signal 11.\nNothing on standard output."),
        ({"limit": "time", "signal": 9}, "Stopped: over the time limit.\nNothing on standard output."),
        (
            {"stdout": b"\xff", "stderr": b"e"},
            "Exit status 0.\nStandard output:\n```\n�\n```\nStandard error:\n```\ne\n```",
        ),
    ],
)
def test_a_run_is_reported_without_times_or_memory(changes: dict[str, Any], text: str) -> None:
    assert execution_text(execution(**changes)) == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (CommandResult(output="a\n", exit_status=0), "a\n[exit status 0]"),
        (CommandResult(output="a", exit_status=1), "a\n[exit status 1]"),
        (CommandResult(output="", exit_status=0), "[exit status 0]"),
        (CommandResult(output="a", exit_status=None, timed_out=True), "a\n[interrupted after 3 s]"),
        (
            CommandResult(output="", exit_status=7, restarted=True),
            "[exit status 7] [the shell ended; the next command starts a new one]",
        ),
    ],
)
def test_a_command_is_reported_with_its_exit_status(result: CommandResult, text: str) -> None:
    assert command_text(result, time_limit_s=3) == text


def talked(*said: tuple[str, str], verdict: Verdict = Verdict.WRONG_ANSWER, **changes: Any) -> str:
    """Return the feedback on a conversation on a sample."""
    problem = load_classic("warm-and-cold")
    transcript = tuple(Utterance(speaker=who, text=text.encode()) for who, text in said)  # type: ignore[arg-type]
    talk = Interaction(cpu_time_s=0.0, memory_mib=1.0, transcript=transcript, truncated=False)
    times = {"cpu_time_s": 0.0, "wall_time_s": 0.0, "memory_mib": 1.0}
    index = problem.samples[0].index
    run = Run(test="", index=index, input_size=1, verdict=verdict, interaction=talk, **(times | changes))
    judgement = Judgement(
        verdict=verdict,
        failure_class=failure_class([verdict]),
        runs=(run,),
        selected=1,
        coverage=1.0,
        compilation=Compilation(ok=True),
        judge=JudgeIdentity(version="0", sandbox="fake"),
        limits=None,
    )
    return samples_reply(problem, judgement).text


def test_the_report_of_a_conversation_does_not_depend_on_which_side_was_faster() -> None:
    told = talked(("submission", "7\n"), ("interactor", "9\n"), ("interactor", "no\n"))
    assert told == talked(("interactor", "9\n"), ("submission", "7\n"), ("interactor", "no\n"))
    assert told.endswith("The judge said:\n```\n9\nno\n```\nYour program said:\n```\n7\n```")
    assert talked().endswith("The judge said nothing.\nYour program said nothing.")


def test_the_end_of_a_program_that_an_interactor_rejected_is_not_shown() -> None:
    crashed: dict[str, Any] = {"exit_status": 1, "stderr_tail": "EOFError"}
    assert talked(**crashed) == talked(signal=9) == talked()
    told = talked(verdict=Verdict.RUNTIME_ERROR, **crashed)
    assert "RTE (run-time error), exit status 1" in told
    assert "EOFError" in told


def test_a_text_is_cut_in_the_middle_and_says_how_much() -> None:
    assert cut_middle("a" * 50 + "b" * 50, 10) == "aaaaa\n[... 90 characters left out ...]\nbbbbb"
    assert cut_middle("short", 5) == "short"


def test_a_fence_is_longer_than_those_within() -> None:
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````"
