"""Ctrl-C while the reports are written: what was measured stays, only what is missing is made."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from small_audits import Parcel, run, short_steps

from auditor import pipeline, planning
from auditor.writers.record_json import read


class Printer:
    """Stands in for the making of PDFs; one of them is interrupted."""

    def __init__(self, stops_at: int) -> None:
        self.stops_at, self.made = stops_at, 0

    def __call__(self, *_: object) -> bytes:
        if self.made == self.stops_at:
            raise KeyboardInterrupt
        self.made += 1
        return b"%PDF-1.7 left out"


def no_engine(*_: object) -> NoReturn:
    raise AssertionError("the model was opened again")


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    steps = short_steps("data.clean_set", "perf.accuracy")
    monkeypatch.setattr(planning, "steps", lambda profile: steps)
    return tmp_path / "out"


def test_only_what_is_missing_is_written(
    parcel: Parcel, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = parcel.arguments(out)
    monkeypatch.setattr("auditor.writers.pdf.convert", Printer(1))
    assert run(*command).exit_code == 130
    kept = (out / "record.json").read_bytes()
    with monkeypatch.context() as patch:
        rest = Printer(9)
        patch.setattr("auditor.writers.pdf.convert", rest)
        patch.setattr(pipeline, "LocalEngine", no_engine)
        again = run(*command)
    assert again.exit_code in (0, 1, 3, 4), again.output
    assert "measured before the interruption" in again.stderr
    assert rest.made == 2
    assert (out / "record.json").read_bytes() == kept
    assert (out / "manifest.json").exists()
    assert not (out / ".audit/owed.json").exists()


def test_another_request_is_measured(
    parcel: Parcel, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.writers.pdf.convert", Printer(0))
    assert run(*parcel.arguments(out)).exit_code == 130
    before = read(out).findings[0]
    monkeypatch.setattr("auditor.writers.pdf.convert", Printer(9))
    digest = "sha256=" + "0" * 64
    again = run(*parcel.arguments(out), "--declare", digest)
    assert "measured before the interruption" not in again.stderr
    assert read(out).findings[0] != before


def test_pdfs_can_wait(parcel: Parcel, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.writers.pdf.convert", Printer(0))
    done = run(*parcel.arguments(out), "--no-pdf")
    assert f"auditor render {out}" in done.stdout
    assert not list(out.glob("*.pdf"))
    assert (out / "report.html").exists()
    monkeypatch.setattr("auditor.writers.pdf.convert", Printer(9))
    assert run("render", out).exit_code == 0
    assert len(list(out.glob("*.pdf"))) == 3
