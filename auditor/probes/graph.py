"""Does the delivered graph hold anything that its declared architecture does not?

Purpose: architectural backdoors survive retraining, because no weight carries them: a detector of
plain operators is joined to features or logits (Bober-Irizar et al. 2023). Decisions on values of
the input, paths around all weights and branches that depend on data are such joints; layers and
operators that the declared architecture lacks are what Langford et al. (2024) interleave.
Limits: a detector made of ordinary layers is seen only against a declared architecture. Where only
weights were delivered, the graph is this tool's own and there is nothing to find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.graphs import Traits, counted, missing, traits, unexpected

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Origin, Subject

_COUNTED = (
    ("control_flow", "branches and loops that depend on values of the input"),
    ("decisions", "comparisons and selections on values of the input"),
    ("bypasses", "joins with a path around all weighted layers"),
    ("random", "operators that draw random numbers"),
    ("files", "operators that reach outside the model"),
    ("unused", "stored values that no output depends on"),
)


@probe
@dataclass(frozen=True)
class GraphFindings(Probe):
    """Walks the delivered graph and compares it with our own network of the declared name."""

    id = "artefact.graph"
    title = "Delivered graph"
    measures: ClassVar[Mapping[str, str]] = {
        "compared": "the graph was compared with a declared architecture",
        "unexpected_layers": "layers and operators that the declared architecture lacks, and paths "
        "around all weighted layers",
        "missing_layers": "weighted layers of the declared architecture that the graph lacks",
        "custom_code": "the graph decides on values of the input, draws numbers or reaches outside",
        "nodes": "operators of the graph",
        **{name: f"number of {meaning}" for name, meaning in _COUNTED},
    }
    cites = ("arXiv:2206.07840", "arXiv:2402.06957")

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Measure traits of the graph; of bare weights only that they fit what was declared."""
        origin = subject.origin
        if origin.graph is None:
            return _own(origin)
        found = traits(origin.graph)
        expected = traits(origin.expected) if origin.expected is not None else None
        foreign = unexpected(found, expected) if expected else {}
        lost = missing(found, expected) if expected else {}
        measures = _measures(found, sum(foreign.values()), sum(lost.values()))
        measures |= {"compared": expected is not None, "nodes": _count(len(origin.graph.nodes))}
        return Result(
            measures,
            {"findings": _rows(found), "differences": _differences(foreign, lost)},
            caveats=(origin.reason,) if expected is None else (),
        )


def _own(origin: Origin) -> Result:
    measures = _measures(None, 0, 0) | {"compared": bool(origin.declared), "nodes": _count(0)}
    said = "Only weights were delivered; the network that they were put into is this tool's own."
    none = () if origin.declared else ("No architecture was declared.",)
    return Result(measures, caveats=(said, *none))


def _measures(found: Traits | None, foreign: int, lost: int) -> dict[str, Measure | float | bool]:
    names = {name: () if found is None else getattr(found, name) for name, _ in _COUNTED}
    suspicious = ("control_flow", "decisions", "random", "files")
    around = len(names["bypasses"]) + (found is not None and found.weightless)
    return {
        "unexpected_layers": _count(foreign + around),
        "missing_layers": _count(lost),
        "custom_code": any(names[name] for name in suspicious),
        **{name: _count(len(values)) for name, values in names.items()},
    }


def _count(number: int) -> Measure:
    return Measure(value=number, unit="count")


def _rows(found: Traits) -> list[JsonRow]:
    rows = [(meaning, getattr(found, name)) for name, meaning in _COUNTED]
    rows.append(
        ("a path from input to output without weighted layers", ["output"] * found.weightless)
    )
    return [
        {"finding": meaning, "count": len(names), "operators": counted(names)[:300]}
        for meaning, names in rows
        if names
    ]


def _differences(foreign: Mapping[str, int], lost: Mapping[str, int]) -> list[JsonRow]:
    sides = (("only in the delivery", foreign), ("only in the declared architecture", lost))
    return [
        {"part": name[:80], "where": side, "count": number}
        for side, parts in sides
        for name, number in parts.items()
    ]
