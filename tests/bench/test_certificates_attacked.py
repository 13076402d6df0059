"""Certificates are attacked by something that does find what is not certain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.bench import certificates, twins
from auditor.bench.bank import Bank
from auditor.bench.certificate_figures import figures, markdown
from auditor.bench.certificates import Certified, certify, proofs, reached, turned
from auditor.bench.power import plain
from auditor.cli.main import cli
from auditor.core.subject import CleanSet, Subject
from auditor.methods import smoothing
from auditor.probes import smoothing as smoothing_probe
from auditor.probes.certificate import Certificate
from auditor.probes.smoothing import Smoothing

SMOOTH = Smoothing(sigma=0.15, inputs=20, samples=64)
CERTIFICATE = Certificate(sigma=0.15, inputs=20, samples=64)
MEASURES = {"ruled_out": 0.5, "flagged_below": 0.0, "p_value": 0.05}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few noisy copies judge an attack."""
    monkeypatch.setattr(certificates, "FRESH", 200)
    monkeypatch.setattr(certificates, "DRAWS", 8)


def stretched(real: Any, by: float) -> Any:
    """A bound that claims ``by`` times what is true."""
    return lambda *given: by * real(*given)


def test_nothing_is_found_within_what_is_certain(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    held, flipped = turned(digits_subject, digits_clean, SMOOTH)
    tried, hits = reached(digits_subject, digits_clean, CERTIFICATE)
    assert held > 10
    assert tried > 100
    assert (flipped, hits) == (0, 0)


def test_claims_that_go_too_far_are_refuted(
    digits_subject: Subject, digits_clean: CleanSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoothing_probe, "radius", stretched(smoothing.radius, 5))
    monkeypatch.setattr(certificates, "ruled_out", stretched(smoothing.ruled_out, 5))
    held, flipped = turned(digits_subject, digits_clean, SMOOTH)
    tried, hits = reached(digits_subject, digits_clean, CERTIFICATE)
    assert flipped > held / 4
    assert hits > tried / 4


def test_models_are_attacked_once(built: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = list[str]()
    monkeypatch.setattr(certificates, "STEPS", 1)
    models = certify(built, built.facts(), (SMOOTH, CERTIFICATE), lines.append)
    assert len(lines) == len(models) >= len(plain(built))
    assert certify(built, built.facts(), (SMOOTH, CERTIFICATE), lines.append) == models
    assert len(lines) == len(models), "looked again"
    for one in models:
        assert (one.robust is None) == (one.length is None) == (one.family == "clean")
        assert one.measures["ruled_out"] >= 0


def test_a_broken_certificate_is_counted() -> None:
    def attacked(excluded: float) -> Certified:
        return Certified("a", "patch", MEASURES, [0.9] * 6, 20, 1, 180, 2, 0.4, 0.95, excluded)

    honest = Certified("c", "clean", {**MEASURES, "ruled_out": 0.0}, [0.8] * 6, 10, 0, 90, 0)
    clean, bad = figures([honest, attacked(0.95), attacked(0.2)], share=0.9)
    assert (clean["ruled_out"], clean["robust"], clean["trigger"]) == (0, 0, None)
    assert (bad["turned"], bad["held"], bad["reached"], bad["tried"]) == (2, 40, 4, 360)
    assert (bad["robust"], bad["broken"], bad["within"]) == (2, 1, 2)
    page = markdown([clean, bad])
    assert "| models whose own trigger is ruled out | 0 of 1 | 1 of 2 |" in page
    assert "| inputs turned within their radius | 0 of 10 | 2 of 40 |" in page
    assert "| certified accuracy at 0 sigma, median | 0.80 | 0.90 |" in page
    assert "1 of 1 (uniform" in page


def test_the_command_certifies_with_the_relatives_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = list[Any]()

    def certified(bank: Bank, models: Any, probes: Any, say: Any) -> list[Certified]:
        asked.append(probes)
        return [Certified("c", "clean", MEASURES, [0.8] * 6, 10, 0, 90, 0)]

    monkeypatch.setattr(twins, "build_pairs", lambda *_: [])
    monkeypatch.setattr(certificates, "certify", certified)
    done = CliRunner().invoke(
        cli, ["bench", "certificates", "--bank", str(tmp_path), "--shadows", "19"]
    )
    assert done.exit_code == 0, done.output
    assert "| inputs turned within their radius | 0 of 10 |" in done.output
    assert asked == [proofs(19)]
    assert asked[0][1].shadows == 19
