"""The page in a real headless Chromium: from a file, without a server."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codefrontier.benchmarks.reporting import Findings, ReportPaths

Reported = tuple[ReportPaths, Findings, list[Path]]

VISIBLE = "return [...document.querySelectorAll('#problem-table tbody tr')].filter((row) => !row.hidden)"
IDS = f"{VISIBLE}.map((row) => row.cells[0].textContent)"
RATES = f"{VISIBLE}.map((row) => row.cells[3].textContent)"
SET = (
    "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
    "field.dispatchEvent(new Event(field.tagName === 'SELECT' && !field.closest('.filters[role]') "
    "? 'change' : 'input'))"
)
PAPER = "return getComputedStyle(document.body).backgroundColor"
HEAT = (
    "const canvas = document.querySelector('canvas');"
    "return [...canvas.getContext('2d').getImageData(canvas.width - 3, 5, 1, 1).data]"
)


@pytest.fixture
def page(browser: Any, reported: Reported) -> Iterator[Any]:
    browser.open("about:blank")
    browser.complaints()
    browser.open(reported[0].html.as_uri())
    browser.wait("return document.documentElement.dataset.ready")
    yield browser
    emulate(browser)
    browser.resize(1300)


def emulate(page: Any, *, media: str = "", scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    parameters = {"cmd": "Emulation.setEmulatedMedia", "params": {"media": media, "features": features}}
    page._ask("POST", f"{page._session}/goog/cdp/execute", parameters)


def test_figures_are_drawn_and_nothing_is_complained_of(page: Any) -> None:
    drawn = "return [...document.querySelectorAll('figure .plot')].map((plot) => plot.children.length > 0)"
    assert page.script(drawn) == [True] * 6
    assert len(page.script("return [...document.querySelectorAll('[data-chart=frontier] circle')]")) == 4
    assert len(page.script("return [...document.querySelectorAll('[data-chart=frontier] .region')]")) == 4
    assert page.script("return document.title") == "Report on alpha-0, alpha-0.5, alpha-1 and 1 more"
    assert page.script("return document.querySelectorAll('img').length") == 0
    assert page.complaints() == []


def test_the_page_may_load_and_run_nothing_else(page: Any) -> None:
    page.script(
        "const s = document.createElement('script'); s.textContent = 'document.title = `owned`';"
        "document.body.append(s)"
    )
    page.script(
        "const i = document.createElement('img'); i.src = 'http://127.0.0.2:9/'; document.body.append(i)"
    )
    page.wait("return document.querySelector('img').complete")
    assert page.script("return document.title") != "owned"
    assert sum("Content Security Policy" in said for said in page.complaints()) == 2


def test_problems_are_filtered_and_sorted(page: Any) -> None:
    assert len(page.script(IDS)) == 18
    page.script(SET, "input[name=words]", "P1")
    assert page.script(IDS) == [f"p{number}" for number in range(10, 18)]
    page.script(SET, "select[name=difficulty]", "hard")
    assert page.script(IDS) == [f"p{number}" for number in range(12, 18)]
    assert page.texts("output[name=count]") == ["6 of 18 problems"]
    page.script(SET, "input[name=words]", "")
    every = sorted(float(rate) for rate in page.script(RATES))
    page.script(SET, "input[name=high]", str(every[2]))
    assert sorted(map(float, page.script(RATES))) == [rate for rate in every if rate <= every[2]]
    page.script("document.querySelector('.filters[role] button').click()")
    assert len(page.script(IDS)) == 18
    page.script("document.querySelectorAll('#problem-table th button')[3].click()")
    rates = [float(rate) for rate in page.script(RATES)]
    assert rates == sorted(rates, reverse=True)
    page.script("document.querySelectorAll('#problem-table th button')[3].click()")
    assert page.script("return document.querySelectorAll('#problem-table th')[3].ariaSort") == "ascending"


def test_a_column_of_the_heat_map_finds_its_problem_and_a_threshold_changes_the_sets(page: Any) -> None:
    page.script("document.querySelector('canvas').scrollIntoView({block: 'center'})")
    click = (
        "const canvas = document.querySelector('canvas'), box = canvas.getBoundingClientRect();"
        "const at = {clientX: box.right - 3, clientY: box.top + 5, bubbles: true};"
        "canvas.dispatchEvent(new PointerEvent('pointermove', at));"
        "canvas.dispatchEvent(new MouseEvent('click', at))"
    )
    page.script(click)
    (found,) = page.script(IDS)
    assert page.texts("[data-chart=heatmap] .tip")[0].startswith(f"{found} (")
    before = page.texts("[data-chart=sets] .value")
    page.script(SET, "select[name=threshold]", "3")
    after = page.texts("[data-chart=sets] .value")
    assert before != after
    assert sum(map(int, before)) == 18


def test_dark_mode_follows_the_system_and_the_choice(page: Any) -> None:
    light, pale = page.script(PAPER), page.script(HEAT)
    emulate(page, scheme="dark")
    assert page.script(PAPER) == "rgb(20, 23, 26)" != light
    page.wait(
        f"const now = (() => {{ {HEAT} }})(); return String(now) !== arguments[0]", ",".join(map(str, pale))
    )
    page.script(SET, "#theme", "light")
    assert page.script(PAPER) == light
    emulate(page, scheme="light")
    page.script(SET, "#theme", "dark")
    assert page.script(PAPER) == "rgb(20, 23, 26)"


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_scrolls_down_only_and_its_contents_lead_to_sections(page: Any, width: int) -> None:
    page.resize(width)
    page.wait("return innerWidth === arguments[0]", width)
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.script("document.documentElement.style.scrollBehavior = 'auto'")
    page.script("document.querySelector('nav a[href=\"#ensembles\"]').click()")
    page.wait("return scrollY > 500")
    top = page.script("return document.getElementById('ensembles').getBoundingClientRect().top")
    assert -5 <= top <= 120
    page.wait("return document.querySelector('nav a[aria-current]')?.hash === '#ensembles'")
    small = page.script(
        "return [...document.querySelectorAll('.plot svg')].map((svg) => {"
        "const text = svg.querySelector('text'); return text.getBoundingClientRect().height })"
    )
    assert min(small) > 8  # pixels: text is not scaled down with the figure


def test_on_paper_everything_is_unfolded_light_and_within_the_page(page: Any) -> None:
    page.script(SET, "#theme", "dark")
    page.script("dispatchEvent(new Event('beforeprint'))")
    emulate(page, media="print")
    page.resize(700)
    page.wait("return innerWidth === 700")
    assert page.script(PAPER) == "rgb(255, 255, 255)"
    assert page.script("return [...document.querySelectorAll('details')].every((each) => each.open)")
    for gone in ("nav", ".filters", ".files"):
        assert page.script(f"return getComputedStyle(document.querySelector('{gone}')).display") == "none"
    wide = page.script(
        "return [...document.querySelectorAll('main, table, svg, canvas')]"
        ".filter((each) => each.getBoundingClientRect().right > innerWidth + 1)"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert wide == []
    emulate(page)
    printed = page._ask("POST", f"{page._session}/print", {})
    pages = len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed)))
    assert 3 <= pages <= 30
