"""The chain in the database: reading it, and appending to it one writer at a time.

Order of one append: lock, read the last entry, make and sign the next, insert it with its search
row, commit, then write its head file. The commit is the moment of truth; a head file that a crash
left out is made up for under the lock before the next entry is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, select

from auditor.archive import database, heads
from auditor.archive.entry import Entry, Json, audit_row, make, mark_row
from auditor.archive.tables import audits, entries, marks
from auditor.core.errors import AuditorError, ToolError
from auditor.writers.atomic import write_atomic

if TYPE_CHECKING:
    from auditor.signing.keys import Signer

SKEW = timedelta(minutes=2)
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ledger:
    """The chain of one archive.

    Args:
        folder: the archive's folder, which holds ``heads/``.
        archive: the archive's id.
    """

    engine: Engine
    folder: Path
    archive: str
    clock: Clock = utc_now

    @contextmanager
    def writing(self, signer: Signer | None = None) -> Iterator[Pen]:
        """Append under the lock; what was appended is durable once the block has been left.

        Raises:
            AuditorError: the database cannot be reached or refuses.
        """
        with database.writing(self.engine) as connection:
            pen = Pen(connection, self, signer)
            yield pen
            if pen.written and pen.first:
                self.keep_head(pen.first)
        for entry in pen.written:
            self.keep_head(entry)

    def keep_head(self, entry: Entry) -> None:
        """Write an entry's head file unless it is there."""
        path = self.folder / heads.FOLDER / heads.file_name(entry.seq)
        if not path.exists():
            write_atomic(path, heads.stored(entry))

    def entry(self, seq: int) -> Entry:
        """One entry.

        Raises:
            AuditorError: there is none of that number, or it cannot be read.
        """
        with database.reading(self.engine) as connection:
            return fetch(connection, seq)

    def size(self) -> int:
        """How many entries there are."""
        with database.reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(entries)).scalar_one())

    def last(self) -> Entry:
        """The newest entry."""
        with database.reading(self.engine) as connection:
            return newest(connection)


@dataclass
class Pen:
    """The right to append, for the length of one transaction."""

    connection: Connection
    ledger: Ledger
    signer: Signer | None
    written: list[Entry] = field(default_factory=list)
    first: Entry | None = None

    def append(self, kind: str, body: Json) -> Entry:
        """Add a link and the row to find it by.

        Raises:
            AuditorError: the clock stands before the last entry.
        """
        after = newest(self.connection) if kind != "genesis" else None
        self.first = self.first or after
        added = self._moment(after)
        entry = heads.sign(make(self.ledger.archive, after, kind, added, body), self.signer)
        row = {"seq": entry.seq, "hash": entry.hash}
        row |= {"document": entry.text, "envelope": entry.envelope}
        self.connection.execute(entries.insert(), row)
        if kind == "audit":
            self.connection.execute(audits.insert(), audit_row(entry))
        else:
            self.connection.execute(marks.insert(), mark_row(entry))
        self.written.append(entry)
        return entry

    def _moment(self, after: Entry | None) -> str:
        now = self.ledger.clock()
        before = datetime.fromisoformat(after.added) if after else now
        if now < before - SKEW:
            raise AuditorError(
                f"The clock says {now:%Y-%m-%d %H:%M}, but the archive's last entry is of "
                f"{before:%Y-%m-%d %H:%M}.",
                "Set the clock right: entries are never back-dated.",
            )
        return max(now, before).isoformat(timespec="milliseconds")


def newest(connection: Connection) -> Entry:
    """The last entry that a transaction sees.

    Raises:
        ToolError: there is none.
    """
    row = connection.execute(select(entries).order_by(entries.c.seq.desc()).limit(1)).first()
    if row is None:
        raise ToolError("The archive has lost all its entries.", "Restore it from a copy.")
    return _entry(row.seq, row.document, row.envelope)


def fetch(connection: Connection, seq: int) -> Entry:
    """One entry that a transaction sees.

    Raises:
        AuditorError: there is none of that number, or it cannot be read.
    """
    row = connection.execute(select(entries).where(entries.c.seq == seq)).first()
    if row is None:
        raise AuditorError(f"The archive has no entry {seq}.", "See: auditor archive list")
    return _entry(seq, row.document, row.envelope)


def _entry(seq: int, text: str, envelope: str) -> Entry:
    try:
        return Entry.read(text, envelope)
    except (ValueError, TypeError) as error:
        raise ToolError(
            f"Entry {seq} of the archive cannot be read.", "Run: auditor archive verify"
        ) from error
