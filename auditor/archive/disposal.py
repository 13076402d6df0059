"""Holds, extensions, and the end of files that are past their retention.

A disposal first appends its tombstones and commits, then removes files under the same lock that
``add`` holds, and only those that no kept audit needs. A crash in between leaves files that
``sweep`` removes later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from auditor.archive.blobs import INCOMING, name_of
from auditor.archive.check_files import BLOB_NAME
from auditor.archive.database import reading, writing
from auditor.archive.entry import Entry, Json
from auditor.archive.retention import Keeping, parse_day
from auditor.archive.store import Archive
from auditor.archive.tables import audits, entries, marks
from auditor.core.errors import AuditorError

if TYPE_CHECKING:
    from auditor.signing.keys import Signer


@dataclass(frozen=True)
class Kept:
    """One audit and where its retention stands."""

    seq: int
    number: str
    name: str
    keeping: Keeping


def keepings(connection: Connection, seqs: Iterable[int] | None = None) -> dict[int, Kept]:
    """Audits by number, in order; all of them, or those of ``seqs``."""
    audit = select(audits.c.seq, audits.c.number, audits.c.name, audits.c.retain_until)
    mark = select(marks).order_by(marks.c.seq)
    if seqs is not None:
        wanted = list(seqs)
        audit, mark = audit.where(audits.c.seq.in_(wanted)), mark.where(marks.c.target.in_(wanted))
    found = {
        row.seq: Kept(row.seq, row.number, row.name, Keeping(row.retain_until))
        for row in connection.execute(audit.order_by(audits.c.seq))
    }
    for row in connection.execute(mark):
        kept = found.get(row.target)
        if kept and row.kind in ("hold", "release", "extension", "tombstone"):
            after = kept.keeping.marked(row.kind, row.seq, row.until, "")
            found[row.target] = Kept(kept.seq, kept.number, kept.name, after)
    return found


def due(archive: Archive, day: str) -> list[Kept]:
    """Audits whose files may be removed on ``day`` (ISO date)."""
    with reading(archive.ledger.engine) as connection:
        return [kept for kept in keepings(connection).values() if kept.keeping.due(day)]


def mark(
    archive: Archive, kind: str, target: int, reason: str, signer: Signer | None = None,
    until: str = "",
) -> Entry:  # fmt: skip
    """Append a hold, a release or an extension of one audit.

    Raises:
        AuditorError: there is no such audit, its state forbids it, or the key is wrong.
    """
    archive.check_signer(signer)
    body: Json = {"target": target, "reason": reason}
    if until:
        body["until"] = parse_day(until).isoformat()
    with archive.ledger.writing(signer) as pen:
        kept = _one(pen.connection, target)
        try:
            kept.keeping.marked(kind, 0, str(body.get("until", "")), "")
        except ValueError as error:
            raise AuditorError(f"Entry {target} cannot have this {kind}: {error}.") from error
        return pen.append(kind, body)


def _one(connection: Connection, target: int) -> Kept:
    kept = keepings(connection, [target]).get(target)
    if kept is None:
        raise AuditorError(f"Entry {target} is no audit.", "See: auditor archive list")
    return kept


def dispose(
    archive: Archive, targets: Iterable[int], reason: str, signer: Signer | None = None
) -> list[Entry]:
    """Append a tombstone for each audit, then remove the files that nothing else needs.

    Raises:
        AuditorError: one of them is not due; then nothing is done.
    """
    archive.check_signer(signer)
    day = archive.ledger.clock().date().isoformat()
    with archive.ledger.writing(signer) as pen:
        tombstones = []
        for target in sorted(set(targets)):
            kept = _one(pen.connection, target)
            if not kept.keeping.due(day):
                raise AuditorError(f"Entry {target} is not due: {kept.keeping.why_not()}.")
            tombstones.append(pen.append("tombstone", {"target": target, "reason": reason}))
    sweep(archive)
    return tombstones


def sweep(archive: Archive, leftovers: bool = False) -> int:
    """Remove files that belong to no kept audit; returns how many.

    Args:
        leftovers: also what interrupted commands left half-written; one that is at work right now
            then has to be repeated.
    """
    with writing(archive.ledger.engine) as connection:
        live = _live(connection)
        ours = [
            name for name in archive.blobs.names() if name not in live and BLOB_NAME.fullmatch(name)
        ]
        if leftovers:
            ours += [name for name in archive.blobs.names() if name.startswith(f"{INCOMING}/")]
        for name in ours:
            archive.blobs.delete(name)
    return len(ours)


def _live(connection: Connection) -> set[str]:
    """Names of the files that some kept audit needs; read from the chain, not from the index."""
    gone = select(marks.c.target).where(marks.c.kind == "tombstone")
    query = select(entries.c.document).where(entries.c.seq.not_in(gone))
    names: set[str] = set()
    for (text,) in connection.execute(query.execution_options(yield_per=200)):
        files = json.loads(text)["body"].get("files", ())
        names.update(name_of(file["sha256"]) for file in files)
    return names
