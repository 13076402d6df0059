"""Finds and names everything that is not as it was archived.

Without help from outside, ``verify`` sees every change of an entry, a file or a search row. Two
things need something kept elsewhere: that the newest entries were cut off together with their
heads (``head``), and that the whole archive was made anew with other keys (``trust`` or ``head``).
Limits: nobody can prove that an audit was never archived.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, select

from auditor.archive import check_tables, heads
from auditor.archive.check_chain import ChainWalk, Rows
from auditor.archive.check_files import FileCheck
from auditor.archive.database import reading
from auditor.archive.entry import Entry
from auditor.archive.heads import Head
from auditor.archive.problems import Kind, Report
from auditor.archive.store import Archive
from auditor.archive.tables import audits, entries, marks
from auditor.core.errors import ToolError

if TYPE_CHECKING:
    from auditor.signing.dsse import PublicKey

BATCH = 200


def verify(
    archive: Archive, trust: Iterable[PublicKey] = (), kept: Iterable[Head] = (),
    files: bool = True,
) -> Report:  # fmt: skip
    """Check a whole archive.

    Args:
        trust: public keys known from elsewhere; without any, the keys that the chain names hold.
        kept: heads that were kept outside the archive.
        files: False leaves out reading the files.
    """
    report = Report()
    walk = None
    try:
        with reading(archive.ledger.engine) as connection:
            check_tables.check(connection, report)
            walk = _walk(archive, connection, report, _by_id(trust))
    except ToolError as error:
        report.add(Kind.DATABASE, "archive", error.message)
    if walk:
        for head in kept:
            _compare(walk, head, report)
        if files:
            FileCheck(archive.blobs, report).run(walk.entries, walk.keepings)
    return report


def _by_id(trust: Iterable[PublicKey]) -> dict[str, PublicKey] | None:
    keys = list(trust)
    if not keys:
        return None
    from auditor.signing.keys import key_id

    return {key_id(key): key for key in keys}


def _walk(
    archive: Archive, connection: Connection, report: Report, trusted: dict[str, PublicKey] | None
) -> ChainWalk:
    walk = ChainWalk(
        report, _identity(archive, connection, report), archive.ledger.clock(), trusted,
        _rows(connection, audits), _rows(connection, marks), archive.folder / heads.FOLDER,
    )  # fmt: skip
    rows = connection.execute(
        select(entries).order_by(entries.c.seq).execution_options(yield_per=BATCH)
    )
    for row in rows:
        walk.step(row.seq, row.hash, row.document, row.envelope)
    walk.finish()
    if not walk.hashes:
        report.add(Kind.MISSING_ENTRY, "archive", "every entry was removed")
    _note_keys(walk)
    return walk


def _identity(archive: Archive, connection: Connection, report: Report) -> str:
    """The id that the chain began with; archive.json must agree."""
    row = connection.execute(select(entries).order_by(entries.c.seq).limit(1)).first()
    try:
        found = (
            str(Entry.read(row.document, "").document["archive"]) if row else archive.settings.id
        )
    except (ValueError, KeyError, TypeError):
        return archive.settings.id
    if found != archive.settings.id:
        what = f"archive.json names {archive.settings.id[:12]}…, the chain is {found[:12]}…"
        report.add(Kind.SETTINGS, "archive", what)
    return found


def _rows(connection: Connection, table: Table) -> Rows:
    return {row.seq: dict(row._mapping) for row in connection.execute(select(table))}


def _note_keys(walk: ChainWalk) -> None:
    if walk.trusted is None and walk.keys:
        walk.report.notes.append(
            "Signatures were checked with the keys that the archive itself names; --trust KEY.pub "
            "with a key known from elsewhere also shows that the archive was not replaced."
        )
    elif not walk.keys and walk.trusted is None:
        walk.report.notes.append(
            "The archive is not signed: only a head kept elsewhere (--head FILE) shows that it was "
            "not made anew."
        )


def _compare(walk: ChainWalk, head: Head, report: Report) -> None:
    where = f"head of {head.size} entries"
    keys = walk.keys if walk.trusted is None else walk.trusted
    if head.archive != walk.archive:
        report.add(Kind.OTHER_ARCHIVE, where, "it was kept from another archive")
    elif head.size > len(walk.hashes):
        gone = head.size - len(walk.hashes)
        report.add(Kind.CUT_TAIL, where, f"the newest {gone} of them were cut off")
    elif walk.hashes[head.size - 1] != head.entry:
        report.add(Kind.HEAD, where, f"entry {head.size - 1} is not the one it names")
    if head.envelope is not None and not heads.held(head, keys):
        report.add(Kind.SIGNATURE, where, "no trusted key signed the kept head")


def check_entry(archive: Archive, entry: Entry) -> Report:
    """Check the files of one audit against its entry, as the web page does."""
    report = Report()
    FileCheck(archive.blobs, report).entry(entry.seq, entry)
    return report


def save_head(archive: Archive, file: Path) -> Entry:
    """Write the newest head to ``file``, to be kept outside the archive."""
    from auditor.writers.atomic import write_atomic

    entry = archive.ledger.last()
    write_atomic(file, heads.stored(entry))
    return entry
