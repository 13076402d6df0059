"""The manifest names every file, and coreutils agree with its root digest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
import report_examples

from auditor.core.errors import AuditorError
from auditor.core.record import Record
from auditor.writers import manifest


def test_every_file_is_listed_once(written: tuple[Record, Path]) -> None:
    _, out = written
    listed = {entry["path"] for entry in json.loads((out / "manifest.json").read_text())["files"]}
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert listed == there - {"manifest.json"}
    assert {"record.json", "report.html", "report.pdf"} < listed
    assert "supports in part Art. 15(5)" in (out / "report.html").read_text()


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not here")
def test_commands_printed_in_the_report_give_the_digests(written: tuple[Record, Path]) -> None:
    _, out = written
    blocks = re.findall(r"<pre>(.*?)</pre>", (out / "report.html").read_text(), re.DOTALL)
    commands = next(unescape(block) for block in blocks if "sha256sum" in block)
    ran = subprocess.run(
        ["bash", "-c", commands], cwd=out, capture_output=True, text=True, check=True
    )
    record_digest, root_digest = (line.split()[0] for line in ran.stdout.splitlines())
    content = json.loads((out / "manifest.json").read_text())
    assert root_digest == content["root_sha256"]
    assert {"record.json": record_digest}.items() <= {
        entry["path"]: entry["sha256"] for entry in content["files"]
    }.items()


def test_a_changed_byte_changes_the_root(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    before = json.loads(manifest.write(record, tmp_path).read_text())
    victim = next((tmp_path / "evidence").iterdir())
    victim.write_bytes(victim.read_bytes() + b" ")
    after = json.loads(manifest.write(record, tmp_path).read_text())
    assert before["root_sha256"] != after["root_sha256"]


def test_odd_things_in_the_folder_are_refused(tmp_path: Path) -> None:
    record = report_examples.dangerous(tmp_path)
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(AuditorError, match="neither a plain file nor a folder"):
        manifest.write(record, tmp_path)
    (tmp_path / "link").unlink()
    (tmp_path / "a\nb").write_text("")
    with pytest.raises(AuditorError, match="escape"):
        manifest.write(record, tmp_path)
