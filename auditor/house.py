"""Findings that need no model: what the auditing side itself knows and did.

Identity of the delivery, the result of the static scan, the plan's commitment and the seal of the
evidence. They are findings like any other, so that the criteria read one kind of thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.core import chain
from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Measure, Status, as_measure
from auditor.core.plan import Policy
from auditor.core.spec import Delivery

HARMFUL = "dangerous"
UNREADABLE = "unreadable"
SIGNATURES = (".sig", ".asc", ".minisig", ".sigstore", ".sigstore.json", ".p7s", ".intoto.jsonl")
BILLS = (".cdx.json", ".cdx.xml", "bom.json", "bom.xml", ".spdx", ".spdx.json")
UNSTAMPED = "The plan's time is this machine's clock; no time-stamping authority vouches for it."


def identity(
    delivery: Delivery,
    declared_sha256: str | None,
    model: str,
    tensors: Sequence[dict[str, Any]] = (),
) -> Finding:
    """``artefact.hash``: every file is hashed; the vendor's digest is compared where given.

    Args:
        delivery: as received.
        declared_sha256: of the whole delivery or of the model file.
        model: name of the model file in the delivery.
        tensors: digest of each tensor of the opened model.
    """
    own = {delivery.sha256, *(file.sha256 for file in delivery.files if file.path == model)}
    measures: dict[str, Measure | float | bool] = {
        "complete": bool(delivery.files),
        "declared_present": declared_sha256 is not None,
    }
    if declared_sha256 is not None:
        measures["matches_declared"] = declared_sha256.lower() in own
    tables = {"files": [file.model_dump() for file in delivery.files]}
    if tensors:
        tables["tensors"] = list(tensors)
    return _finding("artefact.hash", "Identity of the delivered files", measures, tables)


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


def signature(delivery: Delivery) -> Finding:
    """``artefact.signature``: whether a signature came along; it is not verified."""
    found = [file for file in delivery.files if file.path.lower().endswith(SIGNATURES)]
    table = {"signatures": [file.model_dump() for file in found]} if found else {}
    caveat = "A signature file is there; this tool did not verify it." if found else ""
    return _finding(
        "artefact.signature",
        "Signature of the publisher",
        {"present": bool(found)},
        table,
        (caveat,) if caveat else (),
    )


def bill(delivery: Delivery) -> Finding:
    """``artefact.bom``: whether a bill of materials came along; it is not opened."""
    found = [file for file in delivery.files if file.path.lower().endswith(BILLS)]
    table = {"bills": [file.model_dump() for file in found]} if found else {}
    return _finding("artefact.bom", "Bill of materials", {"present": bool(found)}, table)


@dataclass(frozen=True)
class Commitment:
    """What is known about when the plan was fixed.

    Args:
        committed: time by this machine's clock.
        first_trial: the same, of the first trial.
        signed_by: id of the key whose signature was checked; empty where none was.
        stamped: time by an authority's clock; empty where there is none.
        authority: who stamped it.
        trusted: the authority's certificate was checked against a root that was given.
        caveats: sentences on what could not be checked.
    """

    committed: str
    first_trial: str
    signed_by: str = ""
    stamped: str = ""
    authority: str = ""
    trusted: bool = False
    caveats: tuple[str, ...] = ()


def commitment(held: Commitment, policy: Policy) -> Finding:
    """``plan.commitment``: when the plan was fixed, by whose clock, and whether it gives reasons.

    ``changed_after_commit`` is false because the audit refuses to run another plan.
    """
    measures: dict[str, Measure | float | bool] = {
        "present": True,
        "signed": bool(held.signed_by),
        "timestamped_before_run": bool(
            held.stamped and held.trusted and _time(held.stamped) < _time(held.first_trial)
        ),
        "rationale_present": set(policy.parameters) <= set(policy.reasons),
        "changed_after_commit": False,
    }
    tables = {"signature": [{"key": held.signed_by}]} if held.signed_by else {}
    caveats = held.caveats if held.stamped else (*held.caveats, UNSTAMPED)
    return _finding("plan.commitment", "Plan fixed before testing", measures, tables, caveats)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def no_retest() -> Finding:
    """``retest.closure``: no earlier audit was named, so there is nothing to close."""
    return _finding("retest.closure", "Retest of earlier findings", {"required": False}, {})


def seal(log: Path | None = None, order: Mapping[str, str | bool] | None = None) -> Finding:
    """``record.seal``: evidence is content-addressed and listed in a manifest that may be signed.

    Args:
        log: the audit's chained log; None where the audit ended before it had one.
        order: how the folder will be signed once the record is written; None for not at all.
    """
    measures: dict[str, Measure | float | bool] = {
        "bundle_hashed": True,
        "signed": order is not None,
        "timestamped": bool(order and order["timestamped"]),
    }
    problems: list[str] = []
    if log is not None:
        problems = chain.problems(log)
        measures["log_chain_valid"] = not problems
    caveat = "The manifest shows a change to anybody who kept its digest; it is not signed."
    if order is not None:
        caveat = (
            "The record is written before it is signed; `auditor verify` shows whether the "
            "signature that it promises is there."
        )
    tables = {} if order is None else {"seal": [dict(order)]}
    broken = tuple(f"{log.name if log else ''}: {problem}." for problem in problems)
    title = "Integrity of the evidence"
    return _finding("record.seal", title, measures, tables, (caveat, *broken))


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
