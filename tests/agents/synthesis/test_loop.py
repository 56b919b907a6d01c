"""Whole syntheses with scripted teachers and students."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codefrontier.agents import AgentError, AgentIdentity, Message, ModelError, Usage, read_episodes
from codefrontier.agents.errors import ContextWindowError, ModelFailure
from codefrontier.agents.synthesis.journal import Journal
from codefrontier.agents.synthesis.run import synthesize
from codefrontier.agents.synthesis.seeds import Seeds
from codefrontier.agents.synthesis.settings import Budget, RunOptions, SynthesisSettings
from codefrontier.agents.synthesis.students import StudentSettings
from codefrontier.agents.synthesis.summary import Summary
from codefrontier.agents.synthesis.teachers import TeacherReply
from codefrontier.problems import load_problems, read_proofs, verify_stored
from codefrontier.problems.synthesis import Seed

pytestmark = pytest.mark.sandbox


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FickleFactory = _load("fickle").FickleFactory
SEED = Seed(name="made/up", code="x = 1\n")


def proposal(number: int, *, body: str | None = None) -> str:
    inputs = [[value, value * number] for value in range(1, 6)]
    code = body or f"return [a * {number} + b, 'x' * {number}]"
    words = " ".join(f"w{number}x{place}" for place in range(30))
    return (
        f"TITLE: Problem {number}\nSTATEMENT:\nNumber {number} of this kind: {words}\n"
        f"FUNCTION:\n```python\ndef f(a, b):\n    {code}\n```\nINPUTS:\n```json\n{json.dumps(inputs)}\n```\n"
    )


class ScriptedTeacher:
    """Gives the replies of a script, each once, and keeps the conversations."""

    identity = AgentIdentity(name="scripted:test", kind="scripted")

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = list(replies)
        self.seen: list[list[Message]] = []

    def reply(self, conversation: Sequence[Message], *, sample: int) -> TeacherReply:
        self.seen.append(list(conversation))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return TeacherReply(text=reply, usage=Usage(requests=1, prompt_tokens=10, completion_tokens=20))


def run(
    out: Path, teacher: Any, pattern: str, *, seeds: int = 1, budget: Budget | None = None, **settings: Any
) -> Summary:
    given = [Seed(name=f"{SEED.name}/{number}", code=SEED.code) for number in range(seeds)]
    return synthesize(
        Seeds(names=("made",), seeds=given),
        teacher=teacher,
        student=FickleFactory(pattern),
        out=out,
        settings=SynthesisSettings(**{"student": StudentSettings(attempts=4), **settings}),
        options=RunOptions(budget=budget or Budget(), teacher_calls=1),
    )


def test_the_pass_rate_leads_the_teacher(tmp_path: Path) -> None:
    teacher = ScriptedTeacher(proposal(1), proposal(2))
    summary = run(tmp_path, teacher, "sssf", turns=2)
    assert (summary.requests, summary.measured, summary.kept) == (2, 2, 2)
    assert summary.bins == {"easy-medium": 2}
    told = teacher.seen[1][-1]["content"]
    assert told.startswith("Pass rate: 0.750 (3 of 4 attempts).")
    assert "An attempt that solved:" in told
    assert "An attempt that failed (wrong answer):" in told
    assert "so that it is harder.\nTarget pass rate: 0.350 to 0.650." in told
    assert [message["role"] for message in teacher.seen[1]] == ["user", "assistant", "user"]


def test_kept_problems_are_an_ordinary_set_with_proofs_and_lineage(tmp_path: Path) -> None:
    run(tmp_path, ScriptedTeacher(proposal(1), proposal(2)), "sffc", turns=2)
    problems = load_problems("folder", data=tmp_path / "problems")
    assert [problem.id for problem in problems] == ["syn-000000-00", "syn-000000-01"]
    assert [problem.metadata["parent"] for problem in problems] == ["", "syn-000000-00"]
    assert {problem.metadata["seed"] for problem in problems} == {"made/up/0"}
    assert {label.label.value for label in problems[0].submissions} == {
        "accepted",
        "wrong_answer",
        "run_time_error",
    }
    for problem in problems:
        verify_stored(tmp_path / "problems" / problem.id)
    assert {proof.outcome for proof in read_proofs(tmp_path / "problems").values()} == {"unproved"}


@pytest.mark.parametrize(("pattern", "reason"), [("ffff", "unsolved"), ("ssss", "trivial")])
def test_pass_rates_outside_of_the_bounds_are_not_kept(tmp_path: Path, pattern: str, reason: str) -> None:
    teacher = ScriptedTeacher(proposal(1), proposal(2))
    summary = run(tmp_path, teacher, pattern, turns=2)
    assert (summary.kept, summary.rejected) == (0, {reason: 2})
    word = {"unsolved": "easier", "trivial": "harder"}[reason]
    assert f"so that it is {word}" in teacher.seen[1][-1]["content"]


def test_failures_of_infrastructure_are_neither_pass_nor_fail(tmp_path: Path) -> None:
    summary = run(tmp_path / "few", ScriptedTeacher(proposal(1)), "sfsb", turns=1)
    [problem] = load_problems(tmp_path / "few" / "problems")
    assert (problem.metadata["attempts"], problem.metadata["solved"]) == ("3", "2")
    assert summary.invalid_attempts >= 1
    summary = run(tmp_path / "many", ScriptedTeacher(proposal(1)), "sbfb", turns=1)
    assert summary.rejected == {"no_rate": 1}


@pytest.mark.long
def test_bad_replies_are_counted_and_the_conversation_goes_on(tmp_path: Path) -> None:
    bad = {
        "": "empty",
        "x" * 200_000: "too_long",
        "no problem here": "format",
        proposal(3, body="while True: pass"): "non_terminating",
        proposal(4, body="import os; os.fork(); return a"): "crash",
        proposal(5, body="import random; return random.random()"): "nondeterministic",
        proposal(1).replace("a * 1 + b", "a * (1) + b").replace("Problem 1", "Another"): "duplicate_code",
        proposal(1, body="return [b + a, 'x']").replace("w1x", "other"): "duplicate_behaviour",
        proposal(7, body="return 0"): "doctor",
    }
    teacher = ScriptedTeacher(proposal(1), *bad, proposal(2))
    summary = run(tmp_path, teacher, "sfsf", turns=len(bad) + 2)
    assert summary.rejected == dict(Counter(bad.values()))
    assert summary.kept == 2
    assert "Rejected: too_long." in teacher.seen[3][-1]["content"]
    assert max(len(message["content"]) for message in teacher.seen[-1]) < 30_000


def test_a_single_turn_shows_the_seed_only(tmp_path: Path) -> None:
    teacher = ScriptedTeacher(proposal(1), proposal(2))
    run(tmp_path, teacher, "sf", turns=2, single_turn=True)
    assert [len(conversation) for conversation in teacher.seen] == [1, 1]
    assert teacher.seen[0] == teacher.seen[1]


class Levelled:
    """Students whose pass rate is the number in the title, in percent."""

    identity = AgentIdentity(name="levelled", kind="scripted")

    def obstacle(self, problem: Any, language: Any) -> None:
        return None

    def make(self) -> Any:
        class Agent(_load("fickle").FickleAgent):  # type: ignore[misc]
            def start(self, task: Any) -> None:
                percent = int(task.problem.title.rpartition(" ")[2])
                self._does = "s" if task.sample < percent * 20 // 100 else "f"
                self._right = task.problem.submissions[0].source.decode()

        return Agent(FickleFactory())


@pytest.mark.long
def test_a_chain_is_built_from_the_top_down(tmp_path: Path) -> None:
    script = [proposal(rate) for rate in (50, 10, 90, 51, 5, 85)]
    teacher = ScriptedTeacher(*script, proposal(11), *[proposal(rate) for rate in (20, 21, 22, 23, 24)])
    summary = synthesize(
        Seeds(names=("made",), seeds=[Seed(name="a", code="1\n"), Seed(name="b", code="2\n")]),
        teacher=teacher,
        student=Levelled(),
        out=tmp_path,
        settings=SynthesisSettings(chains=True, turns=6, at_once=1, student=StudentSettings(attempts=20)),
        options=RunOptions(teacher_calls=1),
    )
    problems = load_problems(tmp_path / "problems")
    assert [(each.title, each.metadata["bin"], str(each.difficulty)) for each in problems] == [
        ("Problem 10", "hard", "hard"),
        ("Problem 51", "medium", "medium"),
        ("Problem 85", "easy", "easy"),
    ]
    assert {each.metadata["chain"] for each in problems} == {"chain-000000"}
    assert (summary.chains, summary.kept) == (1, 3)
    assert summary.rejected == {"off_level": 8, "incomplete_chain": 1}
    targets = [seen[-1]["content"].rpartition("Target pass rate: ")[2] for seen in teacher.seen[:6]]
    assert targets == [
        "0.050 to 0.160.",
        "0.050 to 0.160.",
        "0.410 to 0.590.",
        "0.410 to 0.590.",
        "0.810 to 0.910.",
        "0.810 to 0.910.",
    ]


def test_a_budget_ends_the_run_and_a_larger_one_continues_it(tmp_path: Path) -> None:
    teacher = ScriptedTeacher(*[proposal(number) for number in range(1, 5)])
    first = run(tmp_path, teacher, "sf", turns=4, budget=Budget(max_tokens=40))
    assert (first.stopped, first.requests) == ("max_tokens", 1)
    assert first.measured == 1
    second = run(tmp_path, teacher, "sf", turns=4)
    assert (second.stopped, second.requests, second.kept) == (None, 4, 4)
    assert len(teacher.seen) == 4, "a request was made twice"


def test_a_finished_run_makes_no_request(tmp_path: Path) -> None:
    first = run(tmp_path, ScriptedTeacher(proposal(1)), "sf", turns=1)
    again = run(tmp_path, ScriptedTeacher(), "sf", turns=1)
    assert again == first
    assert len(read_episodes(tmp_path / "records.jsonl").episodes) == 4


def test_a_teacher_that_cannot_be_reached_stops_the_run_without_a_trace(tmp_path: Path) -> None:
    gone = ModelError("no server", kind=ModelFailure.CONNECTION)
    with pytest.raises(ModelError, match="no server"):
        run(tmp_path, ScriptedTeacher(proposal(1), gone), "sf", turns=2)
    teacher = ScriptedTeacher(proposal(2))
    summary = run(tmp_path, teacher, "sf", turns=2)
    assert (summary.kept, summary.repeated_requests) == (2, 1)
    assert len(teacher.seen[0]) == 3, "the conversation was lost"


def test_a_refusal_is_counted_and_the_next_request_is_made(tmp_path: Path) -> None:
    refused = ModelError("no", kind=ModelFailure.REFUSED, usage=Usage(prompt_tokens=5))
    summary = run(tmp_path, ScriptedTeacher(refused, proposal(1)), "sf", turns=2)
    assert (summary.rejected, summary.kept) == ({"no_reply": 1}, 1)
    assert summary.teacher_usage.prompt_tokens == 15


def test_a_conversation_that_is_too_long_ends(tmp_path: Path) -> None:
    full = ContextWindowError("too long", usage=Usage(prompt_tokens=7))
    teacher = ScriptedTeacher(proposal(1), full)
    assert run(tmp_path, teacher, "sf", turns=5).rejected == {"no_reply": 1}
    again = run(tmp_path, ScriptedTeacher(), "sf", turns=5)
    assert (again.requests, again.teacher_usage.prompt_tokens) == (2, 17)


def test_the_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    run(tmp_path, ScriptedTeacher(proposal(1)), "sf", turns=1)
    with pytest.raises(AgentError, match=r"has settings .*name another folder"):
        run(tmp_path, ScriptedTeacher(), "sf", turns=2)


def test_a_problem_whose_folder_is_gone_is_told(tmp_path: Path) -> None:
    run(tmp_path, ScriptedTeacher(proposal(1)), "sf", turns=1)
    for path in sorted((tmp_path / "problems" / "syn-000000-00").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (tmp_path / "problems" / "syn-000000-00").rmdir()
    assert run(tmp_path, ScriptedTeacher(), "sf", turns=1).missing == ("syn-000000-00",)


def test_every_event_of_a_turn_is_in_the_journal_once(tmp_path: Path) -> None:
    run(tmp_path, ScriptedTeacher(*[proposal(number) for number in range(1, 5)]), "sf", turns=2, seeds=2)
    with Journal(tmp_path / "journal.jsonl") as journal:
        for kind in ("answered", "executed", "ended"):
            places = [(event["lineage"], event["turn"]) for event in journal.events(kind)]
            assert sorted(places) == [(0, 0), (0, 1), (1, 0), (1, 1)]
