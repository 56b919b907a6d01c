from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefrontier.problems import (
    PROOFS,
    ProblemError,
    ProblemNotFoundError,
    Proof,
    classics_root,
    classics_slugs,
    package_digest,
    read_proofs,
    select_problems,
    write_proofs,
)

Package = Callable[..., Path]


@pytest.mark.parametrize("slug", classics_slugs())
def test_every_embedded_problem_is_proved_as_it_is(slug: str) -> None:
    proof = read_proofs(classics_root()).get(slug)
    assert proof is not None, "run `codefrontier problems check classics --write-proofs`"
    assert proof.objection(classics_root() / slug) == ""


def test_only_proved_problems_are_taken_and_others_counted_with_the_reason(
    package: Package, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    proofs = {}
    for name, outcome in (("good", "proved"), ("so-so", "unproved"), ("bad", "broken"), ("new", "proved")):
        folder = package(name=f"set/{name}")
        proofs[name] = Proof(package=package_digest(folder), outcome=outcome, reason="because")
    del proofs["new"]
    changed = package(name="set/changed")
    proofs["changed"] = Proof(package=package_digest(changed), outcome="proved")
    (changed / "data/secret/01.in").write_text("4 3\n")
    write_proofs(root, proofs)
    selection = select_problems(root, require="proved")
    assert [problem.id for problem in selection.problems] == ["good"]
    assert selection.excluded == {
        "bad": "broken: because",
        "changed": "changed since it was examined",
        "new": "not examined: run `codefrontier problems check`",
        "so-so": "unproved: because",
    }
    assert len(select_problems(root).problems) == 5


def test_proofs_of_one_package_lie_beside_it(package: Package) -> None:
    folder = package()
    with pytest.raises(ProblemNotFoundError, match=r"all 1 problems of .* are left out"):
        select_problems(folder, require="proved")
    write_proofs(folder.parent, {"sum-two": Proof(package=package_digest(folder), outcome="proved")})
    assert select_problems(folder, require="proved").excluded == {}


def test_a_digest_depends_on_names_and_contents_but_not_on_hidden_files(package: Package) -> None:
    folder = package()
    before = package_digest(folder)
    (folder / ".notes").write_text("x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").touch()
    assert package_digest(folder) == before
    (folder / "data/secret/01.in").rename(folder / "data/secret/02.in")
    assert package_digest(folder) != before


def test_what_is_written_is_read_and_replaced_whole(tmp_path: Path) -> None:
    proofs = {
        "b": Proof(package="1", outcome="proved"),
        "a": Proof(package="2", outcome="broken", reason="x"),
    }
    assert write_proofs(tmp_path, proofs) == tmp_path / PROOFS
    assert read_proofs(tmp_path) == proofs
    write_proofs(tmp_path, {})
    assert read_proofs(tmp_path) == {}
    assert [path.name for path in tmp_path.iterdir()] == [PROOFS]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 2, "problems": {}}', '{"schema": 1, "problems": {"a": {}}}']
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / PROOFS).write_text(text)
    with pytest.raises(ProblemError, match=r"proved\.json: not a file of proofs"):
        read_proofs(tmp_path)


def test_sets_without_folders_have_no_proofs() -> None:
    with pytest.raises(ValueError, match="require='proved' applies to problems in folders"):
        select_problems("families", require="proved")
