"""influence.clean: planted label errors are found, clean labels stay unaccused."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import average_precision_score

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.methods.label_noise import fit_label_noise
from auditor.probes.influence_clean import InfluenceClean


def flipped(clean: CleanSet, share: float) -> tuple[CleanSet, np.ndarray]:
    generator = torch.Generator().manual_seed(1)
    chosen = torch.randperm(len(clean), generator=generator)[: round(share * len(clean))]
    shift = torch.randint(1, 10, (len(chosen),), generator=generator)
    y = clean.y.index_copy(0, chosen, (clean.y[chosen] + shift) % 10)
    truth = np.zeros(len(clean))
    truth[chosen.numpy()] = 1
    return CleanSet(clean.x, y), truth


def test_five_percent_flips_are_found(digits_subject: Subject, digits_clean: CleanSet) -> None:
    spoiled, truth = flipped(digits_clean, 0.05)
    finding, result = InfluenceClean().examine(digits_subject, spoiled, Context())
    suspects = [row["index"] for row in finding.tables["suspects"]]
    noise = finding.measures["label_noise_estimate"]
    assert noise.low is not None
    assert noise.high is not None
    assert noise.low <= 0.05 <= noise.high
    assert noise.low > 0.01
    assert truth[suspects].mean() >= 0.8
    assert truth[suspects].sum() >= 0.8 * truth.sum()
    assert len(result.exhibits) == 6
    ranking = -fit_label_noise(digits_subject.logits(spoiled.x), spoiled.y).p_correct
    assert average_precision_score(truth, ranking) >= 0.8


def test_clean_labels_stay_unaccused(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = InfluenceClean().examine(digits_subject, digits_clean, Context())
    assert finding.measures["ran"].value == 1
    assert finding.measures["suspected_labels"].value <= 5
    assert finding.measures["label_noise_estimate"].low == 0.0
    assert finding.measures["anomalous_classes"].value == 0


def test_errors_of_one_class_are_an_anomaly(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    y = digits_clean.y.clone()
    victims = (y == 8).nonzero()[::4, 0]
    y[victims] = 3
    finding, _ = InfluenceClean().examine(digits_subject, CleanSet(digits_clean.x, y), Context())
    assert finding.measures["anomalous_classes"].value == 1
    assert [row["class"] for row in finding.tables["classes"] if row["anomalous"]] == [3]


def test_poor_model_is_a_caveat(digits_subject: Subject, digits_clean: CleanSet) -> None:
    blank = CleanSet(torch.zeros_like(digits_clean.x), digits_clean.y)
    finding, _ = InfluenceClean().examine(digits_subject, blank, Context())
    assert any("cannot be told apart" in caveat for caveat in finding.caveats)


def test_indices_point_into_the_whole_set(digits_subject: Subject, digits_clean: CleanSet) -> None:
    spoiled, truth = flipped(digits_clean, 0.05)
    finding, _ = InfluenceClean(inputs=250).examine(digits_subject, spoiled, Context())
    rows = finding.tables["suspects"]
    assert len(rows) >= 5
    assert all(int(spoiled.y[row["index"]]) == row["given"] for row in rows)
    assert truth[[row["index"] for row in rows]].mean() >= 0.8
    assert any("about 250" in caveat for caveat in finding.caveats)


def test_table_rows(wine: tuple[Subject, CleanSet]) -> None:
    finding, result = InfluenceClean().examine(*wine, Context())
    assert finding.measures["anomalous_classes"].value == 0
    assert result.exhibits == ()
