"""A user's own policy and criteria: small files, reasons, and the line of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from criteria_examples import CATALOGUE

from auditor.core.errors import AuditorError
from auditor.criteria.load import load_catalogue, policy

OWN = """\
extends: bundled
drop: [TAC-OVS-01]
policy:
  line_accuracy_min:
    says: the accuracy that the sorting line needs
    because: below it a person must sort again
    baseline: 0.97
    elevated: 0.97
    critical: 0.98
criteria:
- id: OWN-ACC-01
  title: Good enough for the sorting line
  question: Does the model reach the accuracy that the sorting line needs?
  about: item
  gate: blocking
  severity: high
  tests: [perf.accuracy]
  confidence: sample
  rules:
    fail: perf.accuracy.ci_high < policy.line_accuracy_min
    pass: perf.accuracy.ci_low >= policy.line_accuracy_min
  next_step: Ask for a model trained on more of our own pictures.
"""


def write(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_own_criteria_stand_beside_the_bundled_ones(tmp_path: Path) -> None:
    own = load_catalogue(write(tmp_path, OWN))
    ids = [criterion.id for criterion in own.criteria]
    assert ids[-1] == "OWN-ACC-01"
    assert "TAC-OVS-01" not in ids
    assert len(ids) == len(CATALOGUE.criteria)
    assert own.catalogue.id == "tac+own"
    assert own.label != CATALOGUE.label
    limits = policy("critical", own)
    assert limits.parameters["line_accuracy_min"] == 0.98
    assert limits.reasons["line_accuracy_min"] == "below it a person must sort again"


def test_an_own_criterion_may_replace_a_bundled_one(tmp_path: Path) -> None:
    text = OWN.replace("OWN-ACC-01", "TAC-ACC-01").replace("drop: [TAC-OVS-01]\n", "")
    own = load_catalogue(write(tmp_path, text))
    assert len(own.criteria) == 30
    (replaced,) = [each for each in own.criteria if each.id == "TAC-ACC-01"]
    assert replaced.title == "Good enough for the sorting line"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("gate: blocking", "gate: hard", r"own\.yaml, line 15: .*gate: Input should be 'blocking'"),
        ("ci_high", "ci_hihg", r"own\.yaml, line 11: OWN-ACC-01: unknown name"),
        ("severity: high", "severty: high", r"own\.yaml, line \d+: .*severity: Field required"),
        ("[TAC-OVS-01]", "[TAC-OVS-99]", r"own\.yaml, line 2: there is no bundled criterion"),
        ("extends: bundled", "extends: tac", r"own\.yaml, line 1: extends: Input should be"),
        ("drop: [", "drops: [", r"own\.yaml, line 2: drops: Extra inputs"),
        ("baseline: 0.97", "baseline: 9.7", r"own\.yaml, line \d+: policy line_accuracy_min: base"),
        (
            "  title: Good",
            "  id: OWN-ACC-02\n  title: Good",
            r"line 12: the key 'id' is given twice",
        ),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    with pytest.raises(AuditorError, match=complaint):
        load_catalogue(write(tmp_path, OWN.replace(before, after, 1)))


def test_a_policy_gives_its_reasons(tmp_path: Path) -> None:
    text = (
        '[parameters]\npower_floor = 0.95\nalpha_fail = 0.04\n[reasons]\npower_floor = "Brakes."\n'
    )
    given = policy(write(tmp_path, text, "brakes.toml"))
    assert given.reasons["power_floor"] == "Brakes."
    assert "alpha_fail" not in given.reasons  # changed without a reason: the plan shows it
    assert given.reasons["retention_years_min"].startswith("Article 18")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[parameters]\npower_floor = 80\n", "brakes.toml, line 2: power_floor is 80"),
        ("\n[parameters]\n\npower_flour = 1\n", "brakes.toml, line 4: unknown limit"),
        ('[parameters]\npower_floor = "x"\n', "brakes.toml, line 2: parameters.power_floor"),
        ('[parameters]\n[reasons]\nnone = "x"\n', "brakes.toml, line 3: unknown limit 'none'"),
    ],
)
def test_a_wrong_limit_has_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(AuditorError) as caught:
        policy(write(tmp_path, text, "brakes.toml"))
    assert caught.value.message.startswith(complaint)
