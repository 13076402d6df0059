"""Arrays of texts, such as the names of classes: they are texts, and show what they say."""

from __future__ import annotations

from auditor.intake.inert import settings, texts
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.values import Array

LETTERS = 1 << 20
"""So many bytes of an array of texts are read."""


def look(name: str, value: Array, log: Log) -> None:
    """Name what in the letters of an array is more than names.

    Raises:
        Damaged: they are no letters.
    """
    assert value.dtype is not None
    codec = (
        "latin-1"
        if value.dtype.code[:1] == "S"
        else f"utf-32-{'be' if value.dtype.order == '>' else 'le'}"
    )
    try:
        text = bytes(memoryview(value.data)[:LETTERS]).decode(codec).replace("\0", " ")
    except UnicodeError as error:
        raise Damaged(f"the letters of the array {shown(name)} are none") from error
    texts.tell(f"letters of {name}" if name else "letters", text, log)
    settings.prose(text, name or "the array", log)
