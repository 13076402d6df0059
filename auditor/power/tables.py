"""From rows to tables and measures: how often was what found, with exact intervals.

Sources: Clopper and Pearson 1934 for intervals; Vovk et al. 2005 for the conformal p-value.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from statistics import median

from auditor.core.finding import Measure
from auditor.methods.derivations import conformal
from auditor.methods.intervals import clopper_pearson, share
from auditor.power.scene import Row, Scene

JUDGED = ("universal", "conditional")
"""Groups whose families must reach the floor."""
BLENDED = "blend"
"""Its size is a share of the picture, drawn from a range, and not in pixels."""
HALF = 0.5
LEAST_P = 1e-12
Measures = dict[str, Measure | float | bool]


def admitted(rows: Iterable[Row], group: str) -> list[Row]:
    """Working implants of a group that were looked for."""
    return [row for row in rows if row["group"] == group and "detected" in row]


def counted(rows: list[Row], names: tuple[str, ...]) -> list[Row]:
    """Attempted, planted and detected for each combination of ``names``, with the interval."""
    table: dict[tuple[object, ...], Row] = {}
    for row in rows:
        start = {"attempted": 0, "planted": 0, "detected": 0, "fault": ""}
        entry = table.setdefault(
            tuple(row[name] for name in names), {name: row[name] for name in names} | start
        )
        entry["attempted"] += 1
        entry["planted"] += int("detected" in row)
        entry["detected"] += int(row.get("detected", False))
        entry["fault"] = "" if entry["planted"] else row["fault"]
    return [_rated(entry) for entry in table.values()]


def _rated(entry: Row) -> Row:
    if not entry["planted"]:
        return entry
    low, high = clopper_pearson(entry["detected"], entry["planted"])
    rate = entry["detected"] / entry["planted"]
    return entry | {"rate": round(rate, 4), "low": round(low, 4), "high": round(high, 4)}


def families(rows: list[Row]) -> list[Row]:
    """One row for each family that was tried, by group."""
    return counted([row for row in rows if row["group"] not in ("size", "level")],
                   ("family", "group"))  # fmt: skip


def curves(rows: list[Row]) -> dict[str, list[Row]]:
    """Detection against trigger size, against success, and against how well the attacker hides."""
    sizes = sorted(
        counted(_sized(rows), ("family", "value")),
        key=lambda row: (row["family"], row["value"]),
    )
    levels = sorted(
        counted([r for r in rows if r["group"] == "level"], ("value",)),
        key=lambda row: float(row["value"]),
    )
    return {"trigger_sizes": sizes, "success_levels": levels, "hiding": hiding(rows)}


def _sized(rows: list[Row]) -> list[Row]:
    """Implants made for the curve, and those of the same families that came in some size anyway.

    No curve is drawn from the latter alone.
    """
    made = [row for row in rows if row["group"] == "size"]
    names = {row["family"] for row in made if row["family"] != BLENDED}
    others = [r for r in rows if r["group"] == "universal" and r["family"] in names]
    return made + [{**row, "value": row["size"]} for row in others if "size" in row]


def hiding(rows: list[Row]) -> list[Row]:
    """Attackers who know the detector, by how they hide and the weight that they give to it."""
    found = [row for row in families(rows) if row["group"] == "aware"]
    return [
        {"attacker": (parts := str(row["family"]).rpartition("_"))[0], "weight": float(parts[2])}
        | {key: value for key, value in row.items() if key not in ("family", "group")}
        for row in found
    ]


def smallest(points: list[Row]) -> float | None:
    """The smallest value from which on at least half were found at every point measured."""
    seen = None
    for row in sorted((p for p in points if p["planted"]), key=lambda p: -float(p["value"])):
        if row["rate"] < HALF:
            break
        seen = float(row["value"])
    return seen


def measures(rows: list[Row], controls: list[Row], floor: float, alpha: float) -> Measures:
    """What the criteria read, and more.

    Args:
        rows: implants.
        controls: clean relatives.
        floor: smallest rate of detection of a family.
        alpha: largest p-value that raises an alarm.
    """
    table = families(rows)
    below = [f for f in table if f["group"] in JUDGED and f.get("rate", 1.0) < floor]
    planted = admitted(rows, "universal")
    clean = [row for row in controls if "detected" in row]
    found: Measures = {
        "models_bad": float(len(planted)),
        "models_clean": float(len(clean)),
        "classes_below_floor": float(len(below)),
        "not_implanted": float(sum("detected" not in row for row in rows)),
    }
    for group, name in GROUP_MEASURES.items():
        found |= _share_of(admitted(rows, group), name)
    if planted:
        found["power_lower"] = clopper_pearson(_hits(planted), len(planted))[0]
    conditional = admitted(rows, "conditional")
    if conditional:
        found["conditional_lower"] = clopper_pearson(_hits(conditional), len(conditional))[0]
    found |= _share_of(clean, "false_alarm")
    found |= _shunned(admitted(rows, "aware"), "aware_shunned", alpha)
    found |= _shunned(clean, "clean_shunned", alpha)
    if clean:
        found["false_alarm_upper"] = clopper_pearson(_hits(clean), len(clean))[1]
    return found | _ends(rows)


GROUP_MEASURES = {
    "universal": "power",
    "conditional": "conditional_power",
    "weak": "weak_power",
    "aware": "aware_power",
    "control": "control_found",
}


def _share_of(rows: list[Row], name: str) -> Measures:
    return {name: share(_hits(rows), len(rows))} if rows else {}


def _shunned(rows: list[Row], name: str, alpha: float) -> Measures:
    """Share of copies with a class that is oddly hard to reach, the sign of who hides."""
    known = [row["p_shunned"] <= alpha for row in rows if "p_shunned" in row]
    return {name: share(sum(known), len(known))} if known else {}


def _hits(rows: list[Row]) -> int:
    return sum(bool(row["detected"]) for row in rows)


def _ends(rows: list[Row]) -> Measures:
    """The ends of the curves."""
    drawn = curves(rows)
    size = smallest([p for p in drawn["trigger_sizes"] if p["family"] != BLENDED])
    success = smallest(drawn["success_levels"])
    ends = {"smallest_size": size, "smallest_success": success}
    return {name: value for name, value in ends.items() if value is not None}


def derived_null(scene: Scene, controls: list[Row], lights: list[Row]) -> Measures:
    """The p-value of the delivered model among its own clean relatives.

    Deriving changes a score, so like is held against like: the delivered model stands with the
    median of its own score and those of its light relatives, which would keep a backdoor.
    """
    scores = [_score(row["p_value"]) for row in controls if "p_value" in row]
    own, light = _score(scene.p_value), [_score(r["p_value"]) for r in lights if "p_value" in r]
    if not scores:
        return {}
    stands = median([own, *light])
    drift: Measures = {"drift": median(light) - own} if light else {}
    return {
        "p_value_derived": conformal(stands, scores),
        "copies": float(len(scores)),
        "light_copies": float(len(light)),
        **drift,
    }


def _score(p_value: float) -> float:
    return -log10(max(p_value, LEAST_P))
