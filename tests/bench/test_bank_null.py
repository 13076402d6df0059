"""The null is measured on clean models only, can be gone on with, and the shipped one is sound."""

from __future__ import annotations

import dataclasses
import json
import math
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from small_audits import run

from auditor.bench import null, null_fit
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import Source
from auditor.bench.entries import BankEntry
from auditor.bench.null import bank_cases, scan_all, table_cases
from auditor.bench.null_fit import Scanned, null_document
from auditor.bench.tables import TableModel, table_models
from auditor.core.errors import AuditorError
from auditor.methods.calibration import (
    SHARES,
    joined,
    models,
    of_several,
    p_value_of,
    restored,
    smallest_of,
    sums_of,
)
from auditor.methods.inversion.effort import Effort
from auditor.methods.scatter import SCALE
from auditor.methods.students import Lesson

LEAST = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=40))
ALWAYS = ("total", "mask", "additive", "margin")
TABLE = {prefix + name for prefix in ("", "away_") for name in ALWAYS}
SMALL = TABLE | {"random", "away_random", "away_turned", "away_paired"}
LARGE = SMALL | {"flow", "away_flow"}
SUMS = {"joint", "away_joint"}
PAIRS = {"away_pairs"}
BOWED = {"bowed", "away_bowed"}
KINDS = ("table", "tiny", "few", "many", "crowd")
WITH_ROWS = ("tiny+rows", "few+rows", "many+rows", "crowd+rows")


def scores(classes: list[float]) -> dict[str, list[float]]:
    """The same contrasts in every statistic of a small input."""
    return {name: classes[:1] if name.startswith("away") else classes for name in SMALL}


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
    kinds = {"table", "tiny", "tiny+rows"}
    assert set(document["statistics"]) == kinds, "neither tables nor 8 x 8 pixels bend"
    assert set(document["statistics"]["tiny+rows"]) == SMALL | SUMS | PAIRS | {"rows"}
    statistics = document["statistics"]["tiny"]
    assert set(statistics) == SMALL | SUMS | PAIRS
    assert document["origin"]["classes"] == 6 + 3
    assert len(statistics["total"]["scores"]) == 6
    assert len(document["statistics"]["table"]["total"]["scores"]) == 3
    assert len(statistics["away_total"]["scores"]) == 1
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
    known = [Scanned("a", "wine", scores([0.2, -0.2]), 1.0)] * 2
    unknown = Scanned("b", "gtsrb", scores([0.7, -0.7, 0.7, -0.7]), 0.75)
    assert null_fit.fit_scatter([*known, unknown], "total") == pytest.approx((0.2, 2.0, 0.0, 0.0))
    document = null_document([*known, unknown], LEAST)
    total = document["statistics"]["tiny"]["total"]
    assert (total["at_agreement"], total["slope"]) == pytest.approx((0.2, 2.0))
    assert total["scores"] == pytest.approx([-1.0] * 4 + [1.0] * 4, abs=1e-3)
    assert document["origin"]["models_by_data"] == {"gtsrb": 1, "wine": 2}


def test_contrasts_are_divided_by_the_scatter_of_the_students_among_themselves() -> None:
    """Students that are twice as far apart excuse contrasts that are twice as large."""
    alike = Scanned("a", "wine", scores([0.2, -0.2]), 0.9, {"total": 0.1})
    apart = Scanned("b", "wine", scores([0.4, -0.4]), 0.9, {"total": 0.3})
    fitted = dict(zip(SCALE, null_fit.fit_scatter([alike, apart] * 2, "total"), strict=True))
    narrow, wide = (null_fit.scale(fitted, one, "total") for one in (alike, apart))
    assert fitted["usual"] == pytest.approx(math.sqrt((0.1**2 + 0.3**2) / 2))
    assert 0.2 <= narrow < wide <= 0.4
    alone = dataclasses.replace(apart, student_scatter={})
    assert narrow < null_fit.scale(fitted, alone, "total") < wide, "one student: the usual scatter"


def test_pairs_are_judged_as_they_are() -> None:
    """The largest of many has no scatter about zero, and that of students would hide it."""
    near = scores([0.2, -0.2]) | {"away_paired": [0.9]}
    far = scores([0.2, -0.2]) | {"away_paired": [1.1]}
    apart = {"away_paired": 3.0, "total": 0.1}
    known = [Scanned("a", "wine", near, 0.9), Scanned("b", "wine", far, 0.5, apart)]
    assert null_fit.calibrated("tiny", known)["away_paired"]["scores"] == [0.9, 1.1]
    assert null_fit.calibrated("tiny", known)["away_pairs"]["scores"] == [0.9, 1.1]


def test_table_models_are_accurate_and_repeat() -> None:
    assert len([*table_models()]) == 80
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
    three = scores([0.5, -0.25, 0.0])
    monkeypatch.setattr(null, "scan", lambda case, effort: Scanned("m", "d", three, 0.9))
    result = run("bench", "null", "--bank", tmp_path, "--out", tmp_path / "out.json")
    assert result.exit_code == 0
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["origin"]["models"] == len(document["models"]["tiny"]) == 81
    assert set(document["statistics"]["tiny"]) == SMALL | SUMS | PAIRS


def test_the_shipped_null_is_sound() -> None:
    document = json.loads(files("auditor.methods").joinpath("null.json").read_text("utf-8"))
    assert document["origin"]
    assert {*document["statistics"]} == {*KINDS, *WITH_ROWS}
    table = document["statistics"]["table"]
    tiny, few, many, crowd = (document["statistics"][kind] for kind in WITH_ROWS)
    assert set(table) == TABLE | SUMS
    assert set(tiny) == SMALL | SUMS | PAIRS | {"rows"}
    assert set(crowd) == LARGE | SUMS | BOWED | {"rows"}
    assert set(few) == set(many) == {*crowd} | PAIRS
    lent = len(many["total"]["scores"])
    apart = (document["statistics"][kind] for kind in KINDS if kind != "many")
    counted = sum(len(kind["total"]["scores"]) for kind in apart) - lent
    assert counted == document["origin"]["classes"] >= 400
    judged = document["models"]
    each = sum(len(judged[kind]) for kind in KINDS if kind != "many") - len(judged["many"])
    assert each == document["origin"]["models"] >= 60
    for statistic in (
        *table.values(),
        *tiny.values(),
        *few.values(),
        *many.values(),
        *crowd.values(),
    ):
        kept = statistic["scores"]
        assert statistic["at_agreement"] > 0
        assert len(kept) >= 5
        assert all(map(math.isfinite, kept))
        assert kept == sorted(round(score, 4) for score in kept)


def test_a_model_is_not_judged_by_itself() -> None:
    """The one that stands out scores higher against the others than against all."""
    usual = [Scanned(str(k), "wine", scores([0.1, -0.1, 0.02 * k]), 0.9) for k in range(12)]
    odd = Scanned("odd", "wine", scores([3.0, -0.1, 0.1]), 0.9)
    alone = max(null_fit.left_out("tiny", [*usual, odd]))
    known = restored({"statistics": {"tiny": null_fit.calibrated("tiny", [*usual, odd])}})["tiny"]
    gaps = {k: np.array(v) for k, v in odd.scores.items()}
    over = {k: z.tolist() for k, z in joined(gaps, odd.accord, known, "tiny").items()}
    classes = of_several(min(smallest_of(tuple(sums_of("tiny")), over, known)), 3)
    assert alone > -math.log10(classes / SHARES[0])


@pytest.mark.parametrize("kind", [*KINDS, *WITH_ROWS])
def test_p_values_of_the_bank_are_uniform(kind: str) -> None:
    """Each clean model of the bank, judged without it, gets a p-value like a uniform draw."""
    drawn = [p_value_of(score, kind) for score in models(kind).scores]
    assert kstest(drawn, "uniform").pvalue > 0.05
    assert sum(p <= 0.05 for p in drawn) <= 0.1 * len(drawn)
