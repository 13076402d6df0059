"""The record: the audit's one document. Everything else that is written is a view of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, FiniteFloat

from auditor.core.criterion import Opinion, Verdict
from auditor.core.finding import Finding, Frozen
from auditor.core.plan import Plan, Policy
from auditor.core.spec import DataIdentity, Delivery, ModelFacts

SCHEMA = "auditor/record/1"
Relation = Literal["first_party", "second_party", "third_party"]
"""Whose audit it is, in the terms of ISO/IEC 17000:2020: the supplier's own, one by those who
receive or use the item, one by somebody independent of both."""


class Witness(Frozen):
    """A working trigger: who it is, how well it works on held-out inputs, where its picture is.

    ``flip_rate`` is the share of held-out inputs of other classes sent to ``target``;
    ``flip_rate_low`` is its one-sided lower 95% Clopper-Pearson bound.
    ``moves`` is empty for such a trigger. For one that sends each class to another (all-to-all)
    it holds the source classes that go to ``target``, and the rates count inputs that leave theirs;
    for one that works on a single class it holds that class, and the rates count its inputs.
    """

    family: str
    target: int
    flip_rate: FiniteFloat
    flip_rate_low: FiniteFloat
    evidence: tuple[str, ...] = ()
    moves: tuple[int, ...] = ()


class Backdoor(Frozen):
    """The scan's summary.

    Args:
        score: higher is more suspicious, comparable between models of one fleet.
        p_value: in (0, 1], uniform on clean models.
        detected: at the policy's alpha and with a functional witness.
        targets: class indices, most suspicious first.
    """

    score: FiniteFloat | None
    p_value: FiniteFloat | None
    detected: bool
    targets: tuple[int, ...] = ()
    witness: Witness | None = None

    @property
    def source(self) -> int | None:
        """The one class that the witness works on; None if it works on several."""
        moves = self.witness.moves if self.witness else ()
        return moves[0] if len(moves) == len(self.targets) == 1 else None


class Power(Frozen):
    """How often the same scan found a planted backdoor of one family in copies of this model.

    ``low`` and ``high``: two-sided 95% Clopper-Pearson interval of ``rate``;
    ``attempted`` counts implants tried, ``planted`` those that worked and were scanned.
    """

    family: str
    attempted: int
    planted: int
    detected: int
    rate: FiniteFloat | None
    low: FiniteFloat | None
    high: FiniteFloat | None


class Timing(Frozen):
    """Clock of the audit: ISO 8601 times in UTC, seconds.

    Args:
        planned: when the plan was committed, and ``first_trial``: when measuring began, both by
            this machine's clock.
        stamped: when an authority time-stamped the plan, by its clock; ``stamped_by`` names it.
        log: digest of the last line of events.jsonl, which stands for the whole log.
    """

    planned: str
    first_trial: str
    finished: str
    wall_s: FiniteFloat
    stamped: str = ""
    stamped_by: str = ""
    log: str = ""


class Provenance(Frozen):
    """Who measured: versions, platform, how the worker was kept apart, the command."""

    auditor: str
    python: str
    platform: str
    packages: dict[str, str]
    command: tuple[str, ...]
    isolation: dict[str, Any] = Field(default_factory=dict)


class Engagement(Frozen):
    """Who audited, for whom and how independently: stated by the auditor, never measured.

    Args:
        auditor: who carried the audit out, person and organisation.
        client: who commissioned it.
        relation: whose audit it is; None where nothing was said.
        ties: interests in the supplier, the item or the result, or that there are none.
    """

    auditor: str = ""
    client: str = ""
    relation: Relation | None = None
    ties: str = ""


class Basis(Frozen):
    """What the findings were judged by, so that they can be judged again.

    ``catalogue`` is id, version and digest; ``catalogue.json`` beside the record holds it whole.
    """

    catalogue: str
    policy: Policy


class Record(Frozen):
    """One finished audit."""

    schema_: str = Field(default=SCHEMA, alias="schema", serialization_alias="schema")
    opinion: Opinion
    delivery: Delivery
    data: DataIdentity | None
    model: ModelFacts | None
    plan: Plan | None
    plan_sha256: str
    timing: Timing
    backdoor: Backdoor
    power: tuple[Power, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    provenance: Provenance
    basis: Basis | None = None
    engagement: Engagement | None = None

    def finding(self, probe: str) -> Finding | None:
        """The finding of one probe, or None."""
        return next((f for f in self.findings if f.probe == probe), None)

    def to_json(self) -> dict[str, Any]:
        """JSON types only, keys as in the specification."""
        return self.model_dump(mode="json", by_alias=True)
