"""DSSE envelopes: a payload, its type, and signatures over both.

The signature is over the pre-authentication encoding (PAE) of type and payload, so that a payload
cannot be passed off as one of another type. Ed25519 (RFC 8032) signs the PAE itself, ECDSA P-256
signs its SHA-256 and is encoded in DER (as securesystemslib and ``openssl`` do).

Source: the DSSE protocol and envelope, version 1.0.2 (github.com/secure-systems-lab/dsse).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from auditor.core.errors import AuditorError

Envelope = dict[str, Any]
PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
SIZE_LIMIT = 64 << 20


class SignatureError(AuditorError):
    """A signature, time stamp or certificate does not hold; the message says which and why."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(payload_type: str, payload: bytes, key_id: str, signature: bytes) -> Envelope:
    """The envelope as JSON types."""
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
    }


def dump(signed: Envelope) -> bytes:
    """Bytes of an envelope as it is stored, one member a line so that ``sed`` can take it apart."""
    return f"{json.dumps(signed, indent=1)}\n".encode()


def parse(data: bytes) -> Envelope:
    """An envelope from its stored bytes.

    Raises:
        SignatureError: not an envelope.
    """
    try:
        if len(data) > SIZE_LIMIT:
            raise ValueError("too large")
        content = json.loads(data)
        payload(content)
        signatures(content)
    except (ValueError, RecursionError) as error:
        raise SignatureError("This is not a DSSE envelope.", "Restore it from a copy.") from error
    assert isinstance(content, dict)
    return content


def payload(signed: Mapping[str, Any]) -> bytes:
    """The payload, unchecked: use ``verify`` unless only its form is of interest.

    Raises:
        SignatureError: it is not an envelope.
    """
    return _decode(_member(signed, "payload"))


def signatures(signed: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Key id (a hint, may be empty) and signature of each signer.

    Raises:
        SignatureError: it is not an envelope, or nobody signed it.
    """
    listed = signed.get("signatures")
    if not isinstance(listed, list) or not listed:
        raise SignatureError("The envelope carries no signature.", "Restore it from a copy.")
    return [
        (str(_mapping(s).get("keyid", "")), _decode(_member(_mapping(s), "sig"))) for s in listed
    ]


def verify(
    signed: Mapping[str, Any], public_key: PublicKey, payload_type: str | None = None
) -> bytes:
    """The payload, if one signature was made with ``public_key``'s private half.

    Args:
        payload_type: the type that the payload must have; None accepts any.

    Raises:
        SignatureError: another type, another key, or payload or signature were changed.
    """
    found = _member(signed, "payloadType")
    if payload_type is not None and found != payload_type:
        raise SignatureError(
            f"The envelope holds {found[:80]!r} where {payload_type!r} is expected.",
            "Check that the file belongs here.",
        )
    content = payload(signed)
    covered = pae(found, content)
    if not any(_holds(public_key, signature, covered) for _, signature in signatures(signed)):
        raise SignatureError(
            "No signature of the envelope was made over this payload with this key.",
            "Either it was changed after signing, or another key signed it.",
        )
    return content


def _holds(public_key: PublicKey, signature: bytes, data: bytes) -> bool:
    try:
        if isinstance(public_key, Ed25519PublicKey):
            public_key.verify(signature, data)
        else:
            public_key.verify(signature, data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SignatureError("This is not a DSSE envelope.", "Restore it from a copy.")
    return value


def _member(signed: object, name: str) -> str:
    value = _mapping(signed).get(name)
    if not isinstance(value, str):
        raise SignatureError(f"The envelope has no {name}.", "Restore it from a copy.")
    return value


def _decode(text: str) -> bytes:
    """Standard or URL-safe base64; both are allowed."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("The envelope is not base64.", "Restore it from a copy.") from error
