"""The sentences of the report: what each gate, outcome and chapter means, in plain words.

They stand here in English, marked for extraction; templates translate them where they print them.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.core.criterion import Outcome
from auditor.core.finding import Status
from auditor.writers.language import mark as _


@dataclass(frozen=True)
class Tone:
    """How a word looks: a CSS class (colour and shape) and the word itself."""

    css: str
    word: str


OUTCOMES = {
    Outcome.FAIL: Tone("fail", _("Fail")),
    Outcome.CONCERN: Tone("concern", _("Concern")),
    Outcome.NOT_ASSESSED: Tone("open", _("Not assessed")),
    Outcome.PASS: Tone("pass", _("Pass")),
    Outcome.NOT_APPLICABLE: Tone("na", _("Not applicable")),
}

STATUSES = {
    Status.COMPLETE: Tone("done", _("Measured")),
    Status.SKIPPED: Tone("open", _("Skipped")),
    Status.ERROR: Tone("open", _("Error")),
    Status.TIMED_OUT: Tone("open", _("Timed out")),
}

NOTHING_MEASURED = Tone("open", _("Nothing to measure"))
"""A probe that ran without what it needs, such as the training data."""


@dataclass(frozen=True)
class Gate:
    """One of the four decisions.

    Args:
        lead: what the decision says about the item.
        next_step: what the reader does now.
    """

    tone: Tone
    opinion: str
    lead: str
    next_step: str


GATES = {
    "accept": Gate(
        Tone("pass", _("Accept")),
        _("Clear opinion"),
        _("No defect beyond the limits was measured, and the required evidence is present."),
        _(
            "The item may be accepted under the policy named in chapter 4. Keep this report and "
            "the audit folder, and audit again when one of the triggers of chapter 9 occurs."
        ),
    ),
    "accept_with_conditions": Gate(
        Tone("concern", _("Accept with conditions")),
        _("Clear opinion with exceptions"),
        _("No blocking defect was confirmed, but some questions stay open."),
        _(
            "Accept the item only after every condition of chapter 9 has an owner and a date, and "
            "record who accepted what remains."
        ),
    ),
    "reject": Gate(
        Tone("fail", _("Reject")),
        _("Adverse opinion"),
        _("A defect that the policy does not accept was found."),
        _(
            "Do not put this item into use. Send chapters 6 and 7 to the supplier, ask for a "
            "corrected delivery with its training history, and audit that delivery anew."
        ),
    ),
    "inconclusive": Gate(
        Tone("open", _("Inconclusive")),
        _("No conclusion"),
        _("The evidence does not carry a conclusion in either direction."),
        _(
            "Do not treat this as an acceptance. Supply what chapter 11 says is missing, most "
            "often more clean data or a longer budget, and run the audit again."
        ),
    ),
}


def gate(name: str) -> Gate:
    """The wording of a gate; an unknown one reads as no conclusion."""
    return GATES.get(name, GATES["inconclusive"])


LIMITS_FIRST = _(
    "A record of measurements on one delivered model, judged against limits that were fixed "
    "before the first trial."
)
LIMITS_UNCLEAR = _(
    "A record of what was found about one delivered model. That limits were fixed before the "
    "first trial is not shown; see chapter 4."
)
IS = (
    _(
        "Evidence that supports parts of the technical documentation under Regulation (EU) "
        "2024/1689; chapter 7 names them."
    ),
    _("Repeatable: chapter 10 gives versions, seeds and the command."),
)
IS_NOT = (
    _(
        "A statement that the model is free of backdoors. No method can give one; chapter 5 says "
        "what this audit would have found."
    ),
    _(
        "A conformity assessment under Article 43, a CE marking, or legal advice. No harmonised "
        "standard is claimed."
    ),
    _("A judgement of the system around the model, its operators or its data collection."),
)

RETEST = (
    _("The delivered file changes in any byte, or is retrained, fine-tuned, pruned or merged."),
    _("It is converted, quantised or compiled for another platform."),
    _("Preprocessing, value range or class list change."),
    _("It is used on inputs that the clean set does not represent."),
    _("A detector of a family listed as not covered, or a stronger one, becomes available."),
    _("An incident or complaint points at behaviour that depends on a pattern in the input."),
)

RULES = (
    (_("Not applicable"), _("the criterion's condition does not hold for this item")),
    (
        _("Not assessed"),
        _(
            "evidence is missing or too weak, or measured detection power is below the "
            "policy's floor; the default when no rule matches"
        ),
    ),
    (_("Fail"), _("a defect beyond a limit that was fixed before the run")),
    (_("Concern"), _("a signal that a person must judge")),
    (_("Pass"), _("no defect beyond the limit, and the required evidence and power are present")),
)

TIERS = (
    ("E1", _("measured by this program on the delivered item")),
    ("E2", _("computed by this program from data or logs that the supplier gave")),
    (
        "E3",
        _("a document that the auditor examined and whose digest is kept; confidence is not high"),
    ),
    (
        "E4",
        _("a statement without a document; confidence is low, and no blocking criterion passes"),
    ),
)
"""What a verdict rests on; its tier is that of the weakest evidence."""

CONFIDENCE = (
    (
        _("high"),
        _(
            "read off the files themselves, or from a sample as large as the policy asks, or "
            "detectors of several kinds agree; for a silence on triggers, power at the policy's "
            "floor for every family"
        ),
    ),
    (
        _("medium"),
        _(
            "one kind of detector and a working trigger; for a silence, power at the floor but "
            "not for every family; or a document that was examined"
        ),
    ),
    (
        _("low"),
        _(
            "anything less; a failure of low confidence leads to no conclusion, never to an "
            "adverse opinion"
        ),
    ),
)

RELATIONS = {
    "first_party": _("first party: the supplier audited its own delivery"),
    "second_party": _("second party: audited by somebody who receives or uses the item"),
    "third_party": _(
        "third party: the auditor is independent of the supplier and of those who use the item"
    ),
}
"""Terms of ISO/IEC 17000:2020, 4.3 to 4.5."""

AREAS = {
    "ID": _("Identity and supply chain"),
    "PLAN": _("Plan and power"),
    "ACC": _("Accuracy"),
    "ROB": _("Robustness"),
    "POI": _("Poisoning and backdoors"),
    "EVA": _("Evasion"),
    "CON": _("Confidentiality"),
    "DOC": _("Documents and records"),
    "OVS": _("Oversight"),
}

FURTHER = _("Further criteria")

CHAPTERS = (
    _("Decision"),
    _("Scope and access"),
    _("The item"),
    _("Plan and decision rule"),
    _("Measured detection power"),
    _("Findings"),
    _("Criteria"),
    _("Declared against measured"),
    _("Conditions and retest triggers"),
    _("Reproduction"),
    _("Annexes"),
    _("Signatures and verification"),
)

WEIGHTS = {
    "blocking": _("blocking"),
    "conditional": _("conditional"),
    "informative": _("informative"),
    "critical": _("critical"),
    "high": _("high"),
    "medium": _("medium"),
    "low": _("low"),
}
TERMS = (
    (
        _("Clean set"),
        _("labelled inputs of the auditor's own that nobody tampered with; all figures rest on it"),
    ),
    (
        _("Trigger"),
        _(
            "a change to an input, such as a small patch, that makes the model answer as an "
            "attacker wants"
        ),
    ),
    (_("Target class"), _("the answer that the trigger forces")),
    (
        _("Backdoor"),
        _("a reaction to a trigger that was put into the model and does not show on clean inputs"),
    ),
    (
        _("Held-out inputs"),
        _("the part of the clean set that was not used to search for a trigger"),
    ),
    (
        _("Flip rate"),
        _("share of held-out inputs of other classes that a trigger sends to its target class"),
    ),
    (
        _("Student"),
        _(
            "a network that learned the task from the delivered model on clean inputs; it serves "
            "as a control"
        ),
    ),
    (_("p-value"), _("how often a clean model would look at least as suspicious, by chance")),
    (
        _("Detection power"),
        _("share of backdoors, planted in copies of this model, that the same scan finds"),
    ),
    (_("95% interval"), _("range that covers the true value in 95 of 100 such measurements")),
)
