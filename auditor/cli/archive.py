"""``auditor archive``: keep finished audits so that nobody can change them unseen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.shared import GATES, F, answers, print_json
from auditor.core.errors import AuditorError

if TYPE_CHECKING:
    from auditor.archive.entry import Entry
    from auditor.archive.search import Page, Query
    from auditor.archive.store import Archive
    from auditor.signing.keys import Signer

FOLDER = click.Path(path_type=Path)
DAY = "%Y-%m-%d"


@click.group()
def archive() -> None:
    """Keep finished audits in an append-only store and find them again.

    \b
    Examples:
      auditor archive init archive --key key.pem
      auditor archive add archive audit-1 audit-2 --key key.pem
      auditor archive search archive resnet --gate reject
      auditor archive verify archive --trust key.pub
    """


def archive_argument(command: F) -> F:
    """``ARCHIVE``: the archive's folder."""
    return click.argument("where", metavar="ARCHIVE", type=FOLDER)(command)


def key_option(command: F) -> F:
    """``--key``: who signs."""
    return click.option("--key", help="Private key that signs: a PEM file or a pkcs11: address.")(
        command
    )


def json_option(command: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def opened(where: Path) -> Archive:
    """The archive at ``where``."""
    from auditor.archive.store import open_archive

    return open_archive(where)


def signer(key: str | None) -> Signer | None:
    """The signer of ``--key``, None without one."""
    if key is None:
        return None
    from auditor.signing.keys import open_signer

    return open_signer(key)


@archive.command()
@archive_argument
@key_option
@click.option("--title", default="", help="A name for people.")
@click.option("--database", help="postgresql://user@host/name instead of a file in ARCHIVE.")
@click.option("--blobs", help="fsspec URL for the files instead of a folder in ARCHIVE.")
@answers
def init(where: Path, key: str | None, title: str, database: str | None, blobs: str | None) -> None:
    """Make an archive in the new folder ARCHIVE.

    With --key every entry must be signed, by this key or by one that `signer` introduces.

    \b
    Examples:
      auditor archive init archive
      auditor archive init archive --key key.pem --title "Supplier audits"
      auditor archive init archive --database postgresql://auditor@db/audits --blobs s3://audits
    """
    from auditor.archive.store import create

    made = create(where, signer(key), database, blobs, title)
    click.echo(f"{where}: archive {made.settings.id}{'' if key else ', not signed'}")


@archive.command()
@archive_argument
@click.argument("folders", metavar="AUDIT...", nargs=-1, required=True, type=FOLDER)
@key_option
@click.option("--retain-from", help="Day from which retention counts, e.g. placing on the market.")
@click.option("--years", default=10, show_default=True, type=click.IntRange(0, 1000),
              help="Years of retention (AI Act Art. 18(1): 10).")  # fmt: skip
@click.option("--save-head", type=FOLDER, help="Write the signed head here, to keep it elsewhere.")
@json_option
@answers
def add(
    where: Path, folders: tuple[Path, ...], key: str | None, retain_from: str | None, years: int,
    save_head: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Archive finished audits. A line on standard output means that the audit is safe on disk.

    An audit that is there already is named and not added twice.

    \b
    Examples:
      auditor archive add archive audit-1
      auditor archive add archive audit-1 --retain-from 2027-03-31 --key key.pem
    """
    from auditor.archive.verify import save_head as save

    store, by = opened(where), signer(key)
    done = []
    for folder in folders:
        added = store.add(folder, by, retain_from, years)
        done.append({"entry": added.entry.seq, "hash": added.entry.hash, "new": added.new})
        if not as_json:
            known = "" if added.new else "  (was there already)"
            click.echo(f"{added.entry.seq}  {added.entry.hash}  {folder}{known}")
            sys.stdout.flush()
    if as_json:
        print_json(done)
    if save_head:
        save(store, save_head)


def finder(command: F) -> F:
    """Options of ``list`` and ``search``."""
    options: list[Callable[[F], F]] = [
        click.option("--gate", type=click.Choice(sorted(GATES)), help="Only this decision."),
        click.option("--since", type=click.DateTime([DAY]), help="Finished on this day or later."),
        click.option("--until", type=click.DateTime([DAY]), help="Finished on this day or before."),
        click.option("--limit", default=50, show_default=True, type=click.IntRange(1),
                     help="At most so many."),
        click.option("--offset", default=0, type=click.IntRange(0), help="Leave out the first."),
        json_option,
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@archive.command("list")
@archive_argument
@finder
@answers
def list_(where: Path, **options: Any) -> None:
    """List the archived audits, newest first.

    \b
    Example:
      auditor archive list archive --gate reject --since 2027-01-01
    """
    _find(where, "", **options)


@archive.command()
@archive_argument
@click.argument("words", nargs=-1, required=True)
@finder
@answers
def search(where: Path, words: tuple[str, ...], **options: Any) -> None:
    """Find audits by parts of names, numbers, digests, policy or decision; all WORDS must occur.

    \b
    Examples:
      auditor archive search archive resnet reject
      auditor archive search archive 8c1f09 --json
    """
    _find(where, " ".join(words), **options)


def _find(
    where: Path, words: str, gate: str | None, since: Any, until: Any, limit: int, offset: int,
    as_json: bool,
) -> None:  # fmt: skip
    from auditor.archive.search import Query
    from auditor.archive.search import search as find

    query = Query(words, gate or "", _day(since), _day(until))
    page = find(opened(where), query, limit, offset)
    if as_json:
        print_json(_as_json(query, page))
        return
    for hit in page.hits:
        state = _state(hit.keeping.disposed, hit.keeping.holds)
        decision = hit.gate.replace("_", " ")
        what = f"{hit.number}  {hit.name}{state}"
        click.echo(f"{hit.seq:>6}  {hit.finished[:10]:<10}  {decision:<22}  {what}")
    click.echo(f"{len(page.hits)} of {page.total}", err=True)


def _as_json(query: Query, page: Page) -> dict[str, Any]:
    from dataclasses import asdict

    return {"query": asdict(query), "total": page.total, "hits": [asdict(hit) for hit in page.hits]}


def _day(value: Any) -> str:
    return value.strftime(DAY) if value else ""


def _state(disposed: int | None, holds: int) -> str:
    if disposed is not None:
        return f"  (files disposed of by entry {disposed})"
    return "  (legal hold)" if holds else ""


@archive.command()
@archive_argument
@click.argument("number", metavar="ENTRY", type=int)
@json_option
@answers
def show(where: Path, number: int, as_json: bool) -> None:
    """Show one entry: what was planned, ran and was judged, and its files.

    \b
    Example:
      auditor archive show archive 17
    """
    entry = opened(where).ledger.entry(number)
    if as_json:
        print_json({"hash": entry.hash, "document": entry.document})
        return
    for line in _lines(entry):
        click.echo(line)


def _lines(entry: Entry) -> list[str]:
    lines = [f"entry {entry.seq}  {entry.kind}  added {entry.added}", f"hash  {entry.hash}"]
    if entry.kind != "audit":
        return lines + [f"{key}  {value}" for key, value in entry.body.items()]
    said = entry.body["statement"]
    planned, ran = said["planned"], said["ran"]
    lines += [
        f"{said['number']}  {said['delivery']['name']}  (SHA-256 {said['delivery']['sha256']})",
        f"planned  {planned['at']}  {planned['policy']}  {planned['profile']}",
        f"ran      {ran['first_trial']} to {ran['finished']}  {ran['findings']}",
        f"judged   {said['judged']['gate'].replace('_', ' ')}  {said['judged']['outcomes']}",
        f"keep until {entry.body['retain_until']}, Merkle root {entry.body['merkle_root']}",
    ]
    return lines + [f"  {file['sha256']}  {file['path']}" for file in entry.files]


@archive.command("signer")
@archive_argument
@click.argument("public_key", metavar="NEW.pub", type=FOLDER)
@click.option("--key", required=True, help="Private key that the archive accepts already.")
@answers
def signer_(where: Path, public_key: Path, key: str) -> None:
    """Introduce a further key that may sign, by an entry signed with an accepted one.

    \b
    Example:
      auditor archive signer archive next-year.pub --key key.pem
    """
    from auditor.signing.keys import load_public

    by = signer(key)
    if by is None:
        raise AuditorError("A key is needed.", "Give --key FILE.")
    entry = opened(where).introduce(load_public(public_key), by)
    click.echo(f"{entry.seq}  {entry.hash}")
