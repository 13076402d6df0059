"""exports/in-toto.json: an in-toto Statement with the predicate test-result/v0.1.

Unsigned here; ``auditor audit --sign`` puts the same bytes into a DSSE envelope beside it.
``result`` is PASSED, WARNED (accept with conditions) or FAILED; inconclusive is FAILED, because a
gate that reads only this word must not let it pass.

Source: in-toto Attestation Framework, Statement v1 and test-result v0.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.core.criterion import Outcome, Verdict
from auditor.core.record import Record
from auditor.writers.exported import is_digest, line, record_digest, token, write_json

FILE = "in-toto.json"
SIGNED = "in-toto.dsse.json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
RESULTS = {"accept": "PASSED", "accept_with_conditions": "WARNED"}
FAILED = (Outcome.FAIL, Outcome.NOT_ASSESSED)


def write(record: Record, out: Path) -> Path:
    """Write ``<out>/exports/in-toto.json``."""
    return write_json(statement(record), out, FILE)


def statement(record: Record) -> dict[str, Any]:
    """The statement as JSON types."""
    return {
        "_type": STATEMENT,
        "subject": _subjects(record),
        "predicateType": PREDICATE,
        "predicate": {
            "result": RESULTS.get(record.opinion.gate, "FAILED"),
            "configuration": _configuration(record),
            "passedTests": _names(record, (Outcome.PASS,)),
            "warnedTests": _names(record, (Outcome.CONCERN,)),
            "failedTests": _names(record, FAILED),
        },
    }


def _subjects(record: Record) -> list[dict[str, Any]]:
    """The delivered files; the record where none has a digest."""
    files = [(f.path, f.sha256) for f in record.delivery.files if is_digest(f.sha256)]
    return [_resource(*each) for each in files or [("record.json", record_digest(record))]]


def _configuration(record: Record) -> list[dict[str, Any]]:
    parts = [("record.json", record_digest(record)), ("plan", record.plan_sha256)]
    if record.plan is not None:
        parts.append((f"policy {record.plan.policy.name}", record.plan.policy.sha256))
    return [_resource(name, sha256) for name, sha256 in parts if is_digest(sha256)]


def _resource(name: str, sha256: str) -> dict[str, Any]:
    return {"name": line(name, 200), "digest": {"sha256": sha256}}


def _names(record: Record, outcomes: tuple[Outcome, ...]) -> list[str]:
    def name(verdict: Verdict) -> str:
        suffix = " (not assessed)" if verdict.outcome is Outcome.NOT_ASSESSED else ""
        return f"{token(verdict.criterion)}{suffix}"

    return [name(verdict) for verdict in record.verdicts if verdict.outcome in outcomes]
