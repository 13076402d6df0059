"""Private and public keys: Ed25519 or ECDSA P-256, from a PEM file or a PKCS#11 token.

A key's id is the SHA-256 of its public half in DER (SubjectPublicKeyInfo), which
``openssl pkey -pubin -in key.pub -outform DER | sha256sum`` prints. The passphrase of an encrypted
PEM file comes from the environment or is asked for on a terminal; it is never an argument,
because arguments are seen by everybody on the machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.signing import dsse
from auditor.signing.dsse import PublicKey
from auditor.signing.kinds import KINDS, supported
from auditor.signing.token import open_token

PASSPHRASE = "AUDITOR_KEY_PASSPHRASE"
TOKEN = "pkcs11:"
SIZE_LIMIT = 1 << 20
MAKE = "Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem"


@dataclass(frozen=True)
class Signer:
    """Something that signs: a private key in memory, or a token that keeps it.

    Args:
        public_key: the public half.
        raw: signature over bytes; ECDSA in DER, over their SHA-256.
    """

    public_key: PublicKey
    raw: Callable[[bytes], bytes]

    @property
    def key_id(self) -> str:
        """SHA-256 in hex of the public key in DER."""
        return key_id(self.public_key)

    def sign(self, payload_type: str, payload: bytes) -> dsse.Envelope:
        """A DSSE envelope around ``payload``, as JSON types."""
        signature = self.raw(dsse.pae(payload_type, payload))
        return dsse.envelope(payload_type, payload, self.key_id, signature)


def open_signer(where: str | Path, ask: Callable[[str], str] | None = None) -> Signer:
    """The signer at ``where``: a PEM file or a ``pkcs11:`` address (RFC 7512).

    Args:
        ask: asks for a passphrase or PIN with the prompt given; default: the terminal, if any.

    Raises:
        AuditorError: missing, not a private key, of another kind, or the passphrase is wrong.
    """
    if str(where).startswith(TOKEN):
        return Signer(*open_token(str(where), ask or ask_terminal))
    return from_private(_private(Path(where), ask or ask_terminal))


def from_private(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> Signer:
    """A signer around a key in memory."""
    if isinstance(key, Ed25519PrivateKey):
        return Signer(key.public_key(), key.sign)
    return Signer(key.public_key(), lambda data: key.sign(data, ec.ECDSA(SHA256())))


def load_public(path: str | Path) -> PublicKey:
    """The public key in a PEM file: a public key, or the first certificate.

    Raises:
        AuditorError: missing, not a public key, or of another kind.
    """
    file = Path(path)
    data = read(file)
    if b"PRIVATE KEY" in data:
        raise AuditorError(
            f"{file} is a private key; verifying needs the public one.",
            f"Keep it secret; use: openssl pkey -in {file.name} -pubout -out {file.stem}.pub",
        )
    try:
        if b"BEGIN CERTIFICATE" in data:
            return supported(x509.load_pem_x509_certificate(data).public_key(), file)
        return supported(serialization.load_pem_public_key(data), file)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AuditorError(f"{file} is not a public key in PEM form.", KINDS) from error


def key_id(public_key: PublicKey) -> str:
    """SHA-256 in hex of the public key in DER."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return digest(public_key.public_bytes(serialization.Encoding.DER, form))


def ask_terminal(prompt: str) -> str:
    """What the user types, unseen.

    Raises:
        AuditorError: nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise AuditorError(f"{prompt} is needed, and there is no terminal to ask on.", HINT_SECRET)
    return getpass(f"{prompt}: ")


HINT_SECRET = f"Set {PASSPHRASE} in the environment (AUDITOR_PKCS11_PIN for a token)."


def read(file: Path) -> bytes:
    """Bytes of a key or certificate file.

    Raises:
        AuditorError: it cannot be read, or is no such file.
    """
    try:
        if file.stat().st_size > SIZE_LIMIT:
            raise AuditorError(f"{file} is too large to be a key.", MAKE)
        return file.read_bytes()
    except OSError as error:
        raise AuditorError(f"Cannot read {file}: {error.strerror or error}.", MAKE) from error


def _private(
    file: Path, ask: Callable[[str], str]
) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    data = read(file)
    if b"PRIVATE KEY" not in data:
        raise AuditorError(f"{file} holds no private key in PEM form.", MAKE)
    secret = _passphrase(file, ask) if b"ENCRYPTED" in data else None
    try:
        key = serialization.load_pem_private_key(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "with this passphrase" if secret else "(damaged, or of an unknown kind)"
        hint = f"Check the passphrase ({PASSPHRASE})." if secret else MAKE
        raise AuditorError(f"{file} cannot be opened {why}.", hint) from error
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise AuditorError(f"{file} is a key of another kind ({type(key).__name__}).", KINDS)
    supported(key.public_key(), file)
    return key


def _passphrase(file: Path, ask: Callable[[str], str]) -> bytes:
    given = os.environ.get(PASSPHRASE)
    return (ask(f"Passphrase of {file}") if given is None else given).encode()
