"""Which kinds of key are used: Ed25519 and ECDSA P-256."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditor.core.errors import AuditorError
from auditor.signing.dsse import PublicKey

KINDS = "Use an Ed25519 or an ECDSA P-256 key."


def supported(key: object, where: object) -> PublicKey:
    """``key``, if it is of a kind that is used here.

    Raises:
        AuditorError: it is of another kind.
    """
    curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not (curve or isinstance(key, Ed25519PublicKey)):
        raise AuditorError(f"{where} is a key of another kind ({type(key).__name__}).", KINDS)
    assert isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey)
    return key
