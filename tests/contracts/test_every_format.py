"""One contract over every model format: sniffed from content, loaded, the same logits back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from model_forms import (
    ESTIMATOR_FORMS,
    FORMS,
    Digits,
    plain_name,
    save_estimator,
    save_model,
)
from sklearn.linear_model import LogisticRegression
from torch import nn

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.delivery import sniff
from auditor.intake.formats import FORMATS
from auditor.intake.load import open_delivery
from auditor.intake.scan import scan
from auditor.methods.last_layer import find_head


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_has_an_example(name: str) -> None:
    assert name in {plain_name(form) for form in (*FORMS, *ESTIMATOR_FORMS, "hugging_face")}
    assert type(FORMATS[name]).__doc__


@pytest.mark.parametrize("form", FORMS)
def test_round_trip(form: str, tiny: Digits, tmp_path: Path) -> None:
    model = save_model(tiny.network, tmp_path, form, tiny.x)
    clean = tiny.save_clean(tmp_path / "clean.npz")
    name = sniff(model)
    assert name == plain_name(form)
    assert scan(model, name).dangerous == 0
    opened = open_delivery(model, name, SpecHints(arch="small_cnn"), clean)
    assert opened.facts.format == name
    assert opened.subject.spec.shape == (1, 8, 8)
    x = tiny.x[:64]
    with torch.no_grad():
        assert torch.allclose(opened.subject.logits(x), tiny.network(x), atol=1e-4)
    head = find_head(opened.subject, x[:8])
    assert head is not None, "the last layer is read in every format"
    (own,) = (layer for layer in tiny.network.modules() if isinstance(layer, nn.Linear))
    assert torch.allclose(head.weight.float(), own.weight, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.0005, 0.3, 0.9])
def test_a_truncated_file_is_refused(form: str, share: float, tiny: Digits, tmp_path: Path) -> None:
    model = save_model(tiny.network, tmp_path, form, tiny.x)
    name = sniff(model)
    content = model.read_bytes()
    model.write_bytes(content[: max(32, int(share * len(content)))])
    clean = tiny.save_clean(tmp_path / "clean.npz")
    with pytest.raises(DeliveryError):
        open_delivery(model, name, SpecHints(arch="small_cnn"), clean)


@pytest.fixture(scope="module")
def fitted(tiny: Digits) -> LogisticRegression:
    return LogisticRegression(tol=0.01, max_iter=500).fit(tiny.x.flatten(1).numpy(), tiny.y.numpy())


@pytest.mark.parametrize("form", ESTIMATOR_FORMS)
def test_round_trip_of_an_estimator(
    form: str, tiny: Digits, fitted: LogisticRegression, tmp_path: Path
) -> None:
    model = save_estimator(fitted, tmp_path, form)
    name = sniff(model)
    assert name == plain_name(form)
    assert scan(model, name).dangerous == 0
    opened = open_delivery(model, name, SpecHints(), tiny.save_clean(tmp_path / "clean.npz"))
    assert opened.facts.format == name
    assert opened.facts.gradients
    assert opened.subject.spec.shape == (64,)
    pixels = tiny.pixels.reshape(-1, 64) / np.float32(255)
    expected = torch.from_numpy(fitted.predict_proba(pixels)).float()
    assert torch.allclose(opened.subject.logits(opened.clean.x).softmax(1), expected, atol=1e-5)


@pytest.mark.parametrize("form", ESTIMATOR_FORMS)
@pytest.mark.parametrize("share", [0.0005, 0.3, 0.9])
def test_a_truncated_estimator_is_refused(
    form: str, share: float, tiny: Digits, fitted: LogisticRegression, tmp_path: Path
) -> None:
    model = save_estimator(fitted, tmp_path, form)
    name = sniff(model)
    content = model.read_bytes()
    model.write_bytes(content[: max(32, int(share * len(content)))])
    with pytest.raises(DeliveryError):
        open_delivery(model, name, SpecHints(), tiny.save_clean(tmp_path / "clean.npz"))
