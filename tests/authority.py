"""A local certification and time-stamping authority for tests: no network, no files but PEM.

``Authority()`` has a root; ``person`` issues a signer's key and certificate; ``serve`` answers
RFC 3161 requests on loopback and, to GET, gives the revocation list that the certificates name.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from auditor.signing.certificates import to_asn1

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="Debian: apt install openssl"
)
DAY = timedelta(days=1)


def private_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Key | Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not sign,
        crl_sign=not sign,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass
class Authority:
    """A root certificate, and what it issues."""

    name: str = "Test root"
    start: datetime = field(default_factory=lambda: datetime.now(UTC) - 30 * DAY)
    days: int = 3650
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
            self._port = server.server_port
        self.address = f"http://127.0.0.1:{self._port}/"
        self.root = self._issue(self.name, self.key, self.start, self.days, root=True)
        self._tsa_key = rsa.generate_private_key(65537, 2048)
        self._tsa = self._issue("Test clock", self._tsa_key, self.start, self.days, stamps=True)

    def person(
        self, name: str, start: datetime | None = None, days: int = 365
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """Key and certificate of a signer."""
        key = ec.generate_private_key(ec.SECP256R1())
        return key, self._issue(name, key, start or self.start, days)

    def write(self, folder: Path, name: str = "signer", **when: object) -> tuple[Path, Path, Path]:
        """Files: key, certificate with its root, root; and the public key as ``name.pub``."""
        key, certificate = self.person(name, **when)  # type: ignore[arg-type]
        files = (folder / f"{name}.pem", folder / f"{name}.crt", folder / f"{name}-root.crt")
        root = self.root.public_bytes(Encoding.PEM)
        contents = (private_pem(key), certificate.public_bytes(Encoding.PEM) + root, root)
        (folder / f"{name}.pub").write_bytes(public_pem(key))
        for file, data in zip(files, contents, strict=True):
            file.write_bytes(data)
        return files

    def answer(self, query: bytes, at: datetime | None = None) -> bytes:
        """Answer to a DER time-stamp request."""
        private = self._tsa_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        clock = DummyTimeStamper(
            to_asn1(self._tsa), asn1_keys.PrivateKeyInfo.load(private), fixed_dt=at
        )
        request = tsp.TimeStampReq.load(query)
        data: bytes = asyncio.run(clock.async_request_tsa_response(request)).dump()
        return data

    @contextmanager
    def serve(self, at: datetime | None = None) -> Iterator[str]:
        """Address of a time-stamping service on loopback."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply("application/timestamp-reply", authority.answer(query, at))

            def do_GET(self) -> None:
                self.reply("application/pkix-crl", authority.revoked())

            def reply(self, kind: str, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", self._port), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield self.address
            finally:
                server.shutdown()
                thread.join()

    def revoked(self) -> bytes:
        """The revocation list, in DER."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_name(self.name))
            .last_update(now - DAY)
            .next_update(now + DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
        )
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    def _issue(
        self,
        name: str,
        key: Key,
        start: datetime,
        days: int,
        root: bool = False,
        stamps: bool = False,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + days * DAY)
            .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
            .add_extension(_usage(sign=not root), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
        )
        if not root:
            where = [x509.UniformResourceIdentifier(self.address)]
            points = [x509.DistributionPoint(where, None, None, None)]
            builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        if stamps:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        return builder.sign(self.key, SHA256())
