"""Torch files of weights: zips of every version since 1.6, and the legacy stream of pickles.

Purpose: names, shapes and bytes of tensors, with every storage checked against the bytes that are
there. Nested checkpoints (optimizer, epoch, numpy scalars) are read as data.
Source: layouts as torch 1.0 to 2.13 write them, read from files they wrote.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from auditor.intake.inert import names
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import (
    DEVICE,
    ITEM_SIZES,
    Global,
    Pairs,
    Storage,
    Unknown,
)
from auditor.intake.inert.walk import tensors
from auditor.intake.inert.zip_entries import Member
from auditor.intake.inert.ziplayout import content, layout

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_SYSTEM = {"protocol_version", "little_endian", "type_sizes"}
TENSORS = 20_000
_RECORDS = ("version", "byteorder", ".format_version", ".storage_alignment",
            ".data/serialization_id", ".data/version")  # fmt: skip
_BYTES = {"byteorder": (b"little", b"big"), ".data/serialization_id": None}


Inner = Callable[[memoryview, str, Log], None]


@dataclass
class Storages:
    """Storages by key; a key always means the same bytes."""

    known: dict[str, Storage] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)

    def persistent(self, pid: object) -> Storage:
        """The storage that a persistent id of a torch file names.

        Raises:
            Unknown: another kind of persistent id.
            Damaged: one key with two sizes.
        """
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] not in ("storage", b"storage"):
            raise Unknown("a persistent id that is no storage")
        _, kind, key, place, count, *view = pid
        if not isinstance(kind, Global) or not names.is_storage(kind.name):
            raise Unknown("a storage of an unknown class")
        if type(count) is not int or not 0 <= count < 1 << 48 or not isinstance(key, str):
            raise Damaged("a storage of an absurd size")
        if not isinstance(place, str) or not DEVICE.fullmatch(place):
            raise Unknown("a storage on a device that nobody knows")
        if len(view) > 1 or (view and view[0] is not None):
            raise Unknown("a view of a storage, as torch before 0.4 wrote it")
        dtype = names.storage_dtype(kind.name)
        storage = self.known.setdefault(key, Storage(key, dtype, count))
        if (storage.dtype, storage.count) != (dtype, count):
            size = ITEM_SIZES[storage.dtype] * storage.count
            if size != ITEM_SIZES[dtype] * count:
                raise Damaged(f"the storage {shown(key, 20)} has two sizes")
            self.twice.add(key)
            return Storage(key, dtype, count)
        return storage


def read_zip(
    view: memoryview, members: dict[str, Member], log: Log, inner: Inner | None = None
) -> object:
    """The described object of a torch zip; every member has to be part of it.

    Args:
        inner: looks into members that are not.

    Raises:
        Damaged, OutOfBudget: as the readers below.
    """
    root = _root(members)
    if (order := _record(view, members, root, "byteorder", log)) not in (None, b"little"):
        raise Damaged(f"the byte order is {shown(order)}; only little is read")
    storages = Storages()
    pickled = content(view, members[f"{root}/data.pkl"], log.budget)
    inside = log.member(f"{root}/data.pkl")
    machine = Machine(
        pickled, inside, storages.persistent, nested=lambda data: nested(data, inside)
    )
    result = machine.run()
    if machine.position != len(pickled):
        inside.add("suspicious", "pickle.trailing", "bytes behind the pickle", machine.position)
    used = {f"{root}/data.pkl", *(f"{root}/{name}" for name in _RECORDS)}
    for key, storage in storages.known.items():
        name = f"{root}/data/{key}"
        used.add(name)
        if name not in members:
            raise Damaged(f"the storage {shown(key, 20)} is missing")
        _fill(storage, content(view, members[name], log.budget))
    for name, member in members.items():
        if name in used or (name.endswith("/") and not member.size):
            continue
        what = f"the member {shown(name)} belongs to no tensor"
        log.add("suspicious", "zip.member", what, member.start, name)
        if inner is not None:
            inner(content(view, member, log.budget), name, log)
    for key in storages.twice:
        what = f"the storage {shown(key, 20)} has two types, which torch does not save"
        inside.add("suspicious", "pickle.storage", what, None, key)
    _relink(result, storages, log)
    return result


def _root(members: dict[str, Member]) -> str:
    found = [name.removesuffix("/data.pkl") for name in members if name.endswith("/data.pkl")]
    if len(found) != 1:
        raise Damaged(f"it has {len(found)} members data.pkl")
    return found[0]


def _record(
    view: memoryview, members: dict[str, Member], root: str, name: str, log: Log
) -> bytes | None:
    member = members.get(f"{root}/{name}")
    if member is None:
        return None
    if member.size > 64:
        raise Damaged(f"the record {name} is {member.size} bytes long")
    return bytes(content(view, member, log.budget))


def _fill(storage: Storage, data: memoryview) -> None:
    needed = storage.count * ITEM_SIZES[storage.dtype]
    if len(data) != needed:
        raise Damaged(
            f"the storage {shown(storage.key, 20)} has {len(data)} bytes, its pickle says {needed}"
        )
    storage.data = data


def _relink(result: object, storages: Storages, log: Log) -> None:
    """Second types of one storage see the same bytes."""
    for _, tensor in tensors(result, log):
        if tensor.storage.data is None:
            tensor.storage.data = storages.known[tensor.storage.key].data


def is_legacy(view: memoryview) -> bool:
    """True if the first pickle of a file is torch's magic number."""
    return bytes(view[:32]).find(MAGIC.to_bytes(10, "little")) > 0


def read_legacy(view: memoryview, log: Log, inner: Inner | None = None) -> object:
    """The described object of a legacy file: five pickles, then the storages.

    Raises:
        Damaged: another magic number, or storages that are cut off or left over.
    """
    storages = Storages()
    machine = Machine(view, log, storages.persistent, nested=lambda data: nested(data, log))
    magic, protocol, system = (machine.run(machine.position) for _ in range(3))
    if magic != MAGIC or protocol != PROTOCOL:
        raise Damaged("it is not torch's old format: another magic number")
    _system(system, log)
    result = machine.run(machine.position)
    keys = machine.run(machine.position)
    position = machine.position
    if not isinstance(keys, list) or len(keys) > TENSORS:
        raise Damaged("the list of storages is none")
    for key in keys:
        position = _legacy_storage(view, position, storages, key)
    if any(storage.data is None for storage in storages.known.values()):
        raise Damaged("a storage is missing")
    if position != len(view):
        log.add("suspicious", "file.trailing", f"{len(view) - position} bytes behind it", position)
        if inner is not None:
            inner(view[position:], "behind", log)
    _relink(result, storages, log)
    return result


def _system(told: object, log: Log) -> None:
    """What an old file says of the machine that wrote it; the reading goes on to what it calls.

    Raises:
        Damaged: numbers in another order of bytes.
    """
    known = isinstance(told, Pairs) and {key for key, _ in told.items} == _SYSTEM
    if isinstance(told, Pairs) and told.get("little_endian") is False:
        raise Damaged("the byte order is big; only little is read")
    if not isinstance(told, Pairs) or not known or told.get("protocol_version") != PROTOCOL:
        what = "what it says of the machine that wrote it is not what torch says"
        log.add("not_audited", "file.system", what, None, "protocol_version")


def _legacy_storage(view: memoryview, at: int, storages: Storages, key: object) -> int:
    storage = storages.known.get(key) if isinstance(key, str) else None
    if storage is None:
        raise Damaged("the list of storages names one that no tensor uses")
    if at + 8 > len(view):
        raise Damaged("the storages are cut off")
    (count,) = struct.unpack_from("<q", view, at)
    size = ITEM_SIZES[storage.dtype] * storage.count
    if count not in (storage.count, size):
        raise Damaged(
            f"the storage {shown(key, 20)} has {count} values, its pickle says another number"
        )
    storage.data, storage.offset = view[at + 8 : at + 8 + size], at + 8
    if len(storage.data) != size:
        raise Damaged("the storages are cut off")
    return at + 8 + size


def nested(data: bytes, log: Log) -> object:
    """A torch file inside a pickle, as ``pickle.dump`` of a tensor writes it.

    Raises:
        Damaged: it is none.
    """
    inside = log.member("torch.storage._load_from_bytes")
    view = memoryview(data)
    if bytes(view[:2]) == b"PK":
        found = layout(view, log.budget)
        for rule, what, at in found.oddities:
            inside.add("suspicious", rule, what, at)
        _twins(view, found.members, inside)
        return read_zip(view, {member.name: member for member in found.members}, inside)
    return read_legacy(view, inside)


def _twins(view: memoryview, members: tuple[Member, ...], log: Log) -> None:
    """Pickles of a nested file that share their name with another, of which a reader takes one."""
    known = Counter(member.name.casefold() for member in members)
    for member in members:
        if known[member.name.casefold()] > 1 and member.name.casefold().endswith(".pkl"):
            data = content(view, member, log.budget)
            with suppress(Damaged):
                Machine(data, log.member(member.name), Storages().persistent).run()
