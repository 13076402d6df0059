"""Signed documents: time stamps by address and by request file; wrong ones are named."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from authority import Authority, needs_openssl
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.core.errors import AuditorError
from auditor.signing import certificates, dsse, timestamps
from auditor.signing.documents import Signed, check_json, sign_json
from auditor.signing.keys import from_private

TYPE = "application/vnd.auditor.plan+json"
VALUE = {"b": 1, "a": ["ü", None, 0.5]}


@pytest.fixture(scope="module")
def ours() -> Authority:
    return Authority()


def test_an_authority_vouches_for_a_document(ours: Authority) -> None:
    signer = from_private(ours.person("Ann")[0])
    with ours.serve() as address:
        signed = sign_json(VALUE, TYPE, signer, address)
    value, stamp = check_json(signed, signer.public_key, TYPE, [ours.root])
    assert value == VALUE
    assert stamp is not None
    assert stamp.trusted
    assert stamp.authority == "CN=Test clock"
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=1)
    assert dsse.payload(dsse.parse(signed.envelope)) == '{"a":["ü",null,0.5],"b":1}'.encode()


def test_a_request_file_is_answered_later(ours: Authority, tmp_path: Path) -> None:
    signer = from_private(ours.person("Ann")[0])
    signed = sign_json(VALUE, TYPE, signer, "request")
    assert set(signed.files("plan")) == {"plan.dsse.json", "plan.tsq"}
    for name, data in signed.files("plan").items():
        (tmp_path / name).write_bytes(data)
    assert check_json(Signed.read(tmp_path, "plan"), signer.public_key, TYPE)[1] is None
    (tmp_path / "plan.tsr").write_bytes(ours.answer((tmp_path / "plan.tsq").read_bytes()))
    _, stamp = check_json(Signed.read(tmp_path, "plan"), signer.public_key, TYPE, [ours.root])
    assert stamp is not None
    assert stamp.trusted


@needs_openssl
def test_openssl_accepts_our_stamps(ours: Authority, tmp_path: Path) -> None:
    signed = sign_json(VALUE, TYPE, from_private(ours.person("Ann")[0]), "request")
    assert signed.query is not None
    answered = Signed(signed.envelope, signed.query, ours.answer(signed.query))
    for name, data in answered.files("plan").items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "root.crt").write_bytes(ours.root.public_bytes(Encoding.PEM))
    command = "openssl ts -verify -data plan.dsse.json -in plan.tsr -CAfile root.crt"
    ran = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Verification: OK" in ran.stdout


def test_wrong_time_stamps_are_named(ours: Authority) -> None:
    answer = ours.answer(timestamps.query(b"one"))
    assert not timestamps.check(answer, b"one").trusted
    with pytest.raises(dsse.SignatureError, match="over other bytes"):
        timestamps.check(answer, b"two")
    with pytest.raises(dsse.SignatureError, match="not trusted"):
        timestamps.check(answer, b"one", [Authority("Stranger").root])
    with pytest.raises(dsse.SignatureError, match="not an RFC 3161"):
        timestamps.check(b"<html>", b"one")
    with pytest.raises(dsse.SignatureError):
        timestamps.check(answer[:-4] + b"\0\0\0\0", b"one", [ours.root])


def test_a_stamp_outlives_the_certificate_of_its_authority() -> None:
    then = datetime.now(UTC) - timedelta(days=3000)
    old = Authority("Old root", start=then - timedelta(days=1), days=2000)
    answer = old.answer(timestamps.query(b"one"), at=then)
    assert timestamps.check(answer, b"one", [old.root]).time.date() == then.date()


def test_authorities_that_do_not_answer_are_named() -> None:
    for address, message in {
        "ftp://x": "not the address",
        "file:///etc/passwd": "not the address",
        "http://127.0.0.1:9/": "did not answer",
    }.items():
        with pytest.raises(AuditorError, match=message):
            timestamps.ask(address, timestamps.query(b"one"))


def test_certificates_expired_foreign_and_untrusted_are_named(
    ours: Authority, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    key, crt, root = ours.write(tmp_path)
    good = certificates.load_identity(crt)
    roots = certificates.load_certificates(root)
    good.check_time(now)
    good.check_chain(roots, now)
    old = certificates.Identity(ours.person("Old", now - timedelta(days=20), 10)[1])
    with pytest.raises(dsse.SignatureError, match=r"CN=Old had expired on"):
        old.check_time(now)
    old.check_chain(roots, now - timedelta(days=15))
    with pytest.raises(dsse.SignatureError, match="not trusted"):
        old.check_chain(roots, now)
    with pytest.raises(dsse.SignatureError, match="not yet valid"):
        certificates.Identity(ours.person("New", now + timedelta(days=2))[1]).check_time(now)
    with pytest.raises(dsse.SignatureError, match="not trusted"):
        good.check_chain([Authority("Stranger").root], now)
    with pytest.raises(AuditorError, match="belongs to another key"):
        good.check_key(old.public_key)
    with pytest.raises(AuditorError, match="no certificate"):
        certificates.load_identity(key)
