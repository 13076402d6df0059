"""The database: the chain itself, and two tables to find things by.

``entries`` is the truth. ``audits`` and ``marks`` repeat parts of the entries' documents so that
they can be searched; ``verify`` compares every row with its document. Triggers refuse every
update and deletion: they stop mistakes, and their absence is a sign of tampering. What stops an
owner of the database is the hash chain and its signatures.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("envelope", Text, nullable=False),
)

audits = Table(
    "audits",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("merkle_root", String(64), nullable=False, index=True),
    Column("number", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("gate", String(40), nullable=False, index=True),
    Column("finished", String(40), nullable=False),
    Column("added", String(40), nullable=False),
    Column("retain_until", String(10), nullable=False),
    Column("words", Text, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("target", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("until", String(10), nullable=False),
    Index("marks_target", "target"),
)

TABLES = (entries, audits, marks)
REFUSAL = "the archive is append-only"


def guards(dialect: str) -> dict[str, str]:
    """Name -> statement that creates it, of everything that keeps the tables append-only."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> dict[str, str]:
    found = {}
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table.name}_no_{verb.lower()}"
            found[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        name = f"{table.name}_no_replace"
        found[name] = (
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table.name} "
            f"WHEN NEW.seq <= (SELECT COALESCE(MAX(seq), -1) FROM {table.name}) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    return found


FUNCTION = "archive_append_only"
FUNCTION_BODY = f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END"


def _postgresql() -> dict[str, str]:
    found = {
        FUNCTION: f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $${FUNCTION_BODY}$$"
    }
    for table in TABLES:
        for verb, unit in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            name = f"{table.name}_no_{verb.lower()}"
            found[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} "
                f"FOR EACH {unit} EXECUTE FUNCTION {FUNCTION}()"
            )
    return found
