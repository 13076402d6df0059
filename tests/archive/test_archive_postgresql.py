"""The same archive on a real PostgreSQL server, which the test starts and stops."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy
from adders import crowd, line, start
from example_audits import signer, small

from auditor.archive.problems import Kind
from auditor.archive.search import Query, search, tally
from auditor.archive.store import create, open_archive
from auditor.archive.verify import verify

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'auditor[postgresql]'")


def programs() -> Path:
    """Folder of ``initdb`` and ``pg_ctl``; skips with the reason if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("no PostgreSQL server: apt-get install postgresql")
    return (found[-1] if found else Path(str(on_path)).resolve()).parent


def as_owner() -> dict[str, int]:
    """The server refuses to run as root; then the user ``postgres`` runs it."""
    if os.getuid() != 0:
        return {}
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("running as root, and there is no user postgres to run the server")
    return {"user": owner.pw_uid, "group": owner.pw_gid}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a fresh server that listens on a socket in a temporary folder only."""
    where, owner = programs(), as_owner()
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        if owner:
            os.chown(folder, owner["user"], owner["group"])
        data = folder / "data"
        run = partial(
            subprocess.run, check=True, capture_output=True, cwd=folder, timeout=180, **owner
        )
        run([where / "initdb", "-D", data, "-U", "auditor", "-A", "trust", "--no-sync"])
        options = f"-k {folder} -c listen_addresses='' -c shared_buffers=8MB"
        run(
            [
                where / "pg_ctl",
                "-D",
                data,
                "-l",
                folder / "log",
                "-w",
                "-t",
                "120",
                "-o",
                options,
                "start",
            ]
        )
        try:
            yield f"postgresql://auditor@/{{}}?host={folder}"
        finally:
            run([where / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A fresh database."""
    name = f"t{abs(hash(request.node.name))}"
    admin = sqlalchemy.create_engine(
        server.format("postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool,
    )  # fmt: skip
    with admin.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    return server.format(name)


def test_the_same_verbs(url: str, tmp_path: Path) -> None:
    archive = create(tmp_path / "archive", signer(), url)
    for number in range(3):
        archive.add(small(tmp_path / f"{number}", f"Model_{number}.pt"), signer())
    assert not archive.add(tmp_path / "0", signer()).new
    assert search(archive, Query("MODEL_1 reject")).hits[0].seq == 2
    assert search(archive, Query("model%")).total == 0
    assert tally(archive, Query()) == {"reject": 3}
    report = verify(open_archive(tmp_path / "archive"), [signer().public_key])
    assert (report.problems, report.entries) == ([], 4)
    assert not (tmp_path / "archive" / "archive.sqlite").exists()


def test_changes_are_refused_and_found_where_they_were_forced(url: str, tmp_path: Path) -> None:
    archive = create(tmp_path / "archive", signer(), url)
    archive.add(small(tmp_path / "a", "a.pt"), signer())
    run = sqlalchemy.text
    for statement in ("UPDATE audits SET gate = 'accept'", "DELETE FROM entries", "TRUNCATE marks"):
        with (
            pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"),
            archive.ledger.engine.begin() as connection,
        ):
            connection.execute(run(statement))
    with archive.ledger.engine.begin() as connection:
        connection.execute(run("ALTER TABLE audits DISABLE TRIGGER audits_no_update"))
        connection.execute(run("UPDATE audits SET gate = 'accept'"))
    assert {problem.kind for problem in verify(archive).problems} == {Kind.GUARD, Kind.INDEX}
    with archive.ledger.engine.begin() as connection:
        connection.execute(run("ALTER TABLE entries DISABLE TRIGGER ALL"))
        connection.execute(run("DELETE FROM entries WHERE seq = 1"))
    kinds = {problem.kind for problem in verify(archive).problems}
    assert Kind.CUT_TAIL in kinds  # the head file in the archive's folder tells


def test_eight_writers_at_once_some_killed(url: str, tmp_path: Path) -> None:
    import random

    create(tmp_path / "archive", None, url)
    opened = partial(open_archive, tmp_path / "archive")
    pool = [small(tmp_path / f"{n}", f"m{n}.pt") for n in range(16)]
    done = crowd(opened, [pool[n::8] for n in range(8)], random.Random(1))
    archive = opened()
    entries = {line(archive.ledger.entry(seq)) for seq in range(archive.ledger.size())}
    assert set(done) <= entries
    assert len(done) >= 8
    assert verify(archive).problems == []
    assert start(opened, [small(tmp_path / "last", "last.pt")]).acknowledged()


def test_a_server_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    from auditor.core.errors import ToolError

    with pytest.raises(ToolError, match="database postgresql"):
        create(tmp_path / "archive", None, f"postgresql://auditor@/x?host={tmp_path}")
