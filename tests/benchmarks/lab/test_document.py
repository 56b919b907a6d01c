from __future__ import annotations

import pytest

from codefrontier.benchmarks.lab.document import (
    Block,
    Bullets,
    Grid,
    Heading,
    Paragraph,
    Picture,
    as_html,
    as_markdown,
)

BLOCKS: list[Block] = [
    Heading(level=2, text="Results"),
    Paragraph(text="One line\nand another."),
    Grid(columns=("name", "value"), rows=(("a", "0.5 [0.4, 0.6]"), ("b", "damage"))),
    Picture(path="figures/x.png", svg=b"<svg/>", caption="A figure"),
    Bullets(items=("first", "second")),
]


def test_blocks_are_written_as_markdown() -> None:
    assert as_markdown(BLOCKS) == (
        "## Results\n\nOne line and another.\n\n"
        "| name | value |\n| :-- | --: |\n| a | 0.5 [0.4, 0.6] |\n| b | damage |\n\n"
        "![A figure](figures/x.png)\n\n- first\n- second\n"
    )


def test_blocks_are_written_as_a_page_that_holds_its_figures() -> None:
    page = as_html(BLOCKS, "Title")
    assert page.startswith("<!DOCTYPE html>")
    assert '<img alt="A figure" src="data:image/svg+xml;base64,PHN2Zy8+">' in page
    assert '<td class="damage">damage</td>' in page
    assert "figures/x.png" not in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "</style><b>"])
def test_no_text_becomes_markup(text: str) -> None:
    everywhere: list[Block] = [
        Heading(level=1, text=text),
        Paragraph(text=text),
        Bullets(items=(text,)),
        Grid(columns=(text,), rows=((text,),)),
        Picture(path="x.png", svg=b"", caption=text),
    ]
    assert text not in as_html(everywhere, text)
    assert "<script" not in as_markdown(everywhere).replace("\\<", "")


def test_text_cannot_break_out_of_a_table_or_make_links() -> None:
    grid = Grid(columns=("x",), rows=(("a | b\n| c | *d* [e](f) `g` !",),))
    line = as_markdown([grid]).splitlines()[-1]
    assert line == "| a \\| b \\| c \\| \\*d\\* [e\\](f) \\`g\\` \\! |"
    for text in ("# no heading", "- no item", "[no]: definition"):
        assert as_markdown([Paragraph(text=text)]) == f"\\{text}\n"
    assert as_markdown([Paragraph(text="-0.5 [-0.6, -0.4]")]) == "-0.5 [-0.6, -0.4]\n"


def test_rows_must_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="must have 2 cells, got 1"):
        Grid(columns=("a", "b"), rows=(("c",),))
