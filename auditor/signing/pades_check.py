"""Reads the signature of a PDF back: who, when, whether anything was changed since.

Offline: revocation data is taken from the file. With a trusted time stamp the signer's certificate
is judged at the stamp's time, so that a signature outlives the certificate it was made with.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from auditor.signing.certificates import Identity, now, to_asn1
from auditor.signing.dsse import SignatureError

BROKEN = (PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
WHOLE = SignatureCoverageLevel.ENTIRE_REVISION


@dataclass(frozen=True)
class PdfSignature:
    """A signature that holds.

    Args:
        identity: who signed.
        time: of the authority's stamp; None if there is none.
        authority: who stamped, or empty.
        long_term: validation data and a closing time stamp are in the file (level B-LTA).
        trusted: both chains were checked against the roots given.
    """

    identity: Identity
    time: datetime | None
    authority: str
    long_term: bool
    trusted: bool


def check(data: bytes, roots: Sequence[x509.Certificate] = ()) -> PdfSignature | None:
    """The signature in a PDF; None if it carries none.

    Raises:
        SignatureError: changed after signing, damaged, or not trusted under ``roots``.
    """
    if b"/ByteRange" not in data:
        return None
    if not data.rstrip().endswith(b"%%EOF"):
        raise SignatureError("The PDF is cut off, or something was appended.", "Restore the file.")
    try:
        reader = _Reader(io.BytesIO(data))
        found = reader.embedded_regular_signatures
        return asyncio.run(_check(reader, found[0], roots)) if found else None
    except BROKEN as error:
        raise SignatureError(
            f"The PDF or its signature cannot be read: {str(error)[:200]}.", "Restore the file."
        ) from error


class _Reader(PdfFileReader):
    """pyHanko's reader, but the index of an object stream is read once and not for each object.

    WeasyPrint keeps hundreds of objects in one stream, and comparing two revisions reads all of
    them: a report of 14 pages took minutes.
    """

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        pairs, first, data = self._object_stream(stmnum)
        if not 0 <= idx < len(pairs) or pairs[idx][0] != idnum:
            raise PdfError(f"Object {idnum} is not where the file says")
        stream = io.BytesIO(data)
        stream.seek(first + pairs[idx][1])
        found = generic.read_object(stream, generic.Reference(idnum, 0, self))
        if isinstance(found, generic.StreamObject | generic.IndirectObject):
            raise PdfError(f"Object {idnum} may not be in an object stream")
        return found

    def _object_stream(self, number: int) -> tuple[list[tuple[int, int]], int, bytes]:
        known = self.__dict__.setdefault("_object_streams", {})
        if number not in known:
            stream = generic.Reference(number, 0, self).get_object()
            if not isinstance(stream, generic.StreamObject) or stream["/Type"] != "/ObjStm":
                raise PdfError(f"Object {number} is no object stream")
            first, data = int(stream["/First"]), stream.read_data(DecodePurpose.OBJECT_STREAM)
            numbers = [int(word) for word in data[:first].split()[: 2 * int(stream["/N"])]]
            known[number] = (list(zip(numbers[::2], numbers[1::2], strict=True)), first, data)
        held: tuple[list[tuple[int, int]], int, bytes] = known[number]
        return held


async def _check(
    reader: PdfFileReader, found: Any, roots: Sequence[x509.Certificate]
) -> PdfSignature:
    tokens = extract_tst_data_iter(found.signer_info, signed=False)
    times = [token["encap_content_info"]["content"].parsed["gen_time"].native for token in tokens]
    time = times[0] if times else None
    status = await async_validate_pdf_signature(
        found, _context(reader, roots, time or now()), _context(reader, roots, time or now())
    )
    _intact(status)
    if roots:
        _trusted(status)
    clock = status.timestamp_validity
    return PdfSignature(
        identity=_identity(found),
        time=time,
        authority=clock.signing_cert.subject.human_friendly if clock else "",
        long_term=time is not None and "/DSS" in reader.root and _closed(reader),
        trusted=bool(roots),
    )


def _context(
    reader: PdfFileReader, roots: Sequence[x509.Certificate], moment: datetime
) -> ValidationContext:
    options: dict[str, Any] = {
        "trust_roots": [to_asn1(root) for root in roots],
        "moment": moment,
        # The lists in the file were fetched after the stamp; they speak of the time before too.
        "retroactive_revinfo": True,
    }
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(options)
    except NoDSSFoundError:
        return ValidationContext(**options)


def _intact(status: PdfSignatureStatus) -> None:
    clock = status.timestamp_validity
    grown = status.modification_level
    if (
        not (status.intact and status.valid and status.docmdp_ok)
        or grown is None
        or grown > ModificationLevel.LTA_UPDATES
        or (clock is not None and not (clock.intact and clock.valid))
    ):
        raise SignatureError("The PDF was changed after it was signed.", "Restore the file.")


def _trusted(status: PdfSignatureStatus) -> None:
    clock = status.timestamp_validity
    if not status.trusted or (clock is not None and not clock.trusted):
        who = status if not status.trusted or clock is None else clock
        reason = "it was revoked" if who.revoked else "no valid chain leads to a trusted root"
        raise SignatureError(
            f"The certificate of {who.signing_cert.subject.human_friendly} in the PDF is not "
            f"trusted: {reason} (or it was not valid at the time).",
            "Check that --trust holds the root certificates of its issuer and of the time stamp.",
        )


def _closed(reader: PdfFileReader) -> bool:
    """A last time stamp covers all that was there before it."""
    stamps = reader.embedded_timestamp_signatures
    return bool(stamps) and stamps[-1].evaluate_signature_coverage() >= WHOLE


def _identity(found: Any) -> Identity:
    def read(certificate: Any) -> x509.Certificate:
        return x509.load_der_x509_certificate(certificate.dump())

    others = tuple(read(certificate) for certificate in found.other_embedded_certs)
    return Identity(read(found.signer_cert), others)
