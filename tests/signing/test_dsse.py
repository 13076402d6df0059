"""Envelopes: what was signed comes back, what was changed does not; other tools agree."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

import pytest
from authority import needs_openssl
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from auditor.signing import dsse
from auditor.signing.keys import Signer, from_private

TYPE = "application/vnd.auditor.manifest+json"
SIGNERS = [
    from_private(Ed25519PrivateKey.generate()),
    from_private(ec.generate_private_key(ec.SECP256R1())),
]
both = pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "p256"])


@both
def test_securesystemslib_accepts_our_envelopes(signer: Signer) -> None:
    signed = json.loads(dsse.dump(signer.sign(TYPE, b'{"a":1}')))
    key = SSlibKey.from_crypto(signer.public_key, keyid=signer.key_id)
    assert Envelope.from_dict(signed).verify([key], 1)


@both
def test_changed_envelopes_are_refused(signer: Signer) -> None:
    good = signer.sign(TYPE, b'{"a":1}')
    other = from_private(ec.generate_private_key(ec.SECP256R1())).sign(TYPE, b'{"a":1}')
    changed = [
        {**good, "payload": base64.b64encode(b'{"a":2}').decode()},
        {**good, "payloadType": "application/json"},
        {**good, "signatures": other["signatures"]},
        {**good, "signatures": []},
        {**good, "signatures": [{"keyid": signer.key_id, "sig": "!"}]},
        {**good, "signatures": [7]},
        {"payload": good["payload"], "signatures": good["signatures"]},
    ]
    assert dsse.verify(good, signer.public_key, TYPE) == b'{"a":1}'
    for bad in changed:
        with pytest.raises(dsse.SignatureError):
            dsse.verify(bad, signer.public_key, TYPE)
    with pytest.raises(dsse.SignatureError, match="is expected"):
        dsse.verify(good, signer.public_key, "text/plain")


@given(st.binary(max_size=300))
def test_parse_takes_an_envelope_or_says_no(data: bytes) -> None:
    signed = SIGNERS[0].sign(TYPE, data)
    assert dsse.verify(dsse.parse(dsse.dump(signed)), SIGNERS[0].public_key) == data
    with pytest.raises(dsse.SignatureError):
        dsse.parse(data)


def test_nesting_bombs_are_refused() -> None:
    with pytest.raises(dsse.SignatureError):
        dsse.parse(b"[" * 200_000)


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


@needs_openssl
@both
def test_openssl_accepts_our_signatures(signer: Signer, tmp_path: Path) -> None:
    """The commands that docs/signing.md and the report print."""
    (tmp_path / "manifest.json").write_bytes(b'{"a": 1}\n')
    (tmp_path / "manifest.dsse.json").write_bytes(dsse.dump(signer.sign(TYPE, b'{"a": 1}\n')))
    public = signer.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    script = f"""
        sed -n 's/.*"sig": *"\\([^"]*\\)".*/\\1/p' manifest.dsse.json | base64 -d > sig
        printf 'DSSEv1 %d %s %d ' {len(TYPE)} {TYPE} $(wc -c < manifest.json) > pae
        cat manifest.json >> pae
        openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae -sigfile sig
    """
    ran = run(script, tmp_path)
    assert "Verified Successfully" in ran.stdout, ran.stderr
    (tmp_path / "manifest.json").write_bytes(b'{"a": 2}\n')
    ran = run(script, tmp_path)
    assert ran.returncode != 0
