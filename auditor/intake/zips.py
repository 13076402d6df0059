"""Zip containers under a budget: names, sizes and members of a vendor's archive.

Purpose: torch reads zips with another library than Python does; whatever the two could read
differently (duplicate names, a prefix before the archive) is refused, and so are bombs.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.core.errors import DeliveryError

MEMBERS = 50_000
MEMBER_LIMIT = 4 << 30
TEXT_LIMIT = 64 << 20
RATIO = 200
_BROKEN = (
    zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError,
    zlib.error, KeyError, OverflowError,
)  # fmt: skip


class Archive:
    """A zip whose list of members has passed all checks."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self.members = {info.filename: info for info in archive.infolist()}

    def read(self, member: str, limit: int = TEXT_LIMIT) -> bytes:
        """Bytes of one member.

        Raises:
            DeliveryError: larger than the limit, or damaged.
        """
        if self.members[member].file_size > limit:
            raise DeliveryError(f"The member {member!r:.80} of {self._name} is too large.")
        try:
            return self._archive.read(member)
        except _BROKEN as error:
            raise DeliveryError(
                f"The member {member!r:.80} of {self._name} is damaged: {error}."
            ) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a zip and check its list of members.

    Raises:
        DeliveryError: truncated or damaged, too many or too large members, a zip bomb,
            encrypted, or names that two readers could understand differently.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise DeliveryError(
            f"{path.name} is damaged or truncated: {error}.", "Ask the vendor to send it again."
        ) from error
    with archive:
        members = archive.infolist()
        if len(members) > MEMBERS:
            raise DeliveryError(f"{path.name} has {len(members)} members, more than {MEMBERS}.")
        _distinct([member.filename for member in members], path.name)
        for member in members:
            _bounded(member, path.name)
        size = path.stat().st_size
        packed = sum(member.compress_size for member in members)
        if packed > size or (members and min(m.header_offset for m in members) != 0):
            raise DeliveryError(f"The members of {path.name} overlap or start behind other data.")
        yield Archive(archive, path.name)


def _distinct(names: list[str], archive: str) -> None:
    if len({name.casefold() for name in names}) != len(names):
        raise DeliveryError(f"{archive} has two members of the same name.")
    for name in names:
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise DeliveryError(f"{archive} has a member outside the archive, {name!r:.80}.")


def _bounded(member: zipfile.ZipInfo, archive: str) -> None:
    known = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if member.flag_bits & 1 or not known:
        raise DeliveryError(f"{archive} is encrypted or packed in a way that is not allowed.")
    expands = member.file_size > RATIO * max(1, member.compress_size)
    if member.file_size > MEMBER_LIMIT or (expands and member.file_size > 1 << 20):
        raise DeliveryError(
            f"The member {member.filename!r:.80} of {archive} unpacks to "
            f"{member.file_size >> 20} MiB from {member.compress_size >> 10} KiB."
        )
