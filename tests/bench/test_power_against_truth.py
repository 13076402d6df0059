"""Implants found and attacked models found stand side by side, family by family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.bench import power
from auditor.bench.bank import Bank
from auditor.bench.detection import Scan
from auditor.bench.detection_page import markdown_of_power
from auditor.bench.entries import BankEntry
from auditor.bench.power import Planted, against_truth, plant_in_bank
from auditor.bench.scanners import Answer, Cost
from auditor.methods.inversion.scan import Effort
from auditor.methods.students import Lesson

COST = Cost(passes=1, own_passes=1, seconds=1.0, megabytes=1.0)


def scan(family: str, flagged: bool, named: int = 3) -> Scan:
    target = None if family.startswith("all_to_all") else 3
    return Scan("m", "auditor", family, target, Answer(1.0, flagged, named), COST)


def test_families_are_compared() -> None:
    planted = [
        *(Planted("a", "patch", True, hit) for hit in (True, True, False)),
        Planted("a", "patch", False, False),
        Planted("a", "blend", True, True),
        Planted("a", "all_to_all", True, False),
    ]
    scans = [
        scan("patch", True), scan("patch", True, named=4), scan("all_to_all/blend", True),
        scan("lira/lira", True), scan("clean", False),
    ]  # fmt: skip
    rows = {row["family"]: row for row in against_truth(planted, scans)}
    assert set(rows) == {"patch", "blend", "all_to_all"}
    assert rows["patch"]["implants"]["n"] == 3, "what could not be implanted does not count"
    assert rows["patch"]["attacked"]["value"] == 0.5, "another class than the target is no hit"
    assert rows["patch"]["difference"] == pytest.approx(1 / 2 - 2 / 3, abs=1e-4)
    assert rows["all_to_all"]["difference"] == 1
    assert rows["blend"]["attacked"] is rows["blend"]["difference"] is None
    page = markdown_of_power(list(rows.values()))
    assert "-17 points" in page
    assert "+100 points" in page


def test_implants_are_planted_once(
    tmp_path: Path, built: Bank, clean_entry: BankEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, lines = built, list[str]()
    short = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=20))
    monkeypatch.setattr(power, "Effort", lambda: short)
    first = plant_in_bank(bank, ["patch"], 1, None, lines.append)
    assert [one.model for one in first] == [clean_entry.name], "only clean models are planted in"
    (kept,) = (tmp_path / "power").iterdir()
    assert json.loads(kept.read_text())["family"] == "patch"
    monkeypatch.setattr(power, "scene_of", lambda bank, facts: pytest.fail("scanned again"))
    assert plant_in_bank(bank, ["patch"], 1, None, lines.append) == first
    assert len(lines) == 1
