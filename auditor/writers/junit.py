"""exports/junit.xml: criteria as test cases, for any CI system.

The first case is the gate decision. No case fails or errs exactly when the delivery is accepted:
a concern fails and what was not assessed errs, unless its criterion is informative (then it is
skipped, with its reason). Times are left out, because criteria take none.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from auditor.core.criterion import Outcome, Verdict
from auditor.core.record import Record
from auditor.writers.atomic import write_atomic
from auditor.writers.exported import FOLDER, line, sentences, time

FILE = "junit.xml"
MARKS = {
    Outcome.PASS: "",
    Outcome.FAIL: "failure",
    Outcome.CONCERN: "failure",
    Outcome.NOT_ASSESSED: "error",
    Outcome.NOT_APPLICABLE: "skipped",
}
GATES = {"accept": "", "inconclusive": "error"}


def write(record: Record, out: Path) -> Path:
    """Write ``<out>/exports/junit.xml``."""
    suite = ET.Element("testsuite", name=f"auditor: {line(record.delivery.name, 200)}")
    _gate(record, suite)
    for verdict in record.verdicts:
        _case(verdict, suite)
    _count(suite)
    suite.set("timestamp", time(record.timing.finished).rstrip("Z"))
    root = ET.Element("testsuites", {"name": "auditor", **_totals(suite)})
    root.append(suite)
    ET.indent(root)
    data = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return write_atomic(out / FOLDER / FILE, data + b"\n")


def _gate(record: Record, suite: ET.Element) -> None:
    case = ET.SubElement(suite, "testcase", classname="auditor", name="Gate decision")
    mark = GATES.get(record.opinion.gate, "failure")
    _mark(case, mark, line(record.opinion.gate, 60), sentences(record.opinion.reasons))


def _case(verdict: Verdict, suite: ET.Element) -> None:
    name = f"{line(verdict.criterion, 60)} {line(verdict.title, 200)}"
    case = ET.SubElement(suite, "testcase", classname="auditor.criteria", name=name)
    mark = MARKS[verdict.outcome]
    if mark and verdict.gate == "informative":
        mark = "skipped"
    words = verdict.outcome.value.replace("_", " ")
    _mark(case, mark, words, f"{words}: {sentences(verdict.reasons)}")


def _mark(case: ET.Element, mark: str, kind: str, text: str) -> None:
    if not mark:
        ET.SubElement(case, "system-out").text = text
    elif mark == "skipped":
        ET.SubElement(case, mark, message=text)
    else:
        ET.SubElement(case, mark, type=kind, message=text).text = text


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite)))
    for attribute, mark in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(mark) is not None for case in suite)))


def _totals(suite: ET.Element) -> dict[str, str]:
    return {name: suite.get(name, "0") for name in ("tests", "failures", "errors", "skipped")}
