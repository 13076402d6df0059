"""An export is checked with sha256sum and openssl alone, and a forged one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from example_audits import Clock, Sample, signer, small

from auditor.archive import heads
from auditor.archive.disposal import dispose
from auditor.archive.export import export
from auditor.archive.store import create
from auditor.core.errors import AuditorError
from auditor.signing.keys import from_private

TOOLS = (
    "sh",
    "sha256sum",
    "openssl",
    "grep",
    "sed",
    "cut",
    "find",
    "wc",
    "basename",
    "dirname",
    "xargs",
)
pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason="openssl or coreutils are not installed"
)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., str]:
    """Runs ``verify.sh`` with nothing but the standard tools on the path."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        os.symlink(str(shutil.which(tool)), tools / tool)

    def run(folder: Path, *arguments: object) -> str:
        command = [str(tools / "sh"), str(folder / "verify.sh"), *map(str, arguments)]
        done = subprocess.run(
            command, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) == (done.stdout == "intact\n"), done
        return done.stdout

    return run


@pytest.fixture
def owner(tmp_path: Path) -> Path:
    """The owner's public key, got by another way."""
    path = tmp_path / "owner.pub"
    path.write_text(heads.to_pem(signer().public_key))
    return path


def test_the_whole_archive(
    sample: Sample, check: Callable[..., str], owner: Path, tmp_path: Path
) -> None:
    done = export(sample.open(), tmp_path / "out")
    assert done.entries == tuple(range(7))
    assert check(tmp_path / "out") == "intact\n"
    assert check(tmp_path / "out", owner) == "intact\n"
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "openssl pkeyutl -verify" in readme
    assert "model-3.pt" in readme


def test_one_audit_as_a_zip_tells_nothing_of_the_others(
    sample: Sample, check: Callable[..., str], owner: Path, tmp_path: Path
) -> None:
    export(sample.open(), tmp_path / "one.zip", [3])
    export(sample.open(), tmp_path / "two.zip", [3])
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as bundle:
        content = b"".join(bundle.read(name) for name in bundle.namelist())
        bundle.extractall(tmp_path / "out")
    assert b"model-2.pt" in content
    assert b"model-4.pt" not in content
    assert check(tmp_path / "out", owner) == "intact\n"


def test_disposed_audits_and_other_keys(check: Callable[..., str], tmp_path: Path) -> None:
    key = from_private(ec.derive_private_key(7, ec.SECP256R1()))
    archive = create(tmp_path / "archive", key, clock=Clock())
    archive.add(small(tmp_path / "old", "old.pt"), key, "2001-01-01")
    archive.add(small(tmp_path / "new", "new.pt"), key)
    dispose(archive, [1], "Retention ended", key)
    export(archive, tmp_path / "out")
    assert check(tmp_path / "out") == "intact\n"
    assert not (tmp_path / "out" / "audits" / "000000001").exists()
    (tmp_path / "out" / "chain" / "000000003.json").unlink()
    assert "entry 1: its files are missing" in check(tmp_path / "out")


def test_an_unsigned_archive(check: Callable[..., str], owner: Path, tmp_path: Path) -> None:
    archive = create(tmp_path / "archive")
    archive.add(small(tmp_path / "a", "a.pt"))
    export(archive, tmp_path / "out")
    assert check(tmp_path / "out") == "intact\n"
    assert "is not signed" in check(tmp_path / "out", owner)


def resum(folder: Path) -> None:
    """What a forger does: put SHA256SUMS right again."""
    command = (
        "find . -type f ! -name SHA256SUMS -printf '%P\\n' | sort | xargs sha256sum > SHA256SUMS"
    )
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)


def copy(folder: Path, old: str, new: str) -> None:
    """One file in place of another."""
    shutil.copy(folder / old, folder / new)


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file and put the sums right."""
    path = folder / name
    path.write_text(path.read_text().replace(old, new))
    resum(folder)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda out: edit(out, "audits/000000003/record.json", "reject", "accept"), "files differ"),
        (lambda out: edit(out, "chain/000000003.json", '"reject"', '"accept"'), "another document"),
        (lambda out: (out / "audits/000000003/extra").write_text("x"), "are stated"),
        (lambda out: shutil.rmtree(out / "heads"), "is not signed"),
        (lambda out: copy(out / "heads", "000000002.sig", "000000003.sig"), "does not hold"),
        (lambda out: copy(out / "chain", "000000004.json", "000000009.json"), "is not entry 9"),
        (lambda out: edit(out, "heads/000000003.pae", '"size":4', '"size":5'), "does not hold"),
    ],
)  # fmt: skip
def test_a_forged_export_is_named(
    sample: Sample, check: Callable[..., str], owner: Path, tmp_path: Path,
    deed: Callable[[Path], object], said: str,
) -> None:  # fmt: skip
    export(sample.open(), tmp_path / "out")
    deed(tmp_path / "out")
    resum(tmp_path / "out")
    assert said in check(tmp_path / "out", owner)


def test_a_stranger_s_key_is_not_the_owner_s(
    sample: Sample, check: Callable[..., str], tmp_path: Path
) -> None:
    export(sample.open(), tmp_path / "out")
    (tmp_path / "stranger.pub").write_text(heads.to_pem(signer(9).public_key))
    assert "does not hold" in check(tmp_path / "out", tmp_path / "stranger.pub")


def test_wrong_orders_are_sentences(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match="Entry 77 is no audit"):
        export(sample.open(), tmp_path / "out", [77])
    (tmp_path / "taken").mkdir()
    with pytest.raises(AuditorError, match="exists already"):
        export(sample.open(), tmp_path / "taken")
    assert not (tmp_path / "out").exists()
