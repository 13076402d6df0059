"""Whether the database is sound and still refuses changes: tables, triggers, nothing foreign."""

from __future__ import annotations

from sqlalchemy import Connection, text

from auditor.archive.problems import Kind, Report
from auditor.archive.tables import FUNCTION, FUNCTION_BODY, TABLES, guards


def check(connection: Connection, report: Report) -> None:
    """Compare the database's own description with what ``tables`` makes."""
    if connection.dialect.name == "sqlite":
        _sqlite(connection, report)
    else:
        _postgresql(connection, report)


def _sqlite(connection: Connection, report: Report) -> None:
    for (line,) in connection.execute(text("PRAGMA integrity_check(5)")):
        if line != "ok":
            report.add(Kind.DATABASE, "archive", f"the database file is damaged: {line}")
    query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    found = {str(name): str(sql) for name, sql in connection.execute(query)}
    expected = guards("sqlite")
    for name, statement in expected.items():
        _guard(report, name, found.pop(name, None) == statement)
    known = {table.name for table in TABLES}
    known |= {str(index.name) for table in TABLES for index in table.indexes}
    for name in sorted(found.keys() - known):
        report.add(Kind.FOREIGN, "archive", f"the database holds {name[:60]!r}, which is not ours")


def _postgresql(connection: Connection, report: Report) -> None:
    ours = ", ".join(f"to_regclass('{table.name}')" for table in TABLES)
    query = text(
        f"SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ({ours})"
    )
    found = {str(name): str(state) for name, state in connection.execute(query)}
    for name in guards("postgresql"):
        if name == FUNCTION:
            source = text("SELECT prosrc FROM pg_proc WHERE oid = to_regproc(:name)")
            row = connection.execute(source, {"name": FUNCTION}).scalar()
            _guard(report, name, row == FUNCTION_BODY)
        else:
            _guard(report, name, found.pop(name, None) in ("O", "A"))
    for name in sorted(found):
        report.add(Kind.FOREIGN, "archive", f"the database holds {name[:60]!r}, which is not ours")


def _guard(report: Report, name: str, stands: bool) -> None:
    if not stands:
        report.add(Kind.GUARD, "archive", f"{name}, which refuses changes, was removed or altered")
