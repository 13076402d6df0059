"""X.509 certificates: whose key it is, since when, until when, and who says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from auditor.core.errors import AuditorError
from auditor.signing.dsse import PublicKey, SignatureError
from auditor.signing.keys import key_id, read
from auditor.signing.kinds import supported

CHAIN = "Give a PEM file with the signer's certificate first, then those of its issuers."


@dataclass(frozen=True)
class Identity:
    """A signer's certificate and, if known, the certificates of its issuers."""

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def name(self) -> str:
        """The subject, as RFC 4514 writes it."""
        return self.certificate.subject.rfc4514_string()

    @property
    def public_key(self) -> PublicKey:
        """The certified key.

        Raises:
            AuditorError: it is of a kind that is not used here.
        """
        return supported(self.certificate.public_key(), self.name)

    def check_key(self, public_key: PublicKey) -> None:
        """Raise AuditorError unless the certificate is of ``public_key``."""
        if key_id(self.public_key) != key_id(public_key):
            raise AuditorError(
                f"The certificate of {self.name} belongs to another key.",
                "Give the certificate that was issued for the signing key.",
            )

    def check_time(self, at: datetime) -> None:
        """Raise SignatureError unless the certificate is valid at ``at``."""
        start, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if not start <= at <= end:
            state = "was not yet valid" if at < start else "had expired"
            raise SignatureError(
                f"The certificate of {self.name} {state} on {at:%Y-%m-%d} "
                f"(valid {start:%Y-%m-%d} to {end:%Y-%m-%d}).",
                "Sign with a current certificate; a time stamp proves an earlier signing.",
            )

    def check_chain(self, roots: Sequence[x509.Certificate], at: datetime) -> None:
        """Raise SignatureError unless ``roots`` vouch for the certificate at ``at``."""
        context = ValidationContext(
            trust_roots=[to_asn1(root) for root in roots],
            other_certs=[to_asn1(issuer) for issuer in self.issuers],
            moment=at,
        )
        try:
            validator = CertificateValidator(to_asn1(self.certificate), validation_context=context)
            asyncio.run(validator.async_validate_usage(set()))
        except (PathBuildingError, ValidationError) as error:
            raise SignatureError(
                f"The certificate of {self.name} is not trusted: {str(error)[:300]}",
                "Check that --trust holds the root certificate of its issuer.",
            ) from error


def load_identity(path: str | Path) -> Identity:
    """The certificate (first) and its issuers in a PEM file."""
    first, *others = load_certificates(path)
    return Identity(first, tuple(others))


def load_certificates(path: str | Path) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file, at least one.

    Raises:
        AuditorError: missing, or it holds none.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(read(Path(path))))
    except ValueError as error:
        raise AuditorError(f"{path} holds no certificate in PEM form.", CHAIN) from error


def to_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    """The same certificate as pyHanko wants it."""
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def now() -> datetime:
    """This machine's clock in UTC."""
    return datetime.now(UTC)
