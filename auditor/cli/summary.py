"""The result of an audit in a few lines for a terminal."""

from __future__ import annotations

from pathlib import Path

from auditor.core.record import Record
from auditor.writers.text import visible


def _doubt(record: Record) -> list[str]:
    """The p-value of a trigger that only a person can judge, beside the limit of a finding."""
    parameters = record.basis.policy.parameters if record.basis else {}
    p_value, limit = record.backdoor.p_value, parameters.get("alpha_fail")
    possible = any(reason.startswith("A possible trigger") for reason in record.opinion.reasons)
    if not possible or p_value is None or limit is None:
        return []
    side = "above" if p_value > limit else "not above"
    return [f"    p-value of the possible trigger: {p_value:.3g}, {side} the limit of {limit:g}"]


def summary(record: Record, out: Path) -> str:
    """The result in a few lines for a terminal."""
    gate = record.opinion.gate.replace("_", " ").upper()
    lines = [f"{gate}  ({record.opinion.outcome.replace('_', ' ')})"]
    lines += [f"  - {reason}" for reason in record.opinion.reasons]
    lines += _doubt(record)
    witness = record.backdoor.witness
    if witness and record.plan:
        label = record.plan.spec.label(witness.target)
        where = "several classes" if witness.moves else f"class {label}"
        source = record.backdoor.source
        if source is not None:
            where = f"class {label} from class {record.plan.spec.label(source)} alone"
        lines.append(
            f"  trigger: {witness.family}, to {where}, "
            f"works on {witness.flip_rate:.0%} of held-out inputs"
        )
    lines += [f"  report: {out / 'report.html'}", f"  record: {out / 'record.json'}"]
    return "\n".join(visible(line) for line in lines)
