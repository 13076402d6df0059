"""What an entry says about its audit: what was planned, what ran, what was judged.

It is taken from record.json by name alone, so that an entry can be read, searched and checked in
ten years by a version that no longer knows the record's schema. It repeats no free text except
the item's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from auditor.writers.amounts import parse_time
from auditor.writers.text import clean
from auditor.writers.view import report_number

NAME_LIMIT = 120
Json = dict[str, Any]


def statement(record: Mapping[str, Any], record_sha256: str) -> Json:
    """The statement for a record of schema ``auditor/record/1``.

    Args:
        record: the document as parsed JSON.
        record_sha256: digest of the file's bytes.
    """
    return {
        "number": report_number(record_sha256),
        "record_sha256": record_sha256,
        "delivery": _delivery(record["delivery"]),
        "clean_sha256": _sha256((record["data"] or {}).get("sha256")),
        "planned": _planned(record),
        "ran": _ran(record),
        "judged": _judged(record),
    }


def moment(text: str) -> str:
    """A time of the record in one form (ISO 8601, UTC), empty if it is none.

    >>> moment("2026-11-22T03:55:27.444+02:00"), moment("yesterday")
    ('2026-11-22T01:55:27.444+00:00', '')
    """
    when = parse_time(text)
    if when is None or when.tzinfo is None:
        return ""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def _sha256(value: object) -> str:
    """A digest in lower-case hex, empty if it is none."""
    return str(value) if re.fullmatch(r"[0-9a-f]{64}", str(value)) else ""


def _delivery(delivery: Mapping[str, Any]) -> Json:
    return {
        "name": clean(delivery["name"], NAME_LIMIT),
        "sha256": _sha256(delivery["sha256"]),
        "bytes": delivery["bytes"],
        "format": clean(delivery["format"], 40),
    }


def _planned(record: Mapping[str, Any]) -> Json:
    plan = record["plan"] or {}
    policy = plan.get("policy", {})
    return {
        "at": moment(record["timing"]["planned"]),
        "plan_sha256": _sha256(record["plan_sha256"]),
        "profile": clean(plan.get("profile", ""), 40),
        "policy": clean(policy.get("name", ""), 60),
        "policy_sha256": _sha256(policy.get("sha256")),
        "catalogue": clean(plan.get("catalogue", ""), 80),
        "trials": len(plan.get("trials", ())),
        "skips": len(plan.get("skips", ())),
    }


def _ran(record: Mapping[str, Any]) -> Json:
    states = Counter(str(finding["status"]) for finding in record["findings"])
    return {
        "first_trial": moment(record["timing"]["first_trial"]),
        "finished": moment(record["timing"]["finished"]),
        "findings": dict(sorted(states.items())),
        "auditor": clean(record["provenance"]["auditor"], 40),
    }


def _judged(record: Mapping[str, Any]) -> Json:
    outcomes = Counter(str(verdict["outcome"]) for verdict in record["verdicts"])
    return {
        "opinion": clean(record["opinion"]["outcome"], 40),
        "gate": clean(record["opinion"]["gate"], 40),
        "outcomes": dict(sorted(outcomes.items())),
        "backdoor": _backdoor(record["backdoor"]),
    }


def _backdoor(backdoor: Mapping[str, Any]) -> str:
    if backdoor["detected"]:
        return "found"
    return "not assessed" if backdoor["p_value"] is None else "not found"
