"""Single manipulations, each with the kind of problem that must be named and where."""

# ruff: noqa: E501
from __future__ import annotations

import random
from collections.abc import Callable

from example_audits import signer
from tampering import Harm, Json, swap_entries

from auditor.archive import heads
from auditor.archive.problems import Kind

Deed = Callable[[Harm], object]
STRANGER = signer(66)


def edit(
    seq: int, change: Callable[[Json], object], rehash: bool = True, rechain: bool = False
) -> Deed:
    """A change of one entry's document."""

    def deed(h: Harm) -> None:
        document = h.document(seq)
        change(document)
        h.rewrite(seq, document, rehash)
        if rechain:
            h.rechain(seq)

    return deed


def sql(*statements: str) -> Deed:
    """Statements against the database."""
    return lambda h: [h.db.execute(statement) for statement in statements]


def accept(document: Json) -> None:
    """Turn a rejection into an acceptance."""
    document["body"]["statement"]["judged"]["gate"] = "accept"


def early(document: Json) -> None:
    """Years before."""
    document["added"] = "2020-01-01T00:00:00.000+00:00"


def late(document: Json) -> None:
    """Years after."""
    document["added"] = "2040-01-01T00:00:00.000+00:00"


def drop_file(document: Json) -> None:
    """One file less in the list."""
    document["body"]["files"].pop(0)


def renumber(h: Harm) -> None:
    """Entry 3 is removed, the later ones move up."""
    h.remove(3)
    for table in ("entries", "audits"):
        for seq in (4, 5, 6):
            h.db.execute(f"UPDATE {table} SET seq = {seq - 1} WHERE seq = {seq}")
    h.head(6).unlink()


def swap_evidence(h: Harm) -> None:
    """The evidence of entry 2 is replaced by that of entry 5."""
    h.blob(2).write_bytes(h.blob(5).read_bytes())


def forge(h: Harm) -> None:
    """The last character of a signature."""
    envelope = h.db.execute("SELECT envelope FROM entries WHERE seq = 4").fetchone()[0]
    at = envelope.index('"sig"') + 12
    other = "A" if envelope[at] != "A" else "B"
    changed = envelope[:at] + other + envelope[at + 1 :]
    h.db.execute("UPDATE entries SET envelope = ? WHERE seq = 4", [changed])
    h.head(4).write_text(changed)


def borrow_signature(h: Harm) -> None:
    """The signature of entry 2 under entry 4."""
    (envelope,) = h.db.execute("SELECT envelope FROM entries WHERE seq = 2").fetchone()
    h.db.execute("UPDATE entries SET envelope = ? WHERE seq = 4", [envelope])
    h.head(4).write_text(envelope)


def stranger_rewrites(h: Harm) -> None:
    """A statement is changed, everything after is chained and signed by a stranger."""
    document = h.document(4)
    accept(document)
    h.rewrite(4, document)
    h.db.execute("UPDATE audits SET gate = 'accept' WHERE seq = 4")
    h.rechain(4, STRANGER)


def stranger_joins(h: Harm) -> None:
    """A stranger introduces his own key."""
    seq = h.append("signer", {"public_key": heads.to_pem(STRANGER.public_key)})
    h.sign(seq, STRANGER)


def stranger_follows(h: Harm) -> None:
    """An unsigned entry introduces a stranger, who signs the next one."""
    h.append("signer", {"public_key": heads.to_pem(STRANGER.public_key)})
    h.sign(h.append("hold", {"target": 1, "reason": "x"}), STRANGER)


def replay(h: Harm) -> None:
    """An old entry once more, at the end."""
    h.db.execute("INSERT INTO entries SELECT 7, 'x' || hash, document, envelope FROM entries WHERE seq = 2")  # fmt: skip


def foreign_entry(h: Harm) -> None:
    """An entry of another archive, at the end."""
    h.append("hold", {"target": 2, "reason": "x"}, archive="ab" * 16)


def disposed_too_early(h: Harm) -> None:
    """Files are removed, and a tombstone is put up that fits the chain."""
    h.append("tombstone", {"target": 2, "reason": "x"})
    h.blob(2).unlink()


def pretend_disposed(h: Harm) -> None:
    """Files are removed, and only the search table says that it was a disposal."""
    h.blob(2).unlink()
    h.db.execute("INSERT INTO marks VALUES (7, 2, 'tombstone', '')")


def other_id(h: Harm) -> None:
    """archive.json names another archive."""
    file = h.folder / "archive.json"
    text = file.read_text()
    at = text.index('"id": "') + 7
    file.write_text(f"{text[:at]}{'0' * 32}{text[at + 32 :]}")


def append_note(h: Harm) -> None:
    """One byte more in an archived file."""
    h.blob(3).write_bytes(h.blob(3).read_bytes() + b" ")


CASES: dict[str, tuple[Deed, Kind, str]] = {
    "one byte of evidence": (lambda h: h.blob(3).write_bytes(b"s" + h.blob(3).read_bytes()[1:][::-1]), Kind.CHANGED_FILE, "entry 3"),
    "a byte appended": (append_note, Kind.CHANGED_FILE, "entry 3"),
    "evidence cut short": (lambda h: h.blob(3).write_bytes(h.blob(3).read_bytes()[:-1]), Kind.CHANGED_FILE, "note.txt"),
    "evidence emptied": (lambda h: h.blob(3).write_bytes(b""), Kind.CHANGED_FILE, "entry 3"),
    "evidence removed": (lambda h: h.blob(3).unlink(), Kind.MISSING_FILE, "entry 3"),
    "evidence swapped": (swap_evidence, Kind.SWAPPED_FILE, "entry 2"),
    "record edited": (lambda h: h.blob(3, "record.json").write_text(h.blob(3, "record.json").read_text().replace("reject", "accept")), Kind.CHANGED_FILE, "record.json"),
    "manifest removed": (lambda h: h.blob(3, "manifest.json").unlink(), Kind.MISSING_FILE, "manifest.json"),
    "entry edited": (edit(4, accept, rehash=False), Kind.CHANGED_ENTRY, "entry 4"),
    "entry edited, own hash fitted": (edit(4, accept), Kind.BROKEN_LINK, "entry 5"),
    "entry edited, chain fitted": (edit(4, accept, rechain=True), Kind.SIGNATURE, "entry 4"),
    "newest entry edited and fitted": (edit(6, accept), Kind.SIGNATURE, "entry 6"),
    "entry contradicts its record": (edit(6, accept), Kind.CONTRADICTION, "entry 6"),
    "entry's list of files shortened": (edit(4, drop_file, rechain=True), Kind.CONTRADICTION, "entry 4"),
    "hash column edited": (sql("UPDATE entries SET hash = 'ff' WHERE seq = 2"), Kind.CHANGED_ENTRY, "entry 2"),
    "document replaced by rubbish": (sql("UPDATE entries SET document = x'00ff' WHERE seq = 2"), Kind.CHANGED_ENTRY, "entry 2"),
    "entry removed": (lambda h: h.remove(3), Kind.MISSING_ENTRY, "entry 3"),
    "genesis removed": (lambda h: h.remove(0), Kind.MISSING_ENTRY, "entry 0"),
    "entry removed, others moved up": (renumber, Kind.REORDERED, "entry 3"),
    "entries reordered": (lambda h: swap_entries(h, random.Random(1)), Kind.REORDERED, "entry"),
    "old entry repeated": (replay, Kind.REORDERED, "entry 7"),
    "entry of another archive": (foreign_entry, Kind.OTHER_ARCHIVE, "entry 7"),
    "tail cut": (lambda h: [h.remove(5), h.remove(6)], Kind.CUT_TAIL, "entry 5"),
    "everything removed": (sql("DELETE FROM entries", "DELETE FROM audits", "DELETE FROM marks"), Kind.MISSING_ENTRY, "archive"),
    "back-dated": (edit(4, early, rechain=True), Kind.BACK_DATED, "entry 4"),
    "back-dated newcomer": (lambda h: h.append("hold", {"target": 1, "reason": "x"}, "2026-12-24T00:00:00.000+00:00"), Kind.BACK_DATED, "entry 7"),
    "dated in the future": (edit(6, late), Kind.FUTURE, "entry 6"),
    "signature forged": (forge, Kind.SIGNATURE, "entry 4"),
    "signature of another entry": (borrow_signature, Kind.SIGNATURE, "entry 4"),
    "signature removed": (lambda h: [sql("UPDATE entries SET envelope = '' WHERE seq = 4")(h), h.head(4).unlink()], Kind.UNSIGNED, "entry 4"),
    "rewritten and signed by a stranger": (stranger_rewrites, Kind.SIGNATURE, "entry 4"),
    "stranger introduces himself": (stranger_joins, Kind.SIGNATURE, "entry 7"),
    "stranger introduced without a signature": (stranger_follows, Kind.SIGNATURE, "entry 8"),
    "unsigned newcomer": (lambda h: h.append("hold", {"target": 1, "reason": "x"}), Kind.UNSIGNED, "entry 7"),
    "search row: decision edited": (sql("UPDATE audits SET gate = 'accept' WHERE seq = 2"), Kind.INDEX, "entry 2"),
    "search row: words edited": (sql("UPDATE audits SET words = 'x' WHERE seq = 2"), Kind.INDEX, "entry 2"),
    "search row: retention edited": (sql("UPDATE audits SET retain_until = '2001-01-01' WHERE seq = 2"), Kind.INDEX, "entry 2"),
    "search row removed": (sql("DELETE FROM audits WHERE seq = 2"), Kind.INDEX, "entry 2"),
    "search row invented": (sql("INSERT INTO audits SELECT 9, merkle_root, number, name, 'accept', finished, added, retain_until, words FROM audits WHERE seq = 2"), Kind.INDEX, "entry 9"),
    "disposal invented in the search table": (pretend_disposed, Kind.MISSING_FILE, "entry 2"),
    "disposed before its time": (disposed_too_early, Kind.RETENTION, "entry 7"),
    "archive.json of another archive": (other_id, Kind.SETTINGS, "archive"),
    "head edited": (lambda h: h.head(3).write_text("{}"), Kind.HEAD, "entry 3"),
    "head removed": (lambda h: h.head(3).unlink(), Kind.HEAD, "entry 3"),
    "table added": (sql("CREATE TABLE notes (x)"), Kind.FOREIGN, "archive"),
    "trigger added": (sql("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM marks; END"), Kind.FOREIGN, "archive"),
}  # fmt: skip
