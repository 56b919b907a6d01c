"""The page of curves: its routes, and the page in a real headless Chromium."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codefrontier.training.watching.curves import find_runs

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")

from codefrontier.training.watching.server import serving  # it needs both

Make = Callable[..., Path]
EVIL = '<img src=x onerror="document.title=`owned`">'


@pytest.fixture
def folders(make_run: Make) -> list[Path]:
    return [make_run("low"), make_run("high", steps=5)]


@pytest.fixture
def url(folders: list[Path]) -> Iterator[str]:
    with serving(find_runs(folders)) as url:
        yield url


def ask(url: str, **headers: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_curves_are_asked_for_from_a_place_on(url: str) -> None:
    status, about = ask(f"{url}api/about")
    assert status == 200
    assert [run["name"] for run in about["runs"]] == ["low", "high"]
    first, second = about["sections"][:2]
    assert (first["name"], second["name"]) == ("Reward, entropy and verdicts", "Signal")
    assert [chart["title"] for chart in first["charts"]] == ["reward_mean", "entropy", "verdicts"]
    assert ask(f"{url}api/curves/1?generation=0&start=4")[1]["steps"] == [5]
    assert ask(f"{url}api/curves/2") == (404, {"error": "there is no run 2: runs are 0 to 1"})
    assert ask(f"{url}api/curves/0?start=x")[0] == 422
    assert ask(f"{url}api/curves/0?start=-1")[0] == 422
    assert ask(f"{url}api/about", Host="example.org")[0] == 421


@pytest.fixture
def page(browser: Any, url: str) -> Any:
    browser.resize(1300)
    browser.open("about:blank")
    browser.complaints()
    browser.open(url)
    browser.wait("return document.getElementById('main').dataset.shown === '8'")
    return browser


def count(page: Any, selector: str) -> int:
    return int(page.script("return document.querySelectorAll(arguments[0]).length", selector))


def values_of(page: Any, chart: str) -> list[str]:
    return list(page.texts(f"figure[data-chart='{chart}'] .values li"))


def test_every_run_has_a_line_and_its_last_value(page: Any) -> None:
    assert count(page, "[data-chart=reward_mean] path.line") == 2
    assert values_of(page, "reward_mean") == ["3", "5"]
    assert values_of(page, "verdicts – low") == ["AC 0.3", "WA 0.7"]
    assert values_of(page, "time_s – high") == ["sample 1", "judge 0.5", "update 0.25", "other 0.25"]
    assert count(page, "[data-chart='verdicts – high'] path.area") >= 2
    assert page.texts("#legend small") == [
        "rl, grpo, coverage 0.5, step 3 of 10",
        "rl, grpo, coverage 0.5, step 5 of 10",
    ]
    assert page.script("return [...document.querySelectorAll('.unit')].every((each) => each.textContent)")
    assert page.complaints() == []


def test_a_run_is_hidden_by_its_box(page: Any) -> None:
    page.click("#legend li:nth-child(1) input")
    assert values_of(page, "reward_mean") == ["5"]
    assert count(page, "[data-chart=reward_mean] path.line") == 1
    assert count(page, "[data-chart=reward_mean] path.line.run-1") == 1, "a run keeps its colour"


def test_the_slider_smooths_and_keeps_the_values_visible(page: Any) -> None:
    page.script(
        "const s = document.getElementById('smoothing'); s.value = '0.5'; s.dispatchEvent(new Event('input'))"
    )
    assert page.texts("#decay") == ["0.50"]
    # (0.25 * 1 + 0.5 * 2 + 3) / (0.25 + 0.5 + 1)
    assert values_of(page, "reward_mean")[0] == "2.429"
    assert count(page, "[data-chart=reward_mean] path.raw") == 2


def test_keys_and_pointer_read_the_values_of_a_step_in_all_charts(page: Any) -> None:
    press = (
        "const chart = document.querySelector('[data-chart=entropy] svg'); chart.focus();"
        "chart.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}))"
    )
    page.script(press)
    page.script(press)
    assert page.texts("#state") == ["values of step 4"]
    assert values_of(page, "reward_mean") == ["3", "4"], "the shorter run shows its nearest step"
    assert count(page, "[data-chart=loss] .cross[visibility=visible]") == 1
    page.script(
        "const chart = document.querySelector('[data-chart=loss] svg'), box = chart.getBoundingClientRect();"
        "chart.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + 50, bubbles: true}))"
    )
    assert values_of(page, "reward_mean") == ["1", "1"]
    page.script(
        "document.querySelector('[data-chart=loss] svg').dispatchEvent(new PointerEvent('pointerleave'))"
    )
    assert page.texts("#state") == ["values of the last step, 5"]


def test_the_axis_can_be_the_time(page: Any) -> None:
    page.script(
        "const s = document.getElementById('axis'); s.value = 'time'; s.dispatchEvent(new Event('change'))"
    )
    label = page.script("return document.querySelector('[data-chart=loss] svg').getAttribute('aria-label')")
    assert label == "loss at time 0.1667: low 3, high 5"


def test_the_page_follows_a_run(
    page: Any, folders: list[Path], add_lines: Callable[..., None], metrics_line: Any
) -> None:
    add_lines(folders[0], metrics_line(4), {"step": 5, "error": f"the loss is nan {EVIL}"})
    page.wait("return document.getElementById('main').dataset.shown === '9'")
    assert values_of(page, "reward_mean") == ["4", "5"]
    assert page.texts("#legend .failed") == [f"step 5: the loss is nan {EVIL}"]
    assert page.script("return document.images.length") == 0
    (folders[0] / "metrics.jsonl").write_text("[]\n")
    page.wait("return !document.getElementById('error').hidden")
    assert "does not hold the metrics of a step" in page.texts("#error")[0]


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_fits_and_its_text_is_readable(page: Any, width: int) -> None:
    page.resize(width)
    page.wait("return innerWidth === arguments[0]", width)
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.wait(
        "const chart = document.querySelector('[data-chart=loss] svg');"
        "return Math.abs(chart.viewBox.baseVal.width - chart.getBoundingClientRect().width) < 1"
    )  # so that text has its nominal size
    columns = "getComputedStyle(document.querySelector('.charts')).gridTemplateColumns.split(' ').length"
    assert page.script(f"return {columns}") == (1 if width == 400 else 3)


def test_nothing_is_loaded_from_elsewhere(page: Any, url: str) -> None:
    loaded = page.script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith(url) for name in loaded)
