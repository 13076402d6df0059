"""What travels inside report.pdf: the record, its evidence, and a list of digests of both.

The folder's manifest lists report.pdf and so cannot be inside it; ``SHA256SUMS`` takes its place
for the parts that the report rests on, and ``sha256sum -c SHA256SUMS`` checks them after
unpacking. The bytes depend on record and evidence alone.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.core.canonical import digest
from auditor.core.finding import Evidence
from auditor.core.record import Record
from auditor.writers.language import mark
from auditor.writers.record_json import FILE as RECORD
from auditor.writers.record_json import dump

SUMS = "SHA256SUMS"
EVIDENCE = "evidence.zip"
ROOM = 3 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Part:
    """A file to attach."""

    name: str
    data: bytes
    says: str


def parts(record: Record, out: Path) -> list[Part]:
    """Record, evidence and digests, in the order to attach them."""
    content = dump(record)
    files = _evidence(record)
    listed = {RECORD: digest(content)} | {file: each.sha256 for file, each in files.items()}
    sums = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(listed.items()))
    return [
        Part(RECORD, content, mark("The record of which this report is a view")),
        Part(EVIDENCE, _packed(out, files), mark("The evidence that the record names")),
        Part(SUMS, sums.encode(), mark("Digests of record and evidence, for sha256sum -c")),
    ]


def _evidence(record: Record) -> dict[str, Evidence]:
    named = {each.file: each for finding in record.findings for each in finding.evidence}
    return {file: named[file] for file in sorted(named) if "\n" not in file and "\\" not in file}


def _packed(out: Path, files: dict[str, Evidence]) -> bytes:
    """A ZIP of the evidence that is as recorded, small files first while there is room."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(_fitting(out, files)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def _fitting(out: Path, files: dict[str, Evidence]) -> Iterator[tuple[str, bytes]]:
    room = ROOM
    for file, each in sorted(files.items(), key=lambda item: (item[1].bytes, item[0])):
        path = out / "evidence" / Path(file).name
        if f"evidence/{path.name}" != file or not path.is_file() or path.stat().st_size > room:
            continue
        data = path.read_bytes()
        if digest(data) == each.sha256:
            room -= len(data)
            yield file, data
