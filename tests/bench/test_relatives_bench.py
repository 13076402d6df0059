"""Which p-value is calibrated: of the bank, of a model's own relatives, or of both combined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from auditor.bench import looks
from auditor.bench.bank import Bank
from auditor.bench.datasets import Files
from auditor.bench.detection_page import markdown_of_nulls
from auditor.bench.looks import Desk
from auditor.bench.power import plain
from auditor.bench.relatives import Judged, figures, judge, pooled
from auditor.bench.twins import build_pairs
from auditor.methods.derivations import conformal
from auditor.methods.inversion.effort import Effort
from auditor.methods.students import Lesson

SHORT = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=20))


def test_the_merged_p_values_are_what_their_names_say() -> None:
    found = Judged("m", False, 0.04, 0.2, 9, 99).p_values
    assert (found["bank"], found["relatives"]) == (0.04, 0.2)
    assert found["twice the mean"] == pytest.approx(0.24)
    assert found["twice the smaller"] == pytest.approx(0.08)
    assert found["among all"] == pytest.approx((1 + 3 + 1) / (1 + 99 + 9))
    assert pooled((1e-9, 69), (0.05, 19)) == pytest.approx(1 / 89), "no finer than the copies"
    assert Judged("m", False, 1.0, 1.0, 9, 99).p_values["twice the mean"] == 1


def test_two_groups_together_are_ranked_as_one() -> None:
    draw = Random(0)
    first, second = ([draw.random() for _ in range(count)] for count in (30, 12))
    for own in (0.01, 0.4, 0.97):
        apart = ((conformal(own, group), len(group)) for group in (first, second))
        assert pooled(*apart) == pytest.approx(conformal(own, first + second))


def test_calibration_is_read_from_clean_models_alone() -> None:
    clean = [Judged(f"c{n}", False, (n + 0.5) / 20, 0.5, 19, 70) for n in range(20)]
    bad = [Judged(f"a{n}", True, 0.001, 0.5, 19, 70) for n in range(4)]
    rows = {row["null"]: row for row in figures([*clean, *bad])}
    assert rows["bank"]["ks_p"] > 0.9
    assert rows["relatives"]["ks_p"] < 0.01
    assert rows["bank"]["below"] == {"value": 0.05, "upper": 0.2161, "n": 20}
    assert rows["bank"]["found"]["value"] == 1
    assert rows["relatives"]["found"]["value"] == 0
    assert "| bank | 20 |" in markdown_of_nulls([*rows.values()])


def test_models_are_judged_once(built: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "Effort", lambda: SHORT)
    lines = list[str]()
    (one,) = judge(built, plain(built), 2, lines.append)
    assert one.copies <= 2
    assert one.relatives >= 1 / 3
    assert one.others > 20
    monkeypatch.setattr(Desk, "scene", lambda desk: pytest.fail("looked again"))
    assert judge(built, plain(built), 2, lines.append) == [one]
    assert len(lines) == 1


def test_pairs_are_a_clean_model_and_a_twin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditor.bench.twins.DRAWS", 1)
    facts = build_pairs(Bank(tmp_path), Files(tmp_path), 2, 1, lambda line: None)
    clean = [one.entry for one in facts if one.entry.attack is None]
    twins = [one.entry for one in facts if one.entry.attack is not None]
    assert len(clean) == 2
    assert [replace(each, attack=None) for each in twins] in ([], clean[:1])
