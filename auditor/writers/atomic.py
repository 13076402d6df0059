"""Files appear whole or not at all: written beside their place, flushed to disk, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from auditor.core.errors import AuditorError

READABLE = 0o644


def write_atomic(path: Path, data: bytes) -> Path:
    """Put ``data`` at ``path``, creating its folder; a crash leaves the old file or the new one.

    Raises:
        AuditorError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        raise AuditorError(
            f"Cannot write {path}: {error.strerror or error}.",
            "Choose another output folder with --out, or free some space.",
        ) from error
    return path


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), READABLE)
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
