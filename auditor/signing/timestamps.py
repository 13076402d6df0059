"""RFC 3161 time stamps: an authority vouches that some bytes existed at some time.

Two ways: ``ask`` an authority by its address, or write ``query`` to a file (``.tsq``), carry it to
any authority and keep its answer (``.tsr``) beside it. ``check`` reads an answer offline. With the
authority's root certificate it checks the whole chain; without, only that the answer is about
these bytes, and says so.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256, sha384, sha512
from typing import Any

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus

from auditor.core.errors import AuditorError
from auditor.signing.dsse import SignatureError

ANSWER_LIMIT = 1 << 20
TIMEOUT_S = 30
HASHES = {
    "2.16.840.1.101.3.4.2.1": sha256,
    "2.16.840.1.101.3.4.2.2": sha384,
    "2.16.840.1.101.3.4.2.3": sha512,
}
GRANTED = (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says.

    Args:
        time: of the authority's clock, in UTC.
        authority: its name, as in its certificate.
        trusted: its chain was checked against a root certificate that was given.
    """

    time: datetime
    authority: str
    trusted: bool


def query(data: bytes) -> bytes:
    """A request for a time stamp over the SHA-256 of ``data``, in DER; never the same twice."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.build().as_bytes()


def ask(address: str, request: bytes) -> bytes:
    """The authority's answer to ``request``, in DER; unchecked.

    Raises:
        AuditorError: not an address, nobody answers, or the answer is no time stamp.
    """
    if not address.startswith(("http://", "https://")):
        raise AuditorError(
            f"{address[:200]!r} is not the address of a time-stamping authority.",
            "Give http://... or https://..., or `request` for a request file.",
        )
    headers = {"Content-Type": "application/timestamp-query"}
    message = urllib.request.Request(address, data=request, headers=headers)
    try:
        with urllib.request.urlopen(message, timeout=TIMEOUT_S) as reply:
            answer: bytes = reply.read(ANSWER_LIMIT)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise AuditorError(
            f"The time-stamping authority {address[:200]} did not answer: {reason}.",
            "Try again, or use `--timestamp request` and carry the request file to it.",
        ) from error
    _decode(answer)
    return answer


def check(answer: bytes, data: bytes, roots: Sequence[x509.Certificate] = ()) -> Stamp:
    """The time stamp in ``answer``, if it is one over ``data``.

    Raises:
        SignatureError: refused by the authority, over other bytes, or its chain does not hold.
    """
    decoded = _decode(answer)
    _same(decoded, data)
    if roots:
        verifier = VerifierBuilder(roots=list(roots)).build()
        try:
            verifier.verify_message(decoded, data)
        except (VerificationError, ValueError) as error:
            raise SignatureError(
                f"The time stamp's authority is not trusted, or the stamp was changed: {error}.",
                "Check that --trust holds the root certificate of the authority.",
            ) from error
    return Stamp(decoded.tst_info.gen_time.astimezone(UTC), _authority(decoded), bool(roots))


def _decode(answer: bytes) -> Any:
    try:
        decoded = decode_timestamp_response(answer)
        status = decoded.status
    except ValueError as error:
        raise SignatureError(
            "The answer is not an RFC 3161 time stamp.", "Ask the authority again."
        ) from error
    if status not in GRANTED:
        words = "; ".join(decoded.status_string)[:200] or f"status {status}"
        raise SignatureError(f"The authority refused the time stamp: {words}.", "Ask another one.")
    return decoded


def _same(decoded: Any, data: bytes) -> None:
    imprint = decoded.tst_info.message_imprint
    function = HASHES.get(imprint.hash_algorithm.dotted_string)
    if function is None or function(data).digest() != bytes(imprint.message):
        raise SignatureError(
            "The time stamp is over other bytes.",
            "Either they were changed after the stamp, or the answer belongs to another file.",
        )


def _authority(decoded: Any) -> str:
    issued = {(s.issuer, s.serial_number) for s in decoded.signed_data.signer_infos}
    for data in decoded.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(data)
        if (certificate.issuer, certificate.serial_number) in issued:
            return certificate.subject.rfc4514_string()
    return "an authority that sent no certificate"
