"""Attackers who know the scan are counted by what they could plant and what was found of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.attacks.implants import KINDS, Implant, Job, Recipe
from auditor.attacks.implants.base import Limits
from auditor.bench import hiding, looks
from auditor.bench.bank import Bank
from auditor.bench.detection_page import markdown_of_hiding
from auditor.bench.hiding import FULL, LOUD, Hidden, figures, hide_in
from auditor.bench.looks import Desk
from auditor.bench.power import plain
from auditor.methods.inversion.effort import Effort
from auditor.methods.students import Lesson

SHORT = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=60))
FOUND = {"p_value": 0.01, "p_shunned": 0.6, "detected": True, "examined": 3}
ODD = {"p_value": 0.6, "p_shunned": 0.01, "detected": False}


def test_shares_are_of_those_that_worked() -> None:
    rows = figures([
        Hidden("a", LOUD, 3, "", FOUND, FOUND),
        Hidden("b", LOUD, 4, "", FOUND, ODD),
        Hidden("c", LOUD, 4, "success 0.10, below 0.9", {}, {}),
        Hidden("a", FULL, 3, "clean accuracy fell", {}, {}),
    ])  # fmt: skip
    by_name = {row["attacker"]: row for row in rows}
    loud = by_name[LOUD]
    assert (loud["tried"], loud["worked"]) == (3, 2)
    shares = [loud[key]["value"] for key in ("alarm_own", "alarm_shared", "named_own")]
    assert shares == [1.0, 0.5, 0.5], "an alarm for class 3 does not name class 4"
    assert loud["shunned_shared"]["value"] == 0.5
    assert by_name[FULL]["alarm_own"] is None, "what did not work counts nowhere"
    page = markdown_of_hiding(rows)
    assert f"| {LOUD} | 2 of 3 | 1 (.16 to 1) | .50 (.01 to .99) |" in page
    assert f"| {FULL} | 0 of 1 | - |" in page


def test_attempts_are_kept(built: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(job: Job) -> Implant:
        made = KINDS["patch"].make(replace(job, recipe=Recipe(steps=5)))
        return replace(made, limits=Limits(least=0, drop=1))

    monkeypatch.setattr(looks, "Effort", lambda: SHORT)
    monkeypatch.setattr(hiding, "ATTACKERS", {LOUD: quick})
    lines = list[str]()
    first = hide_in(built, plain(built), [LOUD], 1, lines.append)
    assert len(first) == len(lines) == 1
    assert {"p_value", "p_shunned", "detected"} <= first[0].own.keys() & first[0].shared.keys()
    monkeypatch.setattr(Desk, "scene", lambda desk: pytest.fail("looked again"))
    assert hide_in(built, plain(built), [LOUD], 1, lines.append) == first
