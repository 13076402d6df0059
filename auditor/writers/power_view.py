"""Measured power as sentences: how many of 100 such backdoors would have been found."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from auditor.core.record import Power
from auditor.writers.language import translate
from auditor.writers.phrases import plain_words

FEW = 10
"""Planted backdoors below which a rate is not turned into cases of 100."""
AWARE, CAPPED = "aware_", "capped_"
SHORT = 40


def family_words(family: object) -> str:
    """A family as a reader can name it."""
    name = str(family)
    if name.startswith(AWARE):
        weight = name.removeprefix(AWARE)[:SHORT]
        return translate("hides by decoys, weight {weight}", weight=weight)
    if name.startswith(CAPPED):
        weight = name.removeprefix(CAPPED)[:SHORT]
        return translate("hides from audit, weight {weight}", weight=weight)
    if name == "low_success":
        return translate("works only sometimes")
    return plain_words(name)


def power_lines(power: Sequence[Power]) -> list[str]:
    """A sentence for each family of which enough was planted, and one for all the others."""
    few = [row for row in power if 0 < row.planted < FEW]
    none = [row for row in power if not row.planted]
    lines = [_in_cases(row) for row in power if row.planted >= FEW]
    if few:
        lines.append(
            translate(
                "Of each kind alone too few were planted to say how many of 100 would be found: "
                "{families}. The table below has the counts.",
                families=_listed(few),
            )
        )
    if none:
        lines.append(
            translate(
                "Could not be implanted in this model, so that nothing is known of them: "
                "{families}.",
                families=_listed(none),
            )
        )
    return lines


def _listed(rows: Sequence[Power]) -> str:
    return "; ".join(family_words(row.family) for row in rows)


def _in_cases(power: Power) -> str:
    """Measured power of one family as a sentence about 100 cases."""
    cases = {"family": family_words(power.family), "cases": round(100 * (power.rate or 0.0))}
    if power.low is None or power.high is None:
        return translate(
            "A backdoor of family {family} would have been found in about {cases} of 100 cases.",
            **cases,
        )
    return translate(
        "A backdoor of family {family} would have been found in about {cases} of 100 cases "
        "(95% interval {low} to {high}).",
        low=floor(100 * power.low),
        high=ceil(100 * power.high),
        **cases,
    )
