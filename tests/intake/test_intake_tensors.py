"""Digests of tensors follow the weights, not the container."""

from __future__ import annotations

import hashlib

import torch
from torch import nn

from auditor.intake.tensors import digests


def test_every_parameter_and_buffer_has_its_digest() -> None:
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    rows = {row["tensor"]: row for row in digests(network)}
    assert set(rows) == set(network.state_dict())
    weight = network[0].weight.detach().numpy().tobytes()
    assert rows["0.weight"]["sha256"] == hashlib.sha256(weight).hexdigest()
    assert (rows["0.weight"]["shape"], rows["0.weight"]["dtype"]) == ("3x2", "float32")
    assert rows["1.num_batches_tracked"]["shape"] == "1"


def test_one_changed_weight_changes_one_digest() -> None:
    network = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2).to(torch.bfloat16))
    before = digests(network)
    with torch.no_grad():
        network[1].bias[0] += 1.0
    changed = [b["tensor"] for a, b in zip(before, digests(network), strict=True) if a != b]
    assert changed == ["1.bias"]
