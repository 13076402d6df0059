"""PAdES signatures in a PDF: an increment over the file as it was, which stays byte for byte.

With a time-stamping authority the signature is of level B-LTA: signed, time-stamped, with the
certificates and revocation data that a later reader needs, and a second time stamp over all of it.
Without one it is B-B: signed, with this machine's clock. Only ECDSA P-256: of what readers could
be tried, pdfsig 22.12 takes a file signed with Ed25519 for damaged.

Source: ETSI EN 319 142-1 (PAdES), through pyHanko.
"""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import dataclass, replace

from asn1crypto import algos, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.registry import SimpleCertificateStore

from auditor.core.errors import AuditorError
from auditor.signing import timestamps
from auditor.signing.certificates import Identity, now, to_asn1
from auditor.signing.keys import Signer

FIELD = "Auditor"
MECHANISM = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
LONGEST = 72  # bytes of a P-256 signature in DER
# What they have to say comes back as an error.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Order:
    """How to sign.

    Args:
        authority: address of a time-stamping authority; None for level B-B.
        roots: who is trusted to have issued the signer's and the authority's certificates;
            needed with ``authority``, because their chains are checked before they are embedded.
    """

    signer: Signer
    identity: Identity
    authority: str | None = None
    roots: tuple[x509.Certificate, ...] = ()

    def check(self) -> None:
        """Raise AuditorError, before any work, if this order cannot be carried out."""
        if isinstance(self.signer.public_key, Ed25519PublicKey):
            raise AuditorError(
                "A PDF cannot be signed with an Ed25519 key: PDF readers do not know it.",
                "Use an ECDSA P-256 key with its certificate, or leave --certificate out.",
            )
        self.identity.check_key(self.signer.public_key)
        self.identity.check_time(now())
        if self.authority and not self.roots:
            raise AuditorError(
                "A time-stamped PDF signature needs the root certificates that are trusted.",
                "Give them in one PEM file with --trust.",
            )
        if self.roots:
            self.identity.check_chain(self.roots, now())


class _Hand(signers.Signer):
    """pyHanko's view of a ``Signer``."""

    def __init__(self, order: Order) -> None:
        store = SimpleCertificateStore()
        store.register_multiple([to_asn1(issuer) for issuer in order.identity.issuers])
        certificate = to_asn1(order.identity.certificate)
        super().__init__(
            signing_cert=certificate, cert_registry=store, signature_mechanism=MECHANISM
        )
        self._raw = order.signer.raw

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        return bytes(LONGEST) if dry_run else self._raw(data)


class _Clock(TimeStamper):
    """pyHanko's view of a time-stamping authority."""

    def __init__(self, address: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._address = address

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(timestamps.ask(self._address, req.dump()))


def sign(body: bytes, order: Order) -> bytes:
    """``body`` with a signature appended.

    Raises:
        AuditorError: wrong, expired or untrusted certificate, or the authority did not answer.
    """
    order.check()
    try:
        return asyncio.run(_sign(body, order))
    except (PathBuildingError, ValidationError, SigningError, OSError) as error:
        raise AuditorError(
            f"The PDF could not be signed: {str(error)[:300] or type(error).__name__}.",
            "Check --certificate and --trust, and that revocation lists can be fetched.",
        ) from error


async def _sign(body: bytes, order: Order) -> bytes:
    fetcher = AIOHttpFetcherBackend()
    try:
        signed = await signers.async_sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(body)),
            _settings(order, fetcher),
            _Hand(order),
            timestamper=_Clock(order.authority) if order.authority else None,
        )
    finally:
        await fetcher.close()
    data: bytes = signed.getvalue()
    return data


def _settings(order: Order, fetcher: AIOHttpFetcherBackend) -> signers.PdfSignatureMetadata:
    basic = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason="Audit report",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    if order.authority is None:
        return basic
    # hard-fail: a revocation list that a certificate names must be there to be embedded.
    context = ValidationContext(
        trust_roots=[to_asn1(root) for root in order.roots],
        allow_fetching=True,
        revocation_mode="hard-fail",
        fetcher_backend=fetcher,
    )
    return replace(
        basic, embed_validation_info=True, use_pades_lta=True, validation_context=context
    )
