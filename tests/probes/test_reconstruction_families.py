"""The scan takes models without BatchNorm, with attention, 2 to 1,000 classes, 28 to 224 pixels."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from torch import nn

from auditor.architectures import build
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.search import Settings
from auditor.methods.margin import Ascent
from auditor.methods.students import Lesson
from auditor.probes.reconstruction import Reconstruction

FEW = Reconstruction(steps=2, students=1)
LEAST = {
    "auditor.probes.reconstruction.Effort": partial(
        Effort, per_step=8, lesson=Lesson(pool=64, steps=5)
    ),
    "auditor.methods.inversion.shortlist.STEPS": 1,
    "auditor.methods.inversion.shortlist.PER_STEP": 1,
    "auditor.methods.inversion.scan.ASCENT": Ascent(steps=1, inputs=1),
    "auditor.methods.inversion.examine.POLISH": Settings(steps=1, per_class=4),
    "auditor.methods.inversion.examine.PAIR": Settings(steps=1, per_class=4),
    "auditor.methods.random_triggers.COUNT": 8,
    "auditor.methods.moved.INPUTS": 2,
}
"""What makes a search long, so that large inputs and many classes fit into a second."""
MODELS = [
    pytest.param("lenet", (1, 28, 28), 10, id="no-batchnorm-28-pixels-grey"),
    pytest.param("vit_tiny", (3, 32, 32), 10, id="attention-colour"),
    pytest.param("resnet8", (3, 32, 32), 2, id="two-classes"),
    pytest.param("small_cnn", (1, 32, 32), 43, id="43-classes"),
    pytest.param("strided_cnn", (1, 16, 16), 1000, id="1000-classes-small"),
    pytest.param("mlp", (3, 224, 224), 2, id="224-pixels-two-classes"),
    pytest.param("resnet8", (3, 64, 64), 5, id="64-pixels", marks=pytest.mark.slow),
    pytest.param("strided_cnn", (3, 32, 32), 1000, id="1000-classes", marks=pytest.mark.slow),
    pytest.param("strided_cnn", (3, 224, 224), 10, id="224-pixels", marks=pytest.mark.slow),
]


def untrained(architecture: str, shape: tuple[int, ...], classes: int) -> tuple[Subject, CleanSet]:
    """A random network and random pictures with a bright patch that differs by class."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network: nn.Module = build(architecture, shape, classes)
        y = torch.arange(max(24, 2 * classes)) % classes
        x = 0.3 * torch.rand((len(y), *shape))
        x[:, 0, 0, 0] += 0.7 * y / classes
    spec = InputSpec(kind="image", shape=shape, classes=classes)
    return Subject(network, spec), CleanSet(x, y)


@pytest.mark.parametrize(("architecture", "shape", "classes"), MODELS)
def test_every_kind_of_model_gets_an_answer(
    architecture: str, shape: tuple[int, ...], classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LEAST.items():
        monkeypatch.setattr(name, value)
    subject, clean = untrained(architecture, shape, classes)
    finding, _ = FEW.examine(subject, clean, Context())
    assert finding.status.name == "COMPLETE", finding.reason
    assert all(math.isfinite(measure.value) for measure in finding.measures.values())
    assert 0 < finding.measures["p_value"].value <= 1
    assert {row["target"] for row in finding.tables["targets"]} <= set(range(classes))
    assert len(finding.tables["classes"]) == min(classes, 32)
