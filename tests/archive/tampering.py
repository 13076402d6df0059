"""Ways to tamper with an archive, by somebody who owns the machine but not the key.

Each gets a ``Harm``: the archive's folder and its database with the guards taken down; they are put
up again afterwards, so that only the deed itself can be noticed.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.archive import heads
from auditor.archive.blobs import name_of
from auditor.archive.entry import Entry
from auditor.core.canonical import canonical_json, digest
from auditor.signing.keys import Signer

Json = dict[str, Any]


@dataclass(frozen=True)
class Harm:
    """Hands on an archive."""

    folder: Path
    db: sqlite3.Connection

    def document(self, seq: int) -> Json:
        """Document of one entry."""
        (text,) = self.db.execute("SELECT document FROM entries WHERE seq = ?", [seq]).fetchone()
        return dict(json.loads(text))

    def rewrite(self, seq: int, document: Json, rehash: bool = True) -> None:
        """Put another document in place of an entry's, with its own hash or the old one."""
        text = canonical_json(document).decode()
        self.db.execute("UPDATE entries SET document = ? WHERE seq = ?", [text, seq])
        if rehash:
            hashed = [digest(text.encode()), seq]
            self.db.execute("UPDATE entries SET hash = ? WHERE seq = ?", hashed)

    def rechain(self, start: int, signer: Signer | None = None) -> None:
        """Make hashes and links fit from ``start`` on; sign with ``signer`` and keep its heads."""
        (last,) = self.db.execute("SELECT MAX(seq) FROM entries").fetchone()
        for seq in range(start, last + 1):
            document = self.document(seq)
            if seq:
                document["previous"] = digest(canonical_json(self.document(seq - 1)))
            self.rewrite(seq, document)
            if signer:
                self.sign(seq, signer)

    def sign(self, seq: int, signer: Signer) -> None:
        """Sign an entry's head anew, and put the head file right."""
        entry = Entry.read(canonical_json(self.document(seq)).decode(), "")
        signed = heads.sign(entry, signer)
        self.db.execute("UPDATE entries SET envelope = ? WHERE seq = ?", [signed.envelope, seq])
        self.head(seq).write_bytes(heads.stored(signed))

    def append(self, kind: str, body: Json, added: str = "", **changes: Any) -> int:
        """A further entry that fits the chain, unsigned, with its search row."""
        (last,) = self.db.execute("SELECT MAX(seq) FROM entries").fetchone()
        document = self.document(last)
        previous = digest(canonical_json(document))
        document |= {"seq": last + 1, "kind": kind, "previous": previous, "body": body, **changes}
        document["added"] = added or document["added"]
        text = canonical_json(document).decode()
        row = [last + 1, digest(text.encode()), text]
        self.db.execute("INSERT INTO entries VALUES (?, ?, ?, '')", row)
        if kind != "audit":
            row = [last + 1, body.get("target", last + 1), kind, body.get("until", "")]
            self.db.execute("INSERT INTO marks VALUES (?, ?, ?, ?)", row)
        return int(last) + 1

    def head(self, seq: int) -> Path:
        """Head file of an entry."""
        return self.folder / "heads" / heads.file_name(seq)

    def blob(self, seq: int, path: str = "evidence/note.txt") -> Path:
        """File of an audit, writable."""
        listed = {file["path"]: file["sha256"] for file in self.document(seq)["body"]["files"]}
        found = self.folder / "blobs" / name_of(listed[path])
        found.chmod(0o644)
        return found

    def remove(self, seq: int) -> None:
        """Take an entry and all its rows away."""
        for table in ("entries", "audits", "marks"):
            self.db.execute(f"DELETE FROM {table} WHERE seq = ?", [seq])


@contextmanager
def harm(folder: Path) -> Iterator[Harm]:
    """The database without its guards, which stand again afterwards."""
    db = sqlite3.connect(folder / "archive.sqlite")
    db.execute("PRAGMA synchronous=OFF")
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    guards = db.execute(query).fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    yield Harm(folder, db)
    for _, sql in guards:
        db.execute(sql)
    db.commit()
    db.close()


def at_random(hands: Harm, dice: random.Random) -> str:
    """One random manipulation; returns what was done."""
    deed = dice.choice(DEEDS)
    deed(hands, dice)
    return deed.__name__


def flip_file(hands: Harm, dice: random.Random) -> None:
    """One byte of one archived file."""
    path = _any_blob(hands, dice)
    data = bytearray(path.read_bytes())
    data[dice.randrange(len(data))] ^= dice.randrange(1, 256)
    path.write_bytes(data)


def cut_file(hands: Harm, dice: random.Random) -> None:
    """The end of one archived file."""
    path = _any_blob(hands, dice)
    path.write_bytes(path.read_bytes()[: -dice.randrange(1, path.stat().st_size + 1)])


def remove_file(hands: Harm, dice: random.Random) -> None:
    """One archived file."""
    _any_blob(hands, dice).unlink()


def swap_files(hands: Harm, dice: random.Random) -> None:
    """Two archived files change places."""
    first, second = dice.sample(_blobs(hands), 2)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)


def edit_entry(hands: Harm, dice: random.Random) -> None:
    """One character of a document, hash or signature."""
    column = dice.choice(("document", "hash", "envelope"))
    seq = dice.randrange(7)
    query = f"SELECT {column} FROM entries WHERE seq = ?"
    (text,) = hands.db.execute(query, [seq]).fetchone()
    at = dice.randrange(len(text))
    other = dice.choice([char for char in "0aZ{ " if char != text[at]])
    text = text[:at] + other + text[at + 1 :]
    hands.db.execute(f"UPDATE entries SET {column} = ? WHERE seq = ?", [text, seq])


def edit_row(hands: Harm, dice: random.Random) -> None:
    """One value of a search row."""
    seq = dice.randrange(7)
    columns = (
        "number",
        "name",
        "gate",
        "finished",
        "added",
        "retain_until",
        "words",
        "merkle_root",
    )
    table, column = ("audits", dice.choice(columns)) if seq else ("marks", "kind")
    hands.db.execute(f"UPDATE {table} SET {column} = {column} || 'x' WHERE seq = ?", [seq])


def remove_rows(hands: Harm, dice: random.Random) -> None:
    """An entry, or only its search row."""
    seq = dice.randrange(7)
    if dice.random() < 0.5:
        hands.remove(seq)
    else:
        hands.db.execute(f"DELETE FROM {'audits' if seq else 'marks'} WHERE seq = ?", [seq])


def swap_entries(hands: Harm, dice: random.Random) -> None:
    """Two entries change places."""
    first, second = dice.sample(range(7), 2)
    for old, new in ((first, -1), (second, first), (-1, second)):
        hands.db.execute("UPDATE entries SET seq = ? WHERE seq = ?", [new, old])


def edit_head(hands: Harm, dice: random.Random) -> None:
    """One byte of a head file, or the file."""
    path = hands.head(dice.randrange(6))
    data = bytearray(path.read_bytes())
    data[dice.randrange(len(data))] ^= dice.randrange(1, 256)
    path.write_bytes(data) if dice.random() < 0.8 else path.unlink()


def rewrite_history(hands: Harm, dice: random.Random) -> None:
    """A statement is changed, and all hashes after it are made to fit."""
    seq = dice.randrange(1, 7)
    document = hands.document(seq)
    said = document["body"]["statement"]
    part, key = dice.choice(
        [("judged", "gate"), ("judged", "opinion"), ("planned", "policy"), ("delivery", "name")]
    )
    said[part][key] = f"{said[part][key]}."
    hands.rewrite(seq, document)
    hands.rechain(seq)


def back_date(hands: Harm, dice: random.Random) -> None:
    """An entry gets an earlier day, and all hashes after it are made to fit."""
    seq = dice.randrange(7)
    document = hands.document(seq)
    document["added"] = f"20{dice.randrange(10, 27)}-01-01T00:00:00.000+00:00"
    hands.rewrite(seq, document)
    hands.rechain(seq)


def cut_tail(hands: Harm, dice: random.Random) -> None:
    """The newest entries."""
    for seq in range(dice.randrange(1, 7), 7):
        hands.remove(seq)


DEEDS = (
    flip_file, flip_file, cut_file, remove_file, swap_files, edit_entry, edit_entry, edit_row,
    remove_rows, swap_entries, edit_head, rewrite_history, back_date, cut_tail,
)  # fmt: skip


def _blobs(hands: Harm) -> list[Path]:
    found = [path for path in sorted((hands.folder / "blobs").rglob("*")) if path.is_file()]
    for path in found:
        path.chmod(0o644)
    return found


def _any_blob(hands: Harm, dice: random.Random) -> Path:
    return dice.choice([path for path in _blobs(hands) if path.stat().st_size])
