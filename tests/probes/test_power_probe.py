"""power.calibration: what is planted is counted, what was kept is not made again."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.core.finding import Finding, Result, Status, as_measure
from auditor.core.probe import Context, OutOfTime
from auditor.core.subject import CleanSet, Subject
from auditor.power import work
from auditor.power.scene import SCAN
from auditor.probes import power
from auditor.probes.power import PowerCalibration
from auditor.probes.reconstruction import Reconstruction

Earlier = tuple[Finding, dict[str, Any]]
SMALL = PowerCalibration(implants=1, controls=1, lights=1, families=("patch", "dfba"))


@pytest.fixture(scope="module")
def earlier(digits_subject: Subject, digits_clean: CleanSet) -> Earlier:
    """A short scan of the delivered model and its arrays."""
    probe = Reconstruction(steps=30, students=1)
    finding, result = probe.examine(digits_subject, digits_clean, Context())
    arrays = {f"{SCAN}/{e.name}": e.array for e in result.exhibits if e.kind == "array"}
    return finding, arrays


def context(earlier: Earlier, **changes: Any) -> Context:
    return Context(seed=3, earlier={SCAN: earlier[0]}, arrays=earlier[1], **changes)


def test_an_interrupted_run_goes_on_where_it_stopped(
    earlier: Earlier, digits_subject: Subject, digits_clean: CleanSet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    kept: dict[str, Any] = {}
    made: list[str] = []
    do = work.do

    def counting(task: Any, bench: Any) -> Any:
        made.append(task.key)
        if len(made) == 3:
            raise OutOfTime("killed here")
        return do(task, bench)

    monkeypatch.setattr(power, "do", counting)
    start = context(earlier, keep=kept.__setitem__)
    cut: Result = SMALL.run(digits_subject, digits_clean, start)
    assert list(kept) == made[:2]
    assert "2 of 4 planned copies" in cut.caveats[0]
    made.append("enough")

    again = SMALL.run(digits_subject, digits_clean, context(earlier, parts=kept))
    assert made[4:] == [made[2], *made[5:]]
    assert len(made) == 6, "a finished copy was made again"
    assert again.tables is not None
    assert cut.tables is not None
    assert again.tables["implants"][: len(cut.tables["implants"])] == cut.tables["implants"]
    assert again.caveats == (
        "Clean relatives: 1, so that the p-value among them cannot be below 0.500.",
    )
    assert {"p_value_derived", "copies", "drift"} <= set(again.measures)


def test_killed_after_any_copy_the_result_is_the_same(
    earlier: Earlier, digits_subject: Subject, digits_clean: CleanSet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Rows depend on their task alone, and a resumed run orders them as an undisturbed one."""
    left: list[int] = []

    def stub(task: Any, bench: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        own = (
            {"kind": "prune"}
            if task.what in ("control", "light")
            else {
                "family": task.name,
                "group": "universal" if task.what == "implant" else task.what,
            }
        )
        judged = {"p_value": (task.seed % 97) / 97, "detected": task.seed % 3 == 0, "fault": ""}
        return [own | judged | ({"value": task.value} if task.value else {})]

    monkeypatch.setattr(power, "do", stub)
    probe = PowerCalibration(implants=2, controls=3, lights=2, points=1, short=True)
    left[:] = [1000]
    whole = probe.run(digits_subject, digits_clean, context(earlier))
    copies = 1000 - left[0]
    assert copies == 2 * 2 + 3 + 2 + 4
    for after in range(1, copies):
        kept: dict[str, Any] = {}
        left[:] = [after]
        with pytest.raises(KeyboardInterrupt):
            probe.run(digits_subject, digits_clean, context(earlier, keep=kept.__setitem__))
        left[:] = [copies - after]
        assert probe.run(digits_subject, digits_clean, context(earlier, parts=kept)) == whole


def test_nothing_finished_is_a_time_out(
    earlier: Earlier, digits_subject: Subject, digits_clean: CleanSet
) -> None:
    with pytest.raises(OutOfTime):
        SMALL.run(digits_subject, digits_clean, context(earlier, deadline=0.0))


def test_what_this_model_cannot_take_stays_in_the_table(
    earlier: Earlier, digits_subject: Subject, digits_clean: CleanSet
) -> None:
    probe = PowerCalibration(families=("feature_value", "patch"))
    result = probe.run(digits_subject, digits_clean, context(earlier))
    assert result.tables is not None
    rows = {row["family"]: row for row in result.tables["families"]}
    assert rows["feature_value"]["planted"] == 0
    assert "does not fit" in rows["feature_value"]["fault"]


def test_without_a_p_value_of_the_model_nothing_is_planted(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    """Students that learned nothing: the criterion is then not assessed, and nothing crashes."""
    scan = Finding(
        probe=SCAN, title="", status=Status.COMPLETE, measures={"ran": as_measure(False)}
    )
    found, _ = SMALL.examine(digits_subject, digits_clean, Context(earlier={SCAN: scan}))
    assert found.measures["models_bad"].value == 0
    assert "came to no p-value" in found.caveats[0]
    assert found.tables == {}
