"""``auditor archive`` from beginning to end, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from example_audits import signer, small
from small_audits import run

from auditor.archive import heads
from auditor.signing.keys import Signer


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """Private and public key as PEM files."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    private.write_bytes(pem)
    by: Signer = signer(1)
    public.write_text(heads.to_pem(by.public_key))
    return private, public


def test_from_init_to_export(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    private, public = keys
    where, head = tmp_path / "archive", tmp_path / "head.json"
    audits = [small(tmp_path / name, f"{name}.pt") for name in ("alpha", "beta")]
    assert run("archive", "init", where, "--key", private, "--title", "Mine").exit_code == 0
    added = run("archive", "add", where, *audits, "--key", private, "--save-head", head)
    assert added.exit_code == 0, added.output
    assert [line.split()[0] for line in added.stdout.splitlines()] == ["1", "2"]
    again = run("archive", "add", where, audits[0], "--key", private, "--json")
    assert json.loads(again.stdout) == [{**json.loads(again.stdout)[0], "entry": 1, "new": False}]
    found = json.loads(run("archive", "search", where, "BETA", "--json").stdout)
    assert [(hit["seq"], hit["name"]) for hit in found["hits"]] == [(2, "beta.pt")]
    assert "alpha.pt" in run("archive", "list", where, "--gate", "reject").stdout
    assert run("archive", "list", where, "--gate", "accept").stdout == ""
    shown = run("archive", "show", where, "1").stdout
    assert "alpha.pt" in shown
    assert "record.json" in shown
    document = json.loads(run("archive", "show", where, "1", "--json").stdout)
    assert document["document"]["kind"] == "audit"
    intact = run("archive", "verify", where, "--trust", public, "--head", head)
    assert (intact.exit_code, intact.stdout[:19]) == (0, "intact: 3 entries, ")
    assert run("archive", "export", where, "1", "--out", tmp_path / "x.zip").exit_code == 0
    assert (tmp_path / "x.zip").stat().st_size > 1000


def test_verify_names_the_problem_and_ends_with_one(tmp_path: Path) -> None:
    where = tmp_path / "archive"
    run("archive", "init", where)
    run("archive", "add", where, small(tmp_path / "a", "a.pt"))
    victim = next(path for path in (where / "blobs").rglob("*") if path.is_file())
    victim.chmod(0o644)
    victim.write_bytes(victim.read_bytes() + b"x")
    result = run("archive", "verify", where)
    assert result.exit_code == 1
    assert "changed-file: entry 1" in result.stderr
    assert json.loads(run("archive", "verify", where, "--json").stdout)["intact"] is False
    assert run("archive", "verify", where, "--no-files").exit_code == 0


def test_retention_from_the_command_line(tmp_path: Path) -> None:
    where = tmp_path / "archive"
    run("archive", "init", where)
    run("archive", "add", where, small(tmp_path / "a", "a.pt"), "--retain-from", "2001-05-06")
    assert "kept until 2011-05-06" in run("archive", "retain", where).stdout
    assert run("archive", "retain", where, "due", "--day", "2011-05-06").stdout == ""
    refused = run("archive", "retain", where, "hold", "1")
    assert (refused.exit_code, "reason is needed" in refused.stderr) == (2, True)
    assert run("archive", "retain", where, "hold", "1", "--reason", "Case").exit_code == 0
    held = run("archive", "retain", where, "dispose", "1", "--reason", "Over", "--yes")
    assert (held.exit_code, "legal hold" in held.stderr) == (2, True)
    run("archive", "retain", where, "release", "1", "--reason", "Settled")
    gone = run("archive", "retain", where, "dispose", "--reason", "Over", "--yes")
    assert gone.exit_code == 0, gone.output
    assert "disposed of by entry 4" in run("archive", "list", where).stdout
    assert "files of 1 audit(s) disposed of as planned" in run("archive", "verify", where).stdout
    assert run("archive", "retain", where, "sweep").stdout == "0 file(s) removed\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("list {}", "holds no archive"),
        ("show {} 1", "holds no archive"),
        ("init {} --key /no/such.pem", "Cannot read /no/such.pem"),
        ("verify {} --head /no/such.json", "holds no archive"),
        ("retain {} extend 1", "holds no archive"),
        ("serve {} --host 0.0.0.0 --port 0", "holds no archive"),
    ],
)
def test_mistakes_are_sentences(tmp_path: Path, words: str, said: str) -> None:
    (tmp_path / "nothing").mkdir()
    result = run("archive", *words.format(tmp_path / "nothing").split())
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_serve_wants_a_token_for_other_addresses(tmp_path: Path) -> None:
    run("archive", "init", tmp_path / "archive")
    result = run("archive", "serve", tmp_path / "archive", "--host", "0.0.0.0", "--port", "0")
    assert (result.exit_code, "token is needed" in result.stderr) == (2, True)
    (tmp_path / "token").write_text("\n")
    result = run("archive", "serve", tmp_path / "archive", "--token-file", tmp_path / "token")
    assert (result.exit_code, "is empty" in result.stderr) == (2, True)
