from __future__ import annotations

from pathlib import Path

import pytest

from codefrontier.agents.records.schema import MODELS, field_notes, schema_tables

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "records.md"


def test_the_document_lists_every_field_as_the_model_has_it() -> None:
    assert DOCUMENT.read_text().endswith(schema_tables()), (
        "the end of docs/records.md must be schema_tables()"
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_says_what_it_is(model: type) -> None:
    missing = [name for name, note in field_notes(model).items() if not note]
    assert missing == []
