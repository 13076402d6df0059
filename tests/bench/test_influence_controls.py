"""Controls of the trace: wrong triggers, clean models and fresh weights accuse nobody."""

from __future__ import annotations

import pytest

from auditor.bench.influence.cases import Case, backdoored
from auditor.bench.influence.controls import (
    clean_verdicts,
    poisoned_controls,
    summary,
)

EPOCHS = (4, 16)


@pytest.fixture(scope="module")
def controls() -> tuple[Case, dict[str, object]]:
    found = backdoored(5, epochs=EPOCHS)
    assert found.success > 0.8
    return found, poisoned_controls(found)


def test_the_true_trigger_is_accused_and_a_wrong_one_is_not(
    controls: tuple[Case, dict[str, object]],
) -> None:
    found, row = controls
    assert row["true_p"] <= 0.001
    assert row["right"] >= 0.7 * len(found.poisoned)
    assert row["right_aside"] >= row["right"]
    assert row["linked"]
    assert row["success_after"] <= 0.1
    assert row["accuracy_drop"] <= 0.03
    assert row["success_retrained"] <= row["success_never_poisoned"] + 0.05
    assert row["wrong_p"] > 0.001
    assert row["wrong_accused"] == 0


def test_fresh_weights_accuse_nobody_and_score_otherwise(
    controls: tuple[Case, dict[str, object]],
) -> None:
    """They may rank well: the same pixels in all poisoned samples are alike under any weights."""
    _, row = controls
    assert row["true_ap"] >= 0.85
    assert row["random_weights_success"] < 0.5
    assert row["random_weights_accused"] == 0
    assert row["random_weights_correlation"] < 0.6
    assert row["reliant_ap"] >= 0.8
    assert row["random_weights_reliant_ap"] <= 0.1
    assert row["accused_reliant"] >= 0.8


def test_searched_triggers_on_a_clean_model_accuse_nobody(
    controls: tuple[Case, dict[str, object]],
) -> None:
    clean = clean_verdicts(11, epochs=EPOCHS)
    assert [row["target"] for row in clean] == list(range(10))
    assert sum(row["accused"] > 0 for row in clean) == 0
    figures = summary([controls[1]], clean)
    assert figures["clean_runs"] == 10
    assert figures["clean_accused"] == figures["wrong_trigger_accused"] == 0
    assert figures["clean_models"] == 1
    assert figures["random_weights_accused"] == 0
    assert figures["true_trigger_accused"] == figures["true_trigger_linked"] == 1
