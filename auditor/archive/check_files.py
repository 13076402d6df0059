"""Compares every archived file with its digest, and every entry with what its files say."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.archive.blobs import INCOMING, Blobs, name_of
from auditor.archive.entry import Entry, Json
from auditor.archive.problems import Kind, Report
from auditor.archive.retention import Keeping
from auditor.archive.statement import statement
from auditor.core.canonical import CHUNK
from auditor.core.record import SCHEMA
from auditor.writers import manifest, record_json

BLOB_NAME = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")


@dataclass
class FileCheck:
    """Reads each file once, however many entries share it."""

    blobs: Blobs
    report: Report
    owners: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str | None] = field(default_factory=dict)

    def run(self, entries: Mapping[int, Entry], keepings: Mapping[int, Keeping]) -> None:
        """Check all audits whose files are kept, then what else lies there."""
        kept = {n: entry for n, entry in entries.items() if keepings[n].disposed is None}
        for seq, entry in entries.items():
            for file in entry.files:
                self.owners.setdefault(file["sha256"], f"{file['path']} of entry {seq}")
        for seq, entry in kept.items():
            self.entry(seq, entry)
        live = {name_of(file["sha256"]) for entry in kept.values() for file in entry.files}
        self.report.disposed = len(entries) - len(kept)
        self._strays(live)

    def entry(self, seq: int, entry: Entry) -> None:
        """Check one audit."""
        bad = [file for file in entry.files if not self._good(seq, entry, file)]
        if not bad:
            self._agrees(seq, entry)

    def _good(self, seq: int, entry: Entry, file: Json) -> bool:
        stated = str(file["sha256"])
        where = f"entry {seq} ({entry.body['statement']['number']}), {file['path']}"
        found = self._digest(stated)
        self.report.files += 1
        if found is None:
            self.report.add(Kind.MISSING_FILE, where, "the file is gone, and no disposal says so")
        elif found in self.owners and found != stated:
            self.report.add(Kind.SWAPPED_FILE, where, f"it holds {self.owners[found]}")
        elif found != stated:
            self.report.add(Kind.CHANGED_FILE, where, f"its content has SHA-256 {found[:12]}…")
        elif self.blobs.size(stated) != file["bytes"]:
            self.report.add(Kind.CONTRADICTION, where, "the entry states another size")
        return found == stated

    def _digest(self, stated: str) -> str | None:
        if stated not in self.seen:
            self.seen[stated] = content_digest(self.blobs, stated)
        return self.seen[stated]

    def _agrees(self, seq: int, entry: Entry) -> None:
        """Whether the record and the manifest say what the entry says of them."""
        sums = {file["path"]: file["sha256"] for file in entry.files}
        record = self._json(sums.get(record_json.FILE))
        said = entry.body["statement"]
        if said["record_sha256"] != sums.get(record_json.FILE):
            self.report.add(Kind.CONTRADICTION, f"entry {seq}", "it names another record.json")
        elif record.get("schema") == SCHEMA and not _same(said, record):
            self.report.add(Kind.CONTRADICTION, f"entry {seq}", "its record.json says otherwise")
        listed = self._json(sums.get(manifest.FILE)).get("files", [])
        if any(sums.get(file["path"]) != file["sha256"] for file in listed):
            self.report.add(Kind.CONTRADICTION, f"entry {seq}", "its manifest.json says otherwise")

    def _json(self, sha256: str | None) -> Json:
        try:
            with self.blobs.open(sha256 or "") as stream:
                content = json.loads(stream.read())
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def _strays(self, live: set[str]) -> None:
        strays = [name for name in self.blobs.names() if name not in live]
        odd = [n for n in strays if not (BLOB_NAME.fullmatch(n) or n.startswith(f"{INCOMING}/"))]
        if len(strays) > len(odd):
            self.report.notes.append(
                f"{len(strays) - len(odd)} file(s) belong to no entry: left by an interrupted "
                "command or waiting for `auditor archive retain --sweep`."
            )
        for name in odd[:20]:
            self.report.notes.append(
                f"{name!r:.120} lies among the files but is not the archive's."
            )


def _same(said: Json, record: Mapping[str, Any]) -> bool:
    """Whether the facts of a statement, not its free text, are those of the record."""
    try:
        again = statement(record, said["record_sha256"])
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
    return bool(
        said["judged"] == again["judged"]
        and said["ran"]["finished"] == again["ran"]["finished"]
        and said["planned"]["plan_sha256"] == again["planned"]["plan_sha256"]
        and said["delivery"]["sha256"] == again["delivery"]["sha256"]
        and said["number"] == again["number"]
    )


def content_digest(blobs: Blobs, stated: str) -> str | None:
    """SHA-256 of what lies where a file of digest ``stated`` should; None if nothing does."""
    state = hashlib.sha256()
    try:
        with blobs.open(stated) as stream:
            while block := stream.read(CHUNK):
                state.update(block)
    except FileNotFoundError:
        return None
    return state.hexdigest()
