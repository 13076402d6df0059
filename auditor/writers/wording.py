"""The sentences of the report: what each gate, outcome and chapter means, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.core.criterion import Outcome
from auditor.core.finding import Status


@dataclass(frozen=True)
class Tone:
    """How a word looks: a CSS class (colour and shape) and the word itself."""

    css: str
    word: str


OUTCOMES = {
    Outcome.FAIL: Tone("fail", "Fail"),
    Outcome.CONCERN: Tone("concern", "Concern"),
    Outcome.NOT_ASSESSED: Tone("open", "Not assessed"),
    Outcome.PASS: Tone("pass", "Pass"),
    Outcome.NOT_APPLICABLE: Tone("na", "Not applicable"),
}

STATUSES = {
    Status.COMPLETE: Tone("done", "Measured"),
    Status.SKIPPED: Tone("open", "Skipped"),
    Status.ERROR: Tone("open", "Error"),
    Status.TIMED_OUT: Tone("open", "Timed out"),
}


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
        Tone("pass", "Accept"),
        "Clear opinion",
        "No defect beyond the limits was measured, and the required evidence is present.",
        "The item may be accepted under the policy named in chapter 4. Keep this report and the "
        "audit folder, and audit again when one of the triggers of chapter 9 occurs.",
    ),
    "accept_with_conditions": Gate(
        Tone("concern", "Accept with conditions"),
        "Clear opinion with exceptions",
        "No blocking defect was confirmed, but some questions stay open.",
        "Accept the item only after every condition of chapter 9 has an owner and a date, and "
        "record who accepted what remains.",
    ),
    "reject": Gate(
        Tone("fail", "Reject"),
        "Adverse opinion",
        "A defect that the policy does not accept was found.",
        "Do not put this item into use. Send chapters 6 and 7 to the supplier, ask for a corrected "
        "delivery with its training history, and audit that delivery anew.",
    ),
    "inconclusive": Gate(
        Tone("open", "Inconclusive"),
        "No conclusion",
        "The evidence does not carry a conclusion in either direction.",
        "Do not treat this as an acceptance. Supply what chapter 11 says is missing, most often "
        "more clean data or a longer budget, and run the audit again.",
    ),
}


def gate(name: str) -> Gate:
    """The wording of a gate; an unknown one reads as no conclusion."""
    return GATES.get(name, GATES["inconclusive"])


LIMITS_FIRST = (
    "A record of measurements on one delivered model, judged against limits that were fixed "
    "before the first trial."
)
LIMITS_UNCLEAR = (
    "A record of what was found about one delivered model. That limits were fixed before the "
    "first trial is not shown; see chapter 4."
)
IS = (
    "Evidence that supports parts of the technical documentation under Regulation (EU) 2024/1689; "
    "chapter 7 names them.",
    "Repeatable: chapter 10 gives versions, seeds and the command.",
)
IS_NOT = (
    "A statement that the model is free of backdoors. No method can give one; chapter 5 says what "
    "this audit would have found.",
    "A conformity assessment under Article 43, a CE marking, or legal advice. No harmonised "
    "standard is claimed.",
    "A judgement of the system around the model, its operators or its data collection.",
)

RETEST = (
    "The delivered file changes in any byte, or is retrained, fine-tuned, pruned or merged.",
    "It is converted, quantised or compiled for another platform.",
    "Preprocessing, value range or class list change.",
    "It is used on inputs that the clean set does not represent.",
    "A detector of a family listed as not covered, or a stronger one, becomes available.",
    "An incident or complaint points at behaviour that depends on a pattern in the input.",
)

RULES = (
    ("Not applicable", "the criterion's condition does not hold for this item"),
    (
        "Not assessed",
        "evidence is missing or too weak, or measured detection power is below the "
        "policy's floor; the default when no rule matches",
    ),
    ("Fail", "a defect beyond a limit that was fixed before the run"),
    ("Concern", "a signal that a person must judge"),
    ("Pass", "no defect beyond the limit, and the required evidence and power are present"),
)

AREAS = {
    "ID": "Identity and supply chain",
    "PLAN": "Plan and power",
    "ACC": "Accuracy",
    "ROB": "Robustness",
    "POI": "Poisoning and backdoors",
    "EVA": "Evasion",
    "CON": "Confidentiality",
    "DOC": "Documents and records",
    "OVS": "Oversight",
}

ALTAI = {
    "1": "Human agency and oversight",
    "2": "Technical robustness and safety",
    "3": "Privacy and data governance",
    "4": "Transparency",
    "5": "Diversity, non-discrimination and fairness",
    "6": "Societal and environmental well-being",
    "7": "Accountability",
}

FRAMEWORKS = {
    "eu_ai_act": "EU AI Act (2026-07-27 consolidated)",
    "altai": "ALTAI requirement (2020)",
    "nist_aml": "NIST AI 100-2 (E2025)",
    "atlas": "MITRE ATLAS (2026.07)",
    "owasp_ml": "OWASP ML Top 10 (2023 draft)",
    "aisvs": "OWASP AISVS (v1.0)",
    "nist_ai_rmf": "NIST AI RMF (1.0)",
    "iso_42001": "ISO/IEC 42001 (2023)",
}

CHAPTERS = (
    "Decision",
    "Scope and access",
    "The item",
    "Plan and decision rule",
    "Measured detection power",
    "Findings",
    "Criteria",
    "Declared against measured",
    "Conditions and retest triggers",
    "Reproduction",
    "Not assessed",
    "Signatures and verification",
)
