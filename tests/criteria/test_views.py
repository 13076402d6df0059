"""Views: every pinned id is a row, empty ones too; a criterion stands wherever it maps to."""

from __future__ import annotations

import pytest
from criteria_examples import CATALOGUE

from auditor.criteria.judge import judge
from auditor.criteria.load import policy, taxonomies
from auditor.criteria.views import views

VERDICTS = judge(CATALOGUE, policy("baseline"), ())
VIEWS = views(CATALOGUE, taxonomies(), VERDICTS)


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "eu_ai_act"])
def test_every_pinned_id_is_a_row(name: str) -> None:
    assert [row.ref for row in VIEWS[name].rows] == list(taxonomies()[name].ids)


def test_no_mapping_is_lost() -> None:
    for name, view in VIEWS.items():
        shown = {(entry.criterion, entry.ref) for row in view.rows for entry in row.entries}
        mapped = {
            (criterion.id, reference.ref)
            for criterion in CATALOGUE.criteria
            for reference in criterion.maps_to.get(name, ())
        }
        assert shown == mapped


def test_the_law_is_read_by_article() -> None:
    rows = {row.ref: row for row in VIEWS["eu_ai_act"].rows}
    assert {entry.ref for entry in rows["Art. 9"].entries} == {
        "Art. 9(5)", "Art. 9(6)", "Art. 9(8)",
    }  # fmt: skip
    assert {entry.relation for entry in rows["Art. 15"].entries} == {"direct", "partial", "context"}
    assert rows["Art. 27"].entries == ()
    assert all(row.title for row in rows.values())


def test_what_nobody_looks_at_is_named() -> None:
    assert [row.ref for row in VIEWS["altai"].empty] == ["6"]
    assert {"ML08:2023", "ML09:2023"} == {row.ref for row in VIEWS["owasp_ml"].empty}
    assert VIEWS["nist_aml"].covered + len(VIEWS["nist_aml"].empty) == 23


def test_a_view_carries_the_verdicts_and_works_without() -> None:
    entry = VIEWS["altai"].rows[0].entries[0]
    assert (entry.outcome, entry.confidence) == ("NOT_ASSESSED", "low")
    bare = views(CATALOGUE, taxonomies())["altai"].rows[0].entries[0]
    assert bare.outcome == ""
