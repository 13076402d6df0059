"""Connections to SQLite or PostgreSQL, and the lock that puts writers in a row.

The lock is the database's own: it goes with the connection, so a writer that was killed leaves
none behind. On SQLite a commit is flushed to disk with its folder (``synchronous=EXTRA``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from auditor.archive.tables import REFUSAL, entries, guards, metadata
from auditor.core.errors import AuditorError, ToolError

PATIENCE_S = 300
DRIVER = "postgresql+psycopg"


def connect(where: str, folder: Path) -> Engine:
    """An engine for a file name below ``folder`` or a PostgreSQL URL; nothing is opened yet.

    Raises:
        AuditorError: another kind of database, or its driver is not installed.
    """
    if "://" not in where:
        return _sqlite(folder / where)
    scheme, _, rest = where.partition("://")
    if scheme not in ("postgresql", "postgres", DRIVER):
        raise AuditorError(
            f"{scheme} is no kind of database that an archive can use.",
            "Give postgresql://user@host/name, or nothing for a file in the archive's folder.",
        )
    try:
        return create_engine(f"{DRIVER}://{rest}", poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise AuditorError(
            "PostgreSQL needs a driver.", "pip install 'auditor[postgresql]'"
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise AuditorError(f"{where} is not the address of a database: {error}.") from error


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": PATIENCE_S}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not in the driver
        connection.execute("PRAGMA synchronous=EXTRA")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def create(engine: Engine) -> None:
    """Make the tables and their guards.

    Raises:
        AuditorError: the database holds an archive already.
    """
    with writing(engine, lock=False) as connection:
        if engine.dialect.has_table(connection, entries.name):
            raise AuditorError(
                "The database holds an archive already.", "Give another database or schema."
            )
        metadata.create_all(connection)
        for statement in guards(engine.dialect.name).values():
            connection.exec_driver_sql(statement)


@contextmanager
def writing(engine: Engine, lock: bool = True) -> Iterator[Connection]:
    """One transaction that no other writer's overlaps; committed on leaving.

    Raises:
        AuditorError: the database cannot be reached or refuses.
    """
    with translated(engine), engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            if lock and engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
                connection.execute(text(f"LOCK TABLE {entries.name} IN EXCLUSIVE MODE"))
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one state of the archive throughout.

    Raises:
        AuditorError: the database cannot be reached.
    """
    with translated(engine), engine.connect() as plain:
        connection = plain
        if engine.dialect.name == "postgresql":
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into sentences."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        if REFUSAL in said:
            raise AuditorError("Entries of the archive cannot be changed or removed.") from error
        raise ToolError(
            f"The archive's database {engine.url.render_as_string()} failed: {said}.",
            "Check that it runs and has space; what was acknowledged is kept.",
        ) from error
    except SQLAlchemyError as error:
        raise ToolError(f"The archive's database failed: {error}.") from error
