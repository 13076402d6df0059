"""``influence.internals``: signs without training data; it names no sample."""

from __future__ import annotations

import torch

from auditor.bench.influence.cases import backdoored, corner
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.probes.influence_internals import Internals

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=10)


def test_a_trigger_is_held_against_clean_gradients_and_nobody_is_named() -> None:
    planted = backdoored(3, epochs=(8,))
    others = planted.held_out.x[planted.held_out.y != 3][:48]
    arrays = {
        "trigger.reconstruction/triggered_inputs": corner(others).numpy(),
        "trigger.reconstruction/target": torch.tensor([3]).numpy(),
    }
    subject = Subject(planted.fresh(), SPEC)
    found, result = Internals().examine(subject, planted.held_out, Context(arrays=arrays))
    assert found.measures["conflict_measured"].value == 1
    assert len(found.tables["conflict"]) == 4  # layers
    assert -1 <= found.measures["mean_alignment"].value < 0.5
    assert not result.exhibits
    assert all("index" not in row for rows in found.tables.values() for row in rows)
    assert "name no training sample" in " ".join(found.caveats)
    alone, _ = Internals().examine(subject, planted.held_out, Context())
    assert alone.measures["conflict_measured"].value == 0
    assert "conflict" not in alone.tables
