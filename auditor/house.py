"""Findings that need no model: what the auditing side itself knows and did.

Identity of the delivery, the result of the static scan, the plan's commitment and the seal of the
evidence. They are findings like any other, so that the criteria read one kind of thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Measure, Status, as_measure
from auditor.core.spec import Delivery

HARMFUL = "dangerous"
UNREADABLE = "unreadable"


def identity(delivery: Delivery, declared_sha256: str | None, model: str) -> Finding:
    """``artefact.hash``: every file is hashed; the vendor's digest is compared where given.

    Args:
        delivery: as received.
        declared_sha256: of the whole delivery or of the model file.
        model: name of the model file in the delivery.
    """
    own = {delivery.sha256, *(file.sha256 for file in delivery.files if file.path == model)}
    measures: dict[str, Measure | float | bool] = {
        "complete": bool(delivery.files),
        "declared_present": declared_sha256 is not None,
    }
    if declared_sha256 is not None:
        measures["matches_declared"] = declared_sha256.lower() in own
    table = [file.model_dump() for file in delivery.files]
    return _finding("artefact.hash", "Identity of the delivered files", measures, {"files": table})


def static_scan(scan: Mapping[str, Any]) -> Finding:
    """``artefact.unsafe_load`` of a delivery that was opened."""
    measures: dict[str, Measure | float | bool] = {
        "scanned": True,
        "dangerous_ops": float(scan["dangerous"]),
        "suspicious_ops": float(scan["suspicious"]),
        "safe_format": bool(scan["safe_format"]),
    }
    return _finding(
        "artefact.unsafe_load",
        "Static scan before loading",
        measures,
        {},
        tuple(str(note) for note in scan["notes"]),
    )


def refusal(error: DeliveryError) -> Finding:
    """``artefact.unsafe_load`` of a delivery that was not opened, in the reader's words."""
    if error.kind != HARMFUL:
        status = Status.ERROR if error.kind == UNREADABLE else Status.SKIPPED
        return Finding(
            probe="artefact.unsafe_load",
            title="Static scan before loading",
            status=status,
            reason=str(error),
        )
    measures: dict[str, Measure | float | bool] = {
        "scanned": True,
        "dangerous_ops": 1.0,
        "suspicious_ops": 0.0,
        "safe_format": False,
    }
    return _finding(
        "artefact.unsafe_load", "Static scan before loading", measures, {}, (str(error),)
    )


def commitment() -> Finding:
    """``plan.commitment``: the plan was written and digested before the first trial, not signed."""
    measures: dict[str, Measure | float | bool] = {
        "present": True,
        "signed": False,
        "timestamped_before_run": False,
        "rationale_present": False,
        "changed_after_commit": False,
    }
    caveat = "The plan's time is this machine's clock; no time-stamping authority vouches for it."
    return _finding("plan.commitment", "Plan fixed before testing", measures, {}, (caveat,))


def no_retest() -> Finding:
    """``retest.closure``: no earlier audit was named, so there is nothing to close."""
    return _finding("retest.closure", "Retest of earlier findings", {"required": False}, {})


def seal(order: Mapping[str, str | bool] | None = None) -> Finding:
    """``record.seal``: evidence is content-addressed and listed in a manifest that may be signed.

    Args:
        order: how the folder will be signed once the record is written; None for not at all.
    """
    measures: dict[str, Measure | float | bool] = {
        "bundle_hashed": True,
        "signed": order is not None,
        "timestamped": bool(order and order["timestamped"]),
        "retention_years": 0.0,
    }
    caveat = "The manifest shows a change to anybody who kept its digest; it is not signed."
    if order is not None:
        caveat = (
            "The record is written before it is signed; `auditor verify` shows whether the "
            "signature that it promises is there."
        )
    tables = {} if order is None else {"seal": [dict(order)]}
    return _finding("record.seal", "Integrity of the evidence", measures, tables, (caveat,))


def _finding(
    probe: str,
    title: str,
    measures: Mapping[str, Measure | float | bool],
    tables: Mapping[str, list[dict[str, Any]]],
    caveats: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        probe=probe,
        title=title,
        status=Status.COMPLETE,
        measures={name: as_measure(value) for name, value in measures.items()},
        tables=dict(tables),
        caveats=caveats,
    )
