"""A scan as SARIF 2.1.0, for code-scanning dashboards.

Source: OASIS Static Analysis Results Interchange Format 2.1.0. Files are relative URIs, offsets
are ``region.byteOffset``; members of archives are logical locations.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from auditor import __version__
from auditor.core.scan import Level, Part, Problem, Scan
from auditor.writers.sarif import message

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS: dict[Level, str] = {"danger": "error", "not_audited": "warning", "suspicious": "warning"}
RULES = {
    "budget": "The file needs more time, memory or nesting than a scan gives it",
    "card": "The model card asks for more than facts about the model",
    "config": "The configuration asks a loader for code",
    "damaged": "The file is damaged",
    "estimator": "The numbers of an estimator contradict each other or its class",
    "file": "The file is in no format that can be read",
    "graph": "The graph of the program decides, mixes inputs or reaches outside",
    "json": "A JSON file is damaged",
    "model": "The program inside the model was refused",
    "name": "The name of a file misleads its reader",
    "numpy": "The array holds pickled objects",
    "onnx": "The ONNX file holds what cannot be audited",
    "pickle": "The pickle asks for more than data",
    "script": "The program decides, mixes inputs or reaches outside",
    "skops": "The skops file asks for more than an estimator's state",
    "signature": "The vendor's signature does not match the delivery",
    "tar": "The file is a tar archive",
    "tensor": "The bytes of a tensor are not what weights are",
    "text": "The delivery holds a program's source, or a text that makes a reader run one",
    "toml": "A TOML file is damaged",
    "zip": "The zip can be understood in two ways",
}


def scan_sarif(scan: Scan) -> bytes:
    """The SARIF log as JSON."""
    results = [_result(problem, part) for part in scan.parts for problem in part.problems]
    rules = sorted({problem.rule for problem in scan.problems})
    run = {
        "tool": {"driver": {"name": "auditor", "version": __version__,
                            "rules": [_rule(rule) for rule in rules]}},
        "artifacts": [_artifact(part) for part in scan.parts],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "exitCode": scan.exit_code}],
    }  # fmt: skip
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _rule(rule: str) -> dict[str, Any]:
    text = RULES.get(rule.partition(".")[0], "Something in the delivery was not understood")
    return {"id": rule, "shortDescription": {"text": f"{text}."}}


def _artifact(part: Part) -> dict[str, Any]:
    artifact: dict[str, Any] = {"location": {"uri": _uri(part.path)}, "length": part.bytes}
    return artifact | ({"hashes": {"sha-256": part.sha256}} if part.sha256 else {})


def _result(problem: Problem, part: Part) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(part.path)}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if problem.offset is not None and "!" not in problem.part:
        physical["region"] = {"byteOffset": problem.offset}
    inside = problem.part.partition("!")[2]
    if inside or problem.name:
        logical = {"name": problem.name or inside, "fullyQualifiedName": problem.part}
        location["logicalLocations"] = [logical]
    properties = {"offset": problem.offset} if problem.offset is not None else {}
    return {
        "ruleId": problem.rule,
        "level": LEVELS[problem.level],
        "message": message(f"{problem.message} {problem.hint}".strip()),
        "locations": [location],
        "properties": {"auditor/level": problem.level, **properties},
    }


def _uri(path: str) -> str:
    return quote(path, safe="/._-~")
