"""archive.json: which archive this is and where its database and its files are.

Everything that must not be changed unseen is in the chain; this file only says where to look, so
that an archive can be moved in its ten years.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from auditor.core.errors import AuditorError
from auditor.writers.atomic import write_atomic

FILE = "archive.json"
SCHEMA = "auditor/archive/1"
DATABASE = "archive.sqlite"
BLOBS = "blobs"


@dataclass(frozen=True)
class Settings:
    """What archive.json says.

    Args:
        id: 128 random bits in hex; every entry repeats it.
        database: a file name in the archive's folder, or the URL of a database.
        blobs: a folder name in the archive's folder, or an fsspec URL.
    """

    id: str
    database: str = DATABASE
    blobs: str = BLOBS
    schema: str = SCHEMA


def new(database: str | None, blobs: str | None) -> Settings:
    """Settings of a new archive.

    Raises:
        AuditorError: the database's address holds a password.
    """
    if database and urlsplit(database).password:
        raise AuditorError(
            "The address of the database holds a password, which would be kept in archive.json.",
            "Leave it out and use PGPASSWORD or ~/.pgpass.",
        )
    return Settings(secrets.token_hex(16), database or DATABASE, blobs or BLOBS)


def save(folder: Path, settings: Settings) -> None:
    """Write ``<folder>/archive.json``."""
    write_atomic(folder / FILE, f"{json.dumps(asdict(settings), indent=2)}\n".encode())


def load(folder: Path) -> Settings:
    """Read ``<folder>/archive.json``.

    Raises:
        AuditorError: there is none, or it is not as specified.
    """
    file = folder / FILE
    try:
        content = json.loads(file.read_bytes())
        settings = Settings(**content)
    except FileNotFoundError as error:
        raise AuditorError(
            f"{folder} holds no archive.", f"Make one with: auditor archive init {folder}"
        ) from error
    except (ValueError, TypeError) as error:
        raise AuditorError(f"{file} is damaged.", "Restore it from a copy.") from error
    if settings.schema != SCHEMA or not all(isinstance(v, str) for v in content.values()):
        raise AuditorError(
            f"{file} has schema {str(settings.schema)[:60]!r}, and this version reads {SCHEMA!r}.",
            "Use the version of auditor that made the archive.",
        )
    return settings
