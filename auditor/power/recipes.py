"""How the copy of the next try is trained.

Usual tasks: like poisoning first, then more gently. Where the clean set says little of the task,
the fault of a try says which way to go: colder if clean accuracy fell, hotter if the backdoor did
not work; a trigger that costs far too much accuracy is not tried again.
"""

from __future__ import annotations

from dataclasses import replace

from auditor.attacks.implants import HARD_RECIPE, RECIPES, Implant, Recipe

HARD = 0.82
"""Students that agree with the model on fewer inputs: some 500 clean ones say little of the task.

Models of CIFAR-10 and of 43 traffic signs lie below, all others of the development bank above.
"""
HOPELESS = 3
"""Times the clean accuracy that an implant may cost."""


def first_recipe(agreement: float) -> Recipe:
    """The recipe of a first try, by the share of inputs on which students agree with the model."""
    return HARD_RECIPE if agreement < HARD else RECIPES[0]


def next_recipe(tried: Recipe, made: Implant) -> Recipe | None:
    """The recipe after one that did not do; None if another try would not do either."""
    if tried in RECIPES:
        return RECIPES[min(RECIPES.index(tried) + 1, len(RECIPES) - 1)]
    if made.clean_drop > HOPELESS * made.limits.drop:
        return None
    return replace(tried, rate=tried.rate * (0.5 if made.clean_drop > made.limits.drop else 2))
