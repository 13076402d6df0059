"""The null is measured on clean models only, can be gone on with, and the shipped one is sound."""

from __future__ import annotations

import dataclasses
import json
import math
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from small_audits import run

from auditor.bench import null
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import Source
from auditor.bench.entries import BankEntry
from auditor.bench.null import Scanned, bank_cases, null_document, scan_all, table_cases
from auditor.bench.tables import TableModel, table_models
from auditor.core.errors import AuditorError
from auditor.methods.inversion.forms import FORMS
from auditor.methods.inversion.scan import Effort
from auditor.methods.students import Lesson

LEAST = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=40))
NAMES = {"total", *(form.family for form in FORMS)}


def test_from_bank_to_null(
    tmp_path: Path,
    source: Source,
    clean_entry: BankEntry,
    attacked_entry: BankEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank, lines = Bank(tmp_path), list[str]()
    entries = [clean_entry, dataclasses.replace(attacked_entry, epochs=1)]
    build_missing(bank, source, entries, None, lambda line: None)
    cases = [*bank_cases(bank), *table_cases([TableModel("wine", 0)])]
    assert [case.name for case in cases] == [entries[0].name, "wine-mlp-clean-00"]
    scanned = scan_all(bank, cases, LEAST, lines.append)
    assert [one.classes for one in scanned] == [6, 3]
    assert len(lines) == 2
    document = null_document(scanned, LEAST)
    statistics = document["statistics"]
    assert document["origin"]["classes"] == len(statistics["total"]["scores"]) == 6 + 3
    assert "flow" not in statistics, "neither tables nor images of 8 x 8 pixels bend"
    assert statistics["total"]["at_agreement"] > 0
    assert document["origin"]["effort"]["lesson"]["steps"] == 40
    monkeypatch.setattr(null, "scan", lambda case, effort: pytest.fail("scanned again"))
    assert scan_all(bank, cases, LEAST, lines.append) == scanned
    assert len(lines) == 2
    monkeypatch.setattr(null, "detector_code", lambda: "changed")
    assert scan_all(bank, cases, LEAST, lines.append) == scanned
    assert "2 results come from other code" in lines[2]


def test_another_effort_is_another_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        null, "scan", lambda case, effort: Scanned("m", "d", {"total": [float(effort.steps)]}, 1.0)
    )
    cases = table_cases([TableModel("cancer", 0)])
    for steps in (3, 4):
        effort = dataclasses.replace(LEAST, steps=steps)
        (found,) = scan_all(Bank(tmp_path), cases, effort, lambda line: None)
        assert found.scores["total"] == [float(steps)]


def test_contrasts_are_divided_by_the_scatter_of_their_agreement() -> None:
    """Models that scatter 0.2 at full agreement and 0.7 at three quarters lie on one line."""
    known = [Scanned("a", "wine", {"total": [0.2, -0.2]}, 1.0)] * 2
    unknown = Scanned("b", "gtsrb", {"total": [0.7, -0.7, 0.7, -0.7]}, 0.75)
    assert null.fit_scatter([*known, unknown], "total") == pytest.approx((0.2, 2.0))
    document = null_document([*known, unknown], LEAST)
    total = document["statistics"]["total"]
    assert (total["at_agreement"], total["slope"]) == pytest.approx((0.2, 2.0))
    assert total["scores"] == pytest.approx([-1.0] * 4 + [1.0] * 4, abs=1e-3)
    assert document["origin"]["models_by_data"] == {"gtsrb": 1, "wine": 2}


def test_table_models_are_accurate_and_repeat() -> None:
    assert len([*table_models()]) == 24
    for table in ("cancer", "wine"):
        subject, clean = TableModel(table, 3).open()
        again, _ = TableModel(table, 3).open()
        assert (subject.predict(clean.x) == clean.y).double().mean() > 0.8
        assert torch.equal(subject.logits(clean.x), again.logits(clean.x))
        assert 0 <= float(clean.x.min()) <= float(clean.x.max()) <= 1


def test_a_bank_without_clean_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match="has no clean models"):
        bank_cases(Bank(tmp_path))
    result = run("bench", "null", "--bank", tmp_path)
    assert result.exit_code == 2
    assert "has no clean models" in result.stderr
    assert not [*tmp_path.iterdir()]


def test_the_command_writes_what_calibration_reads(
    tmp_path: Path, source: Source, clean_entry: BankEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = dataclasses.replace(clean_entry, epochs=1)
    build_missing(Bank(tmp_path), source, [short], None, lambda line: None)
    scores = {name: [0.5, -0.25, 0.0] for name in NAMES}
    monkeypatch.setattr(null, "scan", lambda case, effort: Scanned("m", "d", scores, 0.9))
    result = run("bench", "null", "--bank", tmp_path, "--out", tmp_path / "out.json")
    assert result.exit_code == 0
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["origin"]["models"] == 25
    assert set(document["statistics"]) == NAMES


def test_the_shipped_null_is_sound() -> None:
    document = json.loads(files("auditor.methods").joinpath("null.json").read_text("utf-8"))
    assert document["origin"]
    assert set(document["statistics"]) == NAMES
    assert len(document["statistics"]["total"]["scores"]) == document["origin"]["classes"] >= 100
    for statistic in document["statistics"].values():
        scores = statistic["scores"]
        assert statistic["at_agreement"] > 0
        assert len(scores) >= 100
        assert all(map(math.isfinite, scores))
        assert scores == sorted(round(score, 4) for score in scores)
