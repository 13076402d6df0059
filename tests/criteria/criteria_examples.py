"""Findings for the tests of the criteria: a clean model with all evidence, and changes to it."""

from __future__ import annotations

from typing import Any

from auditor.core.criterion import Outcome
from auditor.core.finding import Finding, Status, as_measure
from auditor.criteria.judge import judge
from auditor.criteria.load import load_catalogue, policy

CATALOGUE = load_catalogue()

# Every measure of every test, as a flawless delivery with a flawless audit would give them.
FLAWLESS: dict[str, dict[str, float | bool]] = {
    "artefact.hash": {"complete": True, "declared_present": True, "matches_declared": True},
    "artefact.signature": {"present": True, "valid": True, "signer_expected": True},
    "artefact.unsafe_load": {
        "scanned": True,
        "dangerous_ops": 0,
        "suspicious_ops": 0,
        "safe_format": True,
    },
    "artefact.graph": {"compared": True, "unexpected_layers": 0, "custom_code": False},
    "artefact.equivalence": {"differs": False},
    "artefact.bom": {
        "present": True,
        "complete": True,
        "base_model_named": True,
        "base_model_hash": True,
    },
    "plan.commitment": {
        "present": True,
        "signed": True,
        "timestamped_before_run": True,
        "rationale_present": True,
        "changed_after_commit": False,
    },
    "data.clean_set": {
        "min_per_class": 60,
        "overlap_known": True,
        "overlap_share": 0,
        "provenance_stated": True,
    },
    "power.calibration": {
        "models_bad": 60,
        "models_clean": 60,
        "power_lower": 0.95,
        "conditional_lower": 0.95,
        "false_alarm_upper": 0.05,
        "classes_below_floor": 0,
    },
    "perf.accuracy": {
        "value": 0.95,
        "ci_low": 0.93,
        "ci_high": 0.97,
        "declared": 0.95,
        "declared_present": True,
    },
    "perf.slices": {"worst_gap": 0.01, "slices_tested": 10},
    "perf.repeat": {"disagreement": 0, "runs": 3},
    "robust.corruption": {"worst_drop": 0.05, "kinds": 4},
    "robust.ood": {"auroc": 0.95, "crashes": 0, "silent_errors": 0},
    "doc.learning": {"continues_to_learn": False, "safeguards_documented": True},
    "trigger.reconstruction": {
        "ran": True,
        "score": 0.3,
        "p_value": 0.6,
        "max_flip_rate": 0.2,
        "families_agreeing": 0,
        "suspect_classes": 0,
        "functional_witness": False,
    },
    "trigger.internal": {"ran": True, "p_value": 0.5, "families_agreeing": 0},
    "trigger.adaptive": {
        "ran": True,
        "p_value": 0.5,
        "max_flip_rate": 0.2,
        "classes_covered": 5,
        "functional_witness": False,
    },
    "influence.training": {
        "training_data_available": True,
        "suspicious_share": 0,
        "cluster_purity": 0,
        "linked_to_trigger": False,
        "power_lower": 0.95,
    },
    "influence.mistakes": {"suspicious_share": 0},
    "influence.clean": {"ran": True, "anomalous_classes": 0, "label_noise_estimate": 0.01},
    "lineage.base_diff": {
        "reference_available": True,
        "matches_claimed_base": True,
        "suspicious_delta": False,
    },
    "derived.compare": {"derived_present": False, "disagreement": 0, "new_trigger_signal": False},
    "retest.closure": {
        "required": False,
        "done": False,
        "all_closed": False,
        "accuracy_regressed": False,
    },
    "evasion.whitebox": {"ran": True, "robust_accuracy": 0.6, "masking_suspected": False},
    "evasion.blackbox": {"ran": True, "robust_accuracy": 0.65, "beats_whitebox": False},
    "privacy.membership": {"members_available": True, "auc": 0.51, "tpr_at_low_fpr": 0.01},
    "privacy.extraction": {
        "ran": True,
        "recognisable_reconstruction": False,
        "surrogate_agreement": 0.5,
    },
    "doc.technical_file": {"items_present": 8, "items_required": 8, "dated_and_signed": True},
    "doc.instructions": {
        "present": True,
        "accuracy_declared": True,
        "robustness_declared": True,
        "known_limits_stated": True,
        "contradicts_measurement": False,
    },
    "doc.oversight": {
        "limits_explained": True,
        "stop_or_override": True,
        "logging_described": True,
        "monitoring_triggers": True,
    },
    "doc.supplier": {
        "written_agreement": True,
        "technical_access": True,
        "findings_shared": True,
        "reaudit_right": True,
    },
    "record.seal": {
        "bundle_hashed": True,
        "signed": True,
        "timestamped": True,
        "retention_years": 10,
        "log_chain_valid": True,
    },
}
FIRST_VERSION = (
    "artefact.hash",
    "artefact.unsafe_load",
    "plan.commitment",
    "data.clean_set",
    "perf.accuracy",
    "perf.slices",
    "perf.repeat",
    "robust.corruption",
    "trigger.reconstruction",
    "power.calibration",
    "influence.clean",
    "evasion.whitebox",
    "record.seal",
)
# A trigger that works, found by one family at the smallest p-value that 19 controls allow.
TRIGGER: dict[str, float | bool] = {
    "p_value": 0.05,
    "max_flip_rate": 0.99,
    "families_agreeing": 1,
    "suspect_classes": 1,
    "functional_witness": True,
}
# What the quick profile can measure of its own power.
QUICK: dict[str, float | bool] = {
    "models_bad": 4,
    "models_clean": 6,
    "power_lower": 0.4,
    "false_alarm_upper": 0.4,
    "classes_below_floor": 2,
}


def finding(probe: str, status: Status = Status.COMPLETE, **measures: Any) -> Finding:
    """One finding with bare numbers as measures."""
    return Finding(
        probe=probe,
        status=status,
        measures={name: as_measure(value) for name, value in measures.items()},
        reason="" if status is Status.COMPLETE else "the disk was full.",
    )


def findings(
    changes: dict[str, dict[str, Any]] | None = None, without: tuple[str, ...] = ()
) -> list[Finding]:
    """The flawless findings with measures changed; a value of None removes a measure."""
    changed = {
        probe: {**measures, **(changes or {}).get(probe, {})}
        for probe, measures in FLAWLESS.items()
        if probe not in without
    }
    return [
        finding(probe, **{name: v for name, v in measures.items() if v is not None})
        for probe, measures in changed.items()
    ]


def first_version(changes: dict[str, dict[str, Any]] | None = None) -> list[Finding]:
    """The flawless findings of the probes that the first version runs."""
    return findings(changes, tuple(probe for probe in FLAWLESS if probe not in FIRST_VERSION))


def outcomes(found: list[Finding], profile: str = "baseline") -> dict[str, Outcome]:
    """Outcome of every criterion."""
    verdicts = judge(CATALOGUE, policy(profile), found)
    return {verdict.criterion: verdict.outcome for verdict in verdicts}
