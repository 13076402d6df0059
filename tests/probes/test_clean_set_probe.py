"""data.clean_set: planted duplicates and a missing class; the digits as they are."""

from __future__ import annotations

import torch

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.clean_set import CleanSetProbe


def test_clean_digits(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = CleanSetProbe().examine(digits_subject, digits_clean, Context())
    values = {name: m.value for name, m in finding.measures.items()}
    assert values["n"] == 500
    assert values["min_per_class"] == digits_clean.y.bincount().min()
    assert values["duplicates"] == values["contradictions"] == values["classes_missing"] == 0
    assert values["overlap_known"] == 0
    assert sum(row["n"] for row in finding.tables["classes"]) == 500


def test_planted_duplicates_and_missing_class(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    kept = digits_clean.take((digits_clean.y != 4).nonzero()[:, 0])
    again = CleanSet(
        torch.cat([kept.x, kept.x[:5]]), torch.cat([kept.y, kept.y[:3], (kept.y[3:5] + 1) % 10])
    )
    finding, _ = CleanSetProbe().examine(digits_subject, again, Context())
    assert finding.measures["duplicates"].value == 5
    assert finding.measures["contradictions"].value == 2
    assert finding.measures["classes_missing"].value == 1
    assert finding.measures["min_per_class"].value == 0
    assert any("contradicting" in caveat for caveat in finding.caveats)
