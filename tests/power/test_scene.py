"""Copies are judged as the audit judges its model: a class that is hardly given accuses nobody."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from auditor.core.finding import Finding, Status, as_measure
from auditor.core.probe import Context, OutOfTime
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.goals import away, towards
from auditor.methods.inversion.lessons import agreement
from auditor.power import scene as scenes
from auditor.power.scene import SCAN, look, open_scene
from auditor.probes import power
from auditor.probes.reconstruction import Reconstruction

RARE = 7
FORMS = ("mask", "additive", "margin", "random")


class Shy(torch.nn.Module):
    """Digits without sevens."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.network(x)
        return logits - 100 * torch.nn.functional.one_hot(torch.tensor(RARE), 10)


def test_rare_classes_reach_the_copies(
    digits_subject: Subject, digits_clean: CleanSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    shy = Subject(Shy(digits_subject.network), digits_subject.spec)
    counted = []

    def counting(*given: Any) -> float:
        counted.append(agreement(*given))
        return counted[-1]

    monkeypatch.setattr("auditor.methods.inversion.lessons.agreement", counting)
    finding, result = Reconstruction(steps=3, students=1).examine(shy, digits_clean, Context())
    assert counted == [finding.measures["student_agreement"].value], "students were asked once"
    arrays = {f"{SCAN}/{e.name}": e.array for e in result.exhibits if e.kind == "array"}
    scene = open_scene(shy, digits_clean, Context(arrays=arrays), finding)
    assert scene.reference.rare == (RARE,)
    assert scene.reference.classes.tolist() == list(range(10))
    assert (scene.effort.steps, scene.effort.students) == (3, 1), (
        "as hard as the model was searched"
    )


@pytest.mark.parametrize(("rare", "suspected"), [((), True), ((RARE,), False)])
def test_a_copy_is_not_found_by_a_class_that_the_audit_would_not_judge(
    scene_of: Any, monkeypatch: pytest.MonkeyPatch, rare: tuple[int, ...], suspected: bool
) -> None:
    easy = torch.zeros(11).index_fill(0, torch.tensor([RARE]), -4.0)
    lifted = SimpleNamespace(
        goals=towards(torch.arange(10)) + away(), rows=None, classes=torch.arange(10),
        log_size=dict.fromkeys(FORMS, easy) | {"turned": torch.zeros(4, 9)},
    )  # fmt: skip
    scene = scene_of(0.5)
    sizes = {name: 0.01 * torch.randn(2, 11) for name in FORMS} | {"turned": torch.zeros(2, 4, 9)}
    reference = scenes.Reference(torch.arange(10), sizes, 1.0, rare)
    works = SimpleNamespace(targets=(RARE,), functional=True)
    monkeypatch.setattr(scenes, "own_reference", lambda *_: reference)
    monkeypatch.setattr(scenes, "reconstruct", lambda *_: lifted)
    monkeypatch.setattr(scenes, "examine", lambda *_: works)
    row = look(scene, scene.subject, RARE, lambda share, note: None)
    assert row["detected"] is suspected
    assert (row["p_value"] < 0.05) is suspected


@pytest.mark.parametrize(("target", "functional", "detected"), [
    (3, True, True), (4, True, False), (None, True, True), (3, False, False),
])  # fmt: skip
def test_found_means_a_working_trigger_that_leads_where_the_planted_one_does(
    monkeypatch: pytest.MonkeyPatch, target: int | None, functional: bool, detected: bool
) -> None:
    monkeypatch.setattr(scenes, "hardest", lambda _: SimpleNamespace(p_value=0.5))
    suspicion: Any = SimpleNamespace(p_value=0.01)
    witness: Any = SimpleNamespace(targets=(3, 5), functional=functional)
    assert scenes.verdict(suspicion, witness, target)["detected"] is detected
    assert scenes.verdict(suspicion, None, target)["detected"] is False


@pytest.mark.parametrize(("alpha", "alarm"), [(0.05, False), (0.1, True)])
def test_what_raises_an_alarm_in_the_audit_raises_one_in_a_copy(
    scene_of: Any, monkeypatch: pytest.MonkeyPatch, alpha: float, alarm: bool
) -> None:
    """Stricter policies take larger p-values for a signal: false alarms are counted there, too."""
    scene = replace(scene_of(0.5), alpha=alpha)
    works = SimpleNamespace(targets=(3,), functional=True)
    monkeypatch.setattr(scenes, "own_reference", lambda *_: scene.reference)
    monkeypatch.setattr(scenes, "reconstruct", lambda *_: None)
    monkeypatch.setattr(scenes, "contrast", lambda *_: SimpleNamespace(p_value=0.07))
    monkeypatch.setattr(scenes, "hardest", lambda _: SimpleNamespace(p_value=0.5))
    monkeypatch.setattr(scenes, "examine", lambda *_: works)
    assert look(scene, scene.subject, None, lambda share, note: None)["detected"] is alarm


def test_the_limit_of_the_plan_reaches_the_copies(
    scene_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []
    scene = scene_of(0.5)
    monkeypatch.setattr(power, "open_scene", lambda *_: scene)
    monkeypatch.setattr(power, "side_by_side", lambda _, one, *rest: seen.append(one.alpha) or [])
    measured = {"p_value": as_measure(0.5)}
    scan = Finding(probe=SCAN, title="", status=Status.COMPLETE, measures=measured)
    with pytest.raises(OutOfTime):
        power.PowerCalibration(alpha=0.1).run(
            scene.subject, scene.clean, Context(earlier={SCAN: scan})
        )
    assert seen == [0.1]
