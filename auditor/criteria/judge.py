"""Findings in, verdicts out: a pure function, the same today and in ten years.

Order: the first rule that is true decides, in the order not assessed, fail, concern, pass. An
unknown ``not_assessed`` rule means not assessed; PASS needs every earlier rule to be known and
false. Nothing matched: not assessed, never PASS. Documents and statements carry less than measures:
they cap the confidence, and below the criterion's weakest tier they cannot give PASS.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.core.criterion import Outcome, Verdict
from auditor.core.finding import Finding
from auditor.core.plan import Policy
from auditor.criteria.catalogue import Catalogue, Criterion, Scale
from auditor.criteria.explain import Narrator
from auditor.criteria.facts import Facts, gather
from auditor.criteria.grammar import parse
from auditor.criteria.rules import truth

WITHHELD = {
    "E2": "It would pass, but only on figures recomputed from the vendor's data.",
    "E3": "It would pass, but only on documents; this criterion needs a measurement.",
    "E4": "It would pass, but only on a statement without a document to examine.",
}
LEVELS = ("high", "medium", "low")
CEILING = {"E3": "medium", "E4": "low"}
NO_RULE = "No rule of this criterion covers what was measured."


@dataclass(frozen=True)
class Decision:
    """An outcome, the rule that decided if any, and the rules that stayed unknown before it.

    ``withheld`` says why a PASS was not given.
    """

    outcome: Outcome
    rule: str | None = None
    unknown: tuple[str, ...] = ()
    withheld: str = ""


def judge(catalogue: Catalogue, policy: Policy, findings: Iterable[Finding]) -> tuple[Verdict, ...]:
    """One verdict for each criterion, in the catalogue's order.

    Raises:
        AuditorError: two findings of one probe, or a policy made for another catalogue.
    """
    facts = gather(catalogue, policy, findings)
    narrator = Narrator(catalogue, facts)
    return tuple(_verdict(criterion, narrator) for criterion in catalogue.criteria)


def decide(criterion: Criterion, facts: Facts) -> Decision:
    """The outcome of one criterion and what it rests on."""
    if criterion.applies_if is not None:
        applies = _value(criterion.applies_if, facts)
        if applies is False:
            return Decision(Outcome.NOT_APPLICABLE, criterion.applies_if)
        if applies is None:
            return Decision(Outcome.NOT_ASSESSED, unknown=(criterion.applies_if,))
    unknown: tuple[str, ...] = ()
    for outcome, rule in criterion.rules.ordered():
        value = _value(rule, facts)
        if value is None:
            unknown = (*unknown, rule)
            if outcome is Outcome.NOT_ASSESSED:
                break
        elif value and not (outcome is Outcome.PASS and unknown):
            return _supported(criterion, facts, Decision(outcome, rule, unknown))
    return Decision(Outcome.NOT_ASSESSED, unknown=unknown)


def _supported(criterion: Criterion, facts: Facts, decision: Decision) -> Decision:
    """No PASS on evidence weaker than the criterion allows."""
    tier = _tier(criterion, facts)
    if decision.outcome is not Outcome.PASS or tier <= criterion.pass_tier:
        return decision
    return Decision(Outcome.NOT_ASSESSED, decision.rule, withheld=WITHHELD[tier])


def _tier(criterion: Criterion, facts: Facts) -> str:
    return facts.tier(name for text in criterion.expressions() for name in parse(text).names)


def _value(rule: str, facts: Facts) -> bool | None:
    return truth(parse(rule).tree, facts.values)


def _verdict(criterion: Criterion, narrator: Narrator) -> Verdict:
    decision = decide(criterion, narrator.facts)
    return Verdict(
        criterion=criterion.id,
        title=criterion.title,
        outcome=decision.outcome,
        gate=criterion.gate,
        severity=criterion.severity,
        confidence=_confidence(criterion, decision.outcome, narrator),
        reasons=_reasons(criterion, decision, narrator),
        tests=criterion.tests,
        tier=_tier(criterion, narrator.facts),
    )


def _reasons(criterion: Criterion, decision: Decision, narrator: Narrator) -> tuple[str, ...]:
    """The deciding rule in words, what was missing, and every test that did not complete."""
    sentences: list[str] = [decision.withheld] if decision.withheld else []
    for rule in (decision.rule, *decision.unknown):
        if rule is not None:
            sentences += narrator.reasons(rule)
    for test in criterion.tests:
        if test in narrator.facts.findings and (shortfall := narrator.facts.shortfall(test)):
            sentences.append(shortfall)
    return tuple(dict.fromkeys(sentences)) or (NO_RULE,)


def _confidence(criterion: Criterion, outcome: Outcome, narrator: Narrator) -> str:
    """How far the verdict can be relied on; nothing is claimed for what was not assessed."""
    if outcome is Outcome.NOT_ASSESSED:
        return "low"
    if outcome is Outcome.NOT_APPLICABLE:
        return "high"
    scales = narrator.catalogue.scales[criterion.confidence]
    scale = scales.silence if outcome is Outcome.PASS else scales.alarm
    ceiling = CEILING.get(_tier(criterion, narrator.facts), "high")
    return max(_level(scale, narrator.facts), ceiling, key=LEVELS.index)


def _level(scale: Scale, facts: Facts) -> str:
    for level, rule in (("high", scale.high), ("medium", scale.medium)):
        if rule is not None and _value(rule, facts):
            return level
    return "low"
