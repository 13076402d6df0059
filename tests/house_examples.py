"""Every finding that the house itself makes, as of an audit in which all went well."""

from __future__ import annotations

import tempfile
from pathlib import Path

from auditor import house
from auditor.core import chain
from auditor.core.finding import Finding
from auditor.core.spec import DeliveredFile, Delivery, InputSpec, ModelFacts
from auditor.criteria.load import policy

DELIVERY = Delivery(
    name="m", sha256="a", bytes=1, format="safetensors",
    files=(DeliveredFile(path="m", bytes=1, sha256="a"),),
)  # fmt: skip
FACTS = ModelFacts(
    spec=InputSpec(kind="image", shape=(1, 8, 8), classes=10), format="safetensors",
    parameters=1, architecture="small_cnn", layers=1,
)  # fmt: skip
SCAN = {"dangerous": 0, "suspicious": 0, "safe_format": True, "notes": []}
HELD = house.Commitment("2026-01-01T10:00:00+00:00", "2026-01-01T10:00:05+00:00")


def house_findings() -> tuple[Finding, ...]:
    """One finding of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events.jsonl"
        chain.append(log, "plan", "now")
        sealed = house.seal(log)
    return (
        house.identity(DELIVERY, "a", "m"),
        house.signature(DELIVERY),
        house.static_scan(SCAN),
        house.bill(DELIVERY),
        house.commitment(HELD, policy("baseline")),
        house.no_retest(),
        sealed,
    )
