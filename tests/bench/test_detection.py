"""Scans are kept, compared with the truth that the scanner did not see, and summed up."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

import auditor
from auditor.bench import detection
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import FORMS, Files, Source, held_out
from auditor.bench.detection import Scan, figures, scan_bank, summary
from auditor.bench.detection_page import picture, table
from auditor.bench.entries import BankEntry
from auditor.bench.null import FOLDERS, SINGLE
from auditor.bench.queue import quick
from auditor.bench.scanners import SCANNERS, Answer, Cost, measured
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

ROOT = Path(auditor.__file__).parents[1]
COST = Cost(passes=100, own_passes=60, seconds=1.0, megabytes=300.0)


def scan(score: float, family: str, named: int = 0, flagged: bool = False) -> Scan:
    """A scan of a model whose true target is class 0."""
    target = None if family in ("clean", "all_to_all/patch") else 0
    return Scan("model", "auditor", family, target, Answer(score, flagged, named, 0.9), COST)


def test_figures_of_a_known_table() -> None:
    rows = [
        *(scan(score, "clean") for score in (0.1, 0.2, 0.3)),
        scan(0.4, "clean", flagged=True),
        *(scan(2.0, "patch", named, flagged=True) for named in (0, 0, 1)),
        scan(0.05, "all_to_all/patch"),
    ]
    found = figures(rows)
    assert found["models"] == {"clean": 4, "attacked": 4}
    assert found["auroc"]["value"] == pytest.approx(12 / 16)
    assert (found["tpr_at_5_fpr"]["value"], found["tpr_at_5_fpr"]["n"]) == (0.75, 4)
    assert found["clean_flagged"]["value"] == 0.25
    assert found["attacked_flagged"]["value"] == 0.75
    assert found["target_right"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["target_right"]["n"] == 3
    assert found["families"]["patch"]["auroc"]["value"] == 1
    assert found["families"]["all_to_all/patch"]["auroc"]["value"] == 0
    assert found["families"]["patch"]["tpr_at_5_fpr"]["n"] == 3
    shares = ("auroc", "tpr_at_5_fpr", "clean_flagged", "attacked_flagged", "target_right")
    assert all(found[name]["low"] < found[name]["high"] for name in shares)


def test_targets_and_witnesses_count_where_an_attacked_model_was_flagged() -> None:
    missed = [scan(0.1, "patch"), scan(0.2, "all_to_all/patch", flagged=True)]
    found = figures([scan(2.0, "patch", named=1, flagged=True), *missed, scan(0.3, "clean")])
    assert (found["target_right"]["value"], found["target_right"]["n"]) == (0, 1)
    assert found["witness_success"]["n"] == 2


def test_a_scan_depends_on_all_methods_that_it_runs() -> None:
    """But for intervals, and the cheap scores that other probes make of the last layer."""
    known, todo = set[str](), ["auditor.probes.reconstruction"]
    while todo:
        path = ROOT.joinpath(*todo.pop().split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        known.add(path.relative_to(ROOT / "auditor").as_posix())
        found = re.findall(r"^from (auditor\.methods[.\w]*) import", path.read_text("utf-8"), re.M)
        todo += [name for name in found if _file(name) not in known]
    hashed = {*SINGLE, *detection.JUDGED}
    unknown = {name for name in known - hashed if not name.startswith((*FOLDERS, "probes"))}
    assert unknown <= {"methods/intervals.py", "methods/clean_scores.py"}


def _file(module: str) -> str:
    name = module.removeprefix("auditor.").replace(".", "/")
    return f"{name}/__init__.py" if (ROOT / "auditor" / name).is_dir() else f"{name}.py"


def test_costs_and_witnesses_have_intervals_too() -> None:
    costs = [Cost(100 * n, 50 * n, float(n), 300.0 + n) for n in range(1, 11)]
    rows = [replace(scan(1.0, "patch", flagged=True), cost=cost) for cost in costs]
    found = figures([*rows, replace(scan(0.1, "clean"), cost=costs[-1])])
    assert found["image_passes"] == {"value": 600, "low": 200, "high": 1000, "n": 11}
    assert found["own_passes"] == {"value": 300, "low": 100, "high": 500, "n": 11}
    assert found["seconds"] == {"value": 6, "low": 2, "high": 10, "n": 11}
    assert found["megabytes"] == {"value": 306, "low": 302, "high": 310, "n": 11}
    assert found["witness_success"] == {"value": 0.9, "low": 0.9, "high": 0.9, "n": 10}
    shown = table({"auditor": found})
    for said in ("600 (200 to 1,000)", "6 (2 to 10)", "306 (302 to 310)", ".90 (.90 to .90)"):
        assert said in shown


def test_false_alarms_are_counted_by_kind_of_clean_model() -> None:
    shortcut = replace(scan(0.4, "clean", flagged=True), hard="shortcut")
    found = figures([scan(0.1, "clean"), scan(0.2, "clean"), shortcut, scan(1.0, "patch")])
    assert found["clean_flagged"]["n"] == 3
    assert found["clean_kinds"]["plain"] | {"high": 0} == {"value": 0, "low": 0, "high": 0, "n": 2}
    assert found["clean_kinds"]["shortcut"]["value"] == 1
    assert "| shortcut | 1 (" in table({"auditor": found})


def test_p_values_of_clean_models_are_held_against_uniform_ones() -> None:
    even = figures([scan(-math.log10((n + 0.5) / 40), "clean") for n in range(40)])
    assert even["clean_p_values"]["ks_p"] > 0.9
    assert even["clean_p_values"]["below"] == {"value": 0.05, "upper": 0.1492, "n": 40}
    small = figures([scan(2.0 + n / 100, "clean") for n in range(40)])
    assert small["clean_p_values"]["ks_p"] < 0.001
    assert small["clean_p_values"]["below"]["value"] == 1
    assert "share at most .05 1, upper 95% bound 1" in table({"auditor": small})
    other = replace(scan(0.5, "clean"), scanner="mm_bd")
    assert figures([other])["clean_p_values"] is None, "other scores are no p-values"


def test_figures_stand_by_number_of_classes() -> None:
    dear = Cost(passes=290, own_passes=60, seconds=2.5, megabytes=300.0)
    ten = [
        replace(scan(score, family), classes=10)
        for score, family in ((0.1, "clean"), (2.0, "patch"))
    ]
    hundred = replace(scan(0.3, "patch", flagged=True), classes=100, cost=dear)
    found = figures([*ten, hundred])
    assert [*found["class_counts"]] == ["10", "100"]
    assert found["class_counts"]["10"]["auroc"]["value"] == 1
    assert found["class_counts"]["10"]["clean_flagged"]["value"] == 0
    assert found["class_counts"]["100"]["auroc"] is None
    assert found["class_counts"]["100"]["attacked_flagged"]["value"] == 1
    shown = table({"auditor": found})
    assert "| 10 | auditor | 1 (" in shown
    assert "| 100 | auditor | - | - | 1 (.03 to 1) | 290 | 2.5 |" in shown


def test_no_clean_models_no_area() -> None:
    found = figures([scan(1.0, "patch")])
    assert found["auroc"] is None
    assert found["clean_flagged"] is None
    assert "| auditor | - | - | - |" in table({"auditor": found})


def test_scans_are_kept_and_read_again(
    tmp_path: Path, built: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, lines = built, list[str]()
    monkeypatch.setattr(detection, "_alone", detection._scan)
    monkeypatch.setitem(SCANNERS, "mm_bd", lambda subject, clean, seed: Answer(1.5, True, 2))
    scans = scan_bank(bank, ["mm_bd"], lines.append)
    assert [(row.family, row.target) for row in scans] == [("clean", None), ("patch", 2)]
    assert len(lines) == 2
    monkeypatch.setattr(detection, "_alone", lambda *job: pytest.fail("scanned again"))
    assert scan_bank(bank, ["mm_bd"], lines.append) == scans
    assert summary(scans)["mm_bd"]["target_right"]["value"] == 1
    kept = sorted((tmp_path / "detection").iterdir())
    assert json.loads(kept[0].read_text())["flagged"] is True


def test_a_scan_of_its_own_process_counts_time_passes_and_memory(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    bank = Bank(tmp_path)
    build_missing(bank, source, [clean_entry], None, lambda line: None)
    (row,) = scan_bank(bank, ["mm_bd"], lambda line: None)
    assert row.cost.passes >= 30 * 6
    assert row.cost.seconds > 0
    assert row.cost.megabytes > 50


def test_the_answer_carries_its_cost() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    subject = Subject(network, InputSpec(kind="image", shape=(1, 2, 2), classes=3))
    clean = CleanSet(torch.zeros(11, 1, 2, 2), torch.zeros(11, dtype=torch.int64))

    def look(subject: Subject, clean: CleanSet, seed: int) -> Answer:
        subject.predict(clean.x)
        return Answer(0.0, False, 0)

    answer, cost = measured(look, subject, clean, 0)
    assert answer == Answer(0.0, False, 0)
    assert (cost.passes, cost.work) == (11, 11)


def test_the_page_shows_every_scanner_and_family() -> None:
    scans = [scan(0.1, "clean"), scan(0.2, "clean"), scan(2.0, "patch", flagged=True)]
    text = table(summary(scans))
    assert "| auditor | 1" in text
    assert "| patch | 1" in text
    root = ElementTree.fromstring(picture(scans))
    assert root.tag.endswith("svg")


def test_the_quick_bank_has_both_kinds_and_its_data_come_with_scikit_learn(tmp_path: Path) -> None:
    entries = list(quick())
    attacks = [entry.attack is not None for entry in entries]
    assert attacks.count(True) == attacks.count(False) == 10
    source = Files(tmp_path / "nowhere")
    assert source.lack("digits") == ""
    task = source.load("digits")
    assert task.form == FORMS["digits"]
    clean, measure = held_out(task)
    assert not set(clean) & set(measure)
