"""Checkpoints in one pool have common tensors once, and compute the bits that each computes alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.agents.policy.policy import LocalPolicy, SampleRequest
    from codefrontier.agents.policy.pool import Pool
    from codefrontier.agents.serving.command import ServeCommand, _announce, serve

    torch.set_num_threads(1)

REQUESTS = [(1, 2, 3), (9,) * 40, (5, 6)]


@pytest.fixture
def changed(checkpoint: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a checkpoint that differs in the named tensors only."""

    def write(name: str, *differing: str) -> Path:
        policy = LocalPolicy.load(checkpoint)
        tensors = policy.model.state_dict()
        with torch.no_grad():
            for each in differing:
                tensors[each].mul_(1.5)
        policy.model.save_pretrained(tmp_path / name)
        policy.tokenizer.save_pretrained(tmp_path / name)
        return tmp_path / name

    return write


def replies(policy: LocalPolicy) -> list[Any]:
    return policy.sample(
        [SampleRequest(prompt_ids=ids, max_new_tokens=20, seed=seed) for seed, ids in enumerate(REQUESTS)]
    )


def test_equal_tensors_are_shared_and_give_the_same_bits(changed: Callable[..., Path]) -> None:
    folders = [
        changed("one"),
        changed("two", "lm_head.weight"),
        changed("three", "model.embed_tokens.weight"),
    ]
    pool = Pool()
    pooled = [LocalPolicy.load(folder, pool=pool) for folder in folders]
    for folder, policy in zip(folders, pooled, strict=True):
        assert replies(policy) == replies(
            LocalPolicy.load(folder)
        )  # the same tokens and log-probs, bit by bit
    one, two, three = ({name: w.data_ptr() for name, w in p.model.named_parameters()} for p in pooled)
    assert {name for name in one if one[name] != two[name]} == {"lm_head.weight"}
    assert {name for name in one if one[name] != three[name]} == {"model.embed_tokens.weight"}
    model = pooled[0].model
    size = sum(w.numel() * w.element_size() for w in (*model.parameters(), *model.buffers()))
    own = 2 * model.lm_head.weight.numel() * 4
    assert (pool.weight_bytes, pool.shared_bytes) == (3 * size, 2 * size - own)
    assert pooled[0].tokenizer is pooled[1].tokenizer


def test_tensors_that_are_equal_as_numbers_only_are_not_shared(
    checkpoint: Path, changed: Callable[..., Path]
) -> None:
    pool = Pool()
    zeros = LocalPolicy.load(checkpoint).model
    negative = LocalPolicy.load(checkpoint).model
    with torch.no_grad():
        zeros.lm_head.weight.zero_()
        negative.lm_head.weight.zero_().neg_()
    pool.take_in(zeros)
    pool.take_in(negative)
    assert torch.equal(zeros.lm_head.weight, negative.lm_head.weight)
    assert zeros.lm_head.weight.data_ptr() != negative.lm_head.weight.data_ptr()


def test_a_model_without_a_pool_and_its_file_are_not_shared(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(checkpoint, folder)
    pool = Pool()
    pooled, alone = LocalPolicy.load(folder, pool=pool), LocalPolicy.load(folder)
    before = replies(pooled)
    with torch.no_grad():
        alone.model.lm_head.weight.zero_()
    [weights] = folder.glob("*.safetensors")
    with weights.open("r+b") as file:  # a mapped weight would change with its file
        file.seek(-4096, 2)
        file.write(bytes(4096))
    assert replies(pooled) == before


def test_tokenizers_with_other_files_are_not_shared(changed: Callable[..., Path]) -> None:
    one, two = changed("one"), changed("two")
    (two / "chat_template.jinja").write_text(
        "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    )
    pool = Pool()
    policies = [LocalPolicy.load(folder, pool=pool) for folder in (one, two)]
    told = [policy.prompt_ids([{"role": "user", "content": "Go."}]) for policy in policies]
    assert told == [
        LocalPolicy.load(folder).prompt_ids([{"role": "user", "content": "Go."}]) for folder in (one, two)
    ]
    assert told[0] != told[1]


def test_the_server_says_what_is_shared(
    changed: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [changed("one"), changed("two", "lm_head.weight")]

    def announce(*told: Any) -> None:
        _announce(*told)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        serve(ServeCommand(checkpoints=tuple(map(str, folders)), port=0), announce)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1].endswith("MiB more are equal and shared")
    with pytest.raises(KeyboardInterrupt):
        serve(ServeCommand(checkpoints=(str(folders[0]),), port=0), announce)
    assert "shared" not in capsys.readouterr().out
