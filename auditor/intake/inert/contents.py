"""What a described object holds besides tensors: rings, and files written as texts or numbers.

Limits: of what is split over several texts, only the lines of a program are put together.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.intake.inert.log import Log, OutOfBudget, shown
from auditor.intake.inert.stowed import in_bytes, in_lines, in_numbers, in_text
from auditor.intake.inert.values import Made, Pairs

NODES = 500_000
SHORT = 32
WIDE, MANY = (1 << 61) - 1, 1000
"""Whole numbers from here on share their hashes with smaller ones."""


def look(root: object, log: Log) -> None:
    """Every container of a described object, once.

    Raises:
        OutOfBudget: too many values.
    """
    todo: list[tuple[object, bool]] = [(root, False)]
    open_, done, visited = set[int](), set[int](), 0
    while todo:
        value, leaving = todo.pop()
        if leaving:
            open_.discard(id(value))
            done.add(id(value))
            continue
        visited += 1
        if visited > NODES:
            raise OutOfBudget(f"it holds more than {NODES} values")
        if isinstance(value, str):
            _text(value, log)
        if isinstance(value, bytes) and in_bytes(value):
            log.add("suspicious", "pickle.text", "bytes in it are a pickle", None, "bytes")
        if not isinstance(value, Pairs | list | tuple | Made) or id(value) in done:
            continue
        if id(value) in open_:
            log.add("suspicious", "pickle.ring", "an object that holds itself", None, "ring")
            continue
        open_.add(id(value))
        todo.append((value, True))
        _numbers(value, log)
        todo.extend((entry, False) for entry in _parts(value))


def _parts(value: Pairs | list[object] | tuple[object, ...] | Made) -> Iterator[object]:
    """What is inside and could be told of."""
    if isinstance(value, Made):
        entries: list[object] = [value.args, value.state, *value.extra]
    elif isinstance(value, Pairs):
        entries = [part for pair in value.items for part in pair]
    else:
        entries = list(value)
    return (
        entry for entry in entries
        if isinstance(entry, Pairs | list | tuple | Made)
        or (isinstance(entry, str | bytes) and len(entry) >= SHORT)
    )  # fmt: skip


def _text(value: str, log: Log) -> None:
    if found := in_text(value):
        what = f"a text is {found}: {shown(value, 40)!r}"
        log.add("suspicious", "pickle.text", what, None, "text")


def _numbers(value: object, log: Log) -> None:
    """Bytes of a file as a list, and keys that were chosen to be slow."""
    if isinstance(value, list | tuple) and len(value) >= SHORT and in_numbers(value):
        log.add("suspicious", "pickle.text", "a list of numbers is a file", None, "numbers")
    entries = [entry for _, entry in value.items] if isinstance(value, Pairs) else value
    if isinstance(entries, list | tuple) and in_lines(entries):
        log.add("suspicious", "pickle.text", "texts in it are a program's lines", None, "lines")
    if isinstance(value, Pairs):
        wide = sum(type(key) is int and abs(key) >= WIDE for key, _ in value.items)
        if wide > MANY:
            what = f"{wide} keys of a dictionary are chosen to be slow"
            log.add("suspicious", "pickle.keys", what, None, "keys")
