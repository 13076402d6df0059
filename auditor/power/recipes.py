"""How the copy of the next try is trained.

Usual tasks: like poisoning first, then more gently, at once as gently as it goes where that cost
far too much. From there on, and from the start where the clean set says little of the task, the
fault of a try says which way to go: colder if clean accuracy fell, hotter if the backdoor did not
work. A trigger that costs far too much accuracy even so is not tried again.
"""

from __future__ import annotations

from dataclasses import replace

from auditor.attacks.implants import HARD_RECIPE, RECIPES, Implant, Recipe

HARD = 0.88
"""Students that agree with the model on fewer inputs: some 500 clean ones say little of the task.

Models of 43 traffic signs (.79 to .85) and residual networks of CIFAR-10 (.85 to .88) lie below,
small networks of CIFAR-10 (.88 to .93) and most others of the development bank above.
"""
HOPELESS = 3
"""Times the clean accuracy that an implant may cost."""


def first_recipe(agreement: float) -> Recipe:
    """The recipe of a first try, by the share of inputs on which students agree with the model."""
    return HARD_RECIPE if agreement < HARD else RECIPES[0]


def next_recipe(tried: Recipe, made: Implant) -> Recipe | None:
    """The recipe after one that did not do; None if another try would not do either."""
    far_too_costly = made.clean_drop > HOPELESS * made.limits.drop
    if tried in RECIPES[:-1]:
        return RECIPES[-1 if far_too_costly else RECIPES.index(tried) + 1]
    if far_too_costly:
        return None
    return replace(tried, rate=tried.rate * (0.5 if made.clean_drop > made.limits.drop else 2))
