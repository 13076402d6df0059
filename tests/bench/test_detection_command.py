"""``auditor bench detection``: what is scanned and with what, and the three files of figures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import torch
from small_audits import run

from auditor.architectures import build
from auditor.bench import detection, scanners
from auditor.bench.bank import Bank
from auditor.bench.datasets import Source
from auditor.bench.detection import Scan, scan_bank
from auditor.bench.detection_page import picture
from auditor.bench.entries import BankEntry
from auditor.bench.facts import Facts
from auditor.bench.scanners import SCANNERS, Answer, Cost, auditor_scan
from auditor.core.subject import CleanSet, Subject
from auditor.writers import plotting

SHAPE, CLASSES = (1, 8, 8), 6
INTERVALS = (
    "auroc", "tpr_at_5_fpr", "clean_flagged", "attacked_flagged", "target_right",
    "witness_success", "image_passes", "own_passes", "work", "seconds", "megabytes",
)  # fmt: skip


def filled(folder: Path, source: Source, *entries: BankEntry, admitted: bool = True) -> Bank:
    """A bank of networks that nobody trained."""
    bank = Bank(folder)
    bank.keep_images("rows", source.load("rows"))
    for entry in entries:
        rate = 0.9 if entry.attack else None
        weights = f"{entry.name}.safetensors"
        facts = Facts(entry, weights, SHAPE, CLASSES, 0.9, rate, None, admitted, 1.0)
        bank.keep(facts, build(entry.architecture, SHAPE, CLASSES), None)
    return bank


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[CleanSet]:
    """What scanners were shown; every one of them answers 2, and nothing leaves this process."""
    shown: list[CleanSet] = []

    def look(subject: Subject, clean: CleanSet, seed: int) -> Answer:
        shown.append(clean)
        subject.predict(clean.x[:10])
        return Answer(1.5, True, 2, 0.9)

    monkeypatch.setattr(detection, "_alone", detection._scan)
    for name in SCANNERS:
        monkeypatch.setitem(SCANNERS, name, look)
    return shown


def test_figures_are_printed_and_written(
    tmp_path: Path,
    source: Source,
    clean_entry: BankEntry,
    attacked_entry: BankEntry,
    looks: list[CleanSet],
) -> None:
    filled(tmp_path, source, clean_entry, attacked_entry)
    asked = ("bench", "detection", "--bank", tmp_path, "--out", tmp_path / "out")
    found = run(*asked, "--json")
    assert found.exit_code == 0, found.output
    figures = json.loads(found.stdout)
    assert [*figures] == ["auditor", "neural_cleanse", "mm_bd"]
    for one in figures.values():
        assert all({"value", "low", "high", "n"} <= set(one[name]) for name in INTERVALS)
        assert one["models"] == {"clean": 1, "attacked": 1}
        assert one["target_right"]["value"] == 1
        assert (one["image_passes"]["value"], one["image_passes"]["n"]) == (10, 2)
        assert one["seconds"]["value"] > 0
        assert 50 < one["megabytes"]["value"] < 50_000
        assert [*one["class_counts"]] == [str(CLASSES)]
    assert json.loads((tmp_path / "out" / "detection.json").read_text()) == figures
    page = run(*asked).stdout
    assert page == (tmp_path / "out" / "detection.md").read_text() + "\n"
    assert "| mm_bd | .50" in page
    assert ElementTree.parse(tmp_path / "out" / "detection.svg").getroot().tag.endswith("svg")
    assert len(looks) == 6, "the second time everything was kept"


def test_scanners_see_the_auditors_images_and_admitted_models_only(
    tmp_path: Path,
    source: Source,
    clean_entry: BankEntry,
    attacked_entry: BankEntry,
    looks: list[CleanSet],
) -> None:
    bank = filled(tmp_path, source, clean_entry)
    filled(tmp_path, source, attacked_entry, admitted=False)
    scans = scan_bank(bank, ["mm_bd"], lambda line: None)
    assert [scan.model for scan in scans] == [clean_entry.name]
    assert torch.equal(looks[0].x, bank.images("clean", "rows").x)
    seen, other = ({x.numpy().tobytes() for x in bank.images(kind, "rows").x}
                   for kind in ("clean", "heldout"))  # fmt: skip
    assert not seen & other, "images to measure on are others"


def test_a_model_whose_training_was_stopped_is_not_there(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    bank = filled(tmp_path, source, clean_entry)
    assert bank.has(clean_entry.name)
    (bank.models / f"{clean_entry.name}.json").unlink()
    assert not bank.has(clean_entry.name)
    assert bank.facts() == []


def test_other_code_of_a_scanner_scans_again(
    tmp_path: Path,
    source: Source,
    clean_entry: BankEntry,
    looks: list[CleanSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = filled(tmp_path, source, clean_entry)
    for code in ("old", "new", "new"):
        monkeypatch.setattr(detection, "scanner_code", lambda name, code=code: code)
        scan_bank(bank, ["mm_bd"], lambda line: None)
    assert len(looks) == 2


def test_the_small_form_trains_its_own_bank_and_takes_ten_models(
    source: Source,
    clean_entry: BankEntry,
    attacked_entry: BankEntry,
    looks: list[CleanSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trained(bank: Bank, source_of_it: object, entries: object, *rest: object) -> int:
        pairs = ((clean_entry, number) for number in range(6))
        clean = [replace(entry, seed=number) for entry, number in pairs]
        attacked = [replace(attacked_entry, seed=number) for number in range(6)]
        filled(bank.folder, source, *clean, *attacked)
        return 12

    monkeypatch.setattr("auditor.bench.build.build_missing", trained)
    found = run("bench", "detection", "--quick", "--json")
    assert found.exit_code == 0, found.output
    figures = json.loads(found.stdout)
    assert [*figures] == ["auditor", "neural_cleanse_short", "mm_bd"]
    assert figures["mm_bd"]["models"] == {"clean": 5, "attacked": 5}


def test_without_models_it_says_what_to_do(tmp_path: Path) -> None:
    nothing, empty = run("bench", "detection"), run("bench", "detection", "--bank", tmp_path)
    assert (nothing.exit_code, empty.exit_code) == (2, 2)
    assert "Give --bank FOLDER, or --quick." in nothing.output
    assert "Run auditor bench build first." in empty.output


@pytest.mark.parametrize(
    ("measures", "flagged"),
    [
        ({"p_value": 0.05, "functional_witness": 1.0}, True),
        ({"p_value": 0.06, "functional_witness": 1.0}, False),
        ({"p_value": 0.01, "functional_witness": 0.0}, False),
    ],
)
def test_this_detector_flags_with_a_witness_at_five_per_cent(
    measures: dict[str, float], flagged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = measures | {"score": 1.3, "max_flip_rate": 0.8}
    assert asked(known, monkeypatch) == Answer(1.3, flagged, 4, 0.8)


def test_a_search_that_says_nothing_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked({"ran": 0.0}, monkeypatch) == Answer(0.0, False, 0)


def asked(measures: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> Answer:
    """The scanner's answer where the probe measured this."""
    finding = SimpleNamespace(
        measures={name: SimpleNamespace(value=value) for name, value in measures.items()},
        tables={"targets": [{"target": 4}, {"target": 1}]},
    )

    def examine(*job: Any) -> Any:
        return finding, None

    monkeypatch.setattr(scanners, "Reconstruction", lambda: SimpleNamespace(examine=examine))
    return auditor_scan(None, None, 0)  # type: ignore[arg-type]


def test_the_figure_tells_attacked_from_clean_and_flagged_from_passed() -> None:
    cost = Cost(passes=100, own_passes=60, seconds=1.0, megabytes=300.0)
    clean = Scan("m", "auditor", "clean", None, Answer(0.1, False, 0), cost)
    missed = replace(clean, family="patch", answer=Answer(2.0, False, 0))
    found = replace(missed, answer=Answer(2.0, True, 0))
    alarm = plotting.ALARM.lower()
    drawn = [picture([clean, one]).decode().lower() for one in (clean, missed, found)]
    assert [alarm in page for page in drawn] == [False, True, True]
    assert [f"fill: {alarm}" in page for page in drawn] == [False, False, True]
