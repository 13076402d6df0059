"""Heads: ``the chain has so many entries and the last one is this``, signed if there is a key.

Whoever keeps a head outside the archive can prove later that nothing up to it was changed, removed
or cut off. A head is signed as a DSSE envelope (Ed25519 or ECDSA P-256); ``docs/archive.md`` shows
how ``openssl`` checks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.archive.entry import Entry
from auditor.core.canonical import canonical_json
from auditor.core.errors import AuditorError

if TYPE_CHECKING:
    from auditor.signing.dsse import PublicKey
    from auditor.signing.keys import Signer

SCHEMA = "auditor/archive-head/1"
TYPE = "application/vnd.auditor.archive-head+json"
FOLDER = "heads"
DIGITS = 9

Keys = Mapping[str, "PublicKey"]


@dataclass(frozen=True)
class Head:
    """A head as somebody kept it.

    Args:
        size: number of entries.
        entry: hash of the last one.
        envelope: the signed form, None if it was never signed.
    """

    archive: str
    size: int
    entry: str
    envelope: dict[str, Any] | None


def payload(entry: Entry) -> bytes:
    """The head of the chain that ends with ``entry``, in canonical JSON."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "archive": entry.document["archive"],
            "size": entry.seq + 1,
            "entry": entry.hash,
            "added": entry.added,
        }
    )


def sign(entry: Entry, signer: Signer | None) -> Entry:
    """The entry with its head signed, or as it is without a signer."""
    if signer is None:
        return entry
    from auditor.signing import dsse

    envelope = dsse.dump(signer.sign(TYPE, payload(entry))).decode()
    return Entry(entry.text, envelope, entry.document)


def stored(entry: Entry) -> bytes:
    """Content of the head file: the envelope, or the bare head of an unsigned archive."""
    return entry.envelope.encode() if entry.envelope else payload(entry) + b"\n"


def file_name(seq: int) -> str:
    """Name of the head file of an entry.

    >>> file_name(17)
    '000000017.json'
    """
    return f"{seq:0{DIGITS}}.json"


def read(file: Path) -> Head:
    """A head that was kept outside the archive.

    Raises:
        AuditorError: it cannot be read or is none.
    """
    try:
        content = json.loads(file.read_bytes())
        signed = "payload" in content
        said = _unpacked(content) if signed else content
        if said["schema"] != SCHEMA:
            raise ValueError("another schema")
        return Head(
            str(said["archive"]), int(said["size"]), str(said["entry"]), content if signed else None
        )
    except OSError as error:
        raise AuditorError(f"Cannot read {file}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AuditorError(
            f"{file} is not the head of an archive.",
            "Give a file that --save-head wrote, or one from the archive's folder heads/.",
        ) from error


def _unpacked(envelope: Mapping[str, Any]) -> Any:
    from auditor.signing import dsse

    return json.loads(dsse.payload(envelope))


def fault(entry: Entry, keys: Keys) -> str | None:
    """What is wrong with the signature of an entry's head, None if nothing is."""
    from auditor.signing import dsse

    try:
        envelope = dsse.parse(entry.envelope.encode())
    except AuditorError as error:
        return f"its signature cannot be read: {error.message}"
    if dsse.payload(envelope) != payload(entry):
        return "its signature is for other content"
    return None if _held(envelope, keys) else "no trusted key made its signature"


def held(head: Head, keys: Keys) -> bool:
    """Whether a trusted key signed the head."""
    return head.envelope is not None and _held(head.envelope, keys)


def _held(envelope: Mapping[str, Any], keys: Keys) -> bool:
    from auditor.signing import dsse

    for key in keys.values():
        try:
            dsse.verify(envelope, key, TYPE)
        except dsse.SignatureError:
            continue
        return True
    return False


def keys_from_pem(texts: Iterable[str]) -> dict[str, PublicKey]:
    """Key id -> public key, of keys that the chain introduces; unreadable ones are left out."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    from auditor.signing.keys import key_id
    from auditor.signing.kinds import supported

    found = {}
    for text in texts:
        try:
            key = supported(load_pem_public_key(str(text).encode()), "a key of the archive")
        except (ValueError, UnsupportedAlgorithm, AuditorError):
            continue
        found[key_id(key)] = key
    return found


def to_pem(key: PublicKey) -> str:
    """A public key as PEM text."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def introduced(entry: Entry) -> list[str]:
    """PEM texts of the keys that an entry introduces."""
    if entry.kind == "genesis":
        return [str(text) for text in entry.body["signers"]]
    return [str(entry.body["public_key"])] if entry.kind == "signer" else []
