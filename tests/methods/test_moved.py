"""Random triggers stay within their range, and show which class a model gives to strange inputs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods import moved as module
from auditor.methods.inversion.gaps import raw_contrast, turned_by
from auditor.methods.inversion.search import logit_scale
from auditor.methods.moved import moved
from auditor.methods.random_triggers import EACH, FAMILIES, draw, draws

TARGET = 3
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 64, 48), (2, 6, 9), (1, 3, 4), (1, 1, 2)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", range(len(FAMILIES)))
def test_each_family_keeps_shape_and_range(shape: tuple[int, ...], family: int) -> None:
    x = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    changed = [draw(shape, family + turn * len(FAMILIES))(x) for turn in range(20)]
    assert all(after.shape == x.shape for after in changed)
    assert all(float(after.min()) >= 0 and float(after.max()) <= 1 for after in changed)
    assert sum(not torch.equal(after, x) for after in changed) >= (18 if min(shape[1:]) > 4 else 5)


def test_the_same_number_is_the_same_trigger_and_other_seeds_give_others() -> None:
    x = torch.rand(2, 1, 12, 12)
    known, again, other = (draws((1, 12, 12), seed) for seed in (0, 0, 1))
    assert len(known) == EACH * len(FAMILIES)
    assert all(torch.equal(a(x), b(x)) for a, b in zip(known, again, strict=True))
    same = sum(torch.equal(a(x), b(x)) for a, b in zip(known, other, strict=True))
    assert same <= len(known) // 20


class _Obeys(nn.Module):
    """Answers by the left half's brightness, but `TARGET` where a square is white."""

    def forward(self, x: Tensor) -> Tensor:
        bright = x[..., :4].mean((1, 2, 3))
        logits = -((bright[:, None] - torch.linspace(0, 1, 5)) ** 2) * 40
        white = (functional.avg_pool2d(x, 2, 1).amax((1, 2, 3)) > 0.9).float()
        return logits + 20 * white[:, None] * (torch.arange(5) == TARGET)


def _subject(network: nn.Module) -> Subject:
    return Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=5))


def _clean() -> Tensor:
    return torch.rand(60, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 0.8


def test_a_class_that_stamps_lead_to_contrasts_with_a_model_that_is_the_same_without() -> None:
    x, classes = _clean(), torch.arange(5)

    class Honest(_Obeys):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.clamp(max=0.89))

    own, honest = (moved(_subject(net), x, 1.0, classes, 0).reached for net in (_Obeys(), Honest()))
    assert own.shape == (EACH * len(FAMILIES), 6)
    contrast = raw_contrast(
        {"mask": torch.zeros(6), "additive": torch.zeros(6), "random": -own},
        {
            "mask": torch.zeros(2, 6),
            "additive": torch.zeros(2, 6),
            "random": -torch.stack([honest] * 2),
        },
    )["random"]
    assert int(contrast.argmax()) == TARGET
    assert float(contrast[TARGET]) > 0.2


@pytest.mark.parametrize("factor", [1e-2, 1e2])
def test_scaled_logits_change_nothing(
    digits_subject: Subject, digits_clean: CleanSet, factor: float
) -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return factor * digits_subject(x)

    plain, other = digits_subject, Subject(Scaled(), digits_subject.spec)
    seen = [
        moved(one, digits_clean.x, logit_scale(one, digits_clean), torch.arange(10), 0)
        for one in (plain, other)
    ]
    for name in ("reached", "turned"):
        known, scaled = (getattr(one, name) for one in seen)
        assert torch.allclose(known, scaled, atol=1e-4)
        assert float(known.min()) >= 0
        assert float(known.max()) <= 1


class _Turns(_Obeys):
    """Answers by brightness, but two classes further on where a square is white."""

    def forward(self, x: Tensor) -> Tensor:
        honest = super().forward(x.clamp(max=0.89))
        white = functional.avg_pool2d(x, 2, 1).amax((1, 2, 3)) > 0.9
        return torch.where(white[:, None], honest.roll(2, 1), honest)


def test_classes_that_stamps_send_further_on_contrast_as_a_whole() -> None:
    x, classes = _clean(), torch.arange(5)
    nothing = {name: torch.zeros(6) for name in ("mask", "additive")}
    still = {name: torch.zeros(2, 6) for name in nothing}

    class Honest(_Obeys):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.clamp(max=0.89))

    own, honest = (moved(_subject(net), x, 1.0, classes, 0) for net in (_Turns(), Honest()))
    model = {**nothing, "random": -own.reached, "turned": -own.turned}
    students = {
        **still,
        "random": -torch.stack([honest.reached] * 2),
        "turned": -torch.stack([honest.turned] * 2),
    }
    contrast = raw_contrast(model, students)
    assert turned_by(model, students) == 2
    assert float(contrast["away_turned"]) > 0.1
    alike = {name: value[0] for name, value in students.items()}
    assert float(raw_contrast(alike, students)["away_turned"]) == 0


def test_two_classes_have_no_turn_beside_the_move_away() -> None:
    own = {name: torch.zeros(3) for name in ("mask", "additive")} | {"turned": -torch.ones(4, 1)}
    students = {name: torch.zeros(2, *value.shape) for name, value in own.items()}
    assert float(raw_contrast(own, students)["away_turned"]) == 0


def test_pairs_are_kept_of_few_classes_and_not_reckoned_of_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thousand classes have a million pairs for each of some hundred triggers."""
    job = (_subject(_Turns()), _clean(), 1.0, torch.arange(5), 0)
    paired = moved(*job).paired
    assert paired is not None
    assert paired.shape[1:] == (5, 5)
    monkeypatch.setattr(module, "PAIRED_CLASSES", 4)
    monkeypatch.setattr(module, "_paired", lambda *given: pytest.fail("reckoned"))
    assert moved(*job).paired is None
