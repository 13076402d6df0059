"""Forms of the nodes of a skops file: the keys that skops writes, and nodes where nodes belong.

Source: the files of skops 0.16, held against its writers by a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.intake.inert.log import shown
from auditor.intake.words import words

_EVERY = words("__class__ __module__ __loader__ __id__")
_HEAD = words("protocol _skops_version")
"""What the outermost node holds besides."""
_VERSION = re.compile(r"\d{1,3}(\.\w{1,9}){0,4}")
_KEYS = {
    "JsonNode": "content is_json", "DictNode": "content key_types", "TypeNode": "",
    "NdArrayNode": "type file content shape", "TreeNode": "content __reduce__",
    "LossNode": "content __reduce__", "CachedNode": "cached",
}  # fmt: skip
_KNOWN = words(
    """DefaultDictNode ListNode TupleNode SetNode ObjectNode DTypeNode MaskedArrayNode
    RandomStateNode RandomGeneratorNode"""
)
_PARTS = {
    "MaskedArrayNode": "data mask", "RandomGeneratorNode": "bit_generator seed_seq",
    "DefaultDictNode": "main default_factory",
}  # fmt: skip
"""Nodes under fixed keys of the content."""
_INNER = ("ObjectNode", "TreeNode", "LossNode", "DTypeNode", "RandomStateNode")
"""The content of these is one node."""


def look(node: dict[str, Any], outermost: bool) -> Iterator[str]:
    """What a node holds that skops would not write there."""
    loader = str(node.get("__loader__"))
    if loader in _KEYS or loader in _KNOWN:
        known = {*_EVERY, *_KEYS.get(loader, "content").split(), *(_HEAD if outermost else ())}
        for key in sorted({*node} - known):
            yield f"holds {shown(key, 60)!r}, which skops does not write there"
    version = node.get("_skops_version", "0")
    if outermost and not (isinstance(version, str) and _VERSION.fullmatch(version)):
        yield f"tells the version {shown(str(version), 60)!r}"
    inner = node.get("content")
    if loader in _INNER and inner is not None and not _is_node(inner):
        yield "has a content that is no node"
    if loader in _PARTS:
        wanted = {*_PARTS[loader].split()}
        if (
            not isinstance(inner, dict)
            or {*inner} - wanted
            or not all(map(_is_node, inner.values()))
        ):
            yield f"has another content than {' and '.join(_PARTS[loader].split())}"


def _is_node(value: object) -> bool:
    return isinstance(value, dict) and "__loader__" in value
