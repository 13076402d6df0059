"""Zip and tar archives: every member by the reader that its content calls for."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from collections.abc import Callable

from auditor.core import hygiene
from auditor.core.scan import Level
from auditor.intake.inert import models
from auditor.intake.inert.items import External, Item
from auditor.intake.inert.log import Damaged, Log, OutOfBudget, shown
from auditor.intake.inert.onnx_messages import is_outside
from auditor.intake.inert.torch_files import Inner
from auditor.intake.inert.ziplayout import Layout, content, intact, layout

Read = Callable[[Item, Log], str]
_HARM = ("zip.path", "zip.link")
"""Unpacking alone would write outside, or read what the auditor's machine holds."""
_DIFFER = ("zip.hidden", "zip.two_headers", "zip.overlap", "zip.flags", "zip.split")
"""Readers of zips disagree about what is in it, so no reading is the one that counts."""


def read_zip(item: Item, log: Log, read: Read) -> None:
    """A zip of any kind: models by their own reader, everything else member by member.

    Raises:
        Damaged, OutOfBudget: the archive or the model in it cannot be read.
    """
    found = layout(item.view, log.budget)
    for rule, what, at in found.oddities:
        log.add(_level(rule), rule, what, at)
    for member in found.members:
        if odd := hygiene.of_path(member.name):
            what = f"the name {shown(member.name, 200)!r} {odd}"
            log.add("suspicious", "name.member", what, member.header, member.name)
    stems = Counter(member.name.removesuffix(".npy") for member in found.members)
    for same in [name for name, count in stems.items() if count > 1]:
        log.add("suspicious", "zip.duplicate", f"two arrays of the name {same!r:.80}", None, same)
    kind = models.zip_kind(found)
    _checksums(item, found, log)
    if kind == "zip":
        for member in found.members:
            if member.name.endswith("/") and not member.size:
                continue
            inside = log.member(member.name)
            try:
                data = content(item.view, member, log.budget)
                read(Item(data, member.name, _siblings(item, found, member.name, log)), inside)
            except Damaged as error:
                inside.add("not_audited", "damaged", str(error))
        if not found.members:
            log.add("not_audited", "zip.empty", "the zip is empty")
        return
    log.shared.formats.append(kind)
    if any(rule == "zip.duplicate" for rule, _, _ in found.oddities):
        _members_one_by_one(item, found, log, read)
    try:
        models.ZIP_READERS[kind](item.view, found, log, _inner(read))
    except (Damaged, OutOfBudget):
        _members_one_by_one(item, found, log, read)
        raise


def _level(rule: str) -> Level:
    return "danger" if rule in _HARM else "not_audited" if rule in _DIFFER else "suspicious"


def _inner(read: Read) -> Inner:
    """Read a member that is a file of its own."""

    def inner(data: memoryview, name: str, log: Log) -> None:
        read(Item(data, name), log.member(name))

    return inner


def _members_one_by_one(item: Item, found: Layout, log: Log, read: Read) -> None:
    """Of a model that cannot be read as one: what its members alone would run."""
    for member in found.members:
        alone = Log(f"{log.part}!{member.name}", log.budget, depth=log.depth + 1)
        try:
            read(Item(content(item.view, member, log.budget), member.name), alone)
        except (Damaged, OutOfBudget):
            continue
        for problem in alone.shared.problems:
            if problem.level == "danger":
                log.take(problem)


def _siblings(item: Item, found: Layout, name: str, log: Log) -> External:
    """External data of a model that lies in the same folder of the same archive."""
    folder = name.rpartition("/")[0]
    members = {member.name: member for member in found.members}

    def external(location: str) -> memoryview | None:
        member = members.get(f"{folder}/{location}" if folder else location)
        return None if member is None else content(item.view, member, log.budget)

    return external


def _checksums(item: Item, found: Layout, log: Log) -> None:
    for member in found.members:
        if member.flags & 1:
            log.add("not_audited", "zip.encrypted", "the member says that it is encrypted",
                    member.header, member.name)  # fmt: skip
        try:
            data = content(item.view, member, log.budget)
        except Damaged as error:
            log.add("not_audited", "damaged", str(error), member.header, member.name)
            continue
        if not intact(data, member, log.budget):
            what = f"the member {member.name!r:.80} has another checksum"
            log.add("suspicious", "zip.checksum", what, member.header, member.name)


def read_tar(item: Item, log: Log, read: Read) -> None:
    """A tar, member by member.

    Raises:
        Damaged, OutOfBudget: it cannot be read.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(item.view), mode="r:") as archive:
            for count, entry in enumerate(archive):
                log.budget.check()
                if count > 1000:
                    raise OutOfBudget("it has more than 1000 members")
                if not entry.isfile():
                    if not entry.isdir():
                        level: Level = "danger" if is_outside(entry.linkname) else "suspicious"
                        log.add(level, "tar.link", "a link or device", entry.offset, entry.name)
                    continue
                if is_outside(entry.name):
                    log.add(
                        "danger",
                        "tar.path",
                        "a member outside the archive",
                        entry.offset,
                        entry.name,
                    )
                data = item.view[entry.offset_data : entry.offset_data + entry.size]
                read(Item(data, entry.name), log.member(entry.name))
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise Damaged(f"the tar is damaged: {str(error)[:80]}") from error
    log.add("not_audited", "tar", "a tar archive is no delivery that can be audited", 0, "tar")
