from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefrontier.agents import EpisodeRecord, RecordError, read_episodes
from codefrontier.agents.records.exporting.tables import export_records
from codefrontier.agents.records.frames import read_frame
from codefrontier.envs import FailureKind

EpisodeMaker = Callable[..., EpisodeRecord]
RecordsMaker = Callable[..., Path]
Samples = Callable[[int], list[EpisodeRecord]]


def rows(frame: Any) -> list[dict[str, Any]]:
    return list(frame.to_dicts() if hasattr(frame, "to_dicts") else frame.to_dict(orient="records"))


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("kind", [".jsonl", ".parquet"])
def test_a_frame_has_a_row_per_record_with_its_runs(
    tmp_path: Path,
    records: RecordsMaker,
    episode: EpisodeMaker,
    invalid: EpisodeMaker,
    library: Any,
    kind: str,
) -> None:
    path = records(
        [episode("AC", "TLE"), episode(sample=1), invalid(sample=2, failure_kind=FailureKind.SANDBOX)]
    )
    if kind == ".parquet":
        path, source = tmp_path / "r.parquet", path
        assert export_records(source, path) == 3
    first, second, third = rows(read_frame(path, library))
    assert (first["problem"], first["verdict"], first["passed"], first["tests"]) == ("sums", "TLE", 1, 2)
    assert list(first["run_verdict"]) == ["AC", "TLE"]
    assert list(first["run_cpu_time_s"]) == [0.5, 0.5]
    assert first["time_limit_s"] == 2.0
    assert second["failure_class"] == "no_code"
    assert (third["stop_reason"], bool(third["reward_valid"])) == ("infrastructure", False)
    assert third["failure_kind"] == "sandbox" != first["failure_kind"]
    assert not {"record", "token_ids", "submission"} & first.keys()


def test_parquet_keeps_every_record_whole_and_its_tokens(
    tmp_path: Path, records: RecordsMaker, samples: Samples, episode: EpisodeMaker
) -> None:
    odd = episode("AC", sample=700, submission="\ud800 \u2028 \0", problem_id="<b>")
    wanted = [*samples(600), odd]
    to = tmp_path / "r.parquet"
    assert export_records(records(wanted), to) == 601
    found = rows(read_frame(to, "polars", large=True))
    assert [EpisodeRecord.from_json(row["record"]) for row in found] == wanted
    assert found[0]["token_ids"] == [[7, 8, 9]]
    assert found[0]["loss_mask"] == [[False, False, True]]
    assert found[0]["log_probs"] == [[0.0, 0.0, -1.25]]


def test_an_empty_file_has_all_columns_in_parquet(tmp_path: Path, records: RecordsMaker) -> None:
    to = tmp_path / "r.parquet"
    assert export_records(records([]), to) == 0
    assert "run_verdict" in read_frame(to, "pandas").columns


def test_lines_are_exported_compressed_and_back_byte_for_byte(
    tmp_path: Path, records: RecordsMaker, samples: Samples
) -> None:
    source = records(samples(50))
    packed, back = tmp_path / "p.jsonl.zst", tmp_path / "b.jsonl"
    assert export_records(source, packed) == export_records(packed, back) == 50
    assert back.read_bytes() == source.read_bytes()
    assert packed.stat().st_size * 5 < source.stat().st_size


def test_only_the_final_records_may_be_exported(
    tmp_path: Path, records: RecordsMaker, episode: EpisodeMaker, invalid: EpisodeMaker
) -> None:
    last = invalid(sample=1, attempt=2)
    source = records([invalid(), episode("AC", attempt=2), invalid(attempt=3), invalid(sample=1), last])
    to = tmp_path / "f.jsonl"
    assert export_records(source, to, final=True) == 2
    assert read_episodes(to).episodes == (episode("AC", attempt=2), last)


def test_what_cannot_be_exported_or_read_is_an_error(
    tmp_path: Path, records: RecordsMaker, samples: Samples
) -> None:
    source = records(samples(3))
    with pytest.raises(ValueError, match=r"must end with .parquet, .jsonl or .jsonl.zst, got 'x.csv'"):
        export_records(source, tmp_path / "x.csv")
    for name in ("records.jsonl", "r.parquet"):
        (tmp_path / name).touch()
        with pytest.raises(RecordError, match="exists already"):
            export_records(source if name == "r.parquet" else tmp_path / name, tmp_path / name)
    with pytest.raises(RecordError, match="cannot be read"):
        read_frame(tmp_path / "r.parquet")
    with pytest.raises(RecordError, match="more than 2 records"):
        read_frame(source, most_rows=2)
    with pytest.raises(ValueError, match="library must be one of"):
        read_frame(source, "excel")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1"):
        read_frame(source, most_rows=0)
