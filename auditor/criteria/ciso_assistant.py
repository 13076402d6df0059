"""The catalogue as a library for CISO Assistant, so that an assessment can be kept there.

Format: a YAML library with one framework whose requirement nodes form a tree (intuitem/
ciso-assistant-community, documentation of the library format under ``tools`` and
``backend/core/models.py`` for the form of a URN). Criteria are assessable nodes under their subject
area, gates are implementation groups, and what a criterion maps to stands in its annotation.
Limits: outcomes are not carried over; CISO Assistant keeps its own answers.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from auditor.criteria.catalogue import Catalogue, Criterion

PACKAGER = "auditor"
GROUPS = {
    "blocking": "A failure stops the delivery",
    "conditional": "A failure sets conditions",
    "informative": "A failure informs",
}
AREAS = {
    "ID": "Identity and supply chain",
    "PLAN": "Plan and detection power",
    "ACC": "Accuracy",
    "ROB": "Robustness against errors and faults",
    "POI": "Poisoning and backdoors",
    "EVA": "Evasion",
    "CON": "Confidentiality",
    "DOC": "Documents and records",
    "OVS": "Human oversight",
}
OTHER = "Further criteria"


def library(catalogue: Catalogue) -> dict[str, Any]:
    """The library as plain data, in the order in which it is written."""
    header = catalogue.catalogue
    name = _slug(header.id)
    return {
        "urn": f"urn:{PACKAGER}:risk:library:{name}",
        "locale": header.language,
        "ref_id": header.id.upper(),
        "name": header.title,
        "description": f"{header.purpose} {header.not_a}",
        "copyright": "Apache-2.0; the frameworks mapped to belong to their publishers",
        "version": _version(header.version),
        "provider": PACKAGER,
        "packager": PACKAGER,
        "objects": {"framework": _framework(catalogue, name)},
    }


def text(catalogue: Catalogue) -> str:
    """The library as YAML; the same catalogue gives the same bytes."""
    return yaml.safe_dump(library(catalogue), sort_keys=False, allow_unicode=True, width=100)


def _framework(catalogue: Catalogue, name: str) -> dict[str, Any]:
    return {
        "urn": f"urn:{PACKAGER}:risk:framework:{name}",
        "ref_id": catalogue.catalogue.id.upper(),
        "name": catalogue.catalogue.title,
        "description": catalogue.catalogue.purpose,
        "implementation_groups_definition": [
            {"ref_id": gate, "name": gate.capitalize(), "description": said}
            for gate, said in GROUPS.items()
        ],
        "requirement_nodes": _nodes(catalogue, name),
    }


def _nodes(catalogue: Catalogue, name: str) -> list[dict[str, Any]]:
    """Each area followed by its criteria; parents always come first."""
    grouped: dict[str, list[Criterion]] = {}
    for criterion in catalogue.criteria:
        grouped.setdefault(_area(criterion), []).append(criterion)
    nodes: list[dict[str, Any]] = []
    for area, members in grouped.items():
        parent = f"urn:{PACKAGER}:risk:req_node:{name}:{_slug(area)}"
        nodes.append({"urn": parent, "assessable": False, "depth": 1, "name": area})
        nodes += [_node(catalogue, criterion, name, parent) for criterion in members]
    return nodes


def _area(criterion: Criterion) -> str:
    parts = criterion.id.split("-")
    return AREAS.get(parts[1], OTHER) if parts[0] == "TAC" else OTHER


def _node(catalogue: Catalogue, criterion: Criterion, name: str, parent: str) -> dict[str, Any]:
    return {
        "urn": f"urn:{PACKAGER}:risk:req_node:{name}:{_slug(criterion.id)}",
        "assessable": True,
        "depth": 2,
        "parent_urn": parent,
        "ref_id": criterion.id,
        "name": criterion.title,
        "description": criterion.question,
        "annotation": _annotation(catalogue, criterion),
        "typical_evidence": "; ".join(criterion.evidence) or "see the audit's record",
        "implementation_groups": [criterion.gate],
    }


def _annotation(catalogue: Catalogue, criterion: Criterion) -> str:
    lines = [f"Severity if failed: {criterion.severity}. Next step: {criterion.next_step}"]
    for framework, references in criterion.maps_to.items():
        held = catalogue.frameworks[framework]
        listed = (f"{r.ref} ({r.relation})" if r.relation else r.ref for r in references)
        lines.append(f"{held.title}, {held.edition}: {'; '.join(listed)}")
    return "\n".join(lines)


def _slug(text: str) -> str:
    """Lower case letters, digits, points and hyphens, as a URN may hold."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def _version(text: str) -> int:
    """A whole number that grows with the catalogue's version.

    >>> _version("1.2.3")
    10203
    """
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return max(1, major * 10_000 + minor * 100 + patch)
