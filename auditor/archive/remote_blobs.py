"""Files of an archive at an fsspec URL, such as ``s3://bucket/audits`` or ``sftp://host/audits``."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from auditor.archive.blobs import INCOMING, copy_checked, name_of
from auditor.core.errors import AuditorError


@dataclass(frozen=True)
class RemoteBlobs:
    """A place behind fsspec; implements ``auditor.archive.blobs.Blobs``.

    Args:
        system: the fsspec file system.
        root: path within it.
    """

    system: Any
    root: str

    @classmethod
    def at(cls, url: str) -> RemoteBlobs:
        """Open a URL.

        Raises:
            AuditorError: nothing installed can read it.
        """
        try:
            import fsspec

            system, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError, OSError) as error:
            raise AuditorError(
                f"The files at {url} cannot be reached: {error}.",
                "Install the fsspec package for this kind of address, or name a folder.",
            ) from error
        return cls(system, str(root).rstrip("/"))

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def put(self, source: Path, digest: str) -> None:
        """See ``Blobs.put``."""
        target = self._path(name_of(digest))
        if self.system.exists(target):
            return
        waiting = self._path(f"{INCOMING}/{secrets.token_hex(16)}")
        try:
            self.system.makedirs(self._path(INCOMING), exist_ok=True)
            with source.open("rb") as reader, self.system.open(waiting, "wb") as writer:
                copy_checked(reader, writer, digest, source)
            self.system.makedirs(target.rpartition("/")[0], exist_ok=True)
            self.system.mv(waiting, target)
        except OSError as error:
            raise AuditorError(
                f"Cannot keep {source} at {self.root}: {error}.",
                "Mend the connection, then repeat the command: nothing is lost.",
            ) from error
        finally:
            with contextlib.suppress(OSError):
                self._discard(waiting)

    def _discard(self, path: str) -> None:
        if self.system.exists(path):
            self.system.rm_file(path)

    def size(self, digest: str) -> int | None:
        """See ``Blobs.size``."""
        try:
            return int(self.system.size(self._path(name_of(digest))))
        except FileNotFoundError:
            return None

    def open(self, digest: str) -> BinaryIO:
        """See ``Blobs.open``."""
        return cast(BinaryIO, self.system.open(self._path(name_of(digest)), "rb"))

    def names(self) -> Iterator[str]:
        """See ``Blobs.names``."""
        if not self.system.exists(self.root):
            return
        for path in sorted(self.system.find(self.root)):
            yield str(path)[len(self.root) :].lstrip("/")

    def delete(self, name: str) -> None:
        """See ``Blobs.delete``."""
        self._discard(self._path(name))
