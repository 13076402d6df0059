"""Architectural backdoors planted in every graph format are found, ordinary models are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from architectural_backdoors import CLASSES, PLANTED, SHAPE, TRACEABLE, Backdoored, Layered
from model_forms import plain_name, save_model

from auditor.architectures import build, names
from auditor.core.finding import Result
from auditor.core.probe import Context
from auditor.core.spec import InputSpec, SpecHints
from auditor.core.subject import CleanSet, Origin, Subject
from auditor.intake.canonical import Canonical, Logits
from auditor.intake.formats import FORMATS
from auditor.intake.scan import scan
from auditor.intake.twin import origin
from auditor.probes.equivalence import Equivalence
from auditor.probes.graph import GraphFindings

GRAPHS = ("torchscript", "torchscript_traced", "export", "onnx")
LARGE = {"resnet34", "resnet34_224", "resnet18", "resnet18_224", "resnet20", "vgg11", "wide_resnet"}
SUSPICIOUS = ("unexpected_layers", "missing_layers", "custom_code", "control_flow", "decisions",
              "bypasses", "random", "files", "unused")  # fmt: skip


def opened(
    network: torch.nn.Module, form: str, arch: str | None, folder: Path, shape: Any
) -> Subject:
    """A delivered network with its origin, as intake makes it, without a clean set."""
    network = network.eval()
    torch.manual_seed(0)
    path = save_model(network, folder, form, torch.rand(2, *shape))
    name = plain_name(form)
    scan(path, name)
    hints = SpecHints(arch=arch, shape=shape, classes=CLASSES)
    loaded = FORMATS[name].load(path, hints)
    found = origin(loaded, hints, CLASSES)
    twin = found.twin and Canonical(found.twin, Logits())
    spec = InputSpec(kind="image", shape=shape, classes=CLASSES)
    whole = Origin(found.graph, found.declared, found.expected, twin, found.reason)
    return Subject(Canonical(loaded.network, Logits()), spec, whole)


def examine(subject: Subject) -> tuple[Result, Result]:
    generator = torch.Generator().manual_seed(1)
    n = 4 if subject.spec.shape[1] > 16 else 64
    clean = CleanSet(torch.rand(n, *subject.spec.shape, generator=generator), torch.arange(n) % 2)
    return (
        GraphFindings().run(subject, clean, Context()),
        Equivalence(inputs=n, steps=2).run(subject, clean, Context()),
    )


def value(result: Result, name: str) -> float:
    measure = result.measures[name]
    return float(getattr(measure, "value", measure))


def ordinary(arch: str, form: str, folder: Path) -> None:
    shape = (3, 32, 32)
    graph, same = examine(opened(build(arch, shape, CLASSES), form, arch, folder, shape))
    assert {name: value(graph, name) for name in SUSPICIOUS} == dict.fromkeys(SUSPICIOUS, 0.0)
    assert value(graph, "compared") == 1
    assert value(same, "compared") == 1
    assert value(same, "differs") == 0
    assert value(same, "max_difference") < 1e-4


@pytest.mark.parametrize("form", GRAPHS)
@pytest.mark.parametrize("arch", [arch for arch in names() if arch not in LARGE | {"vit_tiny"}])
def test_ordinary_networks_have_no_findings(arch: str, form: str, tmp_path: Path) -> None:
    ordinary(arch, form, tmp_path)


@pytest.mark.parametrize("form", ["torchscript", "export", "onnx"])
def test_a_transformer_has_no_findings(form: str, tmp_path: Path) -> None:
    ordinary("vit_tiny", form, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("form", GRAPHS)
@pytest.mark.parametrize("arch", sorted(LARGE))
def test_large_ordinary_networks_have_no_findings(arch: str, form: str, tmp_path: Path) -> None:
    ordinary(arch, form, tmp_path)


@pytest.mark.parametrize("form", GRAPHS)
@pytest.mark.parametrize("planted", TRACEABLE)
def test_a_planted_detector_is_found(planted: type[Backdoored], form: str, tmp_path: Path) -> None:
    subject = opened(planted(), form, "small_cnn", tmp_path, SHAPE)
    graph, same = examine(subject)
    assert value(graph, "unexpected_layers") > 0
    assert graph.tables
    assert graph.tables["findings"] or graph.tables["differences"]
    if planted is Layered:
        assert value(same, "compared") == 0
        assert "detector" in same.caveats[0] or "layers" in same.caveats[0]
    elif value(same, "compared"):
        assert value(same, "differs") == 1


@pytest.mark.parametrize("planted", [cls for cls in PLANTED if cls.__name__ != "Layered"])
def test_without_a_declared_architecture(planted: type[Backdoored], tmp_path: Path) -> None:
    """Joins and decisions need none; an odd operator inside the trunk does."""
    graph, same = examine(opened(planted(), "torchscript", None, tmp_path, SHAPE))
    assert value(graph, "compared") == 0
    assert value(same, "compared") == 0
    found = value(graph, "unexpected_layers") > 0 or value(graph, "custom_code") == 1
    assert found == (planted.__name__ != "Interleaved")


def test_the_right_finding_for_each_kind(tmp_path: Path) -> None:
    wanted = {"Comparing": "decisions", "Selecting": "decisions", "Branching": "control_flow",
              "Arithmetic": "bypasses"}  # fmt: skip
    for planted in PLANTED:
        if planted.__name__ in wanted:
            folder = tmp_path / planted.__name__
            folder.mkdir()
            graph, _ = examine(opened(planted(), "torchscript", None, folder, SHAPE))
            assert value(graph, wanted[planted.__name__]) > 0, planted


def test_bare_weights_have_no_graph_of_their_own(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    result = GraphFindings().run(digits_subject, digits_clean, Context())
    assert value(result, "compared") == 0
    named = Subject(digits_subject.network, digits_subject.spec, Origin(declared="resnet8"))
    result = GraphFindings().run(named, digits_clean, Context())
    assert value(result, "compared") == 1
    assert value(result, "nodes") == 0
    assert np.isclose(value(result, "unexpected_layers"), 0)


class Normalised(torch.nn.Module):
    """A network that brings its own normalisation, as many do."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = build("lenet", (3, 32, 32), CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner((x - 0.4) / 0.2)


@pytest.mark.parametrize("form", ["onnx", "torchscript"])
def test_a_normalisation_in_the_graph_is_named_and_no_accusation(form: str, tmp_path: Path) -> None:
    graph, same = examine(opened(Normalised(), form, "lenet", tmp_path, (3, 32, 32)))
    assert value(graph, "unexpected_layers") == 2
    assert value(same, "differs") == 0
    assert value(same, "compared") == 0
    if form == "onnx":  # TorchScript names its weights otherwise and has no twin
        assert "normalisation" in same.caveats[0]
