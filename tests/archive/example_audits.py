"""Audit folders that take milliseconds: example records, a page, a manifest. Not measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import report_examples
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auditor.archive.store import Archive, create, open_archive
from auditor.core.record import Record
from auditor.signing.keys import Signer, from_private
from auditor.writers import html, manifest, record_json

AUDITS = 6
VARIANTS = sorted(report_examples.VARIANTS)


def signer(seed: int = 1) -> Signer:
    """An Ed25519 key that is the same each time."""
    return from_private(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def audit(out: Path, name: str = "model.pt", variant: str = "backdoored") -> Path:
    """An audit folder: record, report, evidence, manifest.

    Args:
        name: name of the delivery, which also sets the record's digest apart.
    """
    out.mkdir(parents=True)
    record: Record = report_examples.VARIANTS[variant](out)
    delivery = record.delivery.model_copy(update={"name": name})
    record = record.model_copy(update={"delivery": delivery})
    record_json.write(record, out)
    html.write(record, out)
    manifest.write(record, out)
    return out


def small(out: Path, name: str) -> Path:
    """The smallest: a record, one line of evidence, a manifest."""
    out.mkdir(parents=True)
    record: Record = report_examples.dangerous(out)
    delivery = record.delivery.model_copy(update={"name": name})
    record = record.model_copy(update={"delivery": delivery})
    record_json.write(record, out)
    (out / "evidence").mkdir(exist_ok=True)
    (out / "evidence" / "note.txt").write_text(f"seen in {name}\n")
    manifest.write(record, out)
    return out


class Clock:
    """A clock that the test sets."""

    def __init__(self, moment: str = "2027-01-05T12:00:00+00:00") -> None:
        self.now = datetime.fromisoformat(moment).astimezone(UTC)

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def set(self, moment: str) -> None:
        """Move to a moment."""
        self.now = datetime.fromisoformat(moment).astimezone(UTC)


@dataclass(frozen=True)
class Sample:
    """A signed archive on disk: entry 0 is its genesis, entries 1 to 6 are audits."""

    folder: Path
    audits: list[Path]

    def open(self) -> Archive:
        """Open it; its clock stands a day after the last entry."""
        return open_archive(self.folder, Clock("2027-02-01T00:00:00+00:00"))


def fill(folder: Path, audits: list[Path]) -> None:
    """Make the archive, an audit a day, a hold on the first of them."""
    clock = Clock()
    archive = create(folder, signer(), title="Sample", clock=clock)
    for number, audit in enumerate(audits):
        clock.set(f"2027-01-{6 + number:02}T09:00:00+00:00")
        archive.add(audit, signer())
