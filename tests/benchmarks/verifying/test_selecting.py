"""Selection among recorded programs: oracle, majority, uniform choice, and verifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codefrontier.agents import AgentAction, AgentIdentity, EpisodeRecord, TaskInfo
from codefrontier.agents.records.record import EpisodeWriter
from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.verifying.command import SelectCommand, VerifiersCommand
from codefrontier.benchmarks.verifying.reading import read_answers
from codefrontier.benchmarks.verifying.selecting import CandidateSet, RecordedProgram, select
from codefrontier.judge import Language
from codefrontier.problems import Problem, Testset
from codefrontier.problems.verification import task_facts, task_problems

Maker = Callable[..., EpisodeRecord]
BLOCK = re.compile(r"## Program (\d+) .*?\n\n```\w+\n(.*?)\n```", re.DOTALL)


class Reader:
    """A verifier that names the program with the word right in it, and its own factory."""

    identity = AgentIdentity(name="reader", kind="scripted")

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent

    def obstacle(self, problem: Problem, language: Language) -> None:
        return None

    def make(self) -> Reader:
        return self

    def start(self, task: TaskInfo) -> None:
        return None

    def act(self, observation: str) -> AgentAction:
        found = [number for number, source in BLOCK.findall(observation) if "right" in source]
        return AgentAction(action="no idea" if self.silent or not found else f"Answer: {found[0]}")

    def close(self) -> None:
        return None


def program(text: str, *, accepted: bool = False, votes: int = 1) -> RecordedProgram:
    return RecordedProgram(source=text, language="python", accepted=accepted, votes=votes)


def candidates(name: str, *programs: RecordedProgram) -> CandidateSet:
    problem = Problem(id=name, title=name, statement="Add.", tests=Testset.inline([(b"1\n", b"1\n")]))
    return CandidateSet(problem=problem, programs=programs)


SETS = [
    candidates("a", program("wrong", votes=3), program("right", accepted=True)),
    candidates("b", *(program(f"wrong {n}") for n in range(7)), program("right", accepted=True)),
    candidates("c", program("wrong"), program("other", accepted=True)),
    candidates("d", program("alone")),
]


def test_a_verifier_is_compared_with_oracle_majority_and_chance() -> None:
    report = select(SETS, Reader())
    rates = {name: rate.estimate for name, rate in report.rates.items()}
    assert rates["oracle"] == 0.75
    assert rates["majority"] == pytest.approx((0 + 1 / 8 + 1 / 2 + 0) / 4)
    assert rates["uniform"] == pytest.approx((1 / 4 + 1 / 8 + 1 / 2 + 0) / 4)
    assert rates["verifier"] >= 0.5  # of a and b it knows the answer, of c it does not
    assert [choice.accepted["verifier"] for choice in report.choices[:2]] == [1.0, 1.0]
    assert report.questions == 1 + 2 + 1  # eight programs meet in two heats
    assert report.unread == 1


def test_votes_are_counted_and_a_silent_verifier_is_a_uniform_choice() -> None:
    report = select(SETS, Reader(silent=True), votes=3)
    assert report.unread == 3 * report.questions
    assert report.rates["verifier"].estimate <= report.rates["oracle"].estimate
    with pytest.raises(ValueError, match="votes"):
        select(SETS, "first", votes=0)


def test_controls_need_no_model() -> None:
    report = select(SETS, "longest")
    assert report.questions == 0
    assert report.choices[0].accepted["verifier"] == 1.0 or report.choices[0].accepted["oracle"] == 1.0


def written(path: Path, episodes: list[EpisodeRecord]) -> Path:
    with EpisodeWriter(path) as writer:
        for each in episodes:
            writer.write(each)
    return path


def test_the_table_of_verifiers_reads_records(
    tmp_path: Path, episode: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = task_problems()
    records = [
        episode(
            "AC" if turn % 2 else "WA",
            env_id="Verification-single",
            env_kwargs={"problem_set": "verification"},
            problem_id=problem.id,
            problem_digest=problem.digest(),
            submission=f"print({task_facts(problem)['right'] if turn % 2 else 1})",
        )
        for turn, problem in enumerate(problems)
    ]
    path = written(tmp_path / "records.jsonl", records)
    (answers,) = read_answers([path]).values()
    assert len(answers) == len(problems)
    assert all(answer.right for answer in answers[1::2])
    assert VerifiersCommand(runs=(path,), json=True).run() == 0
    [found] = json.loads(capsys.readouterr().out)["verifiers"]
    assert found["tasks"] == len(problems)
    assert found["kind"] == "easy"
    assert VerifiersCommand(runs=(path,)).run() == 0
    assert "answers by place" in capsys.readouterr().out
    other = written(tmp_path / "other.jsonl", [episode("AC")])
    with pytest.raises(BenchError, match="no episode of the environment Verification"):
        read_answers([other])


def test_the_command_selects_from_records(
    tmp_path: Path, episode: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [
        episode(
            codes,
            problem_id=problem_id,
            problem_digest=problem_id,
            env_kwargs={"problem_set": "classics"},
            submission=f"print({sample})",
            sample=sample,
        )
        for problem_id in ("pair-sums", "mean-gap")
        for sample, codes in enumerate(("AC AC", "WA AC"))
    ]
    path = written(tmp_path / "records.jsonl", made)
    out = tmp_path / "choices.jsonl"
    assert SelectCommand(runs=(path,), verifier="first", out=out, json=True).run() == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rates"]["oracle"]["estimate"] == 1.0
    assert found["rates"]["uniform"]["estimate"] == 0.5
    assert len(out.read_text().splitlines()) == 2
    one = written(tmp_path / "one.jsonl", [replace(made[0])])
    assert SelectCommand(runs=(one,), verifier="first").run() == 2
    assert "at least 2 problems" in capsys.readouterr().err
