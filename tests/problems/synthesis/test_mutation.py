"""The scripted mutation of family specs, and seeds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from codefrontier.problems import ProblemError
from codefrontier.problems.families import Spec, Split, shuffled_specs, split_of
from codefrontier.problems.synthesis import (
    Band,
    Rated,
    families_seeds,
    family_proposal,
    folder_seeds,
    next_spec,
    parse_proposal,
)
from codefrontier.problems.synthesis.mutation import neighbours

SEED = next(shuffled_specs(Split.TRAIN, 0))
TARGET = Band(name="target", low=0.3, high=0.6)


def length(spec: Spec) -> int:
    return len(family_proposal(spec).code.split())


def differences(left: Spec, right: Spec) -> int:
    first, second = left.combination, right.combination
    return sum(
        (
            left.cell != right.cell,
            first.map != second.map,
            first.slice != second.slice,
            first.output != second.output,
        )
    )


def test_a_mutation_is_one_change_within_the_training_split() -> None:
    near = neighbours(SEED)
    assert len(near) > 10
    assert {differences(SEED, spec) for spec in near} == {1}
    assert {split_of(spec) for spec in near} == {Split.TRAIN}


def test_the_first_proposal_is_a_change_of_the_seed() -> None:
    assert differences(SEED, next_spec(SEED, [], TARGET, random.Random(1))) == 1


@pytest.mark.parametrize(("rate", "sign"), [(0.9, 1), (0.0, -1)])
def test_a_pass_rate_outside_of_the_target_changes_the_length(rate: float, sign: int) -> None:
    for seed in range(20):
        found = next_spec(SEED, [Rated(spec=SEED, rate=rate)], TARGET, random.Random(seed))
        assert sign * (length(found) - length(SEED)) > 0


def test_a_spec_within_the_target_keeps_its_question() -> None:
    for seed in range(20):
        found = next_spec(SEED, [Rated(spec=SEED, rate=0.5)], TARGET, random.Random(seed))
        assert found.cell == SEED.cell


def test_the_nearest_spec_is_changed_and_none_is_proposed_twice() -> None:
    history: list[Rated] = []
    for turn in range(30):
        spec = next_spec(SEED, history, TARGET, random.Random(turn))
        assert spec not in [each.spec for each in history]
        history.append(Rated(spec=spec, rate=0.5 if turn == 3 else 0.0))
    assert all(differences(history[3].spec, each.spec) == 1 for each in history[4:10])


def test_a_proposal_of_a_family_is_read_back() -> None:
    proposal = family_proposal(SEED)
    assert parse_proposal(proposal.text()) == proposal
    assert Spec.parse(proposal.title) == SEED


def test_seeds_of_the_families_have_names_and_programs() -> None:
    seeds = list(families_seeds("families:validation:3:7"))
    assert len({seed.name for seed in seeds}) == 3
    assert all(seed.name.startswith("families/") and "print" in seed.code for seed in seeds)
    assert len(list(families_seeds("families"))) == 100


@pytest.mark.parametrize("name", ["families:train:x", "families:train:1:2:3", "families:nowhere"])
def test_a_malformed_name_of_the_families_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"families:SPLIT|split must be"):
        list(families_seeds(name))


def test_snippets_have_25_to_50_lines_of_source_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "long.py").write_text("".join(f"x = {number}\n" for number in range(300)))
    (tmp_path / "sub" / "short.c").write_text("int main() {}\n")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / ".git" / "hook.py").write_text("secret = 1\n")
    (tmp_path / "notes.txt").write_text("no code\n")
    seeds = list(folder_seeds(tmp_path, seed=3))
    assert [seed.name.rpartition(":")[0] for seed in seeds] == ["long.py", "sub/short.c"]
    assert 25 <= seeds[0].code.count("\n") <= 50
    assert seeds == list(folder_seeds(tmp_path, seed=3))


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no source files"):
        list(folder_seeds(tmp_path))
    with pytest.raises(ProblemError, match="not a folder"):
        list(folder_seeds(tmp_path / "nowhere"))
