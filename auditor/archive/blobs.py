"""Files by their SHA-256: written once, whole or not at all, never changed.

On disk a file is copied beside its place, flushed, renamed, and the folder is flushed, so that a
crash or a power cut leaves the file or nothing. For other places see ``places``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from auditor.core.canonical import CHUNK
from auditor.core.errors import AuditorError

INCOMING = "incoming"
READ_ONLY = 0o444


class Blobs(Protocol):
    """A place for files by digest."""

    def put(self, source: Path, digest: str) -> None:
        """Copy ``source`` in, unless a file of that digest is there; durable on return.

        Raises:
            AuditorError: the bytes read have another digest, or the place cannot be written.
        """

    def size(self, digest: str) -> int | None:
        """Bytes of a file, None if it is not there."""

    def open(self, digest: str) -> BinaryIO:
        """Open for reading; FileNotFoundError if it is not there."""

    def names(self) -> Iterator[str]:
        """Paths of everything that lies there, relative to the place."""

    def delete(self, name: str) -> None:
        """Remove one path; nothing happens if it is gone."""


def name_of(digest: str) -> str:
    """Where a file lies.

    >>> name_of("ab12")
    'ab/ab12'
    """
    return f"{digest[:2]}/{digest}"


class DiskBlobs:
    """Files in a folder on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: Path, digest: str) -> None:
        """See ``Blobs.put``."""
        target = self._root / name_of(digest)
        if target.exists():
            return
        incoming = self._root / INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        waiting = incoming / secrets.token_hex(16)
        try:
            _copy(source, waiting, digest)
            self._shelve(waiting, target)
        except OSError as error:
            raise AuditorError(
                f"Cannot keep {source} in {self._root}: {error.strerror or error}.",
                "Free some space or mend the folder, then repeat the command: nothing is lost.",
            ) from error
        finally:
            waiting.unlink(missing_ok=True)

    def _shelve(self, waiting: Path, target: Path) -> None:
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            sync_folder(self._root)
        os.replace(waiting, target)
        sync_folder(target.parent)

    def size(self, digest: str) -> int | None:
        """See ``Blobs.size``."""
        try:
            return (self._root / name_of(digest)).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, digest: str) -> BinaryIO:
        """See ``Blobs.open``."""
        return (self._root / name_of(digest)).open("rb")

    def names(self) -> Iterator[str]:
        """See ``Blobs.names``."""
        for path in sorted(self._root.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                yield path.relative_to(self._root).as_posix()

    def delete(self, name: str) -> None:
        """See ``Blobs.delete``."""
        (self._root / name).unlink(missing_ok=True)


def _copy(source: Path, target: Path, digest: str) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        copy_checked(reader, writer, digest, source)
        writer.flush()
        os.fchmod(writer.fileno(), READ_ONLY)
        os.fsync(writer.fileno())


def copy_checked(reader: BinaryIO, writer: BinaryIO, digest: str, source: Path) -> None:
    """Copy in blocks and compare the digest of what was read.

    Raises:
        AuditorError: it is another one.
    """
    state = hashlib.sha256()
    while block := reader.read(CHUNK):
        state.update(block)
        writer.write(block)
    if state.hexdigest() != digest:
        raise AuditorError(f"{source} changed while it was archived.", "Repeat the command.")


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
