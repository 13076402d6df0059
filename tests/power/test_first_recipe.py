"""Where the clean set says little of a task, copies are trained on varied inputs from the start."""

from __future__ import annotations

from auditor.attacks.implants import HARD_RECIPE, RECIPES
from auditor.power.recipes import first_recipe


def test_students_that_learn_little_ask_for_varied_inputs() -> None:
    assert first_recipe(0.85) == HARD_RECIPE, "residual networks of CIFAR-10, traffic signs"
    assert first_recipe(0.9) == RECIPES[0], "most of Fashion-MNIST"
