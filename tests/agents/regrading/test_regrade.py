"""Regrading with a real judge, on records of a real environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import (
    AgentAction,
    AgentIdentity,
    EpisodeRecord,
    RecordError,
    TaskInfo,
    make_agent,
    read_episodes,
    rollout,
)
from codefrontier.agents.records import Inspection, inspect_records
from codefrontier.agents.regrading.regrade import RegradeReport, RegradeSettings, regrade
from codefrontier.cli import main
from codefrontier.judge import Judge, Judgement, JudgeTask, SandboxError
from codefrontier.judge.judgement import NO_SANDBOX
from codefrontier.problems import Problem, ProblemNotFoundError

RecordsMaker = Callable[..., Path]


class FailingJudge(Judge):
    """A real judge that fails for submissions with some words."""

    failing = b"abs"

    def judge_task(self, task: JudgeTask) -> Judgement:
        if self.failing and self.failing in task.submission.source:
            raise SandboxError("the sandbox is gone")
        return super().judge_task(task)


@pytest.fixture
def played(make_env: Callable[..., Any]) -> Callable[..., list[EpisodeRecord]]:
    """Let scripted agents play the hand-made problem, with settings of the environment."""

    def play(*names: str, mode: str = "single", **keywords: Any) -> list[EpisodeRecord]:
        env = make_env(mode, **keywords)
        return [rollout(make_agent(name), env, sample=sample) for sample, name in enumerate(names)]

    return play


@pytest.fixture
def again(tmp_path: Path, judge: Judge, problem: Problem) -> Callable[..., RegradeReport]:
    def call(source: Path, name: str = "again", **how: Any) -> RegradeReport:
        chosen = {"judge": how.pop("judge", judge), "find": how.pop("find", lambda episode: problem)}
        settings = RegradeSettings(**{"reason": "a test", **how})
        return regrade(source, tmp_path / name, settings, workers=2, **chosen)

    return call


def test_the_same_judge_flips_nothing_and_keeps_the_old_judgements(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    episodes = played("reference", "slow", "wrong", "crash", "silent", mode="tool")
    source = records(episodes)
    before = source.read_bytes()
    report = again(source)
    assert (report.judged, report.taken_over, report.flips, report.missing) == (4, 1, (), ())
    assert source.read_bytes() == before
    new = read_episodes(tmp_path / "again" / "records.jsonl").episodes
    assert [e.failure_class for e in new] == [e.failure_class for e in episodes]
    assert [e.reward for e in new] == [e.reward for e in episodes]
    assert [e.earlier[0].judgement for e in new[:4]] == [e.judgement for e in episodes[:4]]
    assert new[0].earlier[0].reason == "a test"
    assert new[4] == read_episodes(source).episodes[4]
    assert list(inspect_records(tmp_path / "again" / "records.jsonl", Inspection())) == []


def test_another_coverage_flips_verdict_class_and_reward(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    report = again(records(played("reference", "slow")), coverage=0.5)
    [flip] = report.flips
    assert (flip.agent, flip.problem) == ("slow", "number-sum")
    assert (flip.before, flip.after) == (("TLE", "optimization", 0.0), ("AC", "solved", 1.0))
    new = read_episodes(tmp_path / "again" / "records.jsonl").episodes[1]
    assert new.judgement is not None
    assert (new.reward, new.steps[-1].reward, new.judgement.selected, new.judgement.coverage) == (
        1,
        1,
        2,
        0.5,
    )
    back = again(tmp_path / "again" / "records.jsonl", "back", coverage=1.0)
    assert [(flip.before[0], flip.after[0]) for flip in back.flips] == [("AC", "TLE")]
    history = read_episodes(tmp_path / "back" / "records.jsonl").episodes[1].earlier
    assert [old.judgement.verdict.value for old in history] == ["TLE", "AC"]
    assert len({old.regrade for old in history}) == 2


def test_rewards_are_those_of_the_recorded_settings(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    episodes = played("slow", "wrong", reward="fraction", length_penalty=(10, 10_000))
    report = again(records(episodes))
    assert report.flips == ()
    new = read_episodes(tmp_path / "again" / "records.jsonl").episodes
    assert [e.reward for e in new] == pytest.approx([e.reward for e in episodes])
    assert 0 < new[0].reward < 0.75


def test_a_judge_that_fails_is_listed_apart_and_asked_again(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    source = records(played("wrong", "reference", "silent"))
    with FailingJudge(workers=2) as judge:
        report = again(source, judge=judge)
        assert (report.judged, report.flips) == (1, ())
        [failed] = report.missing
        assert (failed.line, failed.agent, failed.infrastructure) == (1, "wrong", True)
        assert failed.reason == "SandboxError: the sandbox is gone"
        written = read_episodes(tmp_path / "again" / "records.jsonl").episodes
        assert [episode.agent.name for episode in written] == ["reference", "silent"]
        judge.failing = b""
        report = again(source, judge=judge)
    assert (report.judged, report.taken_over, report.missing) == (2, 1, ())
    written = read_episodes(tmp_path / "again" / "records.jsonl").episodes
    assert [episode.agent.name for episode in written] == ["reference", "silent", "wrong"]


def test_what_was_judged_before_a_crash_is_not_judged_again(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    [one] = played("reference")
    source = records([replace(one, sample=sample) for sample in range(5)] + [one])
    assert again(source).judged == 6
    file = tmp_path / "again" / "records.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]) + lines[2][:50])
    find_calls: list[int] = []

    def find(episode: EpisodeRecord) -> Problem:
        find_calls.append(episode.sample)
        raise ProblemNotFoundError("not asked for here")

    report = again(source, find=find)
    assert find_calls == [2, 3, 4, 0]
    assert (report.judged, len(report.missing)) == (2, 4)
    report = again(source)
    assert (report.judged, report.missing) == (6, ())


def test_a_problem_that_has_changed_is_judged_only_when_asked_for(
    tmp_path: Path,
    problem: Problem,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    source = records(played("slow"))
    other = replace(problem, statement="Another one.")
    report = again(source, find=lambda episode: other)
    assert report.judged == 0
    assert "another digest" in report.missing[0].reason
    assert not report.missing[0].infrastructure
    assert again(source, "asked", find=lambda episode: other, changed="judge").judged == 1


def test_records_that_do_not_tell_enough_are_listed(
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    [one] = played("reference")
    own = replace(one, env_kwargs={**one.env_kwargs, "reward": "mine.reward"})
    lossy = replace(one, submission="print('\ufffd')", sample=1)
    assert one.judgement is not None
    judged_by = replace(one.judgement.judge, sandbox=NO_SANDBOX)
    no_program = replace(one, judgement=replace(one.judgement, judge=judged_by), sample=2)
    report = again(records([own, lossy, no_program]))
    assert [each.reason for each in report.missing] == [
        "its reward 'mine.reward' has no name",
        "the submission is not UTF-8, so its record is incomplete",
        "its answer is no program, so there is nothing to judge again",
    ]


def test_a_folder_of_something_else_is_refused(
    tmp_path: Path,
    records: RecordsMaker,
    played: Callable[..., list[EpisodeRecord]],
    again: Callable[..., RegradeReport],
) -> None:
    source = records(played("silent"))
    again(source)
    with pytest.raises(RecordError, match="a regrade with another settings"):
        again(source, coverage=0.5)
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "thesis.txt").touch()
    with pytest.raises(RecordError, match="holds something other than a regrade"):
        again(source, "else")
    with pytest.raises(ValueError, match="reason must say why"):
        again(source, "new", reason=" ")
    with pytest.raises(ValueError, match="coverage"):
        again(source, "new", coverage=0.0)


def test_the_command_finds_the_problems_prints_the_flips_and_writes_them(
    tmp_path: Path, make_env: Callable[..., Any], capsys: pytest.CaptureFixture[str], records: RecordsMaker
) -> None:
    env = make_env("single", problems=["pair-sums"], require="any")
    source = records([rollout(make_agent(name), env) for name in ("reference", "wrong")])
    to = tmp_path / "again"
    words = ["regrade", str(source), "--to", str(to), "--coverage", "0.05", "--reason", "few tests"]
    with pytest.raises(SystemExit) as caught:
        main(words)
    said = capsys.readouterr().out
    assert caught.value.code == 0, said
    assert "Classics-single, pair-sums, wrong, sample 0: WA correctness 0 -> AC solved 1" in said
    assert "2 submissions judged again, 1 flips (WA -> AC: 1)" in said
    [flip] = json.loads((to / "flips.json").read_text())["flips"]
    assert flip["after"] == ["AC", "solved", 1.0]
    with pytest.raises(SystemExit) as caught:
        main(["regrade", str(source), "--to", str(tmp_path / "x"), "--judge", "http://h:1", "--grace", "2"])
    assert caught.value.code == 2
    assert "leave them out" in capsys.readouterr().err


class Answering:
    """An agent with one reply that holds several programs."""

    identity = AgentIdentity(name="answering", kind="scripted")

    def __init__(self, *sources: str) -> None:
        self._reply = "\n\n".join(f"```python\n{source}```" for source in sources)

    def start(self, task: TaskInfo) -> None:
        pass

    def act(self, observation: str) -> AgentAction:
        return AgentAction(action=self._reply)

    def close(self) -> None:
        pass


def test_every_answer_is_judged_again_and_another_may_become_the_best(
    tmp_path: Path,
    problem: Problem,
    records: RecordsMaker,
    make_env: Callable[..., Any],
    again: Callable[..., RegradeReport],
) -> None:
    programs = {each.name: each.source.decode() for each in problem.submissions}
    agent = Answering("print('wrong')\n", programs["slow.py"], programs["reference.py"])
    played = rollout(agent, make_env("single", answers=3))
    assert [answer.judgement.verdict.value for answer in played.answers] == ["WA", "TLE", "AC"]
    source = records([played])

    same = again(source, "same")
    assert (same.judged, same.flips, same.missing) == (1, (), ())
    report = again(source, coverage=0.5)
    assert (report.judged, report.flips, report.missing) == (1, (), ())
    path = tmp_path / "again" / "records.jsonl"
    [new] = read_episodes(path).episodes
    # On half of the tests the slow answer is accepted too, and the first of the best answers counts.
    assert [answer.judgement.verdict.value for answer in new.answers] == ["WA", "AC", "AC"]
    assert [answer.submission for answer in new.answers] == [answer.submission for answer in played.answers]
    assert (new.submission, new.judgement) == (programs["slow.py"], new.answers[1].judgement)
    assert new.earlier[0].judgement == played.judgement
    assert new.earlier[0].answers == played.answers
    assert list(inspect_records(path, Inspection())) == []
    written = path.read_bytes()
    assert again(source, coverage=0.5).judged == 1
    assert path.read_bytes() == written, "a repeated call judges nothing again"
