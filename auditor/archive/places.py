"""Where an archive keeps its files: a folder on disk, or an fsspec URL (object stores, SFTP, ...).

At a URL a file is uploaded under another name and moved; how well it is kept is the place's own
promise.
"""

from __future__ import annotations

from pathlib import Path

from auditor.archive.blobs import Blobs, DiskBlobs
from auditor.archive.remote_blobs import RemoteBlobs


def open_blobs(where: str, folder: Path) -> Blobs:
    """The files of an archive: a folder name below ``folder``, or an fsspec URL.

    Raises:
        AuditorError: a URL of a kind for which no package is installed.
    """
    return RemoteBlobs.at(where) if "://" in where else DiskBlobs(folder / where)
