"""Signs what an audit left: first the PDF and the statement, then the manifest that lists them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.core.errors import AuditorError
from auditor.core.record import Record
from auditor.writers import in_toto, manifest
from auditor.writers.atomic import write_atomic
from auditor.writers.exported import FOLDER

if TYPE_CHECKING:
    from cryptography import x509

    from auditor.signing import pades
    from auditor.signing.certificates import Identity
    from auditor.signing.keys import Signer

TYPE = "application/vnd.auditor.manifest+json"
STEM = "manifest"
LATER = "request"


@dataclass(frozen=True)
class Order:
    """Who signs and how.

    Args:
        identity: the signer's certificate; None leaves the PDF unsigned.
        timestamp: address of a time-stamping authority, ``request`` for a request file, or None.
        roots: who is trusted to have issued certificates.
    """

    signer: Signer
    identity: Identity | None = None
    timestamp: str | None = None
    roots: tuple[x509.Certificate, ...] = ()

    @property
    def authority(self) -> str | None:
        """The address to ask at once."""
        return None if self.timestamp == LATER else self.timestamp

    def row(self) -> dict[str, str | bool]:
        """What the record says about its seal before it is sealed."""
        return {
            "key_id": self.signer.key_id,
            "signer": self.identity.name if self.identity else "",
            "pdf": self.identity is not None,
            "timestamped": self.authority is not None,
        }


def open_order(
    key: str | None, certificate: Path | None, timestamp: str | None, trust: Path | None
) -> Order | None:
    """The order that options on the command line ask for; None without a key.

    Raises:
        AuditorError: a key, certificate or root that cannot be used, or options without a key.
    """
    if key is None:
        if certificate or timestamp or trust:
            raise AuditorError(
                "--certificate, --timestamp and --trust need a key.", "Add --sign KEY."
            )
        return None
    from auditor.signing.certificates import load_certificates, load_identity
    from auditor.signing.keys import open_signer

    order = Order(
        open_signer(key),
        load_identity(certificate) if certificate else None,
        timestamp,
        load_certificates(trust) if trust else (),
    )
    _try_out(order)
    return order


def _try_out(order: Order) -> None:
    """Fail before an audit of an hour, not after it."""
    if order.authority is not None and not order.authority.startswith(("http://", "https://")):
        raise AuditorError(
            f"--timestamp {order.authority[:200]} is neither an address nor `request`.",
            "Give http://... or https://... of a time-stamping authority.",
        )
    if order.identity is not None:
        _pdf_order(order).check()
    order.signer.sign(TYPE, b"")


def refuse_sealed(out: Path) -> None:
    """Raise AuditorError if ``out`` is sealed: writing into it would break its signature."""
    if (out / f"{STEM}.dsse.json").exists():
        raise AuditorError(
            f"{out} is signed, and writing into it would break its signature.",
            "Use another folder, or sign it anew with --sign.",
        )


def seal(record: Record, out: Path, order: Order) -> list[Path]:
    """Sign the folder as ``write_all`` left it; what an earlier seal left is replaced.

    Raises:
        AuditorError: the token or the time-stamping authority refused.
    """
    from auditor.signing import documents, dsse

    for name in documents.names(STEM):
        (out / name).unlink(missing_ok=True)
    if order.identity is not None:
        for file in sorted(out.glob("*.pdf")):
            _sign_pdf(file, order)
    statement = (out / FOLDER / in_toto.FILE).read_bytes()
    envelope = order.signer.sign(in_toto.PAYLOAD_TYPE, statement)
    write_atomic(out / FOLDER / in_toto.SIGNED, dsse.dump(envelope))
    listed = manifest.write(record, out).read_bytes()
    signed = documents.sign_bytes(listed, TYPE, order.signer, order.timestamp)
    return [write_atomic(out / name, data) for name, data in signed.files(STEM).items()]


def _sign_pdf(file: Path, order: Order) -> None:
    from auditor.signing import pades

    write_atomic(file, pades.sign(file.read_bytes(), _pdf_order(order)))


def _pdf_order(order: Order) -> pades.Order:
    from auditor.signing import pades

    assert order.identity is not None
    return pades.Order(order.signer, order.identity, order.authority, order.roots)
