"""Fills an archive with N small audits and times searches, pages and a verification.

Run with ``PYTHONPATH=tests:tests/writers:tests/archive``: ``measure_search.py N FOLDER``
(FOLDER is kept; a second run with the same FOLDER only measures). While filling, flushes are left
out: that makes it fast and changes nothing in what is measured afterwards.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import report_examples
from example_audits import signer
from sqlalchemy import event

from auditor.archive.search import Query, search
from auditor.archive.store import Archive, create, open_archive
from auditor.archive.verify import verify
from auditor.archive.web.app import App
from auditor.archive.web.guard import Guard
from auditor.core.criterion import Opinion
from auditor.writers import manifest, record_json

ROUNDS = 25
KINDS = ("resnet18", "mobilenet", "vit-small", "credit-risk", "tumour-ct", "weld-seam", "churn")
GATES = {"accept": "clear", "reject": "adverse", "inconclusive": "no_conclusion",
         "accept_with_conditions": "clear_with_exceptions"}  # fmt: skip
QUERIES = {
    "everything": Query(),
    "one word": Query("resnet18"),
    "two words": Query("tumour reject"),
    "a digest": Query("8c8c8c8c"),
    "decision and time": Query("", "accept", "2020-01-01", "2030-01-01"),
    "nothing found": Query("no such model"),
}


def fill(folder: Path, count: int) -> None:
    """An archive of ``count`` audits with different names and decisions."""
    archive, dice = create(folder / "archive", signer(), title="Measurement"), random.Random(0)
    os.fsync = lambda descriptor: None  # type: ignore[assignment]

    @event.listens_for(archive.ledger.engine, "connect")
    def hurry(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    audit = folder / "audit"
    audit.mkdir()
    base = report_examples.dangerous(audit)
    for number in range(count):
        gate = dice.choice(sorted(GATES))
        opinion = Opinion(outcome=GATES[gate], gate=gate, reasons=("Made up.",))
        name = f"{dice.choice(KINDS)}-{number}.safetensors"
        delivery = base.delivery.model_copy(update={"name": name})
        record = base.model_copy(update={"delivery": delivery, "opinion": opinion})
        record_json.write(record, audit)
        manifest.write(record, audit)
        archive.add(audit, signer())


def timed(action: Callable[[], object]) -> str:
    """Median and worst of some runs, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - began))
    return f"median {statistics.median(times):6.1f} ms, worst {max(times):6.1f} ms"


def get(archive: Archive, address: str) -> None:
    """One page, without the network."""
    path, _, query = address.partition("?")
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    app = App(archive, Guard())
    assert b"".join(app(environ, lambda status, headers: None))


def main(count: int, folder: Path) -> None:
    """Fill if need be, then measure."""
    if not folder.exists():
        folder.mkdir(parents=True)
        fill(folder, count)
    archive = open_archive(folder / "archive")
    say = sys.stdout.write
    say(f"{search(archive, Query()).total} audits, load {os.getloadavg()[0]:.1f}\n")
    for name, query in QUERIES.items():
        hits = search(archive, query).total
        say(f"search: {name:<20} {timed(lambda q=query: search(archive, q))}  ({hits} hits)\n")
    for address in ("/", "/?q=resnet18", "/?q=tumour&gate=reject&page=3", "/entry/5000"):
        say(f"page:   {address:<28} {timed(lambda a=address: get(archive, a))}\n")
    began = time.perf_counter()
    report = verify(archive, [signer().public_key])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    say(f"verify: {report.entries} entries, {report.files} files, intact {report.intact}, "
        f"{time.perf_counter() - began:.1f} s, peak {peak} MB\n")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
