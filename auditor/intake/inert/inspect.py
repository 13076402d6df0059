"""One file of a delivery: what it is by its content, and the reader that this calls for.

Purpose: extensions are not believed. Whatever no reader understands to its last byte is
``not_audited``; archives are read member by member with the same function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from auditor.core.errors import DeliveryError
from auditor.core.scan import Level
from auditor.intake.inert import (
    archives,
    hidden_pickles,
    models,
    numpy_files,
    onnx_files,
    packed,
    pickle_files,
    texts,
    torch_files,
)
from auditor.intake.inert.items import Item
from auditor.intake.inert.log import Damaged, Log, OutOfBudget

_FOREIGN = {
    b"\x89HDF\r\n\x1a\n": "HDF5 (.h5, .keras weights)", b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard", b"GGUF": "GGUF", b"\x89PNG": "PNG picture",
    b"\xff\xd8\xff": "JPEG picture", b"%PDF": "PDF", b"PAR1": "Parquet",
}  # fmt: skip
_PROGRAMS = {
    b"\x7fELF": "ELF program", b"MZ": "Windows program", b"\xca\xfe\xba\xbe": "Java class",
    b"\xfe\xed\xfa\xce": "Mach-O program", b"\xfe\xed\xfa\xcf": "Mach-O program",
    b"\xce\xfa\xed\xfe": "Mach-O program", b"\xcf\xfa\xed\xfe": "Mach-O program",
    b"\0asm": "WebAssembly program", b"dex\n": "Android program", b"BC\xc0\xde": "LLVM program",
    b"\x1bLua": "Lua program", b"!<arch>\n": "library of programs",
}  # fmt: skip
_BYTECODE = b"\r\r\n"
"""The second to the fourth byte of what Python 3 compiles to."""
_GZIP_FLAGS = 0x09
"""A text, and a name."""
_END = b"PK\x05\x06"
_READ_AS_PICKLES = ("pickle", "text", "other", "zip", "unknown")
"""A zip begins with PERSID, at which a plain unpickler stops."""


def inspect(item: Item, log: Log) -> str:
    """Read one item with the reader of its format; every failure becomes a problem.

    Returns:
        the name of the format.
    """
    kind = "unknown"
    with _named(log):
        kind = _kind(item)
        _READERS[kind](item, log)
    with _named(log):
        _second_face(item, kind, log)
    return kind


@contextmanager
def _named(log: Log) -> Iterator[None]:
    """Whatever a reader raises becomes a problem."""
    try:
        yield
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
    ("foreign", lambda head, view: bool(_program(head) or _foreign_name(head))),
    ("tar", lambda head, view: bytes(view[257:262]) == b"ustar"),
    ("onnx", lambda head, view: models.looks_like_onnx(head)),
    ("packed", lambda head, view: packed.kind_of(view) is not None),
    ("text", lambda head, view: texts.decoded(view) is not None),
    ("other", lambda head, view: True),
)
"""From the surest sign to the weakest."""


def _second_face(item: Item, kind: str, log: Log) -> None:
    """What other readers would take for a pickle or a zip is read as one, too."""
    if kind not in _READ_AS_PICKLES:
        hidden_pickles.look(item, log)
    tail = bytes(item.view[-65_557:])
    if kind == "zip" or _END not in tail:
        return
    log.add(
        "suspicious", "file.polyglot", "it is a zip for readers that look at its end", None, "zip"
    )
    archives.read_zip(item, log, inspect)


def _safetensors(item: Item, log: Log) -> None:
    models.safetensors(item.view, log)


def _state_dict(item: Item, log: Log) -> None:
    def behind(view: memoryview, name: str, inside: Log) -> None:
        inspect(Item(view, name), inside.member(name))

    models.weights(torch_files.read_legacy(item.view, log, behind), log)


def _pickle(item: Item, log: Log) -> None:
    models.weights(pickle_files.read_pickles(item.view, log), log)


def _npy(item: Item, log: Log) -> None:
    array = numpy_files.read_npy(item.view, log)
    models.array(item.name, array, log)


def _onnx(item: Item, log: Log) -> None:
    onnx_files.read_onnx(item.view, log, item.external)


def _foreign(item: Item, log: Log) -> None:
    head = bytes(item.view[:8])
    program = _program(head)
    name = program or _foreign_name(head)
    level: Level = "danger" if program else "not_audited"
    log.add(level, "file.foreign", f"it is {name}, which no reader here understands", 0, name)


def _program(head: bytes) -> str:
    if head[1:4] == _BYTECODE:
        return "compiled Python program"
    return next((name for start, name in _PROGRAMS.items() if head.startswith(start)), "")


def _foreign_name(head: bytes) -> str:
    return next((name for start, name in _FOREIGN.items() if head.startswith(start)), "")


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
    if kind == "gzip" and item.view[3] & ~_GZIP_FLAGS:
        log.add("suspicious", "file.gzip", "a comment or other bytes in the gzip header", 3)
    if rest:
        log.add(
            "suspicious",
            "file.trailing",
            f"{rest} bytes behind the {kind} data",
            len(item.view) - rest,
        )
        _behind(item.view[len(item.view) - rest :], log.member("behind"))
    if not data:
        log.add("not_audited", "file.empty", f"the {kind} data are empty")
        return
    log.shared.formats.append(inspect(Item(data, item.name), inside))


def _behind(view: memoryview, log: Log) -> None:
    """What follows packed data is read as a file of its own; some loaders go on with it."""
    zeros = len(view) - len(bytes(view).lstrip(b"\0"))
    if zeros < len(view):
        log.add("not_audited", "file.trailing", "a loader may go on with it", zeros)
        inspect(Item(view[zeros:], "behind"), log)


def _text(item: Item, log: Log) -> None:
    text = texts.decoded(item.view)
    assert text is not None
    if not hidden_pickles.found(item, log):
        log.shared.formats.append(texts.read_text(text, item.name, log, item.external))


def _other(item: Item, log: Log) -> None:
    if not hidden_pickles.found(item, log):
        log.add("not_audited", "file.unknown", "it is in no known format", 0, "unknown")


_READERS: dict[str, Callable[[Item, Log], None]] = {
    "zip": lambda item, log: archives.read_zip(item, log, inspect),
    "tar": lambda item, log: archives.read_tar(item, log, inspect),
    "safetensors": _safetensors, "state_dict": _state_dict, "pickle": _pickle,
    "npy": _npy, "onnx": _onnx, "foreign": _foreign, "packed": _packed,
    "text": _text, "other": _other, "unknown": _other,
}  # fmt: skip
