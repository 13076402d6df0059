"""One link of the chain: a document in canonical JSON whose SHA-256 the next link repeats.

See ``docs/archive.md`` for every key. Kinds: ``genesis`` (the first), ``audit``, ``hold``,
``release``, ``extension``, ``tombstone`` and ``signer``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.archive import merkle
from auditor.archive.statement import statement
from auditor.core.canonical import canonical_json, digest, digest_file
from auditor.core.errors import AuditorError
from auditor.writers import manifest, record_json

SCHEMA = "auditor/archive-entry/1"
ORIGIN = "0" * 64
WORDS_LIMIT = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A link as stored.

    Args:
        text: the document in canonical JSON.
        envelope: signed head of the chain up to here (DSSE), empty if unsigned.
    """

    text: str
    envelope: str
    document: Json

    @classmethod
    def read(cls, text: str, envelope: str) -> Entry:
        """From its stored form; ValueError if it is not a document."""
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise ValueError(f"not a document of schema {SCHEMA}")
        return cls(text, envelope, document)

    @property
    def hash(self) -> str:
        """SHA-256 of the document."""
        return digest(self.text.encode())

    @property
    def seq(self) -> int:
        """Position in the chain, from 0."""
        return int(self.document["seq"])

    @property
    def kind(self) -> str:
        """What the entry is."""
        return str(self.document["kind"])

    @property
    def added(self) -> str:
        """When it was appended (ISO 8601, UTC)."""
        return str(self.document["added"])

    @property
    def body(self) -> Json:
        """What the entry says."""
        body = self.document["body"]
        assert isinstance(body, dict)
        return body

    @property
    def files(self) -> list[Json]:
        """``path``, ``bytes``, ``sha256`` of an audit's files."""
        return list(self.body.get("files", ()))


def make(archive: str, after: Entry | None, kind: str, added: str, body: Json) -> Entry:
    """The link that follows ``after``, not signed yet."""
    document = {
        "schema": SCHEMA,
        "archive": archive,
        "seq": after.seq + 1 if after else 0,
        "kind": kind,
        "previous": after.hash if after else ORIGIN,
        "added": added,
        "body": body,
    }
    return Entry(canonical_json(document).decode(), "", document)


def audit_body(folder: Path, retain_until: str) -> Json:
    """What an ``audit`` entry says about an audit folder.

    Raises:
        AuditorError: the record cannot be read.
    """
    record_json.read(folder)
    listed = [_file(folder, path) for path in folder_files(folder)]
    sums = {file["path"]: file["sha256"] for file in listed}
    record = json.loads((folder / record_json.FILE).read_bytes())
    said = statement(record, sums[record_json.FILE])
    return {
        "statement": said,
        "files": listed,
        "merkle_root": merkle_root(listed),
        "retain_until": retain_until,
        "words": _words(said),
    }


def folder_files(folder: Path) -> list[Path]:
    """Every file of an audit: what its manifest lists, the manifest, and signatures beside it."""
    listed = set(manifest.listed_files(folder))
    beside = {path for path in folder.iterdir() if path.is_file() and path.name[0] != "."}
    return sorted(listed | beside, key=lambda path: path.relative_to(folder).as_posix().encode())


def _file(folder: Path, path: Path) -> Json:
    name = path.relative_to(folder).as_posix()
    if path.is_symlink() or any(ord(char) < 32 or char in '\\"' for char in name):
        raise AuditorError(f"{name!r} is not a plain file with a plain name.", "Remove it.")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise AuditorError(f"{name!r} is not a name in UTF-8.", "Rename it.") from error
    return {"path": name, "bytes": path.stat().st_size, "sha256": digest_file(path)}


def merkle_root(files: Sequence[Json]) -> str:
    """Root over the lines that ``sha256sum`` prints for the files."""
    return merkle.root([f"{file['sha256']}  {file['path']}\n".encode() for file in files])


def _words(said: Json) -> str:
    """What a search looks through, in lower case."""
    delivery, planned = said["delivery"], said["planned"]
    parts = (
        said["number"], delivery["name"], delivery["format"], delivery["sha256"],
        said["record_sha256"], said["clean_sha256"], planned["policy"], planned["profile"],
        said["judged"]["gate"].replace("_", " "), said["ran"]["finished"][:10],
    )  # fmt: skip
    return " ".join(part for part in parts if part).casefold()[:WORDS_LIMIT]


def audit_row(entry: Entry) -> Json:
    """The row of table ``audits`` that repeats an ``audit`` entry."""
    said = entry.body["statement"]
    return {
        "seq": entry.seq,
        "merkle_root": entry.body["merkle_root"],
        "number": said["number"],
        "name": said["delivery"]["name"],
        "gate": said["judged"]["gate"],
        "finished": said["ran"]["finished"],
        "added": entry.added,
        "retain_until": entry.body["retain_until"],
        "words": entry.body["words"],
    }


def mark_row(entry: Entry) -> Json:
    """The row of table ``marks`` that repeats an entry about another entry."""
    return {
        "seq": entry.seq,
        "target": entry.body.get("target", entry.seq),
        "kind": entry.kind,
        "until": entry.body.get("until", ""),
    }
