"""An audit that is killed while power is measured goes on with the next copy, to the same record.

The kill is the system's (SIGKILL), and the audits are whole processes with a confined worker.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_audits import Parcel

DRIVER = Path(__file__).with_name("killed_in_power.py")
FEW: dict[str, Any] = {"families": ["patch", "feature_value"]}
MANY: dict[str, Any] = {
    "families": ["patch", "blend", "warp", "feature_value", "all_to_all", "capped_1"],
    "implants": 2, "controls": 5, "lights": 2, "points": 1, "short": True,
}  # fmt: skip


def audit(parcel: Parcel, out: Path, power: dict[str, Any], kill_after: int = 0) -> int:
    """One run; its exit code, or the negative number of the signal that ended it."""
    environment = {**os.environ, "POWER": json.dumps(power), "KILL_AFTER": str(kill_after)}
    order = [sys.executable, str(DRIVER), *parcel.arguments(out)]
    return subprocess.run(order, env=environment, capture_output=True, check=False).returncode


def parts(out: Path) -> dict[Path, int]:
    """Copies that are kept, and when they were written."""
    found = (out / ".audit/parts").rglob("*.json")
    return {path.relative_to(out): path.stat().st_mtime_ns for path in found}


def measured(out: Path) -> dict[str, Any]:
    """All that the record says, but for its clock and its speed."""
    record = json.loads((out / "record.json").read_text("utf-8"))
    for finding in record["findings"]:
        del finding["seconds"]
    assert record.pop("timing")
    return {key: record[key] for key in ("findings", "power", "summary") if key in record}


def killed(parcel: Parcel, out: Path, power: dict[str, Any], kills: tuple[int, ...]) -> None:
    """Kill an audit again and again, each time after so many more copies, then let it end."""
    before = dict[Path, int]()
    for after in kills:
        assert audit(parcel, out, power, after) == -signal.SIGKILL
        assert not (out / "record.json").exists()
        kept = parts(out)
        assert len(kept) == len(before) + after
        assert before.items() <= kept.items(), "a finished copy was made again"
        before = kept
    assert audit(parcel, out, power) in (1, 3, 4)
    assert before.items() < parts(out).items(), "a finished copy was made again"


def finding(out: Path) -> dict[str, Any]:
    """What was measured of power."""
    record = json.loads((out / "record.json").read_text("utf-8"))
    (found,) = (f for f in record["findings"] if f["probe"] == "power.calibration")
    return dict(found)


def test_a_killed_audit_makes_no_copy_twice(parcel: Parcel, tmp_path: Path) -> None:
    killed(parcel, tmp_path / "out", FEW, (1,))
    found = finding(tmp_path / "out")
    assert [row["family"] for row in found["tables"]["families"]] == FEW["families"]
    assert not any("Time ended" in caveat for caveat in found["caveats"])


@pytest.mark.slow
def test_an_audit_that_is_killed_three_times_ends_with_the_record_of_one_that_was_not(
    parcel: Parcel, tmp_path: Path
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    killed(parcel, out, MANY, (1, 7, 6))
    assert audit(parcel, whole, MANY) in (1, 3, 4)
    assert parts(out).keys() == parts(whole).keys()
    assert measured(out) == measured(whole)
    tables = finding(out)["tables"]
    assert len(tables["controls"]) >= 5
    assert {"light_relatives", "trigger_sizes", "success_levels"} <= tables.keys()
