"""One document signed and time-stamped: an envelope, and the proof when the envelope existed.

Any JSON value becomes canonical JSON (RFC 8785) in a DSSE envelope; the time stamp is over the
envelope's stored bytes, so it vouches for content and signature together::

    signed = sign_json(plan.model_dump(mode="json"), PLAN_TYPE, signer, timestamp="request")
    for name, data in signed.files("plan").items():   # plan.dsse.json, plan.tsq, plan.tsr
        write_atomic(folder / name, data)
    value, stamp = check_json(Signed.read(folder, "plan"), public_key, PLAN_TYPE, roots)

``timestamp`` is the address of an authority (asked at once, answer kept as ``.tsr``), ``request``
(only ``.tsq`` is written; put the answer beside it as ``.tsr`` whenever it arrives), or None.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from auditor.core.canonical import canonical_json
from auditor.core.errors import AuditorError
from auditor.signing import dsse, timestamps
from auditor.signing.dsse import PublicKey
from auditor.signing.keys import Signer
from auditor.signing.timestamps import Stamp

ENVELOPE, QUERY, ANSWER = ".dsse.json", ".tsq", ".tsr"
LATER = "request"


@dataclass(frozen=True)
class Signed:
    """An envelope as it is stored, the request for a time stamp and its answer, if any."""

    envelope: bytes
    query: bytes | None = None
    answer: bytes | None = None

    def files(self, stem: str) -> dict[str, bytes]:
        """File name -> bytes, for ``stem`` such as ``manifest``."""
        parts = {ENVELOPE: self.envelope, QUERY: self.query, ANSWER: self.answer}
        return {f"{stem}{suffix}": data for suffix, data in parts.items() if data is not None}

    @classmethod
    def read(cls, folder: Path, stem: str) -> Signed:
        """What ``files`` names, from ``folder``.

        Raises:
            AuditorError: there is no envelope, or a file cannot be read.
        """
        envelope, query, answer = (
            _read(folder / f"{stem}{suffix}") for suffix in (ENVELOPE, QUERY, ANSWER)
        )
        if envelope is None:
            raise AuditorError(f"There is no {folder / stem}{ENVELOPE}.", "It is not signed.")
        return cls(envelope, query, answer)


def names(stem: str) -> tuple[str, str, str]:
    """Names of the three files that may stand beside a signed document.

    >>> names("manifest")
    ('manifest.dsse.json', 'manifest.tsq', 'manifest.tsr')
    """
    return f"{stem}{ENVELOPE}", f"{stem}{QUERY}", f"{stem}{ANSWER}"


def sign_bytes(
    payload: bytes, payload_type: str, signer: Signer, timestamp: str | None = None
) -> Signed:
    """``payload`` in a signed envelope, time-stamped as ``timestamp`` says.

    Raises:
        AuditorError: the token or the authority refused.
    """
    envelope = dsse.dump(signer.sign(payload_type, payload))
    if timestamp is None:
        return Signed(envelope)
    query = timestamps.query(envelope)
    if timestamp == LATER:
        return Signed(envelope, query)
    answer = timestamps.ask(timestamp, query)
    timestamps.check(answer, envelope)
    return Signed(envelope, query, answer)


def sign_json(
    value: Any, payload_type: str, signer: Signer, timestamp: str | None = None
) -> Signed:
    """A JSON value in canonical form, signed and time-stamped; see the module's example."""
    return sign_bytes(canonical_json(value), payload_type, signer, timestamp)


def check_bytes(
    signed: Signed,
    public_key: PublicKey,
    payload_type: str,
    roots: Sequence[x509.Certificate] = (),
) -> tuple[bytes, Stamp | None]:
    """Payload, and its time stamp if there is one.

    Raises:
        SignatureError: signature or time stamp do not hold.
    """
    payload = dsse.verify(dsse.parse(signed.envelope), public_key, payload_type)
    if signed.answer is None:
        return payload, None
    return payload, timestamps.check(signed.answer, signed.envelope, roots)


def check_json(
    signed: Signed,
    public_key: PublicKey,
    payload_type: str,
    roots: Sequence[x509.Certificate] = (),
) -> tuple[Any, Stamp | None]:
    """The JSON value, and its time stamp if there is one; raises as ``check_bytes``."""
    payload, stamp = check_bytes(signed, public_key, payload_type, roots)
    try:
        return json.loads(payload), stamp
    except (ValueError, RecursionError) as error:
        raise dsse.SignatureError("The envelope holds no JSON.", "Sign it again.") from error


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AuditorError(f"Cannot read {file}: {error.strerror or error}.") from error
