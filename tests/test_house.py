"""Findings about the auditing side itself: what is claimed there must be true and be judged."""

from __future__ import annotations

from typing import Any

import pytest

from auditor import house
from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Status
from auditor.core.spec import DeliveredFile, Delivery
from auditor.criteria.load import load_catalogue

FILE = DeliveredFile(path="m.pt", bytes=3, sha256="cd" * 32)
DELIVERY = Delivery(name="m.pt", sha256="cd" * 32, bytes=3, format="torchscript", files=(FILE,))
SCAN: dict[str, Any] = {
    "dangerous": 0, "suspicious": 2, "safe_format": True, "notes": ["Odd, but harmless."],
}  # fmt: skip
ALL = (
    house.identity(DELIVERY, "cd" * 32, "m"), house.static_scan(SCAN), house.commitment(),
    house.no_retest(), house.seal(), house.refusal(DeliveryError("x", kind="dangerous")),
)  # fmt: skip


def values(finding: Finding) -> dict[str, float]:
    return {name: measure.value for name, measure in finding.measures.items()}


@pytest.mark.parametrize("finding", ALL, ids=lambda finding: finding.probe)
def test_criteria_know_every_measure(finding: Finding) -> None:
    assert finding.status is Status.COMPLETE
    declared = load_catalogue().tests[finding.probe].metrics
    assert set(finding.measures) <= set(declared)
    for name, measure in finding.measures.items():
        assert (measure.unit == "bool") == (declared[name].unit == "bool"), name


def test_identity_without_a_declared_digest_claims_no_match() -> None:
    assert values(house.identity(DELIVERY, None, "m")) == {"complete": 1, "declared_present": 0}


@pytest.mark.parametrize(("declared", "matches"), [("CD" * 32, 1.0), ("ab" * 32, 0.0)])
def test_identity_compares_digests(declared: str, matches: float) -> None:
    finding = house.identity(DELIVERY, declared, "m")
    assert values(finding)["matches_declared"] == matches
    assert finding.tables["files"][0]["sha256"] == "cd" * 32


def test_the_scan_is_reported_with_its_notes() -> None:
    finding = house.static_scan(SCAN)
    expected = {"scanned": 1, "dangerous_ops": 0, "suspicious_ops": 2, "safe_format": 1}
    assert values(finding) == expected
    assert finding.caveats == ("Odd, but harmless.",)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("dangerous", "COMPLETE"), ("unreadable", "ERROR"), ("unsupported", "SKIPPED")],
)
def test_a_refusal_says_why(kind: str, status: str) -> None:
    finding = house.refusal(DeliveryError("It calls os.system.", "Ask the vendor.", kind))
    assert finding.status == status
    assert "os.system" in finding.reason + " ".join(finding.caveats)
    if kind == "dangerous":
        assert values(finding)["dangerous_ops"] == 1
    else:
        assert finding.measures == {}


def test_nothing_is_said_to_be_signed_or_stamped() -> None:
    for finding in (house.commitment(), house.seal()):
        assert values(finding)["signed"] == 0
        assert finding.caveats
    assert values(house.commitment())["timestamped_before_run"] == 0
    assert values(house.seal())["timestamped"] == 0
