"""Keys that stay in a PKCS#11 token (smart card, HSM, SoftHSM).

The address follows RFC 7512: ``pkcs11:token=LABEL;object=LABEL;id=%01?module-path=/path/to.so``.
The PIN comes from ``AUDITOR_PKCS11_PIN`` or the terminal; ``pin-value`` in the address is refused,
because command lines are recorded.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from auditor.core.errors import AuditorError
from auditor.signing.dsse import PublicKey
from auditor.signing.kinds import KINDS, supported

PIN = "AUDITOR_PKCS11_PIN"
MODULE = "PKCS11_MODULE_PATH"
EXAMPLE = "pkcs11:token=audit;object=key-1?module-path=/usr/lib/softhsm/libsofthsm2.so"
KNOWN = {"token", "object", "id", "type", "serial", "module-path"}


def open_token(
    address: str, ask: Callable[[str], str]
) -> tuple[PublicKey, Callable[[bytes], bytes]]:
    """Public key and signing function of the one key that ``address`` names.

    Raises:
        AuditorError: no such library, token or key, several of them, or a wrong PIN.
    """
    parts = parse(address)
    pkcs11 = _library()
    try:
        session = _session(pkcs11, parts, address, ask)
        private, public = (_key(pkcs11, session, parts, kind) for kind in ("PRIVATE", "PUBLIC"))
        return _public(public, address), _signing(pkcs11, private)
    except pkcs11.PKCS11Error as error:
        raise AuditorError(
            f"The token refused {address[:200]}: {_reason(error)}.", f"Example: {EXAMPLE}"
        ) from error


def parse(address: str) -> dict[str, bytes]:
    """Attributes of an address.

    >>> parse("pkcs11:token=my%20card;object=k?module-path=/a.so")
    {'token': b'my card', 'object': b'k', 'module-path': b'/a.so'}

    Raises:
        AuditorError: it names a PIN or something unknown.
    """
    path, _, query = address.removeprefix("pkcs11:").partition("?")
    pairs = [*(part.partition("=")[::2] for part in path.split(";") if part), *parse_qsl(query)]
    if "pin-value" in dict(pairs):
        raise AuditorError(
            "A PIN in the address would be recorded with the command.", f"Set {PIN} instead."
        )
    if unknown := sorted({name for name, _ in pairs} - KNOWN):
        raise AuditorError(f"Unknown parts of a token's address: {unknown}.", f"Example: {EXAMPLE}")
    return {name: unquote_to_bytes(value) for name, value in pairs}


def _library() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise AuditorError(
            "Keys on a token need the package python-pkcs11.", "pip install 'auditor[sign]'"
        ) from error
    return pkcs11


def _session(pkcs11: Any, parts: dict[str, bytes], address: str, ask: Callable[[str], str]) -> Any:
    module = parts.get("module-path", b"").decode() or os.environ.get(MODULE, "")
    if not module:
        raise AuditorError(
            f"{address[:200]} does not say which library reads the token.",
            f"Add ?module-path=/path/to/library.so, or set {MODULE}.",
        )
    try:
        library = pkcs11.lib(module)
    except (RuntimeError, OSError) as error:
        raise AuditorError(f"{module} is no PKCS#11 library ({error}).", EXAMPLE) from error
    wanted: dict[str, str | bytes] = {}
    if "token" in parts:
        wanted["token_label"] = parts["token"].decode()
    if "serial" in parts:
        wanted["token_serial"] = parts["serial"]
    token = library.get_token(**wanted)
    pin = os.environ.get(PIN)
    try:
        return token.open(user_pin=ask(f"PIN of token {token.label}") if pin is None else pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:
        # A login counts for the whole process, so an earlier session's still holds.
        return token.open()


def _key(pkcs11: Any, session: Any, parts: dict[str, bytes], kind: str) -> Any:
    attributes = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass[f"{kind}_KEY"]}
    if "object" in parts:
        attributes[pkcs11.Attribute.LABEL] = parts["object"].decode()
    if "id" in parts:
        attributes[pkcs11.Attribute.ID] = parts["id"]
    found = list(session.get_objects(attributes))
    if len(found) != 1:
        raise AuditorError(
            f"The token holds {len(found)} {kind.lower()} keys of that name, and one is needed.",
            "Name it with object=LABEL and id=%01; pkcs11-tool --list-objects shows them.",
        )
    return found[0]


def _public(key: Any, address: str) -> PublicKey:
    from pkcs11.util.ec import encode_ec_public_key

    try:
        return supported(serialization.load_der_public_key(encode_ec_public_key(key)), address)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        raise AuditorError(f"{address[:200]} is a key of another kind.", KINDS) from error


def _signing(pkcs11: Any, private: Any) -> Callable[[bytes], bytes]:
    from hashlib import sha256

    from pkcs11.util.ec import encode_ecdsa_signature

    def raw(data: bytes) -> bytes:
        try:
            plain = private.sign(sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        except pkcs11.PKCS11Error as error:
            raise AuditorError(f"The token did not sign: {_reason(error)}.") from error
        return bytes(encode_ecdsa_signature(plain))

    return raw


def _reason(error: Exception) -> str:
    text = str(error)
    return f"{type(error).__name__}{f', {text}' if text else ''}"
