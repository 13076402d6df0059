"""The library has the structure that CISO Assistant's loader asks for.

Checked against intuitem/ciso-assistant-community: required keys of a library and the form of a URN
(``StoredLibrary.REQUIRED_FIELDS`` and ``URN_REGEX`` in ``backend/core/models.py``), unique URNs,
parents before children and names of at most 200 characters (``backend/library/builder.py``).
"""

from __future__ import annotations

import re

import yaml
from criteria_examples import CATALOGUE

from auditor.criteria.ciso_assistant import text

URN = re.compile(
    r"urn:[a-zA-Z0-9_-]+:[a-zA-Z0-9_-]+:[a-zA-Z0-9_-]+(:[a-zA-Z0-9_-]+)?:[0-9A-Za-z\[\]()._:-]+"
)
LIBRARY = yaml.safe_load(text(CATALOGUE))
FRAMEWORK = LIBRARY["objects"]["framework"]
NODES = FRAMEWORK["requirement_nodes"]


def test_the_library_has_what_the_loader_needs() -> None:
    assert {"urn", "name", "version", "objects", "ref_id", "locale"} <= set(LIBRARY)
    assert isinstance(LIBRARY["version"], int)
    assert LIBRARY["version"] > 0


def test_urns_are_well_formed_and_unique() -> None:
    urns = [LIBRARY["urn"], FRAMEWORK["urn"], *(node["urn"] for node in NODES)]
    assert all(URN.fullmatch(urn) for urn in urns)
    assert len(set(urns)) == len(urns)
    assert [urn.split(":")[3] for urn in urns[:3]] == ["library", "framework", "req_node"]


def test_nodes_are_a_tree_in_order() -> None:
    depths: dict[str, int] = {}
    for node in NODES:
        parent = node.get("parent_urn")
        assert node["depth"] == (depths[parent] + 1 if parent else 1)
        depths[node["urn"]] = node["depth"]
        assert isinstance(node["assessable"], bool)
        assert 0 < len(node["name"]) <= 200


def test_every_criterion_is_assessable_in_its_gate_group() -> None:
    groups = {group["ref_id"] for group in FRAMEWORK["implementation_groups_definition"]}
    found = {node["ref_id"]: node for node in NODES if node["assessable"]}
    assert list(found) == [criterion.id for criterion in CATALOGUE.criteria]
    for criterion in CATALOGUE.criteria:
        node = found[criterion.id]
        assert node["implementation_groups"] == [criterion.gate]
        assert set(node["implementation_groups"]) <= groups
        assert node["description"] == criterion.question
        for references in criterion.maps_to.values():
            assert all(reference.ref in node["annotation"] for reference in references)


def test_the_same_catalogue_gives_the_same_bytes() -> None:
    assert text(CATALOGUE) == text(CATALOGUE)
