"""Pickles in torch files, read opcode by opcode and never executed.

Purpose: only the opcodes and globals that a dictionary of tensors needs are allowed; the first
other one ends the scan with its name and byte offset. Nothing is imported or called.
Limits: checks names, not arguments; ``torch.load(weights_only=True)`` checks again, and
``formats.state_dict`` compares tensor and storage sizes.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from auditor.core.errors import DeliveryError
from auditor.intake.report import ScanReport
from auditor.intake.words import words
from auditor.intake.zips import TEXT_LIMIT, Archive, opened

OPCODES = 5_000_000
LEGACY_PICKLES = 5
_NAMES = frozenset(
    {
        "collections.OrderedDict", "_codecs.encode", "torch.Size", "torch.device", "torch.Tensor",
        "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter",
        "torch.storage.UntypedStorage", "torch.storage.TypedStorage", "torch.UntypedStorage",
    }
)  # fmt: skip
_STORAGE = re.compile(
    r"torch\.(Float|Double|Half|BFloat16|Long|Int|Short|Char|Byte|Bool|Complex(Float|Double))Storage"
)
_DTYPE = re.compile(r"torch\.(b?float(16|32|64)?|u?int(8|16|32|64)|bool|double|half|long|short)")
_JIT = re.compile(r"__torch__(\.\w+)+|torch\.jit\._pickle\.\w+")
_OPCODES = words(
    """PROTO STOP MARK POP GLOBAL REDUCE BUILD NEWOBJ BINPERSID NONE NEWTRUE NEWFALSE BININT BININT1
    BININT2 LONG1 LONG4 BINFLOAT BINUNICODE SHORT_BINSTRING BINSTRING BINBYTES SHORT_BINBYTES
    EMPTY_LIST EMPTY_TUPLE EMPTY_DICT EMPTY_SET TUPLE TUPLE1 TUPLE2 TUPLE3 APPEND APPENDS SETITEM
    SETITEMS ADDITEMS BINPUT LONG_BINPUT BINGET LONG_BINGET"""
)
_CALLING = frozenset(("INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"))
Allowed = Callable[[str], bool]


def scan_state_dict(path: Path) -> ScanReport:
    """A torch file of weights, as zip or in the old form of five pickles.

    Raises:
        DeliveryError: ``dangerous`` for a forbidden global, ``unreadable`` for damage.
    """
    with path.open("rb") as stream:
        head = stream.read(TEXT_LIMIT)
    if not head.startswith(b"PK"):
        check_pickles(io.BytesIO(head), path.name, is_weight_global, LEGACY_PICKLES)
        return ScanReport(notes=("The file is in torch's old format.",))
    with opened(path) as archive:
        odd = check_members(archive, is_weight_global, _known_member)
    if odd:
        note = f"{len(odd)} members are no part of a state_dict, first {odd[0]!r:.80}."
        return ScanReport(suspicious=len(odd), notes=(note,))
    return ScanReport()


def name_pickle(path: Path) -> None:
    """Say so if a file of no known format is a pickle, of any protocol, that would run code.

    Raises:
        DeliveryError: ``dangerous`` with the global's name; nothing if it is no such pickle.
    """
    with path.open("rb") as stream:
        head = io.BytesIO(stream.read(TEXT_LIMIT))
    try:
        check_pickles(head, path.name, is_weight_global, 1)
    except DeliveryError as error:
        if error.kind == "dangerous":
            raise


def check_members(archive: Archive, allowed: Allowed, known: Callable[[str], bool]) -> list[str]:
    """Scan every pickle of an archive; names that are not known are returned.

    Raises:
        DeliveryError: as `scan_state_dict`.
    """
    for member in archive.members:
        if member.endswith(("pkl", ".pickle", ".pt")):
            check_pickles(io.BytesIO(archive.read(member)), member, allowed, 1)
    return [member for member in archive.members if not known(member)]


def is_weight_global(name: str) -> bool:
    """True for what a dictionary of tensors may name.

    >>> is_weight_global("torch.FloatStorage"), is_weight_global("posix.system")
    (True, False)
    """
    return name in _NAMES or bool(_STORAGE.fullmatch(name) or _DTYPE.fullmatch(name))


def is_script_global(name: str) -> bool:
    """True also for TorchScript's own classes, which are not Python's."""
    return is_weight_global(name) or bool(_JIT.fullmatch(name))


def check_pickles(stream: io.BytesIO, where: str, allowed: Allowed, most: int) -> None:
    """Read up to ``most`` pickles that follow each other.

    Raises:
        DeliveryError: as `scan_state_dict`.
    """
    for _ in range(most):
        try:
            _check(pickletools.genops(stream), where, allowed)
        except DeliveryError:
            raise
        except Exception as error:  # pickletools raises many kinds on damaged input
            raise DeliveryError(f"The pickle in {where} is damaged: {error!s:.120}.") from error


def _check(
    operations: Iterable[tuple[pickletools.OpcodeInfo, object, int | None]],
    where: str,
    allowed: Allowed,
) -> None:
    texts: list[str] = []
    for count, (opcode, argument, position) in enumerate(operations):
        if count > OPCODES:
            raise DeliveryError(f"The pickle in {where} has more than {OPCODES} operations.")
        name = opcode.name
        if isinstance(argument, str) and name not in ("GLOBAL", "INST"):
            texts = [*texts[-1:], argument]
        if name == "STACK_GLOBAL":
            _refuse_unless(allowed, ".".join(texts), where, position)
        elif name in ("GLOBAL", "INST"):
            _refuse_unless(allowed, str(argument).replace(" ", "."), where, position)
        elif name in _CALLING:
            raise _dangerous(f"the operation {name}", where, position)
        elif name not in _OPCODES and name not in _FRAMING:
            raise DeliveryError(
                f"The pickle in {where} uses {name} at byte {position}, which weights do not need.",
                "Ask for a plain state_dict or safetensors.",
                "unsupported",
            )


_FRAMING = frozenset(("FRAME", "MEMOIZE", "BINUNICODE8", "SHORT_BINUNICODE", "BINBYTES8"))


def _refuse_unless(allowed: Allowed, name: str, where: str, position: int | None) -> None:
    if not allowed(name):
        raise _dangerous(name, where, position)


def _dangerous(what: str, where: str, position: int | None) -> DeliveryError:
    return DeliveryError(
        f"The pickle in {where} would call {what[:120]} (byte {position}).",
        "It was not executed. Ask the vendor for a plain state_dict or safetensors.",
        "dangerous",
    )


def _known_member(name: str) -> bool:
    inner = name.partition("/")[2]
    return inner in _PLAIN or bool(re.fullmatch(r"data/\d+", inner))


_PLAIN = frozenset(
    ("data.pkl", "version", "byteorder", ".format_version", ".storage_alignment",
     ".data/serialization_id", "constants.pkl")
)  # fmt: skip
