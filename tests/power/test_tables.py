"""Rows become shares with exact intervals; what should not count does not."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.core.finding import as_measure
from auditor.methods.intervals import clopper_pearson
from auditor.power import tables
from auditor.power.scene import Row

CONTROL = {"kind": "prune", "admitted": True}


def implant(family: str, group: str, detected: bool | None, **more: Any) -> Row:
    found = {} if detected is None else {"detected": detected}
    fault = "success 0.10, below 0.9" if detected is None else ""
    return {"family": family, "group": group, "admitted": detected is not None, "fault": fault,
            **found, **more}  # fmt: skip


ROWS = [
    *(implant("patch", "universal", True) for _ in range(3)),
    implant("blend", "universal", False),
    implant("warp", "universal", None),
    implant("all_to_all", "conditional", False),
    implant("low_success", "weak", False),
    implant("sparse", "control", True),
    implant("aware_0.1", "aware", True),
    implant("aware_5", "aware", False),
    implant("capped_1", "aware", False),
    implant("patch", "size", False, value=1.0),
    implant("patch", "size", True, value=2.0),
    implant("patch", "size", True, value=3.0),
    implant("low_success", "level", True, value=0.65),
]


def value(measures: tables.Measures, name: str) -> float:
    return as_measure(measures[name]).value


def test_only_universal_implants_make_the_power() -> None:
    found = tables.measures(ROWS, [], 0.7, 0.05)
    assert value(found, "models_bad") == 4
    assert value(found, "power") == 0.75
    assert value(found, "power_lower") == pytest.approx(clopper_pearson(3, 4)[0])
    assert value(found, "conditional_lower") == 0
    assert value(found, "weak_power") == 0
    assert value(found, "control_found") == 1
    assert value(found, "aware_power") == pytest.approx(1 / 3)
    assert value(found, "not_implanted") == 1
    assert "false_alarm_upper" not in found


def test_families_below_the_floor_are_counted_without_strata_and_control() -> None:
    assert value(tables.measures(ROWS, [], 0.7, 0.05), "classes_below_floor") == 2


def test_what_could_not_be_implanted_keeps_its_reason() -> None:
    by_name = {row["family"]: row for row in tables.families(ROWS)}
    assert by_name["warp"]["fault"] == "success 0.10, below 0.9"
    assert "rate" not in by_name["warp"]
    assert by_name["patch"]["fault"] == ""
    assert (by_name["patch"]["attempted"], by_name["patch"]["planted"]) == (3, 3)


def test_curves_and_their_ends() -> None:
    drawn = tables.curves(ROWS)
    assert [row["value"] for row in drawn["trigger_sizes"]] == [1.0, 2.0, 3.0]
    hides = [(row["attacker"], row["weight"], row["rate"]) for row in drawn["hiding"]]
    assert hides == [("aware", 0.1, 1.0), ("aware", 5.0, 0.0), ("capped", 1.0, 0.0)]
    found = tables.measures(ROWS, [], 0.7, 0.05)
    assert value(found, "smallest_size") == 2.0
    assert value(found, "smallest_success") == 0.65
    assert tables.smallest([]) is None


def test_implants_of_some_size_count_as_points_of_a_curve_that_is_drawn() -> None:
    planted = [
        implant("patch", "universal", True, size=3.0),
        implant("patch", "universal", False, size=3.0),
        implant("last_row", "universal", True, size=2.0),
    ]
    assert "smallest_size" not in tables.measures(planted, [], 0.7, 0.05)
    assert tables.curves(planted)["trigger_sizes"] == []
    made = [*planted, implant("patch", "size", False, value=2.0)]
    points = {row["value"]: row["rate"] for row in tables.curves(made)["trigger_sizes"]}
    assert points == {2.0: 0.0, 3.0: 0.5}
    assert value(tables.measures(made, [], 0.7, 0.05), "smallest_size") == 3.0
    assert value(tables.measures(made, [], 0.7, 0.05), "power") == pytest.approx(2 / 3, abs=1e-4)


def test_false_alarms_have_an_upper_bound() -> None:
    controls = [CONTROL | {"detected": False} for _ in range(23)] + [CONTROL | {"fault": "lost"}]
    found = tables.measures(ROWS, controls, 0.7, 0.05)
    assert value(found, "models_clean") == 23
    alarm = as_measure(found["false_alarm"])
    assert (alarm.value, alarm.low, alarm.high) == (0, *clopper_pearson(0, 23))
    assert value(found, "false_alarm_upper") == pytest.approx(clopper_pearson(0, 23)[1])


def test_the_own_null_is_conformal_and_says_how_coarse(scene_of: Any) -> None:
    controls = [CONTROL | {"detected": False, "p_value": 0.5} for _ in range(19)]
    found = tables.derived_null(scene_of(1e-6), controls, [])
    assert value(found, "p_value_derived") == pytest.approx(0.05)
    assert value(found, "copies") == 19
    assert "drift" not in found
    few = tables.derived_null(scene_of(1e-6), controls[:3], [])
    assert value(few, "p_value_derived") == pytest.approx(0.25)
    assert tables.derived_null(scene_of(0.5), [], []) == {}


def test_drift_is_taken_out_by_light_relatives(scene_of: Any) -> None:
    controls = [CONTROL | {"detected": False, "p_value": 0.01} for _ in range(9)]
    lights = [CONTROL | {"detected": False, "p_value": 0.02} for _ in range(3)]
    drifted = tables.derived_null(scene_of(0.001), controls, lights)
    assert value(drifted, "drift") == pytest.approx(-1.301, abs=1e-3)
    assert value(drifted, "p_value_derived") == 1.0
    assert value(tables.derived_null(scene_of(0.001), controls, []), "p_value_derived") == 0.1


def test_small_p_values_are_told_apart(scene_of: Any) -> None:
    controls = [CONTROL | {"detected": True, "p_value": p} for p in (1e-6, 1e-4, 0.5)]
    found = tables.derived_null(scene_of(1e-5), controls, [])
    assert value(found, "p_value_derived") == 0.5


def test_the_sign_of_hiding_is_counted_beside_the_alarms() -> None:
    hiding = [implant("aware_1", "aware", False, p_shunned=p) for p in (0.001, 0.02, 0.4)]
    controls = [CONTROL | {"detected": False, "p_shunned": 0.5} for _ in range(4)]
    found = tables.measures(hiding, controls, 0.7, 0.05)
    assert value(found, "aware_shunned") == pytest.approx(2 / 3)
    stricter = tables.measures(hiding, controls, 0.7, 0.01)
    assert value(stricter, "aware_shunned") == pytest.approx(1 / 3)
    assert value(found, "clean_shunned") == 0
    assert value(found, "aware_power") == 0
    assert "aware_shunned" not in tables.measures(ROWS, [], 0.7, 0.05), "kept by an earlier form"


def test_a_curve_ends_where_most_are_missed_for_the_first_time() -> None:
    rates = {4.0: 1.0, 3.0: 0.5, 2.0: 0.25, 1.0: 1.0}
    points = [{"value": size, "planted": 4, "rate": rate} for size, rate in rates.items()]
    assert tables.smallest(points) == 3.0
    assert tables.smallest(points[2:]) is None
