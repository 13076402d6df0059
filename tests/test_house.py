"""Findings about the auditing side itself: what is claimed there must be true and be judged."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from auditor import house
from auditor.core import chain
from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Status
from auditor.core.spec import DeliveredFile, Delivery, InputSpec, ModelFacts
from auditor.criteria.load import load_catalogue, policy

FILE = DeliveredFile(path="m.pt", bytes=3, sha256="cd" * 32)
DELIVERY = Delivery(name="m.pt", sha256="cd" * 32, bytes=3, format="torchscript", files=(FILE,))
SCAN: dict[str, Any] = {
    "dangerous": 0, "suspicious": 2, "safe_format": True, "notes": ["Odd, but harmless."],
}  # fmt: skip
FACTS = ModelFacts(
    spec=InputSpec(kind="image", shape=(1, 8, 8), classes=10), format="safetensors",
    parameters=1, architecture="small_cnn", layers=1,
)  # fmt: skip
BASELINE = policy("baseline")
HELD = house.Commitment("2026-01-01T10:00:00+00:00", "2026-01-01T10:00:05+00:00")
COMMITTED = house.commitment(HELD, BASELINE)
ALL = (
    house.identity(DELIVERY, "cd" * 32, "m"), house.static_scan(SCAN), COMMITTED,
    house.no_retest(), house.seal(None), house.signature(DELIVERY), house.bill(DELIVERY),
    house.refusal(DeliveryError("x", kind="dangerous")),
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
    for finding in (COMMITTED, house.seal(None)):
        assert values(finding)["signed"] == 0
        assert finding.caveats
    assert values(COMMITTED)["timestamped_before_run"] == 0
    assert values(house.seal(None))["timestamped"] == 0


def test_the_plan_counts_as_stamped_only_by_a_trusted_clock_before_the_first_trial() -> None:
    stamped = dataclasses.replace(HELD, signed_by="ab" * 32, stamped="2026-01-01T10:00:03+00:00",
                                  authority="TSA", trusted=True)  # fmt: skip
    good = house.commitment(stamped, BASELINE)
    assert values(good)["signed"] == values(good)["timestamped_before_run"] == 1
    assert good.tables["signature"][0]["key"] == "ab" * 32
    for change in ({"stamped": "2026-01-01T11:00:06+01:00"}, {"trusted": False}):
        late = house.commitment(dataclasses.replace(stamped, **change), BASELINE)
        assert values(late)["timestamped_before_run"] == 0


def test_a_limit_without_a_reason_is_seen() -> None:
    assert values(COMMITTED)["rationale_present"] == 1
    bare = BASELINE.model_copy(update={"reasons": {"alpha_fail": "So."}})
    assert values(house.commitment(HELD, bare))["rationale_present"] == 0


@pytest.mark.parametrize("name", ["model.sig", "a/model.sigstore.json", "M.ASC"])
def test_a_signature_file_is_seen_and_not_believed(name: str) -> None:
    files = (FILE, DeliveredFile(path=name, bytes=1, sha256="ef" * 32))
    finding = house.signature(DELIVERY.model_copy(update={"files": files}))
    assert values(finding) == {"present": 1}
    assert finding.caveats


def test_the_seal_reads_the_log(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    chain.append(log, "plan", "monday")
    chain.append(log, "trial", "tuesday")
    assert values(house.seal(log))["log_chain_valid"] == 1
    log.write_bytes(log.read_bytes().replace(b"monday", b"sunday"))
    broken = house.seal(log)
    assert values(broken)["log_chain_valid"] == 0
    assert "line 2" in broken.caveats[-1]
