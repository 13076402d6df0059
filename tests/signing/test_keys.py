"""Keys: by PEM file, encrypted PEM, PKCS#11 token; and what is said when they are wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from authority import needs_openssl
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from auditor.core.errors import AuditorError
from auditor.signing import dsse, keys

TYPE = "application/json"
KINDS = {
    "ed25519": Ed25519PrivateKey.generate,
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
}
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


def pem(key: object, lock: KeySerializationEncryption | None = None) -> bytes:
    data: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption())  # type: ignore[attr-defined]
    return data


def nobody(prompt: str) -> str:
    raise AssertionError(f"asked: {prompt}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_file_signs_and_its_public_half_verifies(kind: str, tmp_path: Path) -> None:
    key = KINDS[kind]()
    (tmp_path / "k.pem").write_bytes(pem(key))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "k.pub").write_bytes(public)
    signer = keys.open_signer(tmp_path / "k.pem", nobody)
    read = keys.load_public(tmp_path / "k.pub")
    assert dsse.verify(signer.sign(TYPE, b"{}"), read, TYPE) == b"{}"
    assert keys.key_id(read) == signer.key_id


@needs_openssl
def test_openssl_prints_the_same_key_id(tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ED25519", "-out", tmp_path / "k.pem"], check=True
    )
    command = "openssl pkey -in k.pem -pubout -outform DER | sha256sum"
    ran = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert ran.stdout.decode().split()[0] == keys.open_signer(tmp_path / "k.pem").key_id


def test_passphrase_from_environment_and_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "k.pem"
    file.write_bytes(pem(KINDS["ed25519"](), BestAvailableEncryption(b"sesame")))
    monkeypatch.delenv(keys.PASSPHRASE, raising=False)
    assert keys.open_signer(file, lambda prompt: "sesame").key_id
    with pytest.raises(AuditorError, match=r"cannot be opened with this passphrase"):
        keys.open_signer(file, lambda prompt: "wrong")
    with pytest.raises(AuditorError, match=keys.PASSPHRASE):
        keys.open_signer(file)  # the tests have no terminal
    monkeypatch.setenv(keys.PASSPHRASE, "sesame")
    assert keys.open_signer(file, nobody).key_id


def test_wrong_files_are_named(tmp_path: Path) -> None:
    wrong = {
        "absent": (None, "No such file"),
        "text": (b"hello", "no private key"),
        "cut": (pem(KINDS["p256"]())[:90] + b"-----END PRIVATE KEY-----\n", "cannot be opened"),
        "rsa": (pem(rsa.generate_private_key(65537, 2048)), "another kind"),
        "p384": (pem(ec.generate_private_key(ec.SECP384R1())), "another kind"),
    }
    for name, (content, message) in wrong.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(AuditorError, match=message):
            keys.open_signer(tmp_path / name, nobody)


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(pem(KINDS["p256"]()))
    with pytest.raises(AuditorError, match="is a private key"):
        keys.load_public(tmp_path / "k.pem")


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if not (SOFTHSM.exists() and shutil.which("softhsm2-util")):
        pytest.skip("SoftHSM is not here (Debian: apt install softhsm2)")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    (tmp_path / "k.pem").write_bytes(pem(KINDS["p256"]()))
    for command in (
        "--init-token --free --label audit --so-pin 1234 --pin 4321",
        f"--import {tmp_path / 'k.pem'} --token audit --label key-1 --id 01 --pin 4321",
    ):
        subprocess.run(["softhsm2-util", *command.split()], check=True, capture_output=True)
    return f"pkcs11:token=audit;object=key-1?module-path={SOFTHSM}"


def test_a_token_signs_and_wrong_pins_and_names_are_named(
    token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUDITOR_PKCS11_PIN", raising=False)
    signer = keys.open_signer(token, lambda prompt: "4321")
    same = keys.open_signer(tmp_path / "k.pem")
    assert signer.key_id == same.key_id
    assert dsse.verify(signer.sign(TYPE, b"{}"), same.public_key) == b"{}"
    wrong = {
        token.replace("key-1", "key-2"): "0 private keys",
        token.replace("audit", "other"): "NoSuchToken",
        token.replace(".so", ".no"): "no PKCS#11 library",
        f"{token}&pin-value=4321": "would be recorded",
        token.partition("?")[0]: "which library",
        f"{token}&colour=red": "Unknown parts",
    }
    for address, message in wrong.items():
        with pytest.raises(AuditorError, match=message):
            keys.open_signer(address, lambda prompt: "4321")


def test_a_wrong_pin_is_named(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A login counts for the whole process, so this needs a process of its own.
    code = (
        "import sys\nfrom auditor.signing import keys\n"
        "try: keys.open_signer(sys.argv[1], lambda prompt: '9999')\n"
        "except keys.AuditorError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, token], capture_output=True, text=True, check=True
    )
    assert "PinIncorrect" in ran.stdout
