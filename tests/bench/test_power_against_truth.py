"""Implants found and attacked models found stand side by side, family by family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.attacks.implants import Recipe
from auditor.bench import looks
from auditor.bench.bank import Bank
from auditor.bench.datasets import Files
from auditor.bench.detection import Scan
from auditor.bench.detection_page import markdown_of_power
from auditor.bench.entries import BankEntry
from auditor.bench.looks import Desk
from auditor.bench.power import (
    ALL,
    Attacked,
    Planted,
    against_truth,
    attacked_in,
    attacked_twins,
    plain,
    plant_in,
)
from auditor.bench.queue import queue
from auditor.bench.scanners import Answer, Cost
from auditor.bench.twins import ATTACKS, build_twins, poisoned, setting
from auditor.bench.unseen_queue import test_queue as unseen_queue
from auditor.cli.bench_detection import power as command
from auditor.methods.inversion.effort import Effort
from auditor.methods.students import Lesson
from auditor.power import recipes

COST = Cost(passes=1, own_passes=1, seconds=1.0, megabytes=1.0)
SHORT = Effort(steps=3, per_step=24, students=1, lesson=Lesson(steps=20))


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
    attacked = attacked_in([
        scan("patch", True), scan("patch", True, named=4), scan("all_to_all/blend", True),
        scan("lira/lira", True), scan("clean", False),
    ])  # fmt: skip
    rows = {row["family"]: row for row in against_truth(planted, attacked)}
    assert set(rows) == {"patch", "blend", "all_to_all", ALL}
    assert rows["patch"]["implants"]["n"] == 3, "what could not be implanted does not count"
    assert rows["patch"]["attacked"]["value"] == 0.5, "another class than the target is no hit"
    assert rows["patch"]["difference"]["value"] == pytest.approx(1 / 2 - 2 / 3, abs=1e-4)
    assert rows["all_to_all"]["difference"]["value"] == 1
    assert rows["blend"]["attacked"] is rows["blend"]["difference"] is None
    assert rows[ALL]["implants"]["n"] == 4, "blend has nothing to be held against"
    page = markdown_of_power([*rows.values()])
    assert "-17 points" in page
    assert "+100 points" in page


@pytest.mark.parametrize(
    ("found", "verdict"),
    [((500, 505), "yes"), ((500, 900), "no"), ((500, 560), "cannot be told")],
)
def test_the_interval_decides_whether_power_is_true(found: tuple[int, int], verdict: str) -> None:
    planted = [Planted("a", "patch", True, n < found[0]) for n in range(1000)]
    attacked = [Attacked("m", "patch", n < found[1]) for n in range(1000)]
    (row,) = against_truth(planted, attacked)
    assert row["near"] == verdict


def test_implants_are_planted_once(
    tmp_path: Path, built: Bank, clean_entry: BankEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, lines = built, list[str]()
    monkeypatch.setattr(looks, "Effort", lambda: SHORT)
    monkeypatch.setattr(recipes, "RECIPES", (Recipe(steps=5),))
    models = plain(bank)
    assert [one.entry.name for one in models] == [clean_entry.name], "only clean ones"
    first = plant_in(bank, models, ["patch"], 1, lines.append)
    (kept,) = (tmp_path / "power").glob("*-implant-patch-*")
    assert json.loads(kept.read_text())["family"] == "patch"
    monkeypatch.setattr(Desk, "scene", lambda desk: pytest.fail("scanned again"))
    assert plant_in(bank, models, ["patch"], 1, lines.append) == first
    assert len(lines) == 1


def test_a_changed_detector_looks_again_and_teaches_nobody(
    built: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(built, plain(built)[0])
    monkeypatch.setattr(looks, "Effort", lambda: SHORT)
    subject = built.subject(desk.facts)
    row = desk.look(subject, "itself", None)
    assert set(row) >= {"p_value", "detected", "contrasts"}
    monkeypatch.setattr(looks, "students", lambda *_: pytest.fail("taught again"))
    assert desk.look(subject, "itself", None) == row
    monkeypatch.setattr(looks, "scanner_code", lambda name: "another detector")
    assert desk.look(subject, "itself", None) == row
    assert len([*(built.folder / "power").glob("*-reference-*")]) == 2


def test_twins_differ_in_the_poison_alone() -> None:
    own = setting(3)
    for name in ATTACKS:
        entry = poisoned(3, name, 0)
        assert entry.attack is not None
        assert (entry.seed, entry.lr, entry.epochs, entry.optimiser, entry.augmentation) == (
            own.seed, own.lr, own.epochs, own.optimiser, own.augmentation,
        )  # fmt: skip
        assert poisoned(3, name, 1).attack != entry.attack


def test_no_seed_of_a_twin_is_in_another_bank() -> None:
    others = {entry.seed for entry in (*queue(), *unseen_queue())}
    seeds = [setting(number).seed for number in range(200)]
    assert len({*seeds}) == 200
    assert others.isdisjoint(seeds)


def test_attacked_twins_are_trained_once_and_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "Effort", lambda: SHORT)
    bank, lines = Bank(tmp_path), list[str]()
    (pair,) = build_twins(bank, Files(tmp_path), 1, ["patch"], lines.append)
    assert pair.clean.entry.attack is None
    assert [name for name, _ in pair.attacked] == ["patch"] * len(pair.attacked)
    assert pair.attacked
    count = len(lines)
    (again,) = build_twins(bank, Files(tmp_path), 1, ["patch"], lines.append)
    assert len(lines) == count, "nothing was trained twice"
    names = [[facts.entry.name for _, facts in one.attacked] for one in (pair, again)]
    assert names[0] == names[1]
    found = attacked_twins(bank, [pair], lines.append)
    assert [one.family for one in found] == ["patch"] * len(pair.attacked)


def test_implants_that_no_attack_resembles_stand_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def plant(bank: Bank, models: object, kinds: list[str], *rest: object) -> list[Planted]:
        asked.append(kinds)
        return [Planted("a", "sparse", True, hit) for hit in (True, False)]

    monkeypatch.setattr("auditor.bench.power.plant_in", plant)
    monkeypatch.setattr(
        "auditor.bench.twins.build_twins", lambda *given: asked.append(given[3]) or []
    )
    arguments = ["--bank", str(tmp_path), "--twins", "1", "--family", "sparse"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert asked == [[], ["sparse"]], "no attacked twin is trained for it"
    assert "| sparse | .50 (.01 to .99) | 2 | - | 0 | - | not measured |" in done.output
    assert CliRunner().invoke(command, [*arguments[:-1], "nonsense"]).exit_code != 0
