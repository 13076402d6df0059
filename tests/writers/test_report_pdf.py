"""The PDF: tagged, titled, reproducible, and made without fetching anything."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import report_examples

from auditor.core.errors import AuditorError
from auditor.core.record import Record
from auditor.writers import pdf
from auditor.writers.editions import BOARD, EDITIONS


def test_document_is_tagged_titled_and_dated(written: tuple[Record, Path]) -> None:
    _, out = written
    with pikepdf.open(out / "report.pdf") as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang) == "en"
        assert "clothing_backdoored" in str(document.docinfo["/Title"])
        assert str(document.docinfo["/CreationDate"]).startswith("D:20260302091541")
        with document.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
        assert "/JavaScript" not in str(root.get("/Names", ""))
        assert "/OpenAction" not in root


def test_every_figure_has_an_alternative_text(written: tuple[Record, Path]) -> None:
    _, out = written
    with pikepdf.open(out / "report.pdf") as document:
        figures = [
            each
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
        assert len(figures) >= 9
        assert all(len(str(each.get("/Alt", ""))) > 10 for each in figures)


def test_same_record_same_bytes(tmp_path: Path) -> None:
    record = report_examples.inconclusive(tmp_path)
    first = pdf.write(record, tmp_path).read_bytes()
    assert pdf.write(record, tmp_path).read_bytes() == first


def test_decision_fills_exactly_one_page(written: tuple[Record, Path]) -> None:
    _, out = written
    with pikepdf.open(out / "report.pdf") as document, document.open_outline() as outline:
        pages = [entry.destination[0] for entry in _chapters(outline.root)]
        numbers = [pikepdf.Page(page).index for page in pages]
        assert numbers[:2] == [1, 2]


def test_decision_fills_one_page_in_german_too(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    file = pdf.write(record, tmp_path, report_examples.GUIDE, "de")
    with pikepdf.open(file) as document, document.open_outline() as outline:
        pages = [entry.destination[0] for entry in _chapters(outline.root)]
        assert [pikepdf.Page(page).index for page in pages][:2] == [1, 2]


def _chapters(entries: list[Any]) -> list[Any]:
    every = [each for entry in entries for each in (entry, *entry.children)]
    return [each for each in every if each.title[:1].isdigit()]


def test_only_data_addresses_are_fetched(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not to be read")
    fetch = pdf._fetcher(pdf._weasyprint())
    for address in (secret.as_uri(), "http://localhost:9/x.png", "ftp://localhost/x"):
        with pytest.raises(ValueError, match="disallowed protocol"):
            fetch(address)
    assert fetch("data:text/plain,ok").read() == b"ok"


def test_hostile_record_still_prints(tmp_path: Path) -> None:
    record = report_examples.hostile(tmp_path)
    for edition in EDITIONS:
        path = pdf.write(record, tmp_path, report_examples.GUIDE, edition=edition)
        data = path.read_bytes()
        assert data.startswith(b"%PDF-")
        assert b"/URI" not in data
        assert b"root:" not in data
        assert len(data) < 5 << 20
        with pikepdf.open(path) as document:
            carried = {"record.json", "evidence.zip", "SHA256SUMS"} if edition.attaches else set()
            assert set(document.attachments) == carried
            if edition is BOARD:
                assert len(document.pages) == 2


def test_missing_libraries_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AuditorError, match="libharfbuzz-subset0"):
        pdf.convert("<p>x</p>")
