"""What is done to one pair of classes is told, and nothing of it where that is not odd."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from auditor.core.spec import InputSpec
from auditor.probes import reconstruction_caveats


def told(pair: tuple[int, int] | None, p_away: float) -> str:
    spec = InputSpec(kind="image", shape=(1, 2, 2), classes=3, class_names=("cat", "dog", "owl"))
    suspicion: Any = SimpleNamespace(pair=pair, p_away=p_away)
    return " ".join(
        reconstruction_caveats._paired(cast(Any, SimpleNamespace(spec=spec)), suspicion)
    )


def test_a_pair_is_named_by_its_labels() -> None:
    said = told((1, 2), 0.01)
    assert "inputs of class" in said
    assert said.index("dog") < said.index("owl")
    assert "works on one class alone" in said


def test_nothing_is_said_without_a_pair_or_where_clean_models_do_as_much() -> None:
    assert told(None, 0.01) == ""
    assert told((1, 2), 0.06) == ""
