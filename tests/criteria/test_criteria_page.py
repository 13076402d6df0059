"""The examples on docs/policies.md work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from criteria_examples import CATALOGUE

from auditor.criteria import load
from auditor.criteria.load import load_catalogue, policy

PAGE = (Path(load.__file__).parents[2] / "docs" / "policies.md").read_text()


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
    assert limits.reasons["power_floor"].startswith("Nobody looks twice")


def test_the_criterion_on_the_page_extends_the_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(block("yaml"))
    own = load_catalogue(path)
    assert own.criteria[-1].id == "OWN-ACC-01"
    assert len(own.criteria) == len(CATALOGUE.criteria)
