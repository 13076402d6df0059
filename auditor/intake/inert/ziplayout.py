"""Zip archives, byte by byte: every byte of the file has one owner, or it is reported.

Purpose: Python, torch and other readers disagree about prefixes, duplicates, flags and names that
differ between the two places where a zip keeps them. All of that is an oddity here, and the
members are read as the central directory lists them.
Limits: members stored or packed by deflate, bzip2 or LZMA; zip64 is read, split
archives and encryption are not.
Source: APPNOTE.TXT 6.3.10 (PKWARE).
"""

from __future__ import annotations

import mmap
import struct
import unicodedata
import zlib
from dataclasses import dataclass, replace

from auditor.intake.inert import zip_packed
from auditor.intake.inert.log import Budget, Damaged, OutOfBudget
from auditor.intake.inert.zip_entries import CENTRAL, END64, Member, Oddity, entry

LETTERS = 10
"""Different bytes, all of them letters, that dates of honest members do not have."""
MEMBERS = 50_000
STEP = 1 << 26
RATIO = 200
FREE = 1 << 20
END64_LENGTH = 56
_END, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"


@dataclass(frozen=True)
class Layout:
    """All members, and what is odd about the archive: rule, sentence, offset."""

    members: tuple[Member, ...]
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True)
class _Directory:
    start: int
    size: int
    count: int
    end: int
    comment: int
    shift: int = 0
    """Bytes before the archive that its own offsets do not count."""


def layout(view: memoryview, budget: Budget) -> Layout:
    """Read the central directory and account for every byte.

    Raises:
        Damaged: there is no central directory, or it does not hold what it says.
        OutOfBudget: too many members.
    """
    directory, oddities = _directory(view)
    if directory.shift:
        return _shifted(view, directory.shift, budget)
    if directory.count > MEMBERS:
        raise OutOfBudget(f"it has {directory.count} members, more than {MEMBERS}")
    members, position, dates = [], directory.start, bytearray()
    for number in range(directory.count):
        if number % 1000 == 0:
            budget.check()
        dates += view[position + 12 : position + 16]
        member, position, found = entry(view, position)
        members.append(member)
        oddities += found
    if position != directory.start + directory.size:
        oddities.append(("zip.hidden", "bytes inside the central directory", position))
    oddities += _names(members) + _gaps(members, directory.start)
    if len({*dates}) >= LETTERS and all(32 <= letter < 127 for letter in dates):
        oddities.append(("zip.dates", "the dates of its members spell a text", directory.start))
    if directory.comment:
        oddities.append(("zip.comment", f"a comment of {directory.comment} bytes", directory.end))
    return Layout(tuple(members), tuple(oddities))


def _shifted(view: memoryview, shift: int, budget: Budget) -> Layout:
    """An archive behind other bytes, as readers that look at the end find it."""
    found = layout(view[shift:], budget)
    members = tuple(
        replace(m, header=m.header + shift, start=m.start + shift, end=m.end + shift)
        for m in found.members
    )
    return Layout(members, (*found.oddities, ("zip.hidden", f"{shift} bytes before the zip", 0)))


def content(view: memoryview, member: Member, budget: Budget) -> memoryview:
    """Unpacked bytes of a member, without believing what it says about its size.

    Raises:
        Damaged: it cannot be unpacked or has another size.
        OutOfBudget: a bomb.
    """
    packed = view[member.start : member.start + member.packed]
    if len(packed) != member.packed:
        raise Damaged(f"the member {member.name!r:.80} is cut off")
    if member.method == 0:
        if member.size != member.packed:
            raise Damaged(f"the member {member.name!r:.80} has two sizes")
        return packed
    if member.size > max(FREE, RATIO * member.packed):
        raise OutOfBudget(
            f"the member {member.name!r:.80} unpacks to {member.size >> 20} MiB "
            f"from {member.packed >> 10} KiB"
        )
    budget.take(member.size)
    try:
        return memoryview(zip_packed.unpacked(packed, member.method, member.size))
    except Damaged as error:
        raise Damaged(f"the member {member.name!r:.80} {error}") from error


def intact(data: memoryview, member: Member, budget: Budget) -> bool:
    """Whether the content has the checksum that the archive gives."""
    state = 0
    for start in range(0, len(data), STEP):
        budget.check()
        state = zlib.crc32(data[start : start + STEP], state)
        forget(data)
    return state == member.crc


def forget(view: memoryview) -> None:
    """Give back the pages of a mapped file that were read."""
    if isinstance(view.obj, mmap.mmap) and len(view) > STEP:
        view.obj.madvise(mmap.MADV_DONTNEED)


def _directory(view: memoryview) -> tuple[_Directory, list[Oddity]]:
    tail = bytes(view[max(0, len(view) - 65_557) :])
    found = tail.rfind(_END)
    if found < 0 or found + 22 > len(tail):
        raise Damaged("the zip has no end; it is cut off")
    at = len(view) - len(tail) + found
    disk, first, here, count, size, start, comment = struct.unpack_from("<HHHHIIH", view, at + 4)
    oddities: list[Oddity] = []
    if at + 22 + comment != len(view):
        oddities.append(("zip.trailing", "bytes behind the end of the zip", at + 22))
    if disk or first or here != count:
        oddities.append(("zip.split", "it says that it is split over disks", at))
    low = at
    if at >= 20 and view[at - 20 : at - 16] == _LOCATOR:
        short = (count, size, start)
        count, size, start, low = _zip64(view, at)
        oddities += _two_ends(short, (count, size, start), at - 20 - low, at)
    elif 0xFFFFFFFF in (size, start) or count == 0xFFFF:
        raise Damaged("the zip64 end is missing")
    shift = low - size - start
    if shift > 0 and view[low - size : low - size + 4] == CENTRAL != view[start : start + 4]:
        return _Directory(start, size, count, at, comment, shift), oddities
    if start + size > low:
        raise Damaged("the central directory does not fit into the file")
    if start + size < low:
        oddities.append(("zip.hidden", "bytes behind the central directory", start + size))
    return _Directory(start, size, count, at, comment), oddities


def _two_ends(
    short: tuple[int, int, int], wide: tuple[int, int, int], length: int, at: int
) -> list[Oddity]:
    """A zip64 end holds nothing more, and the short end says the same or leaves it open."""
    found: list[Oddity] = []
    full = (0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    if any(a not in (b, c) for a, b, c in zip(short, wide, full, strict=True)):
        found.append(("zip.two_headers", "the zip64 end tells of another directory", at))
    if length != END64_LENGTH:
        found.append(("zip.hidden", f"{length - END64_LENGTH} bytes in the zip64 end", at))
    return found


def _zip64(view: memoryview, at: int) -> tuple[int, int, int, int]:
    (where,) = struct.unpack_from("<Q", view, at - 12)
    if where + 56 > at - 20 or view[where : where + 4] != END64:
        raise Damaged("the zip64 end is not where it should be")
    (length,) = struct.unpack_from("<Q", view, where + 4)
    count, size, start = struct.unpack_from("<QQQ", view, where + 32)
    if where + 12 + length != at - 20:
        raise Damaged("the zip64 end has another length")
    return count, size, start, where


def _names(members: list[Member]) -> list[Oddity]:
    found: list[Oddity] = []
    seen: set[str] = set()
    for member in members:
        name = member.name
        same = unicodedata.normalize("NFKC", name).casefold()
        if same in seen:
            found.append(("zip.duplicate", f"two members of the name {name!r:.80}", member.header))
        seen.add(same)
        outside = name.startswith("/") or ".." in name.replace("\\", "/").split("/")
        if outside or "\\" in name or "\0" in name or ":" in name:
            found.append(("zip.path", f"a member outside the archive, {name!r:.80}", member.header))
    return found


def _gaps(members: list[Member], directory: int) -> list[Oddity]:
    found: list[Oddity] = []
    position = 0
    for member in sorted(members, key=lambda m: m.header):
        if member.header < position:
            found.append(("zip.overlap", f"the member {member.name!r:.80} overlaps", member.header))
        elif member.header > position:
            what = "before the archive" if position == 0 else "between two members"
            found.append(("zip.hidden", f"{member.header - position} bytes {what}", position))
        position = max(position, member.end)
    if position > directory:
        found.append(("zip.overlap", "the last member overlaps the directory", directory))
    elif position < directory:
        found.append(("zip.hidden", f"{directory - position} bytes before the directory", position))
    return found
