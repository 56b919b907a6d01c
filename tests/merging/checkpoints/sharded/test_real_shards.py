"""Parents that two real processes of torch saved in pieces give the merges of the same whole weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints
from codefrontier.merging.checkpoints.checkpoint import open_checkpoint

PROGRAM = Path(__file__).with_name("shard_program.py")
RANKS = 2
CONFIG = {"architectures": ["Tiny"], "model_type": "tiny", "torch_dtype": "bfloat16"}
FORMATS = {
    "dcp": "dcp",
    "dcp in columns": "columns",
    "verl": "verl/actor",
    "verl, the folder around it": "verl",
    "verl in columns": "verl_columns",
    "replicated and sharded": "hybrid",
    "verl with FSDP1": "fsdp1",
    "sharded safetensors": "hf",
}
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(find_spec("torch") is None, reason="needs torch"),
]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one model in all formats, saved by two processes."""
    folder = tmp_path_factory.mktemp("shards")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), str(folder), str(rank), str(RANKS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        for rank in range(RANKS)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * RANKS, "\n".join(outputs)
    for name in FORMATS.values():
        if name != "verl":
            settings = folder / name / ("huggingface" if "verl" in name else ".")
            settings.mkdir(exist_ok=True)
            (settings / "config.json").write_text(json.dumps(CONFIG))
            (settings / "tokenizer.json").write_text("{}")
    return folder


@pytest.fixture
def plain(shards: Path, tmp_path: Path) -> Path:
    """Return the same weights as an ordinary checkpoint."""
    folder = tmp_path / "plain"
    folder.mkdir()
    shutil.copy(shards / "whole.safetensors", folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.json").write_text("{}")
    return folder


@pytest.fixture
def moved(plain: Path, tmp_path: Path) -> Path:
    """Return an ordinary checkpoint with other weights of the same shapes."""
    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "moved"
    shutil.copytree(plain, folder)
    tensors = load_file(folder / "model.safetensors")
    changed = {name: value * 1.25 if value.dtype.kind == "f" else value for name, value in tensors.items()}
    save_file(changed, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.parametrize("name", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("chunk", [7, 1 << 19])
def test_a_merge_has_the_bytes_of_the_merge_of_the_whole_weights(
    name: str, chunk: int, shards: Path, plain: Path, moved: Path, tmp_path: Path
) -> None:
    options = MergeOptions(chunk=chunk)
    for low, high, out in (
        (plain, moved, "expected"),
        (shards / name, moved, "as_low"),
        (moved, shards / name, "as_high"),
        (moved, plain, "expected_high"),
    ):
        merge_checkpoints(low, high, [0.3], tmp_path / out, options)
    files = {out: tmp_path / out / "alpha-0.3" / "model.safetensors" for out in ("as_low", "as_high")}
    for out, path in files.items():
        expected = tmp_path / out.replace("as_low", "expected").replace("as_high", "expected_high")
        assert path.read_bytes() == (expected / "alpha-0.3" / "model.safetensors").read_bytes()
    config = json.loads((tmp_path / "as_low" / "alpha-0.3" / "config.json").read_text())
    assert config == {**CONFIG, "torch_dtype": "float32"}, "loaders would round to the dtype of the config"
    record = json.loads((tmp_path / "as_low" / "alpha-0.3" / "merge.json").read_text())
    assert record["parents"]["low"]["path"] == str(shards / name)
    assert record["parents"]["low"]["converted"].endswith("in float32")
    assert any("weights of low are" in note for note in record["differences"]["harmless"])


def test_16_bit_pieces(shards: Path, plain: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    shutil.copytree(shards / "half", half)
    (half / "config.json").write_text(json.dumps(CONFIG))
    (half / "tokenizer.json").write_text("{}")
    merge_checkpoints(half, plain, [0.0], tmp_path / "out", MergeOptions(force=True))
    written = (tmp_path / "out" / "alpha-0" / "model.safetensors").read_bytes()
    whole = (shards / "whole_half.safetensors").read_bytes()
    start, reference = (8 + int.from_bytes(data[:8], "little") for data in (written, whole))
    assert written[start:] == whole[reference:]


def test_only_the_model_is_read_and_not_the_optimizer(shards: Path) -> None:
    names = {"embed.weight", "layer.weight", "layer.bias", "head.weight", "single", "running", "ids"}
    assert set(open_checkpoint(shards / "dcp").tensors) == names


def test_the_folder_around_one_folder_of_shards_and_settings_from_a_base(
    shards: Path, plain: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare" / "run"
    shutil.copytree(shards / "dcp" / "pytorch_model_fsdp_0", bare)
    with pytest.raises(MergeError, match=r"there is no config\.json in it, in `huggingface`"):
        open_checkpoint(bare)
    opened = open_checkpoint(bare, base=plain)
    assert opened.folder == plain
    assert opened.given == bare


def _lose_a_rank(folder: Path) -> None:
    (folder / "model_world_size_2_rank_1.pt").unlink()


def _add_a_world(folder: Path) -> None:
    shutil.copy(folder / "model_world_size_2_rank_1.pt", folder / "model_world_size_4_rank_3.pt")


def _truncate(folder: Path) -> None:
    path = folder / "model_world_size_2_rank_1.pt"
    path.write_bytes(path.read_bytes()[:-200])


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("verl/actor", _lose_a_rank, "the shards of ranks [1] of 2 are missing"),
        ("verl/actor", _add_a_world, "shards of several world sizes: [2, 4]"),
        ("verl/actor", _truncate, "not a file of torch.save in the zip format, or truncated"),
        ("loose", lambda folder: None, "is no DTensor and differs between the ranks"),
        ("columns", lambda folder: (folder / "__1_0.distcp").unlink(), "'__1_0.distcp', which is not in"),
        (
            "columns",
            lambda folder: (folder / "__1_0.distcp").write_bytes(b"PK"),
            "not a file of torch.save in the zip format, or truncated",
        ),
        ("columns", lambda folder: (folder / ".metadata").write_bytes(b"\x80\x04"), "cannot be read"),
        (
            "hf",
            lambda folder: next(folder.glob("shard-00001*")).unlink(),
            "is not complete: pieces are missing",
        ),
    ],
)
def test_damaged_shards_are_refused(
    name: str, change: Callable[[Path], None], words: str, shards: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(shards / name, folder)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    change(folder)
    with pytest.raises(MergeError) as caught:
        open_checkpoint(folder)
    assert words in str(caught.value)
