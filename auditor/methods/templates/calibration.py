"""From a class's contrast to a p-value: how often a class of a clean model contrasts as much.

The contrasts of clean trees, forests, boosted trees and neighbours are kept in ``null.json`` with
their origin; counting, tail and correction for the number of classes are those of
`auditor.methods.calibration`. Limit: it holds for models like those it was measured on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from auditor.methods.calibration import of_several
from auditor.methods.scatter import Null, fit


@cache
def null() -> Null:
    """Class contrasts of clean models."""
    held = json.loads(files(__package__).joinpath("null.json").read_text("utf-8"))
    return fit(held["contrasts"])


def p_values(contrasts: Sequence[float]) -> tuple[list[float], float]:
    """Chance of each class's contrast in a clean model, and of any that high in the whole model."""
    each = [null().exceedance(contrast) for contrast in contrasts]
    return each, of_several(min(each), len(each))
