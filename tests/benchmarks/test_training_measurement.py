"""The code of the measurement of training that a CPU can run; its GPU part runs with a tiny shape."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    import torch

    from codefrontier.benchmarks.perf.training_parts.accelerator import TINY, measure_scale
    from codefrontier.benchmarks.perf.training_parts.sampling import measure_sampling
    from codefrontier.benchmarks.perf.training_parts.worker import run_update
    from codefrontier.benchmarks.perf.training_parts.workload import Workload, make_rows, reply_lengths


def test_the_measurement_for_gpus_runs_with_a_tiny_shape() -> None:
    torch.set_num_threads(1)
    found = measure_scale(TINY, "cpu", rounds=1)
    assert found["device"] == "cpu"
    assert found["sampled_tokens_per_s"] > 0
    for packing in ("off", "rows", "prefixes"):
        update = found[f"update_{packing}"]
        assert update["tokens_per_s"] == pytest.approx(found["tokens"] / update["seconds"])
        assert 0 < update["share_of_step"] < 1
        assert update["mfu"] is None  # no figure of the vendor for a CPU


def test_rows_are_equal_for_equal_workloads_and_have_the_stated_lengths() -> None:
    workload = Workload(lengths="ragged", groups=3, prompt=5)
    one, other = make_rows(workload, 40), make_rows(workload, 40)
    assert all(torch.equal(a.token_ids, b.token_ids) for a, b in zip(one, other, strict=True))
    assert [len(row) - 5 for row in one] == reply_lengths(workload)
    assert len(set(reply_lengths(workload))) > 10
    assert set(reply_lengths(Workload(lengths="equal", groups=3, prompt=5))) == {64}
    by_group = torch.tensor([row.advantages[-1] for row in one]).view(3, 8)
    assert by_group.sum(dim=1).abs().max() < 1e-6


def test_a_worker_works_once_per_line_and_prints_its_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr("sys.stdin", io.StringIO("go\ngo\n"))
    workload = Workload(lengths="ragged", groups=1, prompt=5)
    run_update(workload, "prefixes")
    ready, *figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ready == {"ready": True}
    assert [each["tokens"] for each in figures] == [sum(reply_lengths(workload))] * 2
    assert all(each["cpu_s"] > 0 and each["peak_mib"] > 0 for each in figures)


def test_both_ways_to_sample_are_measured_on_the_lengths_of_the_rows() -> None:
    workload = Workload(lengths="ragged", groups=1, prompt=5)
    found = measure_sampling(workload, rounds=1)
    assert found.tokens == sum(reply_lengths(workload))
    assert found.sampler_cpu_s > 0
    assert found.generate_cpu_s > 0
    assert found.ratio > 0
