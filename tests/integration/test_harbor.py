"""Exported tasks of Harbor against our judge, and in real containers.

Harbor's own runner needs `docker compose` and builds images from the network. Here the layout of a task is
followed by hand: the solution and the tests are put where Harbor puts them, in a container without a network.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codefrontier.judge import DockerOptions, SandboxError
from codefrontier.judge.comparing.compare import compare
from codefrontier.judge.sandbox.docker.engine import DockerEngine
from codefrontier.judge.sandbox.docker.image import build_from_host
from codefrontier.judge.sandbox.inside.run.programs import _PRELUDE
from codefrontier.problems import Checker, Comparison, find_problem
from codefrontier.problems.exporting.harbor import export_task
from codefrontier.problems.exporting.harbor.verifier.comparison import equal
from codefrontier.problems.exporting.harbor.verifier.judging import _CALL
from codefrontier.problems.model import Label

TAG = "codefrontier-judge:test"
PIECES = st.sampled_from(
    [b"1", b"1.0", b"1.001", b"1e0", b"-0", b"1e99999999999999999999", b"a", b"A", b"b", b" ", b"\n", b"  \n"]
)
TEXT = st.lists(PIECES, max_size=6).map(b"".join)
CHECKERS = [
    Checker(comparison=Comparison.EXACT),
    Checker(comparison=Comparison.TOKENS),
    Checker(comparison=Comparison.TOKENS, case_sensitive=False, float_absolute=0.01),
    Checker(comparison=Comparison.TOKENS, float_relative=1e-9, space_change_sensitive=True),
    Checker(comparison=Comparison.UNORDERED, case_sensitive=False),
    Checker(comparison=Comparison.UNORDERED, space_change_sensitive=True),
]
VALUES = st.recursive(
    st.sampled_from([1, 1.0, 1 + 1e-10, True, None, "1", 10**400]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


def rules(checker: Checker) -> dict[str, Any]:
    names = ("case_sensitive", "space_change_sensitive", "float_absolute", "float_relative")
    return {
        "comparison": checker.comparison.value,
        **{name: getattr(checker, name) for name in names},
    }


@given(TEXT, TEXT, st.sampled_from(CHECKERS))
@settings(max_examples=150, deadline=None)
def test_the_verifier_compares_texts_as_the_judge_does(
    output: bytes, answer: bytes, checker: Checker
) -> None:
    assert equal(rules(checker), output, answer) == compare(checker, output, answer).equal


@given(VALUES, VALUES)
@settings(max_examples=100, deadline=None)
def test_the_verifier_compares_values_as_the_judge_does(given: object, wanted: object) -> None:
    checker = Checker(comparison=Comparison.JSON)
    output, answer = json.dumps(given).encode(), json.dumps(wanted).encode()
    assert equal(rules(checker), output, answer) == compare(checker, output, answer).equal


def test_methods_find_the_same_names_as_at_our_judge() -> None:
    assert _PRELUDE in _CALL


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    if not os.environ.get("DOCKER_HOST"):
        pytest.skip("DOCKER_HOST names no engine")
    try:
        engine = DockerEngine(DockerOptions())
    except SandboxError as error:
        pytest.skip(str(error))
    build_from_host(engine, TAG)
    yield engine
    engine.close()


def packed(files: dict[str, Path]) -> bytes:
    """Return an archive of files and folders under other names."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, path in files.items():
            archive.add(path, arcname=name)
    return data.getvalue()


@contextmanager
def container(engine: DockerEngine, command: str, files: dict[str, Path]) -> Iterator[str]:
    """Run a command in a new container without a network, with these files in its root."""
    made = engine.api.create_container(
        TAG,
        command=["/bin/sh", "-c", command],
        host_config=engine.api.create_host_config(network_mode="none"),
    )["Id"]
    try:
        engine.api.put_archive(made, "/", packed(files))
        engine.api.start(made)
        assert engine.api.wait(made, timeout=120)["StatusCode"] == 0, engine.api.logs(made).decode()
        yield made
    finally:
        engine.remove(made)


def fetched(engine: DockerEngine, made: str, path: str) -> bytes:
    """Return the content of a file in a container."""
    chunks, _ = engine.api.get_archive(made, path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        (member,) = archive.getmembers()
        file = archive.extractfile(member)
        assert file is not None
        return file.read()


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An empty folder, which is /app in a container."""
    folder = tmp_path / "app"
    folder.mkdir()
    return folder


@pytest.mark.long
@pytest.mark.sandbox
def test_the_solution_of_a_task_earns_the_reward_in_a_container_and_a_wrong_program_does_not(
    engine: DockerEngine,
    app: Path,
    tmp_path: Path,
) -> None:
    problem = find_problem("classics/pair-sums")
    task = export_task(problem, tmp_path / "tasks", image=TAG)
    # As Harbor does: the solution in the agent's container, and the artifact and the tests in another one.
    with container(engine, "/solution/solve.sh", {"solution": task / "solution", "app": app}) as made:
        right = fetched(engine, made, "/app/solution.py")
    wrong = next(
        each for each in problem.submissions if each.label is Label.WRONG_ANSWER and each.name.endswith(".py")
    )
    for source, reward in ((right, b"1"), (wrong.source, b"0")):
        (app / "solution.py").write_bytes(source)
        with container(engine, "/tests/test.sh", {"tests": task / "tests", "app": app}) as made:
            assert fetched(engine, made, "/logs/verifier/reward.txt").strip() == reward
            verdicts = json.loads(fetched(engine, made, "/logs/verifier/verdicts.json"))
    assert len(verdicts) == len(problem.tests)
    assert "WA" in verdicts
