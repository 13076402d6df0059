"""The figures that head a record, from complete, partial and wrong findings."""

from __future__ import annotations

from typing import Any

import pytest
from criteria_examples import TRIGGER, finding

from auditor.core.errors import ToolError
from auditor.core.finding import Evidence, Finding, JsonRow, Status
from auditor.core.record import Backdoor
from auditor.criteria.load import policy
from auditor.criteria.summary import summarise

ROWS: list[JsonRow] = [
    {
        "target": 3,
        "score": 9.0,
        "family": "patch",
        "flip_rate": 0.99,
        "flip_rate_low": 0.97,
        "size": 12,
    },
    {"target": 31, "score": 1.0, "family": "blend", "flip_rate": None},
]


def scan(rows: list[JsonRow] | None = None, **changes: Any) -> Finding:
    names = ("trigger_3", "trigger_3_mask", "trigger_31")
    evidence = tuple(
        Evidence(
            name=name,
            file=f"evidence/{name}.png",
            sha256="0",
            media_type="image/png",
            bytes=1,
            caption="",
        )
        for name in names
    )
    measures = {"ran": True, "score": 9.0, **TRIGGER, **changes}
    base = finding("trigger.reconstruction", **measures)
    return base.model_copy(update={"tables": {"targets": rows or ROWS}, "evidence": evidence})


def test_a_detected_backdoor() -> None:
    backdoor, power = summarise([scan()], policy("baseline"))
    assert (backdoor.score, backdoor.p_value, backdoor.detected) == (9.0, 0.05, True)
    assert backdoor.targets == (3, 31)
    assert backdoor.witness is not None
    assert backdoor.witness.model_dump() == {
        "family": "patch",
        "target": 3,
        "flip_rate": 0.99,
        "flip_rate_low": 0.97,
        "evidence": ("trigger_3", "trigger_3_mask"),
        "moves": (),
    }
    assert power == ()


@pytest.mark.parametrize("changes", [{"p_value": 0.06}, {"functional_witness": False}])
def test_no_detection_without_witness_and_alpha(changes: dict[str, Any]) -> None:
    backdoor, _ = summarise([scan(**changes)], policy("baseline"))
    assert backdoor.detected is False
    assert (backdoor.witness is not None) is ("p_value" in changes)


def test_missing_findings_are_none_and_neither_zero_nor_false() -> None:
    nothing = Backdoor(score=None, p_value=None, detected=None)
    assert summarise([], policy("baseline")) == (nothing, ())
    crashed = finding("trigger.reconstruction", Status.ERROR, **TRIGGER)
    assert summarise([crashed], policy("baseline")) == (nothing, ())
    bare = finding("trigger.reconstruction", functional_witness=True)
    assert summarise([bare], policy("baseline"))[0] == nothing


def calibration(*rows: JsonRow) -> Finding:
    base = finding("power.calibration", models_bad=14)
    return base.model_copy(update={"tables": {"families": list(rows)}})


def test_power_with_exact_intervals() -> None:
    found = calibration(
        {"family": "patch", "attempted": 15, "planted": 14, "detected": 14, "seconds": 3.0},
        {"family": "blend", "attempted": 3, "planted": 0, "detected": 0},
    )
    patch, blend = summarise([found], policy("baseline"))[1]
    assert (patch.family, patch.attempted, patch.planted, patch.detected) == ("patch", 15, 14, 14)
    assert patch.low == pytest.approx(0.025 ** (1 / 14))
    assert (patch.rate, patch.high) == (1.0, 1.0)
    assert (blend.rate, blend.low, blend.high) == (None, None, None)


@pytest.mark.parametrize(
    "row",
    [
        {"family": "patch", "attempted": 3, "planted": 4, "detected": 1},
        {"family": "patch", "attempted": 3, "planted": 1, "detected": 2},
        {"family": "patch", "attempted": 3, "planted": 1},
        {"family": "patch", "attempted": -1, "planted": -1, "detected": -1},
    ],
)
def test_an_impossible_power_table_is_the_tools_error(row: JsonRow) -> None:
    with pytest.raises(ToolError, match=r"power\.calibration"):
        summarise([calibration(row)], policy("baseline"))


def test_a_target_that_is_no_class_is_the_tools_error() -> None:
    with pytest.raises(ToolError, match="table targets, target"):
        summarise([scan([{"target": "three"}])], policy("baseline"))
