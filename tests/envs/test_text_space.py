from __future__ import annotations

import json
import pickle

import pytest

from codefrontier.envs import TextSpace


@pytest.mark.parametrize("text", ["", "plain", "line\nline\r\n\t", "0 ≤ π, 答え 🙂", "\0\x1b[0m", "x" * 300])
def test_any_unicode_text_is_contained(text: str) -> None:
    assert text in TextSpace(300)


@pytest.mark.parametrize("other", [b"bytes", None, 3, ["a"], "x" * 301])
def test_other_types_and_longer_texts_are_not_contained(other: object) -> None:
    assert other not in TextSpace(300)


def test_a_lone_surrogate_is_not_contained_as_it_has_no_utf8_form() -> None:
    assert "half \ud83d" not in TextSpace(300)


def test_samples_are_contained_and_repeat_from_a_seed() -> None:
    first, second = TextSpace(50, seed=3), TextSpace(50, seed=3)
    samples = [first.sample() for _ in range(50)]
    assert samples == [second.sample() for _ in range(50)]
    assert all(sample in first for sample in samples)
    assert len(set(samples)) > 25
    assert not all(sample.isascii() for sample in samples)


def test_sampling_takes_no_mask() -> None:
    with pytest.raises(ValueError, match="neither a mask nor probabilities"):
        TextSpace(5).sample(mask="x")  # type: ignore[arg-type]


def test_spaces_are_equal_when_their_lengths_are() -> None:
    assert TextSpace(5, seed=1) == TextSpace(5, seed=2)
    assert TextSpace(5) != TextSpace(6)
    assert TextSpace(5) != "TextSpace(5)"
    assert pickle.loads(pickle.dumps(TextSpace(5))) == TextSpace(5)


def test_texts_survive_json() -> None:
    space = TextSpace(20)
    texts = ["≤ 🙂", "", "a\nb"]
    assert space.from_jsonable(json.loads(json.dumps(space.to_jsonable(texts)))) == texts


def test_from_jsonable_names_what_is_no_text() -> None:
    with pytest.raises(ValueError, match="not a text of at most 3 characters: 'abcd'"):
        TextSpace(3).from_jsonable(["abc", "abcd"])


@pytest.mark.parametrize("length", [0, -1, 1.5, True, "9"])
def test_a_bad_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="max_length must be a whole number of at least 1"):
        TextSpace(length)
