"""Entries for somebody who has only ``sha256sum`` and ``openssl``: a folder or a zip.

Each exported entry comes with its document, its signed head and the audit's files; a README says
how to check them by hand and ``verify.sh`` does it. A part of the archive can be handed out
without telling about the rest: every head is signed on its own.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from auditor.archive import heads
from auditor.archive.blobs import copy_checked
from auditor.archive.database import reading
from auditor.archive.disposal import Kept, keepings
from auditor.archive.entry import Entry
from auditor.archive.ledger import fetch
from auditor.archive.store import Archive
from auditor.archive.tables import entries, marks
from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError
from auditor.writers.html import environment

if TYPE_CHECKING:
    from auditor.signing.dsse import PublicKey

SUMS = "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Exported:
    """What was written: where, and the numbers of the entries."""

    out: Path
    entries: tuple[int, ...]


def export(archive: Archive, out: Path, seqs: Iterable[int] = ()) -> Exported:
    """Write entries with their files to a new folder, or to a zip if ``out`` ends in ``.zip``.

    Args:
        seqs: numbers of audits; all entries if empty.

    Raises:
        AuditorError: ``out`` exists, there is no such audit, or the archive is damaged.
    """
    if out.exists():
        raise AuditorError(f"{out} exists already.", "Choose another name.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out.parent) as scratch:
        folder = Path(scratch) / "export"
        written = _Writer(archive, folder, archive.signers()).write(sorted(set(seqs)))
        if out.suffix == ".zip":
            _zip(folder, Path(scratch) / "export.zip").rename(out)
        else:
            folder.rename(out)
    return Exported(out, written)


@dataclass(frozen=True)
class _Writer:
    archive: Archive
    folder: Path
    keys: dict[str, PublicKey]

    def write(self, seqs: list[int]) -> tuple[int, ...]:
        with reading(self.archive.ledger.engine) as connection:
            kept = keepings(connection, seqs or None)
            if unknown := set(seqs) - kept.keys():
                raise AuditorError(
                    f"Entry {min(unknown)} is no audit.", "See: auditor archive list"
                )
            numbers = _numbers(connection, seqs)
            for number in numbers:
                self._entry(fetch(connection, number), kept.get(number))
        for key_id, key in self.keys.items():
            self._text(f"keys/{key_id}.pub", heads.to_pem(key))
        self._explain(numbers, kept, whole=not seqs)
        return tuple(numbers)

    def _entry(self, entry: Entry, kept: Kept | None) -> None:
        name = f"{entry.seq:0{heads.DIGITS}}"
        self._text(f"chain/{name}.json", entry.text)
        if entry.envelope:
            self._signature(name, entry)
        if kept and kept.keeping.disposed is None:
            for file in entry.files:
                self._file(entry.seq, f"audits/{name}/{file['path']}", file["sha256"])
            lines = (f"{file['sha256']}  {file['path']}\n" for file in entry.files)
            self._text(f"audits/{name}.sha256", "".join(lines))

    def _signature(self, name: str, entry: Entry) -> None:
        from auditor.signing import dsse

        envelope = dsse.parse(entry.envelope.encode())
        signed = dsse.pae(heads.TYPE, dsse.payload(envelope))
        self._text(f"heads/{name}.json", entry.envelope)
        self._bytes(f"heads/{name}.pae", signed)
        self._bytes(f"heads/{name}.sig", dsse.signatures(envelope)[0][1])

    def _file(self, seq: int, name: str, sha256: str) -> None:
        target = self._place(name)
        try:
            with self.archive.blobs.open(sha256) as reader, target.open("wb") as writer:
                copy_checked(reader, writer, sha256, target)
        except (AuditorError, FileNotFoundError) as error:
            raise AuditorError(
                f"A file of entry {seq} is damaged or gone ({Path(name).name}).",
                "Run: auditor archive verify",
            ) from error

    def _explain(self, numbers: list[int], kept: dict[int, Kept], whole: bool) -> None:
        facts: dict[str, Any] = {
            "archive": self.archive.settings.id, "numbers": numbers, "whole": whole,
            "audits": [kept[n] for n in numbers if n in kept], "keys": sorted(self.keys),
            "digits": heads.DIGITS, "type": heads.TYPE,
        }  # fmt: skip
        for name in ("README.md", "verify.sh"):
            self._text(name, environment().get_template(f"archive/{name}.jinja").render(facts))
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        sums = (f"{digest_file(path)}  {path.relative_to(self.folder)}\n" for path in files)
        self._text(SUMS, "".join(sums))

    def _text(self, name: str, content: str) -> None:
        self._bytes(name, content.encode())

    def _bytes(self, name: str, content: bytes) -> None:
        self._place(name).write_bytes(content)

    def _place(self, name: str) -> Path:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise AuditorError(
                f"{name!r:.80} leads out of the export.", "Run: auditor archive verify"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _numbers(connection: Connection, seqs: list[int]) -> list[int]:
    """The entries to write: all, or the audits asked for and what the chain says about them."""
    if not seqs:
        return list(connection.execute(select(entries.c.seq).order_by(entries.c.seq)).scalars())
    about = select(marks.c.seq).where(marks.c.target.in_(seqs))
    keys = select(marks.c.seq).where(marks.c.kind.in_(("genesis", "signer")))
    found = {*seqs, *connection.execute(about).scalars(), *connection.execute(keys).scalars()}
    return sorted(found)


def _zip(folder: Path, target: Path) -> Path:
    """The folder as a zip; the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with path.open("rb") as reader, bundle.open(info, "w", force_zip64=True) as writer:
                shutil.copyfileobj(reader, writer)
    return target
