"""Files and texts stowed in tensors: programs and archives anywhere, texts as numbers.

Purpose: whole numbers, truth values and floats alike can carry bytes that no network needs. Heads
of files are looked for with enough fixed bytes that noise does not hold them; a tensor of whole
numbers that spell a text is one.
Limits: what is encrypted or packed without a head looks like weights.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.intake.inert.letters import spelled
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.values import ITEM_SIZES

SEARCHED = 8 << 20
CANDIDATES = 1 << 20
SMALLEST, GREATEST = 87, 139
"""Exponents of 1e-12 and 8192, between which weights lie."""
READ = 1 << 16
LETTERS, LINES = 96, 10_000
SHARE = 0.97
KINDS = 12
"""So many different letters and more have texts; masks and codes have fewer."""
_HEADS = re.compile(
    rb"\x7fELF[\x01\x02][\x01\x02]\x01|PK\x03\x04[\x0a-\x3f]\x00[\x00-\x0f][\x00\x08][\x00\x08]\x00"
    rb"|\x1f\x8b\x08[\x00-\x1f]....[\x00\x02\x04][\x00-\x0d\xff]|7z\xbc\xaf\x27\x1c\x00|#!/(usr/)?bin/"
    rb"|MZ\x90\x00\x03\x00|\xfd7zXZ\x00\x00|\x80[\x04\x05]\x95.{3}\x00{5}"
    rb"|cposix\nsystem\n|cos\nsystem\n|\x89HDF\r\n\x1a\n|\x00asm\x01\x00\x00\x00",
    re.S,
)
_CALLS = re.compile(
    rb"\x8c.[a-z_][A-Za-z0-9_.]{1,60}\x94?\x8c.[A-Za-z_][A-Za-z0-9_.]{1,60}\x94?\x93"
    rb"|\x80[\x02-\x05]c[a-z_][A-Za-z0-9_.]{1,60}\n[A-Za-z_][A-Za-z0-9_.]{1,60}\n",
    re.S,
)
"""Names of functions as pickles write them, which noise does not hold."""
_LETTERS = np.zeros(256, bool)
_LETTERS[[*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n\r"]] = True
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}")
_LONG = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{4096}")
_DECODED = re.compile(
    rb"\x80[\x02-\x05][\x95c\x8c}(\]XK\x8aC]|PK\x03\x04|\x7fELF|MZ\x90\x00|\x1f\x8b\x08|#!/|\xfd7zXZ"
)
_WORDS = np.frombuffer(b"\x7fELFPK\x03\x047z\xbc\xafMZ\x90\x00\xfd7zX\x89HDF#!/b#!/u", "<u4")
_TEXT = np.zeros(256, bool)
_TEXT[[9, 10, 13, *range(32, 127)]] = True


def look(name: str, dtype: str, sample: NDArray[np.uint8], data: memoryview, log: Log) -> None:
    """Name what a tensor holds besides numbers.

    Args:
        sample: its bytes, or blocks of them.
    """
    if found := _head(dtype, sample, data):
        what = f"the tensor {shown(name)} holds what begins like a file ({found!r})"
        log.add("suspicious", "tensor.program", what, None, f"{name} file")
    codes = _codes(dtype, sample)
    if dtype.startswith(("float", "bfloat")) and (run := _run(dtype, sample)):
        what = f"low bytes of the tensor {shown(name)} spell a text ({shown(run, 40)!r})"
        log.add("suspicious", "tensor.text", what, None, f"{name} text")
    letters = codes.tobytes()
    if len(codes) != len(sample[:READ]) and (file := _HEADS.search(letters)):
        what = f"the numbers of the tensor {shown(name)} are a file ({file[0][:4]!r})"
        log.add("suspicious", "tensor.program", what, None, f"{name} file")
    if len(codes) >= LETTERS and (page := _PAGE.search(letters)) and _TEXT[codes].mean() > SHARE:
        what = f"the numbers of the tensor {shown(name)} spell a page ({shown(page[0], 20)})"
        log.add("suspicious", "tensor.text", what, None, f"{name} text")
    if len(codes) >= LETTERS and bool(_LETTERS[codes].all()) and file_in_text(_text(codes)):
        what = f"the tensor {shown(name)} holds a file in base64"
        log.add("suspicious", "tensor.text", what, None, f"{name} text")
    if _spells(codes):
        what = f"the numbers of the tensor {shown(name)} spell a text"
        log.add("suspicious", "tensor.text", what, None, f"{name} text")


_PAGE = re.compile(rb"<(script|html|svg|\?php|iframe|img)\b|#!/|\bimport os\b", re.I)
_PLANES = {
    "float32": (4, (0, 1)),
    "float64": (8, (0, 1, 2, 3, 4, 5)),
    "float16": (2, (0,)),
    "bfloat16": (2, (0,)),
}
"""Bytes of a number, and those of them that are mantissa alone."""
RUN = 48


def _run(dtype: str, sample: NDArray[np.uint8]) -> str:
    """A text of `RUN` letters in one low byte of each number, or of each second one."""
    size, planes = _PLANES.get(dtype, (1, ()))
    rows = sample[: len(sample) // size * size].reshape(-1, size)
    for plane in planes:
        for step in (1, 2):
            for start in range(step):
                letters = rows[start::step, plane]
                if found := _longest(letters):
                    return found
    return ""


def _longest(letters: NDArray[np.uint8]) -> str:
    """The longest run of letters, if it reads like a text."""
    edges = np.flatnonzero(~_TEXT[letters])
    starts = np.concatenate(([0], edges + 1))
    ends = np.concatenate((edges, [len(letters)]))
    for at in np.flatnonzero(ends - starts >= RUN)[:8]:
        run = letters[starts[at] : ends[at]]
        counts = np.bincount(run, minlength=256)
        if int((counts > 0).sum()) >= KINDS and int(counts[97:123].sum()) * 3 > len(run):
            return _text(run[:RUN])
    return ""


def _head(dtype: str, sample: NDArray[np.uint8], data: memoryview) -> bytes:
    """First bytes of a file in a tensor; empty if there is none.

    In floats a file lies on whole numbers, and its head is no number that a network has.
    """
    if not dtype.startswith(("float32", "float64", "float16", "bfloat16")):
        found = _HEADS.search(data[:SEARCHED]) or _CALLS.search(data[:SEARCHED])
        return found[0][:4] if found else b""
    if found := _CALLS.search(data[:SEARCHED]):
        return found[0][:4]
    words = sample[: len(sample) // 4 * 4].view("<u4")[:: 2 if dtype == "float64" else 1]
    if dtype == "float32":
        exponent = words >> 23 & 0xFF
        words = words[((exponent < SMALLEST) | (exponent > GREATEST)) & (words != 0)]
    hit = np.flatnonzero(np.isin(words[:CANDIDATES], _WORDS))
    return words[hit[0]].tobytes() if len(hit) else b""


def in_text(text: str) -> str:
    """What a long text is instead of one; empty if it is a text.

    >>> in_text("UEsDBBQAAAAIAAAAIQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    'a file in base64'
    """
    if found := file_in_text(text):
        return found
    if _PROTOCOL_0.search(text) or _from_hexadecimal(text):
        return "a pickle or a file in letters"
    if _imports(text):
        return "a program's source"
    if not text.isascii() and _CALLS.search(text[: 1 << 20].encode("latin-1", "replace")):
        return "a pickle"
    return "bytes written as a text" if _LONG.search(text) else ""


_PROTOCOL_0 = re.compile(r"(?:\A|[\n.(])c[a-z_][\w.]{0,60}\n[A-Za-z_][\w.]{0,60}\n[(V}\]p]")
_HEXADECIMAL = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){32,}")
_SOURCE = re.compile(
    r"^[ \t]{0,40}(import [a-z_][\w.]*|from [\w.]+ import [\w, *]+)\s*(#.*|;.*)?$", re.M
)
_RUN = re.compile(r"\b(os\.system|os\.popen|subprocess\.\w+|exec|eval|__import__)\s?\(")


def _from_hexadecimal(text: str) -> bool:
    found = _HEXADECIMAL.search(text[: 1 << 20])
    return bool(found and _DECODED.match(bytes.fromhex(found[0][:80])))


def _imports(text: str) -> bool:
    """Lines of Python that import, and a call that runs something."""
    head = text[: 1 << 20]
    return text.startswith("#!/") or bool(_SOURCE.search(head) and _RUN.search(head))


def in_lines(values: Sequence[object]) -> bool:
    """Whether texts are the lines of a program.

    >>> in_lines(["import os", "os.system('id')"]), in_lines(["import", "os"])
    (True, False)
    """
    lines = [value for value in values[:LINES] if isinstance(value, str)]
    return len(lines) > 1 and _imports("\n".join(lines))


def file_in_text(text: str) -> str:
    """What a text holds in base64; empty if that is no file.

    >>> file_in_text("a cat sat on the mat")
    ''
    """
    for found in _BASE64.finditer(text[: 1 << 20]):
        if _DECODED.match(base64.b64decode(found[0][:40])):
            return "a file in base64"
    if any(map(in_bytes, spelled(text))):
        return "a pickle in letters"
    return ""


def in_bytes(data: bytes) -> bool:
    """Whether bytes hold the head of a file, or a pickle that calls something."""
    if data.startswith((b"#!/", b"\x7fELF", b"MZ\x90\x00")):
        return True
    if data[:1] == b"\x78" and len(data) > 2 and int.from_bytes(data[:2], "big") % 31 == 0:
        data = _unpacked(data)
    return bool(_DECODED.match(data[:64]) and _CALLS.search(data[:SEARCHED]))


def _unpacked(data: bytes) -> bytes:
    """The first 64 KiB of zlib data; the data themselves if they are none."""
    try:
        return zlib.decompressobj().decompress(data[:READ], READ)
    except zlib.error:
        return data


def _text(codes: NDArray[np.uint8]) -> str:
    return codes.tobytes().decode("latin-1")


def in_numbers(values: Sequence[object]) -> bool:
    """Whether whole numbers are the bytes of a file."""
    head = [value for value in values[:64] if type(value) is int and 0 <= value < 256]
    return len(head) == min(64, len(values)) and bool(_DECODED.match(bytes(head)))


def _codes(dtype: str, sample: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Letters that the values or their bytes could stand for; empty if they are none."""
    if dtype == "bfloat16":
        wide = sample[: len(sample) // 2 * 2].view("<u2").astype("<u4") << 16
        dtype, sample = "float32", wide.view(np.uint8)
    if dtype in ("complex64", "complex128"):
        dtype = "float32" if dtype == "complex64" else "float64"
        sample = _real(sample, ITEM_SIZES[dtype])
    size = ITEM_SIZES.get(dtype, 1)
    if dtype in ("float16", "float32", "float64"):
        numbers = sample.view(f"<f{size}")[:READ]
        with np.errstate(all="ignore"):
            whole = numbers.astype(np.int64)
            spelled = bool(len(whole)) and bool((whole == numbers).all())
            if len(whole) and not spelled and bool((numbers >= 0).all() and (numbers <= 1).all()):
                letters = np.rint(numbers * 255)
                if bool(np.allclose(letters, numbers * 255, atol=1e-3)):
                    return np.asarray(letters, np.uint8)
        return _small(whole) if spelled else sample[:READ]
    if dtype in ("int16", "int32", "int64", "uint16", "uint32", "uint64"):
        spelled_ = _small(sample.view(f"<{'u' if dtype[0] == 'u' else 'i'}{size}")[:READ])
        return spelled_ if len(spelled_) else sample[:READ]
    return sample[:READ]


def _real(sample: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Bytes of the real parts of complex numbers."""
    parts = sample[: len(sample) // (2 * size) * 2 * size].reshape(-1, 2, size)
    return np.ascontiguousarray(parts[:, 0]).reshape(-1)


def _small(numbers: NDArray[np.integer]) -> NDArray[np.uint8]:
    inside = bool(len(numbers)) and int(numbers.min()) >= 0 and int(numbers.max()) < 256
    return numbers.astype(np.uint8) if inside else np.zeros(0, np.uint8)


def _spells(codes: NDArray[np.uint8]) -> bool:
    """Letters of a text, with words in it."""
    if len(codes) < LETTERS or float(_TEXT[codes].mean()) < SHARE:
        return False
    counts = np.bincount(codes, minlength=256)
    words = counts[97:123].sum() + counts[65:91].sum()
    return int((counts > 0).sum()) >= KINDS and int(words) > len(codes) // 2 and counts[32] > 0
