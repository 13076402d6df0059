"""Policies: bundled profiles, a user's limits on top of one, and mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.core.errors import AuditorError
from auditor.criteria.load import policy


def test_a_profile_by_name() -> None:
    baseline, critical = policy("baseline"), policy("critical")
    assert baseline.parameters["power_floor"] == 0.7
    assert critical.parameters["power_floor"] == 0.9
    assert baseline.sha256 != critical.sha256
    assert (baseline.name, baseline.source) == ("baseline", "bundled")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ours.yaml", "name: ours\nbase: elevated\nparameters:\n  power_floor: 0.85\n"),
        ("ours.toml", 'base = "elevated"\n[parameters]\npower_floor = 0.85\n'),
    ],
)
def test_a_file_changes_a_profile(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    given = policy(tmp_path / name)
    elevated = policy("elevated").parameters
    assert given.parameters == {**elevated, "power_floor": 0.85}
    assert (given.name, given.source) == ("ours", f"{name} on elevated")
    assert given.sha256 == policy(str(tmp_path / name)).sha256 != policy("elevated").sha256


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("parameters: {power_flour: 0.8}", "unknown limit 'power_flour'"),
        ("parameters: {power_floor: high}", "parameters.power_floor: Input should be a valid num"),
        ("parameters: {power_floor: '0.8'}", "valid number"),
        ("parameters: {power_floor: true}", "valid number"),
        ("parameters: {power_floor: .nan}", "finite number"),
        ("parameters: {power_floor: 80}", "power_floor is 80, outside 0 to 1"),
        ("parameters: {alpha_concern: 0}", "alpha_concern is 0, outside 0.001 to 0.5"),
        ("base: lenient\nparameters: {}", "base"),
        ("power_floor: 0.8", "parameters: Field required"),
        ("parameters: {}\nexit_codes: {inconclusive: 0}", "exit_codes: Extra inputs"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(text)
    with pytest.raises(AuditorError, match=complaint) as caught:
        policy(path)
    assert "ours.yaml" in caught.value.message


def test_an_unknown_name_lists_the_profiles() -> None:
    with pytest.raises(AuditorError, match="Name one of baseline, elevated, critical"):
        policy("basline")
