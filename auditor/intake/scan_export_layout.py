"""The tables of weights of a .pt2 archive, its versions, and what its graph would overwrite.

Purpose: a weight lies inside the bytes of its own member, with sizes, strides and an offset that
are plain numbers; torch's own loader believes them.
Source: the layout that ``torch.export.save`` of torch 2.7 to 2.13 writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.scan_export_fields import DEVICES, DTYPES
from auditor.intake.scan_torchscript import UNWRITTEN
from auditor.intake.words import words
from auditor.intake.zips import Archive

_RECORDS = {
    "archive_format": (b"pt2",),
    "archive_version": (b"0", b"1", b"2"),
    "byteorder": (b"little",),
    ".data/byteorder": (b"little",),
}
_ENTRY = words("path_name is_param use_pickle tensor_meta")
_MEMBER = re.compile(r"(weight|tensor)_\d+")
_IN_PLACE = re.compile(r"torch\.ops\.aten\.[a-z]\w*[a-z0-9]_(\.\w+)?")


def check_layout(archive: Archive) -> None:
    """Versions, and every entry of the tables of weights.

    Raises:
        DeliveryError: ``dangerous`` for paths and expressions, else ``unsupported``.
    """
    for name in archive.members:
        short = name.partition("/")[2]
        if short in _RECORDS and archive.read(name).strip() not in _RECORDS[short]:
            raise _refused(f"The record {name!r:.80} is not one that torch writes.")
        if name.endswith("_config.json"):
            for key, entry in _entries(archive, name):
                _check_entry(f"{name} {key!r:.60}", entry)


def _entries(archive: Archive, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    table = json.loads(archive.read(name)).get("config")
    if not isinstance(table, dict) or not all(isinstance(e, dict) for e in table.values()):
        raise _refused(f"The table {name!r:.80} is malformed.")
    yield from table.items()


def _check_entry(where: str, entry: dict[str, Any]) -> None:
    path, meta = entry.get("path_name"), entry.get("tensor_meta")
    if not isinstance(path, str) or not _MEMBER.fullmatch(path):
        said = f"The weight {where} is to be read from {path!r:.80}, no weight of the archive."
        raise DeliveryError(said, "It was not read. Export the model again.", "dangerous")
    if strange := sorted(set(entry) - _ENTRY):
        raise _refused(f"The weight {where} has the key {strange[0]!r:.40}.")
    if not isinstance(meta, dict):
        return
    for number in (*meta.get("sizes", ()), *meta.get("strides", ()), meta.get("storage_offset")):
        whole = number.get("as_int") if isinstance(number, dict) else number
        if number is not None and (type(whole) is not int or not 0 <= whole < 1 << 48):
            raise _refused(f"The weight {where} has sizes that are no plain numbers.")
    _check_reach(where, meta)
    device = meta.get("device") or {}
    if isinstance(device, dict) and device.get("type", "cpu") not in DEVICES:
        raise _refused(f"The weight {where} is on the device {device.get('type')!r:.40}.")
    if meta.get("dtype") not in DTYPES:
        raise _refused(f"The weight {where} has the unknown type {meta.get('dtype')!r:.40}.")


def _check_reach(where: str, meta: dict[str, Any]) -> None:
    """As ``torch.export`` saves weights: each begins its own member, no value lies on another."""
    sizes = [size["as_int"] for size in meta.get("sizes", ())]
    strides = [stride["as_int"] for stride in meta.get("strides", ())]
    offset = (meta.get("storage_offset") or {}).get("as_int", 0)
    spread = len(sizes) != len(strides) or any(
        size > 1 and stride == 0 for size, stride in zip(sizes, strides, strict=False)
    )
    if offset or spread:
        raise _refused(f"The weight {where} lies across its bytes (offset {offset}).")


def check_mutations(document: dict[str, Any]) -> None:
    """No operator may overwrite an input or a weight.

    Raises:
        DeliveryError: ``unsupported`` names the operator.
    """
    module = document.get("graph_module", {})
    given = json.dumps(module.get("graph", {}).get("inputs", []))
    fixed = set(re.findall(r'"name": "(\w+)"', given))
    for node in module.get("graph", {}).get("nodes", []):
        first = json.dumps((node.get("inputs") or [{}])[0])
        names = re.findall(r'"name": "(\w+)"', first)
        if _IN_PLACE.fullmatch(str(node.get("target"))) and fixed.intersection(names):
            raise _refused(f"The graph overwrites {names[-1]!r:.60} by {node['target']!s:.80}.")


def shows_memory(target: object) -> bool:
    """True for an operator that shows memory which nobody wrote."""
    found = re.fullmatch(r"torch\.ops\.aten\.(\w+)(\.\w+)?", str(target))
    return found is not None and found[1] in UNWRITTEN


def _refused(said: str) -> DeliveryError:
    return DeliveryError(said, "Export the model again with torch.export.save.", "unsupported")
