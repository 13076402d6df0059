"""``weights.last_layer``: do the weights alone single out a class, or a path of single neurons?

Purpose: triage in milliseconds; also sees edits of the last layer's rows and data-free backdoors
that run along single neurons.
Sources: see ``auditor.methods.last_layer``.
Limits: a low score acquits nobody, and a high one is a reason to look, not a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from auditor.core.finding import JsonRow, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.calibration import suspicion
from auditor.methods.last_layer import TRIED, Scan, find_head, scan

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject


@probe
@dataclass(frozen=True)
class LastLayer(Probe):
    """Score the rows of the last linear layer and the channels of all layers."""

    id = "weights.last_layer"
    title = "Weights of the last layer"
    needs = ("gradients",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "a last linear layer was found (bool)",
        "score": "-log10 of the p-value: 0 or more, compares between models",
        "p_value": "chance of such weights in a clean model, from the development bank",
        "p_rows": "the part of it from the rows of the last layer",
        "p_paths": "the part of it from channels that hear only one other",
        "target": "class with the most striking row (number of the class)",
    }
    cites = (
        "Yu et al., Lightweight and Fast Backdoor Model Detection (DFBScanner), 2026",
        "Cao et al., Data Free Backdoor Attacks, 2024",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Find the layer, score it, list the classes."""
        head = find_head(subject, clean.x[:TRIED])
        if head is None:
            return Result({"ran": False}, caveats=("The model has no last linear layer to read.",))
        found = scan(subject, head)
        rows = _rows(subject, found)
        return Result(
            measures={
                "ran": True,
                "score": suspicion(found.p_value),
                "p_value": found.p_value,
                "p_rows": found.p_rows,
                "p_paths": found.p_paths,
                "target": float(rows[0]["class"]),
            },
            tables={"classes": rows},
            caveats=("Weights are triage: a model without a striking row is not cleared.",),
        )


def _rows(subject: Subject, found: Scan) -> list[JsonRow]:
    """All classes, most striking first."""
    rows: list[JsonRow] = [
        {
            "class": k,
            "label": subject.spec.label(k),
            "p_value": p_value,
            **{name: round(float(row[k]), 4) for name, row in found.rows.items()},
        }
        for k, p_value in enumerate(found.p_classes)
    ]
    return sorted(rows, key=lambda row: float(row["p_value"]))
