"""The fifth corpus: deliveries written before their author had read the readers.

Where the fourth went wide, this one asks for tricks that a reader of formats does not expect: calls
that are made of allowed things, memory and time asked for by a few bytes, switches without a
comparison, programs of other worlds, and honest deliveries of every common training script.
``fifth_*.py`` register into ``FIFTH``; expectations were written beside each before a first run.
"""

from __future__ import annotations

import struct

from corpus import Corpus

FIFTH = Corpus()
file, folder, place = FIFTH.file, FIFTH.folder, FIFTH.place


def number(value: int) -> bytes:
    """BININT or LONG1."""
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw
