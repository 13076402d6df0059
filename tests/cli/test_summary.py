"""The few lines for a terminal: figures a person needs, no names that only the catalogue knows."""

from __future__ import annotations

from pathlib import Path

import report_examples

from auditor.cli.summary import summary
from auditor.core.record import Basis


def test_a_possible_trigger_comes_with_its_p_value(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    reasons = ("A possible trigger was found that a person must judge.",
               "The gap is 0.682, above the limit of 0.3.")  # fmt: skip
    opinion = record.opinion.model_copy(update={"reasons": reasons})
    backdoor = record.backdoor.model_copy(update={"p_value": 0.04})
    assert record.plan
    policy = record.plan.policy.model_copy(update={"parameters": {"alpha_fail": 0.01}})
    basis = Basis(catalogue="house", policy=policy)
    changes = {"opinion": opinion, "backdoor": backdoor, "basis": basis}
    told = summary(record.model_copy(update=changes), tmp_path)
    assert "p-value of the possible trigger: 0.04, above the limit of 0.01" in told
    assert "above the limit of 0.3." in told
    assert "possible trigger:" not in summary(record, tmp_path)
