"""Identity of data on disk: a file, or a folder as the list of its files. No data is read in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from auditor.core.canonical import digest_file
from auditor.core.errors import AuditorError


def digest_data(path: Path) -> str:
    """SHA-256 in hex of a file, or of a folder's sorted list of names and digests.

    Raises:
        AuditorError: nothing there.
    """
    if not path.exists():
        raise AuditorError(f"There is no data at {path}.", "Check the path.")
    if path.is_file():
        return digest_file(path)
    state = hashlib.sha256()
    for file in sorted(entry for entry in path.rglob("*") if entry.is_file()):
        state.update(f"{digest_file(file)}  {file.relative_to(path).as_posix()}\n".encode())
    return state.hexdigest()
