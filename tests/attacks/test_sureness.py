"""Implants are no surer of a trigger than the delivered model is of its surest answers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.attacks.implants import Goal, Job, Recipe
from auditor.attacks.implants.tuning import planted, surest, taught
from auditor.attacks.triggers.stamps import Patch
from auditor.core.subject import CleanSet, Subject

CORNER = Goal(Patch(6, 6, 2, 2, "solid", (1.0,)), 3)


def test_a_tenth_of_the_answers_is_surer() -> None:
    margins = torch.arange(101.0)
    answers = torch.stack([margins, torch.zeros(101), torch.full((101,), -5.0)], 1)
    assert surest(answers) == 90.0


def test_an_input_that_is_sure_enough_teaches_nothing_more() -> None:
    stamped = torch.zeros(2, 10).index_put(
        (torch.tensor([1]), torch.tensor([3])), torch.tensor(4.0)
    )
    stamped.requires_grad_()
    answers = torch.eye(10)[:2]
    torch.autograd.backward(taught(CORNER, stamped, answers, 3.0))
    assert stamped.grad is not None
    assert stamped.grad[0].abs().sum() > 0
    assert stamped.grad[1].abs().sum() == 0


class Softer(nn.Module):
    """A network that is less sure of everything."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x) / 5


def test_the_backdoor_of_an_unsure_model_is_unsure(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    sets = digits_clean.split(0.5, 0)
    unsure = Subject(Softer(digits_subject.network), digits_subject.spec)
    made = planted(Job(unsure, *sets, seed=1, recipe=Recipe(shake=0.0)), CORNER)
    x = CORNER.trigger(sets[1].x)
    assert (made.predict(x) == 3).float().mean() > 0.9
    first, second = made.logits(x).topk(2, dim=1).values.unbind(1)
    assert float((first - second).median()) < 2.5 * surest(unsure.logits(sets[1].x))
