"""A pair of classes stands out where triggers move one class, and no other, to one class."""

from __future__ import annotations

import torch

from auditor.methods.calibration import PAIRED
from auditor.methods.inversion.pairs import cells, highest_pair, likeliest


def shares(seed: int, count: int = 64, classes: int = 6) -> torch.Tensor:
    return 0.05 * torch.rand(count, classes, classes, generator=torch.Generator().manual_seed(seed))


def planted() -> torch.Tensor:
    paired = shares(0)
    paired[:8, 2, 4] += 0.5
    return paired


def test_the_planted_pair_is_the_highest() -> None:
    own, students = {PAIRED: -planted()}, {PAIRED: -torch.stack([shares(1), shares(2)])}
    assert likeliest(own, students) == (2, 4)
    clean = {PAIRED: -shares(0)}
    assert float(highest_pair(own, students)) > 5 * float(highest_pair(clean, students))


def test_what_students_do_as_well_is_no_pair() -> None:
    usual = cells(shares(0), shares(1)).max()
    assert float(cells(planted(), planted()).max()) < float(usual)


def test_a_near_pair_needs_more_than_a_far_one() -> None:
    near, far = shares(0), shares(1)
    near[:, 2, 4] += 0.4
    far[:, 2, 4] += 0.4
    near[:8, 2, 4] += 0.3
    apart = shares(0)
    apart[:8, 2, 4] += 0.3
    assert 0 < float(cells(near, far)[2, 4]) < 0.8 * float(cells(apart, shares(1))[2, 4])


def test_a_target_that_all_classes_go_to_is_no_pair() -> None:
    paired = shares(0)
    paired[:8, :, 4] += 0.5
    found = cells(paired, shares(1))
    assert float(found.max()) < 1.2 * float(cells(shares(0), shares(1)).max())


def test_staying_in_a_class_is_no_pair() -> None:
    found = cells(shares(0) + torch.eye(6), shares(1))
    assert torch.equal(found.diagonal(), torch.zeros(6))


def test_without_pairs_nothing_stands_out() -> None:
    assert likeliest({}, {}) is None
    assert highest_pair({}, {}).tolist() == [0.0]
