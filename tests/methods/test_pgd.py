"""The attack keeps its budget, beats noise, and doubts itself where gradients are hidden."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.masking import masking_checks
from auditor.methods.pgd import Budget, Model, Norm, pgd, random_change


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.1), ("l2", 0.5)])
def test_stays_inside_ball_and_box(
    digits_subject: Subject, digits_clean: CleanSet, norm: Norm, epsilon: float
) -> None:
    x, y = digits_clean.x[:100], digits_clean.y[:100]
    found = pgd(digits_subject, x, y, Budget(norm, epsilon), generator())
    change = (found.adversarial - x).flatten(1)
    length = change.norm(dim=1) if norm == "l2" else change.abs().amax(1)
    assert length.max() <= epsilon + 1e-5
    assert found.adversarial.min() >= 0
    assert found.adversarial.max() <= 1
    wrong = digits_subject.predict(found.adversarial) != y
    assert torch.equal(wrong, found.broken)


def test_beats_random_noise_by_far(digits_subject: Subject, digits_clean: CleanSet) -> None:
    x, y, budget = digits_clean.x, digits_clean.y, Budget("linf", 0.15)
    attacked = pgd(digits_subject, x, y, budget, generator()).broken.double().mean()
    noisy = (x + random_change(x, budget, generator())).clamp(0, 1)
    noise = (digits_subject.predict(noisy) != y).double().mean()
    assert attacked > noise + 0.3


def test_known_answer_on_a_linear_model() -> None:
    """With logits (x, 0), class 0 needs x > 0: radius r breaks exactly the inputs with x < r."""
    x = torch.tensor([[0.05], [0.15], [0.3], [0.6]])

    def linear(v: Tensor) -> Tensor:
        return torch.cat([v - 0.1, torch.zeros_like(v)], 1)

    broken = pgd(linear, x, torch.zeros(4, dtype=torch.int64), Budget("linf", 0.25), generator())
    assert broken.broken.tolist() == [True, True, True, False]


def test_confident_model_is_attacked_as_easily(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    """Logits a thousand times larger have vanishing cross-entropy gradients, same decisions."""
    x, y, budget = digits_clean.x[:100], digits_clean.y[:100], Budget("linf", 0.1, restarts=2)
    plain = pgd(digits_subject, x, y, budget, generator()).broken
    loud = pgd(lambda v: 1000 * digits_subject(v), x, y, budget, generator()).broken
    assert abs(float(plain.double().mean() - loud.double().mean())) < 0.05


def checks(model: Model, clean: CleanSet) -> tuple[str, ...]:
    x, y, budget = clean.x[:100], clean.y[:100], Budget("linf", 0.1)
    broken = pgd(model, x, y, budget, generator()).broken
    return masking_checks(model, x, y, broken, budget, generator()).symptoms()


def test_plain_model_shows_no_masking(digits_subject: Subject, digits_clean: CleanSet) -> None:
    assert checks(digits_subject, digits_clean) == ()


def test_shattered_gradients_are_noticed(digits_subject: Subject, digits_clean: CleanSet) -> None:
    def rounded(x: Tensor) -> Tensor:
        return digits_subject((x * 8).round() / 8)

    assert any("no gradient" in symptom for symptom in checks(rounded, digits_clean))


def test_random_output_is_noticed(digits_subject: Subject, digits_clean: CleanSet) -> None:
    noise = generator(7)

    def jittered(x: Tensor) -> Tensor:
        return digits_subject(x + 0.1 * torch.randn(x.shape, generator=noise))

    assert any("same input" in symptom for symptom in checks(jittered, digits_clean))


def test_misleading_gradients_are_noticed(digits_subject: Subject, digits_clean: CleanSet) -> None:
    """The gradient points the wrong way, so no iterated attack gets anywhere."""

    def reversed_gradient(x: Tensor) -> Tensor:
        return digits_subject(2 * x.detach() - x)

    assert any("unbounded" in symptom for symptom in checks(reversed_gradient, digits_clean))
