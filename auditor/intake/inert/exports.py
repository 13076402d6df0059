"""Programs of ``torch.export``: what their members hold, and what checks of their graph say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import prod

from auditor.core.errors import DeliveryError
from auditor.intake.inert import export_flow, records, steep
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.statistics import examine
from auditor.intake.inert.torch_files import Inner
from auditor.intake.inert.values import ITEM_SIZES
from auditor.intake.inert.ziplayout import Layout, content
from auditor.intake.report import ScanReport
from auditor.intake.scan_export import OLD_EXPORT, check_document, check_export, read_graph
from auditor.intake.zips import Archive

_EXPORT_DTYPES = {1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16",
                  7: "float32", 8: "float64", 10: "complex64", 11: "complex128", 12: "bool",
                  13: "bfloat16", 28: "uint16"}  # fmt: skip


def export(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    archive = Archive(view, found, log.part, log.budget)
    records.look(view, found, log, inner)
    for name, member in archive.members.items():
        pickled = name.endswith(("data/weights/model.pt", "data/constants/model.pt"))
        if pickled or "data/sample_inputs/" in name or "/extra/" in name:
            data = content(view, member, log.budget)
            if len(data):
                inner(data, name, log)
    if checked(check_export, archive, log):
        document = read_graph(archive)
        export_flow.follow(document, archive, log)
        checked(lambda _: _held_against_schemas(document), archive, log)
    _export_weights(archive, log)
    nodes = archive.read(next(n for n in archive.members if n.endswith("models/model.json")))
    log.shared.architecture = f"torch.export graph of {nodes.count(b'torch.ops.aten.')} operators"


def _held_against_schemas(document: dict[str, object]) -> ScanReport:
    """What the interpreter of the audit refuses; only that needs torch."""
    from auditor.intake.exported.program import check

    check(document)
    return ScanReport()


def old_export(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    """The layout of torch 2.1 to 2.6, which no reader here loads."""
    archive = Archive(view, found, log.part, log.budget)
    what = f"it holds {OLD_EXPORT}, the layout of torch.export before torch 2.7"
    log.add("not_audited", "model.old", what, None, OLD_EXPORT)
    for name, member in archive.members.items():
        inner(content(view, member, log.budget), name, log)
        if name.endswith("program.json"):
            checked(lambda archive, name=name: check_document(archive, name), archive, log)  # type: ignore[misc]


def checked(check: Callable[[Archive], ScanReport], archive: Archive, log: Log) -> bool:
    """Write down what a check says; False if it refused."""
    try:
        report = check(archive)
    except DeliveryError as error:
        level = "danger" if error.kind == "dangerous" else "not_audited"
        log.add(level, f"model.{error.kind}", error.message.rstrip("."))  # type: ignore[arg-type]
        return False
    for note in report.notes:
        log.add("suspicious", "model.odd", note.rstrip("."))
    return True


def _export_weights(archive: Archive, log: Log) -> None:
    used: set[str] = set()
    for name in [n for n in archive.members if n.endswith("_config.json")]:
        folder = name.rpartition("/")[0]
        try:
            config = json.loads(archive.read(name))["config"]
            rows = [(k, f"{folder}/{e['path_name']}", e["tensor_meta"]) for k, e in config.items()]
            for key, path, meta in rows:
                used.add(path)
                _export_weight(archive, key, path, meta, log)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise Damaged(f"{shown(name)} is malformed") from error
    for name in archive.members:
        if re.search(r"/(weights|constants)/(weight|tensor)_\d+$", name) and name not in used:
            what = f"the member {shown(name)} belongs to no tensor"
            log.add("suspicious", "zip.member", what, None, name)


def _export_weight(
    archive: Archive, key: str, path: str, meta: dict[str, object], log: Log
) -> None:
    if path not in archive.members:
        raise Damaged(f"the weight {shown(path)} is missing")
    data = content(archive.view, archive.members[path], log.budget)
    sizes = [size["as_int"] for size in meta["sizes"]]  # type: ignore[attr-defined]
    dtype = _EXPORT_DTYPES.get(int(meta["dtype"]), "unknown")  # type: ignore[call-overload]
    if not all(type(size) is int and 0 <= size < 1 << 40 for size in sizes):
        raise Damaged(f"the weight {shown(key)} has absurd sizes")
    if prod(sizes) * ITEM_SIZES.get(dtype, 1) > len(data):
        raise Damaged(f"the weight {shown(key)} claims more values than the file holds")
    examine(key, dtype, tuple(sizes), data, log)
    steep.look(key, dtype, tuple(sizes), data, log)
