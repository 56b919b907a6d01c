from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from codefrontier.agents import AgentError, EpisodeRecord, read_episodes
from codefrontier.agents.engine import EpisodeLimits, FailureKind
from codefrontier.benchmarks import BenchConfig, BenchError, BenchPlan, make_plan, run_bench
from codefrontier.benchmarks.env_options import BenchEnvOptions
from codefrontier.judge import Language

PROBLEM = "missing-ticket"


@dataclass
class Notes:
    """Records the calls of a benchmark."""

    missing: list[int] = field(default_factory=list)
    played_episodes: list[EpisodeRecord] = field(default_factory=list)
    torn_lines: list[int] = field(default_factory=list)

    def torn(self, path: Path, line: int) -> None:
        self.torn_lines.append(line)

    def planned(self, plan: BenchPlan) -> None:
        """Nothing to note."""

    def prepared(self, problem_id: str) -> None:
        """Nothing to note."""

    def starting(self, missing: int) -> None:
        self.missing.append(missing)

    def played(self, episode: EpisodeRecord) -> None:
        self.played_episodes.append(episode)


ConfigMaker = Callable[..., BenchConfig]


@pytest.fixture
def config(tmp_path: Path) -> ConfigMaker:
    def make(agents: Sequence[str] = ("silent",), **changes: object) -> BenchConfig:
        first = BenchConfig(
            env=("Classics-single",), agent=tuple(agents), out=tmp_path / "run", problems=(PROBLEM,)
        )
        return replace(first, **changes)  # type: ignore[arg-type]

    return make


@pytest.mark.sandbox
def test_known_agents_get_the_outcomes_they_are_known_for(config: ConfigMaker) -> None:
    result = run_bench(config(["reference", "wrong", "crash", "silent"]), Notes())
    outcomes = [(e.agent.name, e.failure_class, e.judgement and e.judgement.verdict) for e in result.episodes]
    assert outcomes == [
        ("reference", "solved", "AC"),
        ("wrong", "correctness", "WA"),
        ("crash", "correctness", "RTE"),
        ("silent", "no_code", None),
    ]
    tests = len(result.plan.problems[0].tests)
    assert [len(e.judgement.runs) for e in result.episodes if e.judgement] == [tests] * 3
    written = sorted(read_episodes(result.records).episodes, key=lambda e: result.episodes.index(e))
    assert tuple(written) == result.episodes


def test_configuration_versions_and_commit_are_written_beside_the_records(config: ConfigMaker) -> None:
    run_bench(config(seed=7), Notes())
    (run,) = json.loads((config().out / "config.json").read_text())["runs"]
    assert run["config"]["seed"] == 7
    assert run["config"]["problems"] == [PROBLEM]
    assert run["packages"]["codefrontier"]
    assert set(run) == {"config", "python", "platform", "packages", "commit"}


def test_resuming_plays_what_is_missing_and_nothing_else(config: ConfigMaker) -> None:
    run_bench(config(samples=2), Notes())
    notes = Notes()
    result = run_bench(config(samples=3, resume=True), notes)
    assert [episode.sample for episode in notes.played_episodes] == [2]
    assert [episode.sample for episode in result.episodes] == [0, 1, 2]
    again = Notes()
    run_bench(config(samples=3, resume=True), again)
    assert (again.missing, again.played_episodes) == ([0], [])
    assert len(json.loads((config().out / "config.json").read_text())["runs"]) == 3


def test_resuming_plays_what_was_not_valid_as_a_further_attempt(config: ConfigMaker) -> None:
    result = run_bench(config(samples=3), Notes())
    lines = [replace(e, reward_valid=e.sample != 1, failure_class=None) for e in result.episodes]
    result.records.write_text("".join(f"{line.to_json()}\n" for line in lines))
    notes = Notes()
    result = run_bench(config(samples=3, resume=True), notes)
    assert [(e.sample, e.attempt) for e in notes.played_episodes] == [(1, 2)]
    assert result.invalid == 0


def test_resuming_leaves_failures_of_other_kinds_as_they_are(config: ConfigMaker) -> None:
    result = run_bench(config(samples=2), Notes())
    errors = {0: "CheckerError", 1: "SandboxError"}
    lost = [
        replace(e, reward_valid=False, failure_class=None, error=errors[e.sample]) for e in result.episodes
    ]
    lines = [replace(e, stop_reason="infrastructure").to_json() for e in lost]
    result.records.write_text("".join(f"{line}\n" for line in lines))
    notes = Notes()
    result = run_bench(config(samples=2, resume=True, retry=(FailureKind.SANDBOX,)), notes)
    assert [(e.sample, e.attempt) for e in notes.played_episodes] == [(1, 2)]
    assert result.invalid == 1


def test_an_agent_with_other_limits_is_another_agent(config: ConfigMaker) -> None:
    first = run_bench(config(), Notes())
    notes = Notes()
    limits = EpisodeLimits(max_total_tokens=5)
    second = run_bench(config(resume=True, limits=limits), notes)
    (episode,) = notes.played_episodes
    assert episode.agent.digest == second.plan.agents[0].digest != first.plan.agents[0].digest
    assert episode.agent.settings["limits"] == {"max_total_tokens": 5}


def test_what_the_engine_refuses_is_refused_before_anything_is_played(config: ConfigMaker) -> None:
    with pytest.raises(ValueError, match="judge_runs must be at least 1, got 0"):
        config(judge_runs=0)
    with pytest.raises(ValueError, match="retry must be of judge, model, sandbox, got luck"):
        config(retry=("luck",))
    with pytest.raises(ValueError, match="remember applies only to the engine 'local'"):
        config(engine="ray", remember=True)


def test_resuming_after_a_crash_plays_the_torn_episode_again(config: ConfigMaker) -> None:
    records = run_bench(config(samples=2), Notes()).records
    data = records.read_bytes()
    records.write_bytes(data[:-40])
    notes = Notes()
    run_bench(config(samples=2, resume=True), notes)
    assert notes.torn_lines == [2]
    assert len(notes.played_episodes) == 1
    assert len(read_episodes(records).episodes) == 2


def test_other_settings_are_other_episodes(config: ConfigMaker) -> None:
    run_bench(config(), Notes())
    notes = Notes()
    run_bench(config(language=Language.CPP, resume=True), notes)
    assert [episode.language for episode in notes.played_episodes] == ["cpp"]


def test_a_folder_that_holds_something_is_refused_unless_resumed(config: ConfigMaker) -> None:
    out = config().out
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(BenchError, match=r"is not empty.*--resume"):
        run_bench(config(), Notes())
    with pytest.raises(BenchError, match=r"no run to resume: there is no config\.json"):
        run_bench(config(resume=True), Notes())
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_another_seed_is_not_resumed(config: ConfigMaker) -> None:
    run_bench(config(), Notes())
    with pytest.raises(BenchError, match="has seed 0, not 5"):
        run_bench(config(seed=5, resume=True), Notes())


def test_the_same_seed_gives_the_same_episodes_but_for_times(config: ConfigMaker, tmp_path: Path) -> None:
    def timeless(episode: EpisodeRecord) -> EpisodeRecord:
        steps = tuple(replace(step, agent_time_s=0, env_time_s=0) for step in episode.steps)
        return replace(episode, steps=steps, agent_time_s=0, env_time_s=0)

    first = run_bench(config(samples=2), Notes()).episodes
    second = run_bench(config(samples=2, out=tmp_path / "other"), Notes()).episodes
    assert [timeless(e) for e in first] == [timeless(e) for e in second]
    assert first[0].seed != first[1].seed


def test_where_problems_come_from_is_recorded(config: ConfigMaker, tmp_path: Path) -> None:
    data = tmp_path / "rows.jsonl"
    tests = json.dumps([{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}])
    row = {
        "question_title": "Sum",
        "question_content": "Print the sum.",
        "platform": "atcoder",
        "question_id": "abc1_a",
        "contest_id": "abc1",
        "contest_date": "2025-01-04T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": tests,
        "private_test_cases": tests,
        "metadata": "{}",
    }
    data.write_text(json.dumps(row) + "\n")
    window = ("2025-01-01", "2025-01-31")
    found = run_bench(config(env=("LCBEasy-single",), problems=(), data=data, window=window), Notes())
    (episode,) = found.episodes
    assert episode.problem_id == "abc1_a"
    assert episode.env_kwargs["window"] == list(window)
    assert episode.env_kwargs["data"] == str(data)


def test_what_an_agent_cannot_play_is_skipped_and_told(config: ConfigMaker) -> None:
    plan = make_plan(config(["silent", "crash"], language=Language.CPP))
    assert [(skip.agent, skip.problem_id) for skip in plan.skips] == [("crash", PROBLEM)]
    assert "no cpp submission labelled run_time_error" in plan.skips[0].reason
    assert [task.factory.identity.name for task in plan.tasks] == ["silent"]
    with pytest.raises(BenchError, match=r"nothing to play: .*no cpp submission"):
        make_plan(config(["crash"], language=Language.CPP))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"env": ("Classics-telepathy",)},
            BenchError,
            "unknown environment 'Classics-telepathy'.*Classics-single",
        ),
        ({"agents": ["best"]}, AgentError, "unknown agent 'best'.*reference"),
        ({"problems": ("pair-sum",)}, BenchError, "no environment has the problems pair-sum.*pair-sums"),
        ({"env": ("ClassicsHard-single",)}, BenchError, "no environment has the problems missing-ticket"),
        ({"data": Path("x.jsonl")}, BenchError, "data applies only to environments over "),
        (
            {"env_options": BenchEnvOptions(layout="plain")},
            BenchError,
            "layout applies to no environment in Classics-single",
        ),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(
    config: ConfigMaker, changes: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run_bench(config(**changes), Notes())
    assert not config().out.exists()


def test_an_option_goes_to_the_environments_that_have_it(config: ConfigMaker) -> None:
    options = BenchEnvOptions(layout="plain", hints=True)
    ids = ("Classics-single", "Deduction-single", "Deduction-tool")
    plan = make_plan(config(env=ids, problems=(), limit=1, env_options=options))
    assert [env.keywords.get("layout") for env in plan.envs] == [None, "plain", None]
    assert [env.keywords["hints"] for env in plan.envs] == [True] * 3


def test_the_wrong_agent_plays_strict_abduction_too(config: ConfigMaker) -> None:
    options = BenchEnvOptions(strict=True)
    env = ("Abduction-single",)
    found = run_bench(config(["wrong"], env=env, problems=(), limit=1, env_options=options), Notes())
    assert [episode.reward for episode in found.episodes] == [0.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": 0}, "samples must be at least 1, got 0"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"agents": []}, "at least one agent is needed"),
        ({"agents": ["slow", "slow"]}, "each agent may be given only once, got slow, slow"),
    ],
)
def test_bad_settings_are_refused(config: ConfigMaker, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**changes)
