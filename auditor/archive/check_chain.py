"""Walks the chain link by link: hashes, order, dates, signatures, search rows, retention."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.archive import heads
from auditor.archive.entry import ORIGIN, Entry, Json, audit_row, mark_row, merkle_root
from auditor.archive.ledger import SKEW
from auditor.archive.problems import Kind, Report
from auditor.archive.retention import KINDS, Keeping
from auditor.core.canonical import digest

if TYPE_CHECKING:
    from auditor.signing.dsse import PublicKey

Rows = dict[int, Json]


@dataclass
class ChainWalk:
    """State of the walk; call ``step`` for each row in order of ``seq``, then ``finish``.

    Args:
        trusted: keys given from outside; None takes those that the chain introduces.
        audits, marks: the search rows by ``seq``; what is left at the end is foreign.
        head_files: the archive's folder of heads.
    """

    report: Report
    archive: str
    now: datetime
    trusted: dict[str, PublicKey] | None
    audits: Rows
    marks: Rows
    head_files: Path
    keys: dict[str, PublicKey] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    keepings: dict[int, Keeping] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    headless: list[int] = field(default_factory=list)
    last: Entry | None = None

    def step(self, seq: int, stated: Any, text: Any, envelope: Any) -> None:
        """One row of table ``entries``."""
        self._gap(seq)
        where = f"entry {seq}"
        found = digest(str(text).encode("utf-8", "surrogatepass"))
        if found != stated:
            self.report.add(
                Kind.CHANGED_ENTRY,
                where,
                f"its document has hash {found[:12]}…, not {stated!s:.12}…",
            )
        self.hashes.append(found)
        self.report.entries += 1
        try:
            entry = Entry.read(str(text), str(envelope))
            self._link(seq, entry)
            self._dates(where, entry)
            self._signature(where, entry)
            self._head_file(seq, entry)
            self._rows(where, seq, entry)
            self._meaning(where, seq, entry)
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
            self.report.add(Kind.CHANGED_ENTRY, where, "what it holds is not an entry's document")
            return
        self.last = entry

    def _gap(self, seq: int) -> None:
        expected = len(self.hashes)
        if seq > expected:
            some = (
                f"entry {expected}" if seq == expected + 1 else f"entries {expected} to {seq - 1}"
            )
            self.report.add(Kind.MISSING_ENTRY, some, "removed from the chain")
            self.hashes += [""] * (seq - expected)

    def _link(self, seq: int, entry: Entry) -> None:
        where = f"entry {seq}"
        if entry.seq != seq:
            self.report.add(
                Kind.REORDERED, where, f"the document of entry {entry.seq} stands in its place"
            )
        if entry.document["archive"] != self.archive:
            self.report.add(Kind.OTHER_ARCHIVE, where, "it belongs to another archive")
        before = self.hashes[seq - 1] if seq else ORIGIN
        if entry.document["previous"] != before:
            self.report.add(Kind.BROKEN_LINK, where, "it does not follow the entry before it")
        if (entry.kind == "genesis") != (seq == 0):
            self.report.add(Kind.REORDERED, where, "a genesis can only be the first entry")

    def _dates(self, where: str, entry: Entry) -> None:
        added = datetime.fromisoformat(entry.added)
        if self.last and added < datetime.fromisoformat(self.last.added):
            self.report.add(Kind.BACK_DATED, where, f"dated {entry.added}, before its predecessor")
        if added > self.now + SKEW + timedelta(days=1):
            self.report.add(Kind.FUTURE, where, f"dated {entry.added}, which is in the future")
        if entry.kind == "audit":
            finished = entry.body["statement"]["ran"]["finished"]
            if finished and datetime.fromisoformat(finished) > added + SKEW:
                self.report.add(
                    Kind.BACK_DATED, where, f"dated {entry.added}, before its audit ended"
                )

    def _signature(self, where: str, entry: Entry) -> None:
        introduced = heads.introduced(entry)
        fresh = heads.keys_from_pem(introduced) if introduced else {}
        if entry.kind == "genesis":
            self.keys |= fresh
        keys = self.keys if self.trusted is None else self.trusted
        wrong = heads.fault(entry, keys) if entry.envelope else None
        if wrong:
            self.report.add(Kind.SIGNATURE, where, wrong)
        elif keys and not entry.envelope:
            self.report.add(Kind.UNSIGNED, where, "it is not signed")
        else:
            self.keys |= fresh

    def _head_file(self, seq: int, entry: Entry) -> None:
        file = self.head_files / heads.file_name(seq)
        try:
            if file.read_bytes() != heads.stored(entry):
                self.report.add(Kind.HEAD, f"entry {seq}", f"differs from {file.name} in heads/")
        except FileNotFoundError:
            self.headless.append(seq)

    def _rows(self, where: str, seq: int, entry: Entry) -> None:
        table, expected = (
            (self.audits, audit_row(entry))
            if entry.kind == "audit"
            else (self.marks, mark_row(entry))
        )
        found = table.pop(seq, None)
        if found is None:
            self.report.add(Kind.INDEX, where, "its search row is missing")
        elif found != expected | {"seq": seq}:
            wrong = ", ".join(sorted(key for key in found if found[key] != expected.get(key)))
            self.report.add(Kind.INDEX, where, f"its search row was edited ({wrong})")

    def _meaning(self, where: str, seq: int, entry: Entry) -> None:
        if entry.kind == "audit":
            if merkle_root(entry.files) != entry.body["merkle_root"]:
                self.report.add(
                    Kind.CONTRADICTION, where, "its Merkle root is not that of its files"
                )
            self.keepings[seq] = Keeping(str(entry.body["retain_until"]))
            self.entries[seq] = entry
        elif entry.kind in KINDS:
            self._retention(where, entry)

    def _retention(self, where: str, entry: Entry) -> None:
        target = int(entry.body["target"])
        keeping = self.keepings.get(target)
        if keeping is None:
            self.report.add(Kind.RETENTION, where, f"entry {target} is no audit before it")
            return
        try:
            self.keepings[target] = keeping.after(entry)
        except ValueError as error:
            self.report.add(Kind.RETENTION, where, f"{entry.kind} of entry {target}: {error}")
            if entry.kind == "tombstone":
                self.keepings[target] = Keeping(keeping.until, disposed=entry.seq)

    def finish(self) -> None:
        """Search rows without an entry, heads without an entry, entries without a head."""
        for seq in self.headless:
            if seq + 1 < len(self.hashes):  # the newest may lack it after a crash
                self.report.add(Kind.HEAD, f"entry {seq}", "its head is missing from heads/")
        for table, rows in (("audits", self.audits), ("marks", self.marks)):
            for seq in sorted(rows):
                self.report.add(Kind.INDEX, f"entry {seq}", f"table {table} has a row of no entry")
        for file in sorted(self.head_files.glob("[0-9]*.json")):
            if file.stem.isdigit() and int(file.stem) >= len(self.hashes):
                self.report.add(
                    Kind.CUT_TAIL, f"entry {int(file.stem)}", "its head is kept, the entry is gone"
                )
