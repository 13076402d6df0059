"""veraPDF on the PDFs: PDF/A-3a holds, signed or not; of PDF/UA-1 only the claim is missing.

Runs where ``VERAPDF_JARS`` names veraPDF's libraries as a class path; docs/record.md says which.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
import report_examples
from authority import Authority

from auditor.core.record import Record
from auditor.signing import pades
from auditor.signing.certificates import Identity
from auditor.signing.keys import from_private
from auditor.writers import pdf, validators
from auditor.writers.editions import EDITIONS

JARS = os.environ.get("VERAPDF_JARS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (JARS and shutil.which("java")), reason="VERAPDF_JARS or java missing"),
]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``verapdf`` on PATH, made of the libraries."""
    source = Path(__file__).parent / "VeraPdf.java"
    file = tmp_path / "bin" / "verapdf"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec java -cp "{JARS}" "{source}" "$@"\n')
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{file.parent}:{os.environ['PATH']}")
    return file


def rules(program: Path, flavour: str, file: Path) -> set[str]:
    """The rules that a file breaks."""
    command = [str(program), "--flavour", flavour, "--format", "text", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said[:4] in {"PASS", "FAIL"}
    return {line.split()[1] for line in said.splitlines() if line.startswith("rule ")}


def test_every_edition_is_pdf_a_3a(program: Path, written: tuple[Record, Path]) -> None:
    for edition in EDITIONS:
        said = validators.sentence(written[1] / f"{edition.name}.pdf")
        assert said.startswith(f"{edition.name}.pdf: valid PDF/A-3a according to veraPDF 1.")


def test_of_pdf_ua_1_only_the_claim_is_missing(program: Path, written: tuple[Record, Path]) -> None:
    for edition in EDITIONS:
        assert rules(program, "ua1", written[1] / f"{edition.name}.pdf") == {"5-1"}


def test_hostile_text_and_german_change_nothing(program: Path, tmp_path: Path) -> None:
    hostile = pdf.write(report_examples.hostile(tmp_path), tmp_path, report_examples.GUIDE)
    assert rules(program, "3a", hostile) == set()
    german = pdf.write(report_examples.inconclusive(tmp_path), tmp_path, spoken="de")
    assert rules(program, "3a", german) == set()


def test_a_signed_report_still_is_one(
    program: Path, written: tuple[Record, Path], tmp_path: Path
) -> None:
    ours, file = Authority(), tmp_path / "signed.pdf"
    key, certificate = ours.person("Ann")
    body = (written[1] / "board.pdf").read_bytes()
    with ours.serve() as address:
        order = pades.Order(
            from_private(key), Identity(certificate, (ours.root,)), address, (ours.root,)
        )
        file.write_bytes(pades.sign(body, order))
    assert rules(program, "3a", file) == set()


def test_what_is_broken_is_named(
    program: Path, written: tuple[Record, Path], tmp_path: Path
) -> None:
    with pikepdf.open(written[1] / "board.pdf") as document:
        del document.Root.OutputIntents
        document.save(tmp_path / "board.pdf")
    said = validators.sentence(tmp_path / "board.pdf")
    assert said.startswith("board.pdf: NOT valid PDF/A-3a according to veraPDF")
