"""The examples of docs/extending.md work as they stand there."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import report_examples
import torch
import yaml
from model_forms import Digits

from auditor import planning
from auditor.core import probe as core_probe
from auditor.core.criterion import Outcome
from auditor.core.finding import Finding
from auditor.core.probe import PROBES, Context, Probe
from auditor.core.registry import Registry
from auditor.core.spec import SpecHints
from auditor.core.subject import CleanSet, Subject
from auditor.criteria import load
from auditor.criteria.judge import judge
from auditor.criteria.load import load_catalogue, policy
from auditor.intake import formats
from auditor.probes import discover

PAGE = (Path(__file__).parents[1] / "docs/extending.md").read_text("utf-8")
Example = Callable[[int], Any]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Example:
    """Turns the page's ``number``-th Python block into a module, for one test only."""

    def imported(number: int) -> Any:
        module = ModuleType(f"extending_page_{number}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(blocks("python")[number], module.__name__, "exec"), module.__dict__)
        return module

    return imported


@pytest.fixture
def brightness(monkeypatch: pytest.MonkeyPatch, example: Example) -> type[Probe]:
    """The page's probe, registered for one test only."""
    discover()
    own: Registry[type[Probe]] = Registry("probe")
    for name in PROBES:
        own.add(name, PROBES[name])
    monkeypatch.setattr(core_probe, "PROBES", own)
    found: type[Probe] = example(0).Brightness
    assert own["robust.brightness"] is found
    return found


def examine(probe: type[Probe], subject: Subject, clean: CleanSet) -> Finding:
    return probe().examine(subject, clean, Context())[0]


def test_the_probe_measures(
    brightness: type[Probe], digits_subject: Subject, digits_clean: CleanSet
) -> None:
    finding = examine(brightness, digits_subject, digits_clean)
    before = digits_subject.predict(digits_clean.x)
    expected = (digits_subject.predict(digits_clean.x / 2) != before).double().mean()
    assert finding.measures["changed"].value == pytest.approx(float(expected))


def test_the_profile_line_fits_the_probe(brightness: type[Probe]) -> None:
    (text,) = blocks("toml")
    step = planning._step(tomllib.loads(text)["quick"]["trials"][brightness.id])
    assert brightness(**step.params) == brightness()


def test_the_criterion_judges_the_probe(
    brightness: type[Probe], digits_subject: Subject, digits_clean: CleanSet, tmp_path: Path
) -> None:
    whole = yaml.safe_load((Path(load.__file__).parent / "catalogue.yaml").read_text("utf-8"))
    (own,) = (yaml.safe_load(text) for text in blocks("yaml"))
    whole["tests"] |= own["tests"]
    whole["criteria"] += own["criteria"]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(whole, sort_keys=False), "utf-8")
    catalogue = load_catalogue(tmp_path / "own.yaml")
    finding = examine(brightness, digits_subject, digits_clean)
    verdict = judge(catalogue, policy("baseline", catalogue), [finding])[-1]
    changed = finding.measures["changed"].value
    assert verdict.criterion == "OWN-ROB-01"
    assert verdict.outcome is (
        Outcome.FAIL if changed > 0.5 else Outcome.CONCERN if changed > 0.1 else Outcome.PASS
    )


def test_the_format_loads(
    tiny: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Example
) -> None:
    monkeypatch.setattr(formats, "FORMATS", Registry("model format"))
    example(1)
    state = {name: value.numpy() for name, value in tiny.network.state_dict().items()}
    np.savez(tmp_path / "weights.npz", **state)
    hints = SpecHints(arch="small_cnn", shape=(1, 8, 8), classes=10)
    loaded = formats.FORMATS["npz_weights"].load(tmp_path / "weights.npz", hints)
    with torch.no_grad():
        assert torch.equal(loaded.network(tiny.x[:8]), tiny.network(tiny.x[:8]))


def test_the_output_is_written(tmp_path: Path, example: Example) -> None:
    record = report_examples.backdoored(tmp_path)
    path = example(2).write(record, tmp_path)
    lines = path.read_text().splitlines()
    assert lines[0] == "criterion,outcome,title"
    assert len(lines) == 1 + len(record.verdicts)
