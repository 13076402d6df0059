"""Two audits side by side: which files, measures and verdicts differ.

Purpose: a corrected or renewed model is compared with the one before it. Two measures differ for
certain only where their intervals lie apart; where they overlap, the difference may be chance,
and the comparison says so. Limits: compares what was recorded; it measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Literal

from auditor.core.finding import Finding, Frozen, Measure
from auditor.core.record import Record
from auditor.core.spec import Delivery

Weight = Literal["apart", "overlap", "exact", "new", "gone"]
BETTER = ("PASS", "NOT_APPLICABLE", "CONCERN", "NOT_ASSESSED", "FAIL")
WORDS = {
    "apart": "the intervals lie apart",
    "overlap": "the intervals overlap: may be chance",
    "exact": "no interval",
    "new": "not in the first",
    "gone": "not in the second",
}


class FileChange(Frozen):
    """A file that was added, removed or changed; digests where there is one."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: str | None = None
    after: str | None = None


class TensorChange(Frozen):
    """A tensor that was added, removed, reshaped or changed, under its layer."""

    layer: str
    tensor: str
    change: Literal["added", "removed", "reshaped", "changed"]


class MeasureChange(Frozen):
    """A measure with another value; ``weight`` says what the intervals make of it."""

    name: str
    before: Measure | None
    after: Measure | None
    weight: Weight


class VerdictChange(Frozen):
    """A criterion that came out otherwise."""

    criterion: str
    title: str
    before: str | None
    after: str | None
    worse: bool
    reasons: tuple[str, ...] = ()


class Comparison(Frozen):
    """Everything that differs between two audits; the first is ``before``."""

    same_item: bool
    files: tuple[FileChange, ...]
    conditions: dict[str, tuple[str, str]]
    opinion: tuple[str, str] | None = None
    tensors: tuple[TensorChange, ...] = ()
    tensors_alike: int = 0
    measures: tuple[MeasureChange, ...] = ()
    verdicts: tuple[VerdictChange, ...] = ()

    @property
    def identical(self) -> bool:
        """Nothing differs."""
        items = self.files, self.tensors, self.conditions
        results = self.opinion, self.measures, self.verdicts
        return self.same_item and not any(items) and not any(results)


def compare_deliveries(before: Delivery, after: Delivery) -> Comparison:
    """Files alone, for deliveries that were not audited."""
    return Comparison(
        same_item=before.sha256 == after.sha256, files=_files(before, after), conditions={}
    )


def compare(before: Record, after: Record) -> Comparison:
    """Files, conditions, measures, verdicts and opinions of two records."""
    changed = before.opinion.outcome != after.opinion.outcome
    return Comparison(
        same_item=before.delivery.sha256 == after.delivery.sha256,
        files=_files(before.delivery, after.delivery),
        conditions=_conditions(before, after),
        opinion=(before.opinion.outcome, after.opinion.outcome) if changed else None,
        tensors=tuple(_tensors(_weights(before), _weights(after))),
        tensors_alike=len(_weights(before).items() & _weights(after).items()),
        measures=tuple(_measures(_table(before.findings), _table(after.findings))),
        verdicts=tuple(_verdicts(before, after)),
    )


def _files(before: Delivery, after: Delivery) -> tuple[FileChange, ...]:
    old = {file.path: file.sha256 for file in before.files}
    new = {file.path: file.sha256 for file in after.files}
    if len(old) == len(new) == 1:  # one model file, whatever it is called
        new = dict.fromkeys(old, next(iter(new.values())))
    return tuple(
        FileChange(
            path=path,
            change="added" if path not in old else "removed" if path not in new else "changed",
            before=old.get(path),
            after=new.get(path),
        )
        for path in sorted(old | new)
        if old.get(path) != new.get(path)
    )


def _weights(record: Record) -> dict[str, tuple[str, str]]:
    """Shape and digest of each tensor by name; empty where the record has none."""
    finding = record.finding("artefact.hash")
    rows = finding.tables.get("tensors", []) if finding else []
    return {str(row["tensor"]): (str(row["shape"]), str(row["sha256"])) for row in rows}


def _tensors(
    before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]
) -> Iterator[TensorChange]:
    """Nothing where one side has no digests: not to know is not to differ."""
    for name in dict.fromkeys([*before, *after]) if before and after else ():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        same_shape = old is not None and new is not None and old[0] == new[0]
        yield TensorChange(
            layer=name.rpartition(".")[0] or name,
            tensor=name,
            change="added"
            if old is None
            else "removed"
            if new is None
            else "changed"
            if same_shape
            else "reshaped",
        )


def _conditions(before: Record, after: Record) -> dict[str, tuple[str, str]]:
    """What makes two audits hard to compare: other limits, data, seeds, versions."""
    pairs = {name: (_held(before, name), _held(after, name)) for name in CONDITIONS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


CONDITIONS = ("profile", "seed", "budget_s", "clean_sha256", "catalogue", "policy", "auditor")


def _held(record: Record, name: str) -> str:
    if name == "auditor":
        return record.provenance.auditor
    if record.plan is None:
        return "no plan"
    if name == "policy":
        return f"{record.plan.policy.name} {record.plan.policy.sha256[:12]}"
    return str(getattr(record.plan, name))


def _table(findings: tuple[Finding, ...]) -> dict[str, Measure]:
    return {
        f"{finding.probe}.{name}": measure
        for finding in findings
        for name, measure in finding.measures.items()
    }


def _measures(
    before: Mapping[str, Measure], after: Mapping[str, Measure]
) -> Iterator[MeasureChange]:
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None or old.value != new.value:
            yield MeasureChange(name=name, before=old, after=new, weight=weigh(old, new))


def weigh(before: Measure | None, after: Measure | None) -> Weight:
    """What the intervals of two measures say about their difference.

    >>> weigh(Measure(value=0.9, low=0.8, high=0.95), Measure(value=0.7, low=0.6, high=0.79))
    'apart'
    """
    if before is None:
        return "new"
    if after is None:
        return "gone"
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return "exact"
    return "apart" if before.high < after.low or after.high < before.low else "overlap"


def _verdicts(before: Record, after: Record) -> Iterator[VerdictChange]:
    old = {verdict.criterion: verdict for verdict in before.verdicts}
    new = {verdict.criterion: verdict for verdict in after.verdicts}
    for name in dict.fromkeys([*old, *new]):
        a, b = old.get(name), new.get(name)
        if (a and a.outcome) == (b and b.outcome):
            continue
        known = b or a
        yield VerdictChange(
            criterion=name,
            title=known.title if known else "",
            before=a.outcome.value if a else None,
            after=b.outcome.value if b else None,
            worse=bool(a and b and BETTER.index(b.outcome) > BETTER.index(a.outcome)),
            reasons=b.reasons if b else (),
        )


def lines(found: Comparison) -> Iterator[str]:
    """The comparison for a terminal, one difference a line."""
    if found.identical:
        yield "No difference."
        return
    yield "The same item." if found.same_item else "Two different items."
    for file in found.files:
        yield f"file {file.change}: {file.path}  {_short(file.before)} -> {_short(file.after)}"
    if found.tensors:
        yield f"tensors: {len(found.tensors)} differ, {found.tensors_alike} are alike"
    for layer, changes in groupby(found.tensors, key=lambda each: each.layer):
        told = ", ".join(f"{each.tensor.rpartition('.')[2]} {each.change}" for each in changes)
        yield f"layer {layer}: {told}"
    for name, (old, new) in found.conditions.items():
        yield f"other {name}: {old} -> {new}"
    if found.opinion:
        yield f"opinion: {found.opinion[0]} -> {found.opinion[1]}"
    for verdict in found.verdicts:
        mark = "  WORSE" if verdict.worse else ""
        yield f"{verdict.criterion}: {verdict.before} -> {verdict.after}{mark}  {verdict.title}"
    for change in found.measures:
        weight = WORDS[change.weight]
        yield f"{change.name}: {_figure(change.before)} -> {_figure(change.after)}  ({weight})"


def _short(sha256: str | None) -> str:
    return sha256[:12] if sha256 else "-"


def _figure(measure: Measure | None) -> str:
    if measure is None:
        return "-"
    ends: tuple[Any, Any] = (measure.low, measure.high)
    interval = "" if None in ends else f" [{ends[0]:.4g}, {ends[1]:.4g}]"
    return f"{measure.value:.4g}{interval}"
