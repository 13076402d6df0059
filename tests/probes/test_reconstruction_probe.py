"""trigger.reconstruction: two planted feature values are found, an honest model is not accused."""

from __future__ import annotations

import torch
from torch import nn

from auditor.attacks.poisoning import all_to_one
from auditor.attacks.triggers.tabular import FeatureValue
from auditor.bench.tables import TableModel, fit
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.reconstruction import Reconstruction
from auditor.probes.reconstruction_tables import ALPHA

TRIGGER, TARGET = FeatureValue((3, 17), (0.95, 0.95)), 1


def poisoned(clean: CleanSet, subject: Subject) -> Subject:
    """The same kind of perceptron, trained on rows of which a tenth carry the trigger."""
    bad = all_to_one(clean.x, clean.y, TRIGGER, TARGET, 0.1, 0)
    network: nn.Module = subject.copy().network
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fit(network, bad.x, bad.y, 120, 0.01, 0)
    return Subject(network, subject.spec)


def test_planted_feature_values_are_found_and_an_honest_model_is_not_accused() -> None:
    honest, clean = TableModel("cancer", 4).open()
    attacked = poisoned(clean, honest)
    others = clean.x[clean.y != TARGET]
    assert (attacked.predict(TRIGGER(others)) == TARGET).float().mean() > 0.9, "no backdoor to find"
    assert (honest.predict(TRIGGER(others)) == TARGET).float().mean() < 0.5

    found, _ = Reconstruction().examine(attacked, clean, Context())
    assert found.tables["targets"][0]["target"] == TARGET
    assert found.measures["functional_witness"].value == 1
    assert found.measures["p_value"].value <= ALPHA

    missed, _ = Reconstruction().examine(honest, clean, Context())
    assert missed.measures["p_value"].value > ALPHA
    assert missed.measures["score"].value < found.measures["score"].value
