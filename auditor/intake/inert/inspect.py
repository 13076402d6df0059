"""One file of a delivery: what it is by its content, and the reader that this calls for.

Purpose: extensions are not believed. Whatever no reader understands to its last byte is
``not_audited``; archives are read member by member with the same function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.core.errors import DeliveryError
from auditor.intake.inert import (
    models,
    names,
    numpy_files,
    onnx_files,
    packed,
    pickle_files,
    texts,
    torch_files,
)
from auditor.intake.inert.log import Damaged, Log, OutOfBudget
from auditor.intake.inert.ziplayout import Layout, content, intact, layout

External = Callable[[str], memoryview | None]
_FOREIGN = {
    b"\x89HDF\r\n\x1a\n": "HDF5 (.h5, .keras weights)", b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard", b"GGUF": "GGUF", b"\x89PNG": "PNG picture",
    b"\xff\xd8\xff": "JPEG picture", b"%PDF": "PDF", b"\x7fELF": "ELF program",
    b"MZ": "Windows program", b"PAR1": "Parquet", b"\xca\xfe\xba\xbe": "Java class",
}  # fmt: skip
_PROGRAMS = ("ELF program", "Windows program", "Java class")
FEW_STEPS = 6
"""Text that is no pickle stops the machine sooner."""
_END = b"PK\x05\x06"


def nowhere(name: str) -> memoryview | None:
    """External data of a model that has no folder."""
    return None


@dataclass(frozen=True)
class Item:
    """Bytes with a name: a file or a member of an archive."""

    view: memoryview
    name: str
    external: External = nowhere


def inspect(item: Item, log: Log) -> str:
    """Read one item with the reader of its format; every failure becomes a problem.

    Returns:
        the name of the format.
    """
    kind = "unknown"
    try:
        kind = _kind(item)
        _READERS[kind](item, log)
        _second_face(item, kind, log)
    except OutOfBudget as error:
        log.add("not_audited", "budget", str(error))
    except Damaged as error:
        log.add("not_audited", "damaged", str(error))
    except DeliveryError as error:
        level = "danger" if error.kind == "dangerous" else "not_audited"
        log.add(level, f"model.{error.kind}", error.message.rstrip("."))  # type: ignore[arg-type]
    except (RecursionError, MemoryError) as error:
        log.add(
            "not_audited", "budget", f"it needs too much of this machine ({type(error).__name__})"
        )
    return kind


def _kind(item: Item) -> str:
    head = bytes(item.view[:64])
    return next(name for name, is_such in _SNIFFERS if is_such(head, item.view))


def _is_safetensors(head: bytes, view: memoryview) -> bool:
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 40


_SNIFFERS: tuple[tuple[str, Callable[[bytes, memoryview], bool]], ...] = (
    ("zip", lambda head, view: head.startswith(b"PK")),
    ("npy", lambda head, view: head.startswith(numpy_files.MAGIC)),
    ("safetensors", _is_safetensors),
    ("state_dict", lambda head, view: torch_files.is_legacy(view)),
    ("pickle", lambda head, view: head[:1] == b"\x80" and head[1:2] <= b"\x05"),
    ("foreign", lambda head, view: any(head.startswith(start) for start in _FOREIGN)),
    ("tar", lambda head, view: bytes(view[257:262]) == b"ustar"),
    ("onnx", lambda head, view: models.looks_like_onnx(head)),
    ("packed", lambda head, view: packed.kind_of(view) is not None),
    ("text", lambda head, view: texts.decoded(view) is not None),
    ("other", lambda head, view: True),
)
"""From the surest sign to the weakest."""


def _second_face(item: Item, kind: str, log: Log) -> None:
    """A file that other readers would take for a zip is read as one, too."""
    tail = bytes(item.view[-65_557:])
    if kind in ("zip", "other") or _END not in tail:
        return
    log.add(
        "suspicious", "file.polyglot", "it is a zip for readers that look at its end", None, "zip"
    )
    _zip(item, log)


def _safetensors(item: Item, log: Log) -> None:
    models.safetensors(item.view, log)


def _state_dict(item: Item, log: Log) -> None:
    models.weights(torch_files.read_legacy(item.view, log), log)


def _pickle(item: Item, log: Log) -> None:
    models.weights(pickle_files.read_pickles(item.view, log), log)


def _npy(item: Item, log: Log) -> None:
    array = numpy_files.read_npy(item.view, log)
    models.array(item.name, array, log)


def _onnx(item: Item, log: Log) -> None:
    onnx_files.read_onnx(item.view, log, item.external)


def _foreign(item: Item, log: Log) -> None:
    name = next(name for start, name in _FOREIGN.items() if bytes(item.view[:8]).startswith(start))
    level = "danger" if name in _PROGRAMS else "not_audited"
    log.add(level, "file.foreign", f"it is {name}, which no reader here understands", 0, name)  # type: ignore[arg-type]


def _packed(item: Item, log: Log) -> None:
    kind = packed.kind_of(item.view) or ""
    inside = log.member(f"({kind})")
    try:
        data, rest = packed.unpacked(item.view, kind, log.budget)
    except Damaged:
        if texts.decoded(item.view) is None:
            raise
        _text(item, log)
        return
    if rest:
        log.add(
            "suspicious",
            "file.trailing",
            f"{rest} bytes behind the {kind} data",
            len(item.view) - rest,
        )
    if not data:
        log.add("not_audited", "file.empty", f"the {kind} data are empty")
        return
    log.shared.formats.append(inspect(Item(data, item.name), inside))


def _tar(item: Item, log: Log) -> None:
    import io
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(item.view), mode="r:") as archive:
            for count, entry in enumerate(archive):
                log.budget.check()
                if count > 1000:
                    raise OutOfBudget("it has more than 1000 members")
                if not entry.isfile():
                    if not entry.isdir():
                        log.add(
                            "suspicious", "tar.link", "a link or device", entry.offset, entry.name
                        )
                    continue
                if onnx_files.is_outside(entry.name):
                    log.add(
                        "danger",
                        "tar.path",
                        "a member outside the archive",
                        entry.offset,
                        entry.name,
                    )
                data = item.view[entry.offset_data : entry.offset_data + entry.size]
                inspect(Item(data, entry.name), log.member(entry.name))
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        raise Damaged(f"the tar is damaged: {str(error)[:80]}") from error
    log.add("not_audited", "tar", "a tar archive is no delivery that can be audited", 0, "tar")


def _text(item: Item, log: Log) -> None:
    text = texts.decoded(item.view)
    assert text is not None
    if not _pickle_in_text(item, log):
        log.shared.formats.append(texts.read_text(text, item.name, log))


def _other(item: Item, log: Log) -> None:
    if not _pickle_in_text(item, log):
        log.add("not_audited", "file.unknown", "it is in no known format", 0, "unknown")


def _pickle_in_text(item: Item, log: Log) -> bool:
    """Pickles of protocol 0 and 1 have no signature: try whether the machine gets anywhere."""
    trial = Log(log.part, log.budget)
    machine = pickle_files.machine(item.view, trial)
    whole = True
    try:
        pickle_files.read_all(machine, trial)
    except OutOfBudget as error:
        trial.add("not_audited", "budget", str(error))
    except Damaged as error:
        whole = False
        if machine.steps >= FEW_STEPS:
            what = f"it begins like a pickle and is damaged: {error}"
            log.add("not_audited", "damaged", what, machine.position)
    danger = any(p.level == "danger" for p in trial.shared.problems)
    called = any(p.rule == "pickle.global" for p in trial.shared.problems)
    if not whole and not (danger and called and _calls(item.view)):
        _almost(trial, log)
        return False
    log.shared.formats.append("pickle")
    for problem in trial.shared.problems:
        said = problem.message[len(log.part) + 2 : -1]
        log.add(problem.level, problem.rule, f"as a pickle: {said}", None, problem.name)
    if not whole:
        log.add("not_audited", "damaged", "the pickle is damaged behind the call")
    return True


def _almost(trial: Log, log: Log) -> None:
    """A damaged pickle of a known module: nothing would run, but nothing is known either."""
    for problem in trial.shared.problems:
        if (
            problem.rule == "pickle.global"
            and problem.offset == 0
            and names.is_module(problem.name)
        ):
            what = f"it begins like a pickle that calls {problem.name}, and is damaged"
            log.add("not_audited", "damaged", what, 0, problem.name)


def _calls(view: memoryview) -> bool:
    """Whether a broken pickle gets as far as a call."""
    from auditor.intake.inert.opcodes import decode

    at = 0
    try:
        for _ in range(1000):
            name, _, at = decode(view, at)
            if name in ("REDUCE", "OBJ", "INST", "NEWOBJ", "NEWOBJ_EX", "BUILD"):
                return True
    except Damaged:
        return False
    return False


def _zip(item: Item, log: Log) -> None:
    found = layout(item.view, log.budget)
    for rule, what, at in found.oddities:
        log.add("suspicious", rule, what, at)
    kind = models.zip_kind(found)
    _checksums(item, found, log)
    if kind == "zip":
        for member in found.members:
            if member.name.endswith("/") and not member.size:
                continue
            inside = log.member(member.name)
            try:
                data = content(item.view, member, log.budget)
                inspect(Item(data, member.name, _siblings(item, found, member.name, log)), inside)
            except Damaged as error:
                inside.add("not_audited", "damaged", str(error))
        if not found.members:
            log.add("not_audited", "zip.empty", "the zip is empty")
        return
    log.shared.formats.append(kind)
    try:
        models.ZIP_READERS[kind](item.view, found, log, inspect_member)
    except (Damaged, OutOfBudget):
        _members_one_by_one(item, found, log)
        raise


def _members_one_by_one(item: Item, found: Layout, log: Log) -> None:
    """Of a model that cannot be read as one: what its members alone would run."""
    for member in found.members:
        alone = Log(f"{log.part}!{member.name}", log.budget, depth=log.depth + 1)
        try:
            inspect(Item(content(item.view, member, log.budget), member.name), alone)
        except (Damaged, OutOfBudget):
            continue
        log.shared.problems.extend(p for p in alone.shared.problems if p.level == "danger")


def _siblings(item: Item, found: Layout, name: str, log: Log) -> External:
    """External data of a model that lies in the same folder of the same archive."""
    folder = name.rpartition("/")[0]
    members = {member.name: member for member in found.members}

    def external(location: str) -> memoryview | None:
        member = members.get(f"{folder}/{location}" if folder else location)
        return None if member is None else content(item.view, member, log.budget)

    return external


def inspect_member(data: memoryview, name: str, log: Log) -> None:
    """Read a member that is a file of its own."""
    inspect(Item(data, name), log.member(name))


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


_READERS: dict[str, Callable[[Item, Log], None]] = {
    "zip": _zip, "safetensors": _safetensors, "state_dict": _state_dict, "pickle": _pickle,
    "npy": _npy, "onnx": _onnx, "foreign": _foreign, "packed": _packed, "tar": _tar,
    "text": _text, "other": _other, "unknown": _other,
}  # fmt: skip
