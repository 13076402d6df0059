"""The examples on docs/criteria.md work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from criteria_examples import CATALOGUE

from auditor.criteria import load
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.checks import check_catalogue
from auditor.criteria.load import policy, taxonomies

PAGE = (Path(load.__file__).parents[2] / "docs" / "criteria.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_policy_on_the_page_is_one(tmp_path: Path) -> None:
    path = tmp_path / "brakes.toml"
    path.write_text(block("toml"))
    limits = policy(path)
    assert limits.name == "brakes"
    assert limits.parameters["power_floor"] == 0.95
    assert limits.parameters["clean_per_class_min"] == 50


def test_the_criterion_on_the_page_fits_the_catalogue() -> None:
    data = CATALOGUE.model_dump(mode="json", by_alias=True)
    data["criteria"] += yaml.safe_load(block("yaml"))
    own = Catalogue.model_validate(data)
    check_catalogue(own, taxonomies(), "the page")
    assert own.criteria[-1].id == "OWN-ACC-01"
