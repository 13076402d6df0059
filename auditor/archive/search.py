"""Finding audits: words in any order, by gate and by time, newest first.

A search is a scan over one short text column. On 10,000 audits that takes milliseconds (see
``docs/archive.md``), finds parts of words and of digests, and works the same on every database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select

from auditor.archive.database import reading
from auditor.archive.disposal import keepings
from auditor.archive.retention import Keeping
from auditor.archive.store import Archive
from auditor.archive.tables import audits

ESCAPE = "\\"
WORDS = 12


@dataclass(frozen=True)
class Query:
    """What to look for.

    Args:
        words: all must occur; the case does not matter.
        gate: ``accept``, ``accept_with_conditions``, ``reject``, ``inconclusive`` or empty.
        since, until: days on which audits finished (ISO dates, inclusive) or empty.
    """

    words: str = ""
    gate: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Hit:
    """One audit as a list shows it."""

    seq: int
    number: str
    name: str
    gate: str
    finished: str
    added: str
    keeping: Keeping


@dataclass(frozen=True)
class Page:
    """Some of the hits, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int


def search(archive: Archive, query: Query, limit: int = 50, offset: int = 0) -> Page:
    """The newest hits first."""
    where = _conditions(query)
    rows = select(audits).where(*where).order_by(audits.c.seq.desc()).limit(limit).offset(offset)
    with reading(archive.ledger.engine) as connection:
        count = select(func.count()).select_from(audits).where(*where)
        total = int(connection.execute(count).scalar_one())
        found = connection.execute(rows).all()
        kept = keepings(connection, [row.seq for row in found])
    hits = tuple(
        Hit(row.seq, row.number, row.name, row.gate, row.finished, row.added, kept[row.seq].keeping)
        for row in found
    )
    return Page(hits, total)


def tally(archive: Archive, query: Query) -> dict[str, int]:
    """How many audits each decision has among those that the rest of the query selects."""
    counted = select(audits.c.gate, func.count()).where(*_conditions(replace(query, gate="")))
    with reading(archive.ledger.engine) as connection:
        return {
            str(gate): int(n) for gate, n in connection.execute(counted.group_by(audits.c.gate))
        }


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    words = query.words.casefold().replace("\x00", "").split()[:WORDS]
    found: list[ColumnElement[bool]] = [
        audits.c.words.like(f"%{_literal(word)}%", escape=ESCAPE) for word in words
    ]
    if query.gate:
        found.append(audits.c.gate == query.gate)
    if query.since:
        found.append(audits.c.finished >= query.since)
    if query.until:
        found.append(audits.c.finished < f"{query.until}U")  # later than any time of that day
    return found


def _literal(word: str) -> str:
    for special in (ESCAPE, "%", "_"):
        word = word.replace(special, ESCAPE + special)
    return word
