"""The catalogue as values: tests and their metrics, limits, criteria and their rules.

Everything is frozen and refuses unknown keys; what the parts say about each other is checked in
``auditor.criteria.checks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from auditor.core.canonical import digest
from auditor.core.criterion import Outcome
from auditor.core.finding import Frozen, Tier

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]
Profile = Literal["baseline", "elevated", "critical"]


class Metric(Frozen):
    """One figure a rule may read.

    Args:
        says: what it is, as it stands in a sentence ("the accuracy on the clean set"), or for
            ``bool`` as a statement ("every delivered file was hashed").
        unit: ``bool``, ``1`` (a share or plain number), ``count`` or ``years``.
        open: a measured "no" only means that the tool saw nothing; a declared "yes" may replace it.
    """

    says: Text
    unit: Literal["bool", "1", "count", "years"] = "1"
    open: bool = False


class Asked(Frozen):
    """What the questionnaire asks the auditor about a test.

    Args:
        look: where the answer is found.
        metrics: those that are asked for; all of the test's where empty.
        items: a checklist; its "yes" answers are counted as ``items_present`` of
            ``items_required``.
    """

    look: Text
    metrics: tuple[str, ...] = ()
    items: dict[str, Text] = Field(default_factory=dict)


class DeclaredTest(Frozen):
    """What one probe answers: its id is the key in ``Catalogue.tests``."""

    does: Text
    metrics: dict[str, Metric]
    asked: Asked | None = None

    @property
    def questions(self) -> dict[str, Metric]:
        """The metrics that the questionnaire asks for, by name."""
        if self.asked is None:
            return {}
        names = self.asked.metrics or tuple(self.metrics)
        return {name: self.metrics[name] for name in names}

    @property
    def declarable(self) -> set[str]:
        """Metrics that a questionnaire can give a value."""
        counted = {"items_present", "items_required"} if self.asked and self.asked.items else set()
        return set(self.questions) | counted


class Parameter(Frozen):
    """A limit with its value in each bundled profile and the range a policy may choose from.

    ``because`` is the reason for these values, as the plan states it.
    """

    says: Text
    because: str = ""
    baseline: Number
    elevated: Number
    critical: Number
    range: tuple[Number, Number] = (0.0, 1.0)


class Reference(Frozen):
    """One provision or entry of a framework; ``note`` narrows it down in words."""

    ref: Text
    relation: Literal["direct", "partial", "context"] | None = None
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"ref": str(value)} if isinstance(value, str | int) else value


class Rules(Frozen):
    """The rules of one criterion, read in this order; the first that is true decides."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    not_assessed: Text | None = None
    fail: Text | None = None
    concern: Text | None = None
    pass_: Text = Field(alias="pass")

    def ordered(self) -> Iterator[tuple[Outcome, str]]:
        """Outcome and text of every rule that is given, in the order of evaluation."""
        pairs = (
            (Outcome.NOT_ASSESSED, self.not_assessed),
            (Outcome.FAIL, self.fail),
            (Outcome.CONCERN, self.concern),
            (Outcome.PASS, self.pass_),
        )
        return ((outcome, text) for outcome, text in pairs if text is not None)


class Scale(Frozen):
    """When a verdict deserves high or medium confidence; low otherwise."""

    high: Text | None = None
    medium: Text | None = None


class Scales(Frozen):
    """Two scales, because an alarm and a silence rest on different evidence."""

    alarm: Scale
    silence: Scale


class Criterion(Frozen):
    """One question to the delivery, and when it is answered how.

    Args:
        about: ``item`` (the delivered model) or ``audit`` (our own work): a failure of the
            audit's own work can never be held against the model.
        applies_if: rule; where it is false the criterion does not apply.
        tests: tests whose metrics the rules read, all of them and no others.
        confidence: name of one of the catalogue's scales.
        next_step: what to do about a failure or concern.
        when_not_assessed: what to do when it was not assessed, where that differs.
        weakest: weakest evidence that may give PASS; by default E3 where blocking, else E4.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$")]
    title: Text
    question: Text
    about: Literal["item", "audit"]
    gate: Literal["blocking", "conditional", "informative"]
    severity: Literal["critical", "high", "medium", "low"]
    applies_if: Text | None = None
    tests: Annotated[tuple[str, ...], Field(min_length=1)]
    evidence: tuple[str, ...] = ()
    maps_to: dict[str, tuple[Reference, ...]] = Field(default_factory=dict)
    rules: Rules
    confidence: str
    next_step: Text
    when_not_assessed: Text | None = None
    weakest: Tier | None = None

    @property
    def pass_tier(self) -> Tier:
        """The weakest evidence that may give PASS."""
        return self.weakest or ("E3" if self.gate == "blocking" else "E4")

    def step(self, outcome: Outcome) -> str:
        """What to do next, given the criterion's outcome."""
        if outcome is Outcome.NOT_ASSESSED and self.when_not_assessed:
            return self.when_not_assessed
        return self.next_step

    def expressions(self) -> Iterator[str]:
        """The text of every rule, ``applies_if`` first."""
        if self.applies_if is not None:
            yield self.applies_if
        yield from (text for _, text in self.rules.ordered())


class Framework(Frozen):
    """A law, standard or taxonomy in the edition that the mappings were checked against."""

    title: Text
    edition: Text


class OpinionRules(Frozen):
    """When the audit reaches no conclusion.

    Args:
        core: criteria without any of which nothing can be said about backdoors.
        not_assessed_limit: this many blocking criteria not assessed leave no conclusion.
    """

    core: Annotated[tuple[str, ...], Field(min_length=1)]
    not_assessed_limit: int = Field(ge=1)


class Header(Frozen):
    """What the catalogue is, and what it is not."""

    id: Text
    title: Text
    version: Text
    status: Text
    language: Text
    purpose: Text
    not_a: Text
    legal_text: dict[str, str | dict[str, str]] = Field(default_factory=dict)


class Catalogue(Frozen):
    """All criteria with everything their rules refer to."""

    schema_version: Literal["1"]
    catalogue: Header
    frameworks: dict[str, Framework] = Field(default_factory=dict)
    policy: dict[str, Parameter]
    scales: dict[str, Scales]
    opinion: OpinionRules
    tests: dict[str, DeclaredTest]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @property
    def sha256(self) -> str:
        """Digest of the whole catalogue in canonical JSON."""
        return digest(self.model_dump(mode="json", by_alias=True))

    @property
    def label(self) -> str:
        """Id, version and digest in one line, as the plan records it."""
        return f"{self.catalogue.id} {self.catalogue.version} sha256:{self.sha256}"

    def mappings(self) -> dict[str, dict[str, Any]]:
        """Criterion id -> framework -> references, for the report's matrix."""
        return {
            criterion.id: criterion.model_dump(mode="json")["maps_to"]
            for criterion in self.criteria
        }

    def units(self) -> dict[str, str]:
        """Unit of every name that a rule may use."""
        metrics: dict[str, str] = {
            f"{test}.{name}": metric.unit
            for test, declared in self.tests.items()
            for name, metric in declared.metrics.items()
        }
        return metrics | {f"policy.{name}": "1" for name in self.policy}

    def phrases(self) -> dict[str, str]:
        """Meaning of every name that a rule may use, as words for a sentence."""
        metrics = {
            f"{test}.{name}": metric.says
            for test, declared in self.tests.items()
            for name, metric in declared.metrics.items()
        }
        return metrics | {f"policy.{name}": limit.says for name, limit in self.policy.items()}
