"""What the readers found, as tensors with statistics; and the zips that are models.

Purpose: torch zips, TorchScript, ``torch.export`` and numpy archives share the zip reader; each
kind has its own list of members, and a member outside it is a problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from math import prod

from auditor.intake.inert import (
    array_letters,
    checkpoint_notes,
    contents,
    estimators,
    exports,
    numpy_files,
    records,
    script_flow,
    skops_files,
    steep,
    torch_files,
    walk,
)
from auditor.intake.inert.dtypes import NAMES
from auditor.intake.inert.exports import checked
from auditor.intake.inert.log import Damaged, Log, OutOfBudget, shown
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.safetensors_files import DTYPES, read_safetensors
from auditor.intake.inert.statistics import examine
from auditor.intake.inert.torch_files import Inner
from auditor.intake.inert.values import ITEM_SIZES, Array, Made, Storage, TensorRef
from auditor.intake.inert.zip_entries import Member
from auditor.intake.inert.ziplayout import Layout, content
from auditor.intake.scan_export import OLD_EXPORT
from auditor.intake.scan_torchscript import check_code, is_code, parsed
from auditor.intake.zips import Archive

LETTERS = 12
"""Different sizes between 32 and 126 that honest files do not give to tensors of nothing."""
_ONNX_FIRST = frozenset((0x08, 0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x72))
_SCRIPT_MEMBER = re.compile(
    r"(data\.pkl|constants\.pkl|traced_inputs\.pkl|version|byteorder|\.data/\w+|\.format_version|\.storage_alignment"
    r"|(data|constants|traced_inputs)/\d+|code/.+\.py|code/.+\.debug_pkl)"
)


def looks_like_onnx(head: bytes) -> bool:
    """A protobuf whose first fields are ModelProto's, most often ``ir_version`` (field 1)."""
    if len(head) < 16 or head[0] not in _ONNX_FIRST:
        return False
    if head[0] == 0x08:
        return 0 < head[1] < 64 and head[2] in _ONNX_FIRST
    return b"onnx" in head or b"pytorch" in head or b"keras" in head or b"tf2onnx" in head


def safetensors(view: memoryview, log: Log) -> None:
    """Rows for all tensors of a safetensors file."""
    entries, data = read_safetensors(view, log)
    for entry in entries:
        dtype = DTYPES.get(entry.dtype, entry.dtype.lower())
        examine(entry.name, dtype, entry.shape, data[entry.start : entry.end], log)
    _layers([(entry.name, entry.shape) for entry in entries], log)


def weights(root: object, log: Log) -> None:
    """Rows for all tensors and arrays of a described object."""
    contents.look(root, log)
    checkpoint_notes.look(root, log)
    estimators.rebuilt(root, log)
    found: list[tuple[str, tuple[int, ...]]] = []
    done: set[tuple[int, str]] = set()
    for name, value in walk.leaves(root):
        if isinstance(value, TensorRef):
            found.append((name, value.shape))
            if any(hooks.items for hooks in value.hooks):
                log.add("not_audited", "pickle.hooks", f"hooks of {shown(name)}", None, name)
            if value.storage.data is not None and (id(value.storage), value.dtype) not in done:
                done.add((id(value.storage), value.dtype))
                examine(name, value.dtype, value.shape, memoryview(value.storage.data), log)
        elif isinstance(value, Array):
            array(name, value, log)
        elif isinstance(value, Storage) and value.data is not None:
            examine(name, value.dtype, (value.count,), memoryview(value.data), log)
    _layers(found, log)


def array(name: str, value: Array, log: Log) -> None:
    """A row for one numpy array."""
    if value.dtype is not None and not value.dtype.objects and len(value.data):
        dtype = NAMES.get(value.dtype.code, value.dtype.code)
        if value.dtype.order == ">" and ITEM_SIZES.get(dtype, 1) > 1:
            dtype = f"{dtype} (big-endian)"
        examine(name, dtype, value.shape, memoryview(value.data), log)
        if value.dtype.code[:1] in ("U", "S"):
            array_letters.look(name, value, log)


def _layers(found: list[tuple[str, tuple[int, ...]]], log: Log) -> None:
    """The architecture as far as shapes tell it; shapes of nothing are no place for a text."""
    sizes = [size for _, shape in found if 0 in shape for size in shape if 32 <= size < 127]
    if len({*sizes}) >= LETTERS:
        what = (
            f"the shapes of tensors without numbers spell {shown(''.join(map(chr, sizes)), 60)!r}"
        )
        log.add("suspicious", "tensor.shapes", what, None, "shapes")
    kinds = Counter({4: "convolution", 2: "matrix", 3: "3-d"}.get(len(s), "") for _, s in found)
    parts = [f"{count} {kind}" for kind, count in kinds.most_common() if kind]
    total = sum(prod(shape) for _, shape in found)
    if found and not log.shared.architecture:
        listed = ", ".join(parts) or "no"
        log.shared.architecture = f"{listed} weights, {total:,} values in {len(found)} tensors"


def zip_kind(found: Layout) -> str:
    """One of `ZIP_READERS`, or plain ``zip``."""
    names = {member.name for member in found.members}
    inner = {name.partition("/")[2] for name in names}
    code = any(name.startswith("code/") for name in inner)
    signs = {
        "old_export": OLD_EXPORT in names,
        "skops": skops_files.SCHEMA in names,
        "export": "models/model.json" in inner,
        "torchscript": "constants.pkl" in inner and code,
        "state_dict": "data.pkl" in inner,
        "npz": bool(names) and all(name.endswith(".npy") for name in names),
    }
    return next((kind for kind, is_such in signs.items() if is_such), "zip")


def _by_name(found: Layout) -> dict[str, Member]:
    return {member.name: member for member in found.members}


def _state_dict(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    records.look(view, found, log, inner)
    weights(torch_files.read_zip(view, _by_name(found), log, inner), log)


def _npz(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    for member in found.members:
        inside = log.member(member.name)
        value = numpy_files.read_npy(content(view, member, log.budget), inside)
        array(member.name, value, inside)


def _torchscript(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    archive = Archive(view, found, log.part, log.budget)
    records.look(view, found, log, inner)
    constants, root = 0, ""
    for name, member in archive.members.items():
        found_ = _script_member(name, content(view, member, log.budget), log, inner)
        if name.endswith("/constants.pkl") and isinstance(found_, list | tuple):
            constants = len(found_)
        if name.endswith("/data.pkl") and isinstance(found_, Made):
            root = found_.name
            folder = name.rpartition("/")[0]
            steep.of_script(found_, partial(_stored, archive, folder, log), log)
    _constants(archive, constants, log)
    if checked(check_code, archive, log):
        try:
            script_flow.follow(parsed(archive), root, log)
        except Damaged as error:
            log.add("not_audited", "script.flow", str(error))
        except (OutOfBudget, RecursionError) as error:
            what = f"what it does with its input could not be followed: {error}"
            log.add("suspicious", "script.flow", what)
    sources = sum(is_code(name) for name in archive.members)
    _script_storages(archive, log)
    log.shared.architecture = f"TorchScript program of {sources} source files"


def _constants(archive: Archive, count: int, log: Log) -> None:
    """Code may only name constants that are stored."""
    for name in filter(is_code, archive.members):
        numbers = [int(n[:9]) for n in re.findall(rb"CONSTANTS\.c(\d+)", archive.read(name))]
        if numbers and max(numbers) >= count:
            what = f"the code {shown(name)} names the constant {max(numbers)} of {count}"
            log.add("not_audited", "script.constant", what, None, name)


def _script_member(name: str, data: memoryview, log: Log, inner: Inner) -> object:
    short = name.partition("/")[2]
    if not _SCRIPT_MEMBER.fullmatch(short):
        if not short.startswith("extra/"):  # where torch writes what it was handed besides
            what = f"the member {shown(name)} is no part of a TorchScript model"
            log.add("suspicious", "zip.member", what, None, name)
        inner(data, name, log)
    elif short.endswith("pkl") and not short.endswith("/"):
        machine = Machine(data, log.member(name), persistent=_Persistent(), script=True)
        result = machine.run()
        if machine.position != len(data):
            log.add("suspicious", "pickle.trailing", f"bytes behind the pickle {shown(name)}",
                    machine.position, name)  # fmt: skip
        return result
    return None


class _Persistent:
    """Storages of TorchScript: described, their bytes are read by name."""

    def __call__(self, pid: object) -> object:
        return torch_files.Storages().persistent(pid)


def _stored(archive: Archive, folder: str, log: Log, key: str) -> memoryview | None:
    """Bytes of a storage of ``data.pkl``, None if there is none."""
    member = archive.members.get(f"{folder}/data/{key}")
    return None if member is None else content(archive.view, member, log.budget)


def _script_storages(archive: Archive, log: Log) -> None:
    for name, member in archive.members.items():
        if re.fullmatch(r"(data|constants)/\d+", name.partition("/")[2]):
            data = content(archive.view, member, log.budget)
            dtype = "float32" if len(data) % 4 == 0 else "uint8"
            examine(name, dtype, (len(data) // ITEM_SIZES[dtype],), data, log)


def _skops(view: memoryview, found: Layout, log: Log, inner: Inner) -> None:
    weights(skops_files.read_skops(view, found, log), log)
    for member in found.members:
        if member.name != skops_files.SCHEMA:
            inner(content(view, member, log.budget), member.name, log)
        if member.name != skops_files.SCHEMA and not member.name.endswith(".npy"):
            what = f"the member {shown(member.name)} is no array"
            log.add("suspicious", "zip.member", what, None, member.name)


ZIP_READERS: dict[str, Callable[[memoryview, Layout, Log, Inner], None]] = {
    "state_dict": _state_dict, "npz": _npz, "torchscript": _torchscript, "export": exports.export,
    "old_export": exports.old_export, "skops": _skops,
}  # fmt: skip
