"""An archive: the chain, the files by digest, and what is done with both.

``add`` first brings every file to its place, then appends the entry. A crash before the commit
leaves files that belong to no entry, which is harmless; after the commit everything is there.
Repeating a command that did not finish is always right: the same audit is never added twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from auditor.archive import database, heads, settings
from auditor.archive.blobs import Blobs
from auditor.archive.entry import Entry, Json, audit_body
from auditor.archive.ledger import SKEW, Clock, Ledger, Pen, fetch, utc_now
from auditor.archive.places import open_blobs
from auditor.archive.retention import YEARS, until
from auditor.archive.tables import audits, marks
from auditor.core.errors import AuditorError
from auditor.writers.check import problems

if TYPE_CHECKING:
    from auditor.signing.dsse import PublicKey
    from auditor.signing.keys import Signer


@dataclass(frozen=True)
class Added:
    """What ``add`` did: the entry, and whether it is new."""

    entry: Entry
    new: bool


@dataclass(frozen=True)
class Archive:
    """An open archive."""

    folder: Path
    settings: settings.Settings
    ledger: Ledger
    blobs: Blobs

    def add(
        self, folder: Path, signer: Signer | None = None, start: str | None = None,
        years: int = YEARS,
    ) -> Added:  # fmt: skip
        """Archive an audit folder; on return it is durable.

        Args:
            start: the day from which retention counts (ISO date); today if None.

        Raises:
            AuditorError: the folder is not intact, the key is wrong, or something cannot be
                written.
        """
        wrong = problems(folder)
        if wrong:
            raise AuditorError(
                f"{folder} is not intact: {wrong[0]}.", f"See: auditor verify {folder}"
            )
        self.check_signer(signer)
        body = audit_body(folder, until(start, years, self.ledger.clock().date()))
        self._refuse_future(folder, body)
        self._put(folder, body)
        with self.ledger.writing(signer) as pen:
            known = _known(pen, body["merkle_root"])
            if known:
                return Added(known, new=False)
            self._put(folder, body)  # a disposal may have removed a file since
            entry = pen.append("audit", body)
        return Added(entry, new=True)

    def _put(self, folder: Path, body: Json) -> None:
        for file in body["files"]:
            self.blobs.put(folder / file["path"], file["sha256"])

    def _refuse_future(self, folder: Path, body: Json) -> None:
        finished = body["statement"]["ran"]["finished"]
        if finished and datetime.fromisoformat(finished) > self.ledger.clock() + SKEW:
            raise AuditorError(
                f"{folder} says that its audit ended at {finished[:16]}, which is in the future.",
                "Set the clock right: an entry never stands before its audit.",
            )

    def introduce(self, key: PublicKey, signer: Signer) -> Entry:
        """Accept a further key, said by one that is accepted.

        Raises:
            AuditorError: the signer is not accepted, or the key already is.
        """
        from auditor.signing.keys import key_id

        self.check_signer(signer)
        if key_id(key) in self.signers():
            raise AuditorError("The archive accepts that key already.")
        with self.ledger.writing(signer) as pen:
            return pen.append("signer", {"public_key": heads.to_pem(key)})

    def check_signer(self, signer: Signer | None) -> None:
        """Refuse a missing or unknown key before anything is written.

        Raises:
            AuditorError: the archive asks for another key.
        """
        accepted = self.signers()
        if accepted and signer is None:
            raise AuditorError("This archive is signed, and no key was given.", "Give --key FILE.")
        if signer is not None and signer.key_id not in accepted:
            raise AuditorError(
                "The archive does not accept this key.",
                "An accepted key introduces it: auditor archive signer ARCHIVE NEW.pub --key OLD"
                if accepted
                else "It was made without a key; make a signed one with: init --key FILE",
            )

    def signers(self) -> dict[str, PublicKey]:
        """Key id -> public key that the chain accepts."""
        query = select(marks.c.seq).where(marks.c.kind.in_(("genesis", "signer")))
        with database.reading(self.ledger.engine) as connection:
            numbers = connection.execute(query.order_by(marks.c.seq)).scalars().all()
            said = [text for n in numbers for text in heads.introduced(fetch(connection, n))]
        return heads.keys_from_pem(said) if said else {}


def _known(pen: Pen, merkle_root: str) -> Entry | None:
    """The entry that holds the same files and still has them."""
    gone = select(marks.c.target).where(marks.c.kind == "tombstone")
    query = select(audits.c.seq).where(
        audits.c.merkle_root == merkle_root, audits.c.seq.not_in(gone)
    )
    seq = pen.connection.execute(query).scalar()
    return None if seq is None else fetch(pen.connection, seq)


def create(
    folder: Path, signer: Signer | None = None, db: str | None = None, blobs: str | None = None,
    title: str = "", clock: Clock = utc_now,
) -> Archive:  # fmt: skip
    """Make an archive in a new or empty folder.

    Args:
        db: URL of a PostgreSQL database; a SQLite file in the folder if None.
        blobs: fsspec URL for the files; a folder in the folder if None.

    Raises:
        AuditorError: the folder is in use, or something cannot be reached.
    """
    chosen = settings.new(db, blobs)
    if folder.exists() and any(folder.iterdir()):
        raise AuditorError(f"{folder} is not empty.", "Choose a new folder.")
    place = open_blobs(chosen.blobs, folder)
    engine = database.connect(chosen.database, folder)
    folder.mkdir(parents=True, exist_ok=True)
    database.create(engine)
    ledger = Ledger(engine, folder, chosen.id, clock)
    with ledger.writing(signer) as pen:
        signers = [heads.to_pem(signer.public_key)] if signer else []
        pen.append("genesis", {"title": title, "signers": signers})
    settings.save(folder, chosen)
    return Archive(folder, chosen, ledger, place)


def open_archive(folder: Path, clock: Clock = utc_now) -> Archive:
    """Open an archive.

    Raises:
        AuditorError: there is none, or a part of it is missing.
    """
    found = settings.load(folder)
    if "://" not in found.database and not (folder / found.database).is_file():
        raise AuditorError(
            f"The archive's database {folder / found.database} is missing.",
            "Restore it from a copy.",
        )
    engine = database.connect(found.database, folder)
    ledger = Ledger(engine, folder, found.id, clock)
    return Archive(folder, found, ledger, open_blobs(found.blobs, folder))
