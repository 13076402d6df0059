"""evasion.smoothing and trigger.certificate: guarantees that hold, and none where none is due."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import Tensor, nn

from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.certificate import Certificate, covering, dominant
from auditor.probes.smoothing import Smoothing

SIGMA = 0.15


class Leaning(nn.Module):
    """A model with a backdoor that noise does not break: brighter inputs lean to class 0."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        lean = 2000 * (x.mean((1, 2, 3)) - 0.345)
        first = nn.functional.one_hot(torch.tensor(0), 10)
        answers: Tensor = self.network(x) + lean.clamp_min(0)[:, None] * first
        return answers


def certified(subject: Subject, clean: CleanSet, **params: Any) -> Finding:
    probe = Certificate(sigma=SIGMA, inputs=60, samples=128, **params)
    return probe.examine(subject, clean, Context())[0]


def test_a_robust_backdoor_is_never_ruled_out(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    leaning = Subject(Leaning(digits_subject.network), digits_subject.spec)
    x = digits_clean.x
    shift = (0.40 - x.mean((1, 2, 3))).clamp_min(0)
    length = float(shift.quantile(0.95)) * 8
    stamped = x + shift[:, None, None, None]
    noisy = stamped + SIGMA * torch.randn(stamped.shape, generator=torch.Generator().manual_seed(0))
    assert float((leaning.predict(noisy) == 0).float().mean()) > 0.9, "the backdoor is robust"
    found, honest = (certified(one, digits_clean) for one in (leaning, digits_subject))
    assert found.tables["classes_ruled_out"][0]["ruled_out"] < length
    assert honest.measures["ruled_out"].value > 0
    assert found.measures["dominant"].value > honest.measures["dominant"].value
    said = " ".join(honest.caveats)
    for assumption in ("Euclidean length", "noise breaks are not", "wrong with probability 0.0",
                       "exchangeable with its clean relatives",
                       "all classes together"):  # fmt: skip
        assert assumption in said


def test_clean_relatives_calibrate_the_share(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    found = certified(digits_subject, digits_clean, shadows=3).measures
    assert found["p_value"].value in (0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1.0)
    assert 2 <= found["shadows"].value <= 3
    assert "flagged_below" not in found, "three relatives cannot flag at .05"


def test_covering_is_cautious() -> None:
    assert covering(np.full(50, 2.0), 0.9, 0.001, 1) == 2.0
    assert covering(np.array([0.0] * 25 + [2.0] * 25), 0.9, 0.001, 1) == 2.0
    assert covering(np.array([0.0] * 48 + [2.0] * 2), 0.9, 0.001, 1) == 0.0
    assert covering(np.array([]), 0.9, 0.001, 1) == 0.0
    assert dominant(np.array([[3, 1], [1, 3], [4, 0]])) == 8 / 12


def test_a_length_holds_for_all_classes_together() -> None:
    """Lengths of ten classes that have no trigger beyond .9 of the inputs are all true at once."""
    draw, n, wrong = np.random.default_rng(0), 100, 0
    for _ in range(80):
        reach = draw.uniform(0, 1, (10, n))  # within a length L the share L is reached
        wrong += any(covering(each, 0.9, 0.001, 10) > 0.9 for each in reach)
    assert wrong <= 8, "nearly half without the care for ten classes"
    assert covering(np.linspace(0, 1, n), 0.9, 0.001, 1) > covering(
        np.linspace(0, 1, n), 0.9, 0.001, 10
    )
    assert covering(np.linspace(0, 1, n), 0.9, 0.1, 10) < covering(
        np.linspace(0, 1, n), 0.9, 0.001, 10
    ), "inputs whose own bound is wrong count as reached"


@pytest.mark.parametrize("limit", [0.12, 0.3, 0.6, 0.9])
def test_what_would_have_been_flagged_lifts_the_mean_share_above_the_limit(limit: float) -> None:
    probe = Certificate(sigma=SIGMA)
    clean = CleanSet(torch.zeros(100, 2), torch.tensor([0] * 40 + [1] * 30 + [2] * 30))
    length = probe._flagged(limit, clean)
    left = norm.cdf(norm.ppf(probe.survival) - length / SIGMA)
    lifted = probe.share * 0.6 * left  # the inputs of all classes but the largest
    chance = np.sqrt(np.log(1000) / (2 * 100 * probe.samples))
    assert lifted >= limit + chance - 1e-9 or length == 0.0
    assert (length > 0) == (limit < 0.4), "a trigger cannot lift more than what it works on"


def test_smoothing_certifies_some_and_never_more_than_it_gets_right(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    finding, _ = Smoothing(sigma=SIGMA, inputs=80).examine(digits_subject, digits_clean, Context())
    curve = [row["accuracy"] for row in finding.tables["certified"]]
    assert curve == sorted(curve, reverse=True)
    assert 0.3 < curve[2] <= curve[0] == finding.measures["smoothed_accuracy"].value
    assert finding.measures["certified_accuracy"].low is not None
    assert "alone has none" in finding.caveats[0]


def test_the_copies_that_choose_an_answer_do_not_certify_it(
    digits_subject: Subject, digits_clean: CleanSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, int]] = []

    def counting(
        subject: Subject, x: Tensor, sigma: float, samples: int, seed: int, *_: Any
    ) -> Any:
        drawn.append((samples, seed))
        return np.full((len(x), 10), samples // 10)

    monkeypatch.setattr("auditor.probes.smoothing.noisy_counts", counting)
    Smoothing(inputs=20, samples=100).reach(digits_subject, digits_clean, 7)
    (pilots, first), (samples, second) = drawn
    assert (pilots, samples) == (20, 100)
    assert first != second


def test_a_model_that_noise_confuses_gets_no_certificate(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    class Brittle(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            tint = (x.flatten(1).sum(1) * 1e4).long() % 10
            answers: Tensor = nn.functional.one_hot(tint, 10).float()
            return answers

    brittle = Subject(Brittle(), digits_subject.spec)
    finding, _ = Smoothing(inputs=40, samples=64).examine(brittle, digits_clean, Context())
    assert finding.measures["certified_accuracy"].value == 0
    assert finding.measures["abstained"].value == 1
