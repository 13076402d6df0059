"""Pinned editions: whole lists where the edition is one, and no mapping outside them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from criteria_examples import CATALOGUE

from auditor.core.errors import AuditorError
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.checks import check_catalogue
from auditor.criteria.load import taxonomies

SIZES = {
    "nist_aml": 23, "atlas": 101 + 77 + 37, "owasp_ml": 10, "aisvs": 191, "nist_ai_rmf": 72,
    "iso_42001": 38, "altai": 7,
}  # fmt: skip
SHAPES = {
    "nist_aml": r"NISTAML\.0\d\d", "atlas": r"AML\.[TM]\d{4}(\.\d{3})?",
    "owasp_ml": r"ML\d\d:2023", "aisvs": r"v1\.0-C\d+\.\d+\.\d+",
    "nist_ai_rmf": r"(GOVERN|MAP|MEASURE|MANAGE) \d\.\d+", "iso_42001": r"A\.\d+\.\d+(\.\d+)?",
    "altai": r"[1-7]",
}  # fmt: skip
EDITIONS = {
    "eu_ai_act": "2026-07-27 consolidated", "altai": "2020", "nist_aml": "E2025",
    "atlas": "2026.07", "owasp_ml": "2023 draft", "aisvs": "v1.0", "nist_ai_rmf": "1.0",
    "iso_42001": "2023", "other": "as named",
}  # fmt: skip


def test_the_editions_are_those_of_the_catalogue() -> None:
    assert {name: each.edition for name, each in taxonomies().items()} == EDITIONS
    for name, framework in CATALOGUE.frameworks.items():
        assert framework.edition == EDITIONS[name]
        assert taxonomies()[name].source


@pytest.mark.parametrize("name", SIZES)
def test_a_list_is_whole(name: str) -> None:
    ids = taxonomies()[name].ids
    assert len(ids) == SIZES[name]
    assert all(re.fullmatch(SHAPES[name], each) for each in ids)


def test_renumbered_ids_are_gone() -> None:
    ids = taxonomies()["atlas"].ids
    assert {"AML.T0115", "AML.T0115.001"} <= set(ids)
    assert not {"AML.T0019", "AML.T0058"} & set(ids)


@pytest.mark.parametrize("criterion", CATALOGUE.criteria, ids=lambda c: c.id)
def test_every_mapping_is_in_its_pinned_list(criterion: Any) -> None:
    assert criterion.maps_to
    for framework, references in criterion.maps_to.items():
        for reference in references:
            assert reference.ref in taxonomies()[framework].ids, (framework, reference.ref)


@pytest.mark.parametrize(
    ("framework", "ref"), [("atlas", "AML.T0019"), ("nist_aml", "NISTAML.099"), ("aisvs", "C1.1")]
)
def test_an_id_of_another_edition_is_refused(framework: str, ref: str) -> None:
    data = CATALOGUE.model_dump(mode="json", by_alias=True)
    data["criteria"][0]["maps_to"][framework] = [{"ref": ref}]
    with pytest.raises(AuditorError, match="is not a pinned id"):
        check_catalogue(Catalogue.model_validate(data), taxonomies(), "own.yaml")
