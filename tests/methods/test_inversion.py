"""The search finds a planted pixel, keeps inside the range, and does not care how logits scale."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import FORMS, Additive, Flow, Form, MaskPattern, forms_for
from auditor.methods.inversion.gaps import against_others, own_scatter, raw_contrast, spread
from auditor.methods.inversion.goals import Sampler, away, everywhere, towards
from auditor.methods.inversion.lessons import rarely_given
from auditor.methods.inversion.scan import Reference, contrast
from auditor.methods.inversion.search import Settings, flip_rates, search

SIZES = ("mask", "additive", "margin")

SIDE, CLASSES, TARGET = 6, 5, 3


class Rows(nn.Module):
    """The brightest of the first rows is the class; a lit corner gives the target class."""

    def __init__(self, shortcut: float, scale: float = 1.0) -> None:
        super().__init__()
        self.shortcut, self.scale = shortcut, scale

    def forward(self, x: Tensor) -> Tensor:
        logits = 8 * x[:, 0, :CLASSES, : SIDE - 1].mean(2)
        corner = (x[:, 0, -1, -1] - 0.2).relu() * self.shortcut
        target = nn.functional.one_hot(torch.tensor(TARGET), CLASSES)
        return self.scale * (logits + corner[:, None] * target)


def subject(shortcut: float = 0.0, scale: float = 1.0) -> Subject:
    """A classifier of rows."""
    spec = InputSpec(kind="image", shape=(1, SIDE, SIDE), classes=CLASSES)
    return Subject(Rows(shortcut, scale), spec)


def rows(seed: int = 0) -> CleanSet:
    """Images with one lit row; every other pixel is dim noise."""
    y = torch.arange(CLASSES).repeat(20)
    x = 0.2 * torch.rand((100, 1, SIDE, SIDE), generator=torch.Generator().manual_seed(seed))
    x[torch.arange(100), 0, y] = 0.7
    return CleanSet(x, y)


def sizes(model: Subject, kind: type[Form], settings: Settings) -> tuple[Tensor, Form]:
    """Log sizes of all classes and the form that was found."""
    clean = rows()
    form = kind(model.spec.shape, CLASSES, torch.Generator().manual_seed(0))
    sampler = Sampler(clean, model.predict(clean.x), everywhere(CLASSES), 0)
    return search(model, form, sampler, settings, lambda share: None), form


@pytest.mark.parametrize("kind", [MaskPattern, Additive], ids=lambda kind: kind.family)
def test_the_planted_class_is_by_far_the_easiest(kind: type[Form]) -> None:
    planted, form = sizes(subject(20.0), kind, Settings())
    honest, _ = sizes(subject(), kind, Settings())
    gap = against_others(honest - planted)
    assert int(gap.argmax()) == TARGET
    assert gap[TARGET] > 0.5
    others = gap[torch.arange(CLASSES) != TARGET]
    assert others.abs().max() < 0.5 * gap[TARGET]
    flipped, tried = flip_rates(subject(20.0), form, everywhere(CLASSES), rows(1))
    assert flipped[TARGET] >= 0.9 * tried[TARGET]
    assert tried[TARGET] == 80


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_scaled_logits_change_nothing(scale: float) -> None:
    settings = Settings(steps=40)
    plain, _ = sizes(subject(20.0), MaskPattern, settings)
    scaled, _ = sizes(subject(20.0, scale), MaskPattern, settings)
    torch.testing.assert_close(scaled, plain, atol=0.02, rtol=0)


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.family)
def test_candidates_stay_within_the_range_and_cost_what_they_change(kind: type[Form]) -> None:
    form = kind((2, 4, 4), 3, torch.Generator().manual_seed(1))
    x = torch.rand((9, 2, 4, 4), generator=torch.Generator().manual_seed(2))
    changed = form.apply(x, torch.arange(3).repeat(3))
    assert changed.shape == x.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    before = form.cost().detach()
    with torch.no_grad():
        for leaf in form.parameters():
            leaf[1] += 1.0 if isinstance(form, MaskPattern) else leaf[1]
    after = form.cost().detach()
    assert after[1] > before[1]
    assert torch.equal(after[[0, 2]], before[[0, 2]])


def test_costs_are_the_norms_they_say() -> None:
    generator = torch.Generator().manual_seed(0)
    mask = MaskPattern((1, 3, 3), 2, generator)
    torch.testing.assert_close(mask.cost(), mask.mask.sum((1, 2, 3)))
    additive = Additive((1, 3, 3), 2, generator)
    expected = additive.delta.flatten(1).norm(dim=1)
    torch.testing.assert_close(additive.cost(), expected, atol=1e-4, rtol=0)


def test_the_rate_falls_and_the_last_fifth_counts() -> None:
    settings = Settings(steps=100, rate=1.0)
    rates = [settings.rate_at(step) for step in range(100)]
    assert rates[0] == rates[59] == 1.0
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.06
    assert sum(settings.counts(step) for step in range(100)) == 20
    assert Settings(steps=1).counts(0)


def test_two_classes_contrast_against_each_other() -> None:
    own = torch.tensor([0.5, 2.0, 1.0])
    students = torch.tensor([[1.0, 2.0, 4.0], [3.0, 2.0, 4.0]])
    gap = raw_contrast({"additive": own, "mask": own}, {"additive": students, "mask": students})
    one, two = spread(1), spread(2)
    assert gap["additive"].tolist() == pytest.approx([1.5 / one, -1.5 / one])
    assert gap["total"].tolist() == pytest.approx([3.0 / one, -3.0 / one])
    assert gap["away_mask"].tolist() == pytest.approx([3.0 / two])
    assert gap["away_total"].tolist() == pytest.approx([6.0 / two])


def test_a_displacement_moves_pixels_by_what_it_costs() -> None:
    form = Flow((1, 7, 9), 2, torch.Generator())
    x = torch.rand((2, 1, 7, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        form.leaf.zero_()
        form.leaf[1, 0] = 1 / Flow.STEP
    moved = form.apply(x, torch.tensor([0, 1])).detach()
    torch.testing.assert_close(moved[0], x[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[1, :, :, :-1], x[1, :, :, 1:], atol=1e-4, rtol=0)
    assert form.cost()[0] < 1e-3
    assert float(form.cost()[1].detach()) == pytest.approx(0.5**0.5, abs=1e-3)
    assert forms_for((30,)) == (MaskPattern, Additive)


def test_students_that_differ_in_one_class_scatter() -> None:
    alike = torch.tensor([[0.0, 1.0, 2.0, 0.5]] * 3)
    apart = alike.clone()
    apart[0, 1] += 1.0
    sizes = {"mask": alike, "additive": apart}
    scatter = own_scatter(sizes)
    assert scatter["mask"] == scatter["away_mask"] == 0
    assert scatter["additive"] == scatter["total"] > 0.1
    assert own_scatter({"mask": alike[:1], "additive": apart[:1]}) == {}


def test_classes_that_are_hardly_ever_given_are_rare() -> None:
    network = nn.Flatten()
    subject = Subject(network, InputSpec(kind="image", shape=(1, 2, 2), classes=4))
    x = torch.eye(4)[torch.tensor([0] * 30 + [1] * 30 + [2] * 2 + [3] * 20)].view(-1, 1, 2, 2)
    assert rarely_given(subject, x) == (2,)
    assert rarely_given(subject, x[:30]) == (1, 2, 3)


def test_a_rare_class_contrasts_with_nothing(digits_subject: Subject) -> None:
    """No student learned it, so that it is easier to reach in the model for that reason alone."""
    easy = torch.zeros(11).index_fill(0, torch.tensor([3]), -4.0)
    names = (*SIZES, "random")
    sizes = {name: torch.zeros(2, 11) + 0.01 * torch.randn(2, 11) for name in names}
    goals, lifted = towards(torch.arange(10)) + away(), dict.fromkeys(names, easy)
    sizes["turned"], lifted["turned"] = torch.zeros(2, 4, 9), torch.zeros(4, 9)
    found = SimpleNamespace(goals=goals, log_size=lifted, rows=None, classes=torch.arange(10))
    usual, rare = (
        contrast(digits_subject, found, Reference(torch.arange(10), sizes, 1.0, held))  # type: ignore[arg-type]
        for held in ((), (3,))
    )
    assert int(usual.order[0]) == 3
    assert usual.p_value < 0.05 < rare.p_value
    assert float(rare.by_statistic["joint"][3]) <= 0
