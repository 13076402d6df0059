"""Bytes that a text spells by other alphabets than base64's: base32, base85, and packed base64.

Source: RFC 4648 (base32), the alphabets of Python's ``b85encode`` and ``a85encode``.
Limits: the first 1,000 runs of letters in the first MiB; what begins inside a run is not seen.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

SEARCHED = 1 << 20
RUNS = 1_000
TAKEN = 1 << 12
READ = 1 << 16
_RUN = re.compile(r"[!-~]{40,}")
_ALPHABETS: tuple[tuple[re.Pattern[str], int, Callable[[str], bytes]], ...] = (
    (re.compile(r"[A-Z2-7]{40,}"), 8, base64.b32decode),
    (re.compile(r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{40,}"), 5, base64.b85decode),
    (re.compile(r"[!-u]{40,}"), 5, base64.a85decode),
)


def spelled(text: str) -> Iterator[bytes]:
    """What long runs of letters may stand for; most of it is noise.

    >>> list(spelled("a cat sat on the mat"))
    []
    """
    for run in islice(_RUN.finditer(text[:SEARCHED]), RUNS):
        for pattern, block, decode in _ALPHABETS:
            if found := pattern.search(run[0]):
                yield from _decoded(found[0], block, decode)
        yield from _packed(run[0])


def _decoded(run: str, block: int, decode: Callable[[str], bytes]) -> Iterator[bytes]:
    try:
        yield decode(run[: min(len(run), TAKEN) // block * block])
    except ValueError:
        return


def _packed(run: str) -> Iterator[bytes]:
    """Base64 of zlib or gzip data, unpacked up to 64 KiB."""
    found = re.search(r"(?:eJ|eN|eA|eF|H4sI)[A-Za-z0-9+/]{38,}", run)
    if found is None:
        return
    try:
        data = base64.b64decode(found[0][: len(found[0]) // 4 * 4])
        yield zlib.decompressobj(47).decompress(data, READ)
    except (ValueError, zlib.error):
        return
