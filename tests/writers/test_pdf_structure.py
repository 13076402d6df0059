"""What PDF/A-3a and PDF/UA ask of a file and a program can see; a validator's word is not here."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from auditor.core.record import Record
from auditor.writers import validators

EDITIONS = ("report", "board", "annex")
each_edition = pytest.mark.parametrize("name", EDITIONS)


def opened(out: Path, name: str) -> pikepdf.Pdf:
    return pikepdf.open(out / f"{name}.pdf")


def dictionaries(document: pikepdf.Pdf) -> list[Any]:
    kinds = (pikepdf.Dictionary, pikepdf.Stream)
    return [each for each in document.objects if isinstance(each, kinds)]


@each_edition
def test_output_intent_tags_language_and_metadata(written: tuple[Record, Path], name: str) -> None:
    with opened(written[1], name) as document:
        root = document.Root
        intents = list(root.OutputIntents)
        assert [str(each.S) for each in intents] == ["/GTS_PDFA1"]
        assert len(intents[0].DestOutputProfile.read_bytes()) > 300
        assert bool(root.MarkInfo.Marked)
        assert str(root.StructTreeRoot.Type) == "/StructTreeRoot"
        assert "/ParentTree" in root.StructTreeRoot
        assert str(root.Lang) == "en"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert "/ID" in document.trailer
        assert "/Encrypt" not in document.trailer
        with document.open_metadata() as metadata:
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "A"
            assert metadata["dc:title"] == str(document.docinfo["/Title"])
            assert metadata["xmp:CreateDate"].startswith("2026-03-02T09:15:41")


@each_edition
def test_every_font_is_embedded(written: tuple[Record, Path], name: str) -> None:
    with opened(written[1], name) as document:
        fonts = [each for each in dictionaries(document) if each.get("/Type") == "/FontDescriptor"]
        assert len(fonts) >= 2
        for font in fonts:
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys())
        composite = [each for each in dictionaries(document) if each.get("/Subtype") == "/Type0"]
        assert all("/ToUnicode" in each for each in composite)


@each_edition
def test_nothing_runs_and_nothing_leads_outside(written: tuple[Record, Path], name: str) -> None:
    forbidden = {"/JavaScript", "/Launch", "/URI", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData"}
    with opened(written[1], name) as document:
        assert "/OpenAction" not in document.Root
        assert "/AA" not in document.Root
        assert "/AcroForm" not in document.Root
        for each in dictionaries(document):
            assert str(each.get("/S", "")) not in forbidden
            assert "/JS" not in each
            assert "/AA" not in each


def test_the_bundle_travels_in_the_report(written: tuple[Record, Path]) -> None:
    record, out = written
    with opened(out, "report") as document:
        files = {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}
        associated = {str(each.UF) for each in document.Root.AF}
        assert associated == set(files) == {"record.json", "evidence.zip", "SHA256SUMS"}
        for each in document.Root.AF:
            assert str(each.AFRelationship) == "/Data"
            assert str(each.EF.F.Params.ModDate).startswith("D:20260302091541")
    assert files["record.json"] == (out / "record.json").read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(files["evidence.zip"]))
    found = {name: archive.read(name) for name in archive.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == {"record.json", *found}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == {
        name: digest for name, digest in sums.items() if name != "record.json"
    }
    named = {each.file for finding in record.findings for each in finding.evidence}
    assert set(found) == named


@pytest.mark.parametrize("name", ["board", "annex"])
def test_the_other_editions_carry_nothing(written: tuple[Record, Path], name: str) -> None:
    with opened(written[1], name) as document:
        assert not document.attachments


def test_the_board_edition_has_two_pages(written: tuple[Record, Path]) -> None:
    with opened(written[1], "board") as document:
        assert len(document.pages) == 2


@each_edition
def test_bookmarks_page_size_and_weight(written: tuple[Record, Path], name: str) -> None:
    file = written[1] / f"{name}.pdf"
    assert file.stat().st_size < 5 << 20
    with opened(written[1], name) as document:
        with document.open_outline() as outline:
            assert len(outline.root) >= 1
        for page in document.pages:
            width, height = float(page.mediabox[2]), float(page.mediabox[3])
            assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (210, 297)


@each_edition
def test_tables_are_tagged_with_headers_and_figures_with_words(
    written: tuple[Record, Path], name: str
) -> None:
    with opened(written[1], name) as document:
        tags = [str(each.get("/S", "")) for each in dictionaries(document)]
        assert {"/H1", "/H2", "/TH", "/TD", "/L"} <= set(tags)
        figures = [each for each in dictionaries(document) if each.get("/S") == "/Figure"]
        assert all(len(str(each.get("/Alt", ""))) > 10 for each in figures)
        headers = [each for each in dictionaries(document) if each.get("/S") == "/TH"]
        assert {str(each.A.Scope) for each in headers} == {"/Column", "/Row"}
        assert not any("/ID" in each for each in headers)
        assert hollow(document.Root.StructTreeRoot) == []


@each_edition
def test_every_link_is_tagged_as_one(written: tuple[Record, Path], name: str) -> None:
    with opened(written[1], name) as document:
        numbered = document.Root.StructTreeRoot.ParentTree.Nums
        owners = {int(numbered[i]): numbered[i + 1] for i in range(0, len(numbered), 2)}
        for page in document.pages:
            for link in page.get("/Annots", []):
                assert str(owners[int(link.StructParent)].S) == "/Link"


@each_edition
def test_pdfua_finds_nothing_but_that_no_claim_is_made(
    written: tuple[Record, Path], name: str
) -> None:
    """The rules of PDF/UA-1 that pdfua knows; conformity is not claimed, and it says so."""
    command = [sys.executable, "-m", "pdfua", "check", "--format", "json"]
    ran = subprocess.run(
        [*command, str(written[1] / f"{name}.pdf")], capture_output=True, text=True, check=False
    )
    report = json.loads(ran.stdout)
    assert {found["rule_id"] for found in report["findings"]} == {"UA-28-004"}


def hollow(element: Any) -> list[str]:
    """Elements below one that a screen reader would stop at for nothing."""
    kids = element.get("/K", [])
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            empty = str(kid.S) in ("/Span", "/NonStruct") and len(kid.K) == 0
            found += [str(kid.S)] if empty else hollow(kid)
    return found


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    program = folder / "verapdf"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo veraPDF 9.9; exit 0; fi\n'
        f'echo "{answer}"\nexit {code}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_without_a_validator_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = validators.sentence(tmp_path / "x.pdf")
    assert said == "x.pdf: PDF/A-3a not checked, verapdf is not on PATH."


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("PASS x.pdf 3a", 0, "x.pdf: valid PDF/A-3a according to veraPDF 9.9."),
        ("FAIL x.pdf 3a", 1, "x.pdf: NOT valid PDF/A-3a according to veraPDF 9.9."),
        ("", 8, "x.pdf: PDF/A-3a not checked, veraPDF 9.9 gave no verdict (exit 8)."),
    ],
)
def test_a_validator_is_quoted_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, said: str
) -> None:
    fake(tmp_path, monkeypatch, answer, code)
    assert validators.sentence(tmp_path / "x.pdf") == said
