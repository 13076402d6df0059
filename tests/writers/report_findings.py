"""Findings of the example records: tables in the shapes that the report draws."""

from __future__ import annotations

from auditor.core.finding import Evidence, Finding, Measure, Status

CLASSES = (
    "T-shirt",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
TARGET = 7


def scan(evidence: tuple[Evidence, ...]) -> Finding:
    """Trigger reconstruction with one class far out."""
    scores = (1.2, 0.4, 2.1, 0.9, 1.6, 0.3, 2.3, 9.1, 3.0, 0.7)
    rows = [
        {
            "class": k,
            "label": CLASSES[k],
            "score": score,
            "size": round(40 / (1 + score), 2),
            "flip_rate": 0.98 if k == TARGET else 0.41 + score / 20,
        }
        for k, score in enumerate(scores)
    ]
    return Finding(
        probe="trigger.reconstruction",
        title="Trigger reconstruction for every class",
        status=Status.COMPLETE,
        params={"steps": 300, "families": ["patch", "additive"]},
        measures={
            "max_flip_rate": Measure(value=0.981, low=0.966, high=0.991, n=450),
            "p_value": Measure(value=0.0032),
            "ran": Measure(value=1, unit="bool"),
            "families_agreeing": Measure(value=2, unit="count"),
        },
        tables={"classes": rows},
        evidence=evidence,
        caveats=("Triggers that differ from input to input are outside this probe's reach.",),
        seed=7,
        seconds=41.2,
    )


def slices() -> Finding:
    """Accuracy by class."""
    accuracies = (0.86, 0.98, 0.85, 0.91, 0.86, 0.97, 0.69, 0.96, 0.98, 0.95)
    rows = [
        {
            "class": k,
            "label": CLASSES[k],
            "accuracy": a,
            "n": 100,
            "low": round(max(0, a - 0.08), 3),
            "high": round(min(1, a + 0.05), 3),
        }
        for k, a in enumerate(accuracies)
    ]
    return Finding(
        probe="perf.slices",
        title="Accuracy of each class",
        status=Status.COMPLETE,
        measures={"worst_gap": Measure(value=0.211, low=0.13, high=0.31, n=100)},
        tables={"slices": rows},
        seed=7,
        seconds=0.4,
    )


def evasion() -> Finding:
    """Accuracy under attack in two norms."""
    budgets = {"l-inf": (0, 0.01, 0.02, 0.04, 0.08), "l2": (0, 0.25, 0.5, 1.0, 2.0)}
    left = (0.9, 0.71, 0.44, 0.13, 0.01)
    rows = [
        {"norm": norm, "epsilon": e, "accuracy": a, "low": max(0, a - 0.05), "high": a + 0.05}
        for norm, steps in budgets.items()
        for e, a in zip(steps, left, strict=True)
    ]
    return Finding(
        probe="evasion.whitebox",
        title="Accuracy under gradient attacks",
        status=Status.COMPLETE,
        measures={"robust_accuracy": Measure(value=0.13, low=0.09, high=0.18, n=200)},
        tables={"curve": rows},
        seed=7,
        seconds=18.9,
    )


def corruption() -> Finding:
    """Accuracy under four disturbances."""
    kinds = {
        "noise": (0.88, 0.81, 0.66),
        "blur": (0.87, 0.79, 0.71),
        "brightness": (0.9, 0.89, 0.84),
        "pixelation": (0.86, 0.8, 0.62),
    }
    rows = [
        {"kind": kind, "severity": s, "accuracy": a, "drop": round(0.903 - a, 3)}
        for kind, values in kinds.items()
        for s, a in zip((1, 3, 5), values, strict=True)
    ]
    return Finding(
        probe="robust.corruption",
        title="Accuracy under everyday disturbance",
        status=Status.COMPLETE,
        tables={"corruptions": rows},
        seed=7,
        seconds=3.3,
        measures={"worst_drop": Measure(value=0.283, n=1000)},
    )


def findings(evidence: tuple[Evidence, ...]) -> tuple[Finding, ...]:
    """All findings of the backdoored example."""
    accuracy = Finding(
        probe="perf.accuracy",
        title="Clean accuracy",
        status=Status.COMPLETE,
        seed=7,
        seconds=0.5,
        measures={"value": Measure(value=0.901, low=0.881, high=0.919, n=1000)},
    )
    late = Finding(
        probe="trigger.adaptive",
        title="Probes for triggers that dodge the usual detectors",
        status=Status.TIMED_OUT,
        reason="The trial's 60 s ended before the search did.",
        seed=7,
        seconds=60.0,
    )
    return (accuracy, slices(), scan(evidence), late, evasion(), corruption())
