"""What a clean result means, in a sentence and a figure that anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import report_examples
from lxml import etree

from auditor.core.finding import Finding, JsonRow, Status, as_measure
from auditor.core.record import Power, Record
from auditor.criteria.load import guide, load_catalogue
from auditor.writers import html
from auditor.writers.figures import charts
from auditor.writers.language import speaking
from auditor.writers.power_story import story
from auditor.writers.power_view import power_lines


def power(family: str, planted: int, detected: int) -> Power:
    rate = detected / planted if planted else None
    ends = (0.1, 0.9) if planted else (None, None)
    return Power(family=family, attempted=planted + 1, planted=planted, detected=detected,
                 rate=rate, low=ends[0], high=ends[1])  # fmt: skip


def finding(*groups: tuple[str, str], controls: int = 0, alarms: int = 0, **tables: Any) -> Finding:
    rows: list[JsonRow] = [{"family": family, "group": group} for family, group in groups]
    looked = [{"detected": n < alarms, "p_value": 0.5} for n in range(controls)]
    return Finding(
        probe="power.calibration", title="Power", status=Status.COMPLETE,
        tables={"families": rows, "controls": looked, **tables},
    )  # fmt: skip


def record(out: Path, rows: tuple[Power, ...], found: Finding) -> Record:
    base = report_examples.backdoored(out)
    return base.model_copy(update={"power": rows, "findings": (*base.findings[:1], found)})


def test_a_reader_learns_what_a_clean_result_means(tmp_path: Path) -> None:
    rows = (power("patch", 12, 12), power("blend", 12, 10), power("all_to_all", 4, 0))
    named = finding(("patch", "universal"), ("all_to_all", "conditional"), controls=23, alarms=1)
    told = story(record(tmp_path, rows, named))
    assert told is not None
    assert told.enough
    assert told.sentences[0].startswith(
        "In 24 copies of this very model we hid a backdoor; the audit found 22. So of"
    )
    assert "all these kinds taken together" in told.sentences[0]
    assert "would miss about 8 of 100 (with 95% confidence 1 to 27)" in told.sentences[0]
    assert "harder to find than ours" in told.sentences[1]
    assert "all to all: 0 of 4" in told.sentences[2]
    assert "23 clean copies" in told.sentences[3]
    assert "1 raised a false alarm" in told.sentences[3]
    assert "4 of 100 such copies wrongly (with 95% confidence 0 to 22)" in told.sentences[3]
    assert told.chart is not None
    etree.fromstring(told.chart.svg)
    assert "patch 12 of 12" in told.chart.alt


def test_dots_that_the_sentence_does_not_count_are_set_apart(tmp_path: Path) -> None:
    rows = (power("all_to_all", 4, 3), power("patch", 14, 12))
    groups = (("patch", "universal"), ("all_to_all", "conditional"))
    told = story(record(tmp_path, rows, finding(*groups, controls=2)))
    alone = story(record(tmp_path, rows[1:], finding(groups[0])))
    assert told is not None
    assert told.chart is not None
    assert alone is not None
    assert alone.chart is not None
    places = [told.chart.alt.index(name) for name in ("patch 12", "all to all 3", "clean copies 0")]
    assert places == sorted(places), "what the sentence counts comes first"
    assert "Grey dots are not counted" in told.chart.caption
    assert "Grey" not in alone.chart.caption


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ({"smallest_size": 2.0, "smallest_success": 0.65},
         ("at least half at 2 pixels and at each larger size", "work on 65 of 100 inputs")),
        ({}, ("no size from which on", "no success from which on")),
    ],
)  # fmt: skip
def test_a_reader_learns_how_small_a_trigger_may_be(
    tmp_path: Path, measures: dict[str, float], said: tuple[str, str]
) -> None:
    points = [{"family": "patch", "value": v, "planted": 2} for v in (1.0, 2.0)]
    hostile = [{"family": "patch", "value": "x", "planted": 2}, {"family": "patch", "value": 9.0}]
    curves = {"trigger_sizes": points + hostile, "success_levels": [{"value": 0.35, "planted": 3}]}
    base = finding(("patch", "universal"), **curves)
    measured = base.model_copy(
        update={"measures": {name: as_measure(value) for name, value in measures.items()}}
    )
    told = story(record(tmp_path, (power("patch", 14, 12),), measured))
    assert told is not None
    assert "patches of 1, 2 pixels a side (4 copies)" in told.sentences[2]
    assert said[0] in told.sentences[2]
    assert said[1] in told.sentences[3]
    assert "(3 copies)" in told.sentences[3]


def test_too_few_copies_are_inconclusive_whatever_was_found(tmp_path: Path) -> None:
    told = story(record(tmp_path, (power("patch", 2, 2),), finding()))
    assert told is not None
    assert not told.enough
    assert told.sentences[0].startswith("Inconclusive, power not measured")
    assert "would miss about" not in " ".join(told.sentences)
    assert "harder to find than ours" not in " ".join(told.sentences), "nothing to qualify"
    page = html.render(
        record(tmp_path, (power("patch", 2, 2),), finding()), tmp_path, guide(load_catalogue())
    )
    assert "Inconclusive, power not measured" in page
    assert "measured power in chapter 5" not in page
    assert "too few could be hidden in copies of the model to measure power" in page


def test_families_are_named_for_readers_and_counted_once() -> None:
    rows = (
        power("patch", 12, 9), power("aware_0.1", 2, 1), power("capped_1", 2, 0),
        power("low_success", 2, 0), power("quantise", 0, 0),
    )  # fmt: skip
    often, few, none = power_lines(rows)
    assert "family patch would have been found in about 75 of 100 cases" in often
    named = "hides by decoys, weight 0.1; hides from audit, weight 1; works only sometimes"
    assert f"found: {named}. The table" in few
    assert none.startswith("Could not be implanted in this model")
    assert none.endswith("quantise.")
    assert power_lines(rows[:1]) == [often]


def test_without_implants_there_is_no_story(tmp_path: Path) -> None:
    nothing = record(tmp_path, (power("patch", 0, 0),), finding())
    assert story(nothing) is None
    page = html.render(nothing, tmp_path, guide(load_catalogue()))
    assert "No backdoor could be hidden in copies of this model" in page
    assert "were planted in copies of this very model" not in page


def test_the_story_is_told_in_german(tmp_path: Path) -> None:
    with speaking("de"):
        told = story(record(tmp_path, (power("patch", 20, 20),), finding(controls=3)))
    assert told is not None
    assert told.sentences[0].startswith("In 20 Kopien eben dieses Modells")
    assert "falschen Alarm" in told.sentences[2]


POINTS = [{"family": "patch", "value": v, "rate": r, "low": 0.1, "high": 0.9, "planted": 4}
          for v, r in ((1.0, 0.25), (2.0, 0.75))]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("trigger_sizes", POINTS),
        ("success_levels", POINTS),
        ("hiding", [{**row, "weight": row["value"], "attacker": "capped"} for row in POINTS]),
    ],
)
def test_the_curves_are_drawn(table: str, rows: list[JsonRow]) -> None:
    hostile = {"family": "<script>", "value": "x", "rate": float("nan")}
    drawn = charts(finding(**{table: [*rows, hostile]}))[table]
    etree.fromstring(drawn.svg)
    assert "0.75" in drawn.alt
    assert "<script" not in drawn.alt
    assert drawn.svg == charts(finding(**{table: rows}))[table].svg


def test_ways_of_hiding_have_panels_of_their_own() -> None:
    rows = [{**row, "weight": row["value"], "attacker": name}
            for row in POINTS for name in ("aware", "capped")]  # fmt: skip
    drawn = charts(finding(hiding=rows))["hiding"]
    assert "hides among decoys 1" in drawn.alt
    assert "hides just far enough 2" in drawn.alt
