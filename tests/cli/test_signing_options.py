"""``--sign`` and the options of ``verify``, as somebody in a terminal meets them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from authority import needs_openssl
from small_audits import Parcel, run

pytestmark = [pytest.mark.usefixtures("brief", "without_pdf"), needs_openssl]


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An encrypted Ed25519 key, as openssl makes it, and its public half."""
    monkeypatch.setenv("AUDITOR_KEY_PASSPHRASE", "sesame")
    for command in (
        "openssl genpkey -algorithm ED25519 -aes256 -pass pass:sesame -out key.pem",
        "openssl pkey -in key.pem -passin pass:sesame -pubout -out key.pub",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_sign_verify_render_and_a_wrong_key(
    parcel: Parcel, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = keys / "out"
    signing = ("--sign", keys / "key.pem", "--timestamp", "request")
    run(*parcel.arguments(out), *signing)
    assert {"manifest.dsse.json", "manifest.tsq"} <= {path.name for path in out.iterdir()}
    result = run("verify", out, "--key", keys / "key.pub", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["problems"] == []
    refused = run("render", out)
    assert refused.exit_code == 2
    assert "would break its signature" in refused.output
    assert run("render", out, *signing).exit_code == 0
    assert run("verify", out, "--key", keys / "key.pub").exit_code == 0
    (out / "manifest.dsse.json").unlink()
    stripped = run("verify", out)
    assert stripped.exit_code == 1
    assert "missing: manifest.dsse.json" in stripped.stderr


def test_wrong_options_end_before_the_audit(
    parcel: Parcel, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = keys / "out"
    monkeypatch.setenv("AUDITOR_KEY_PASSPHRASE", "wrong")
    for options, words in (
        (("--sign", keys / "key.pem"), "cannot be opened with this passphrase"),
        (("--timestamp", "request"), "need a key"),
        (("--sign", "pkcs11:token=x?pin-value=1"), "would be recorded"),
    ):
        result = run(*parcel.arguments(out), *options)
        assert result.exit_code == 2
        assert words in result.output
        assert not (out / "record.json").exists()
