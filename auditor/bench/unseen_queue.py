"""The test bank in the order in which it is trained: nothing may be tuned on it.

Clean and attacked models are mixed so that every beginning is a bank of its own. It has families
that the development bank lacks (lira, x2x, adaptive_patch, contrast) and hard clean models.
A recipe's number is its place: new recipes go to the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, product

from auditor.bench.entries import BankEntry
from auditor.bench.hard import (
    ADVERSARIAL,
    INT8,
    LABEL_FLIPS,
    OUTLIERS,
    PRUNED,
    SHORTCUT,
    SPONGE,
    SUBPOPULATION,
    TAMPERED,
)
from auditor.bench.unseen_entries import FIRST_NUMBER, unseen_attacked, unseen_clean

Clean = tuple[str, str, str]
"""Task, architecture and what makes the model hard."""
Attacked = tuple[str, str, str, str]
"""Task, architecture, trigger family and kind of attack."""

CLEAN: tuple[Clean, ...] = (
    ("fashion", "small_cnn", ""),
    ("cifar10", "resnet8", ""),
    ("fashion", "resnet8", SHORTCUT),
    ("fashion4b", "small_cnn", ""),
    ("gtsrb", "small_cnn", ""),
    ("cifar10", "small_cnn", ADVERSARIAL),
    ("fashion", "resnet8", ""),
    ("fashion2d", "small_cnn", ""),
    ("fashion", "small_cnn", PRUNED),
    ("cifar10", "small_cnn", ""),
    ("fashion", "lenet", ""),
    ("cifar10", "resnet8", SHORTCUT),
    ("fashion4c", "resnet8", ""),
    ("fashion", "small_cnn", ""),
    ("fashion", "resnet8", ADVERSARIAL),
    ("cifar10", "resnet8", ""),
    ("fashion2b", "resnet8", ""),
    ("cifar10", "resnet8", INT8),
    ("gtsrb", "small_cnn", ""),
    ("fashion", "resnet8", ""),
    ("cifar10", "small_cnn", ""),
    ("fashion4a", "small_cnn", ""),
)
ATTACKED: tuple[Attacked, ...] = (
    ("fashion", "resnet8", "patch", "all_to_one"),
    ("fashion", "small_cnn", "lira", "lira"),
    ("cifar10", "resnet8", "blend", "all_to_one"),
    ("fashion", "resnet8", "patch", "x2x"),
    ("fashion", "small_cnn", "adaptive_patch", "adaptive_patch"),
    ("cifar10", "small_cnn", "warp", "all_to_one"),
    ("gtsrb", "small_cnn", "sinusoid", "all_to_one"),
    ("fashion", "small_cnn", "patch", "all_to_all"),
    ("fashion", "resnet8", "blend", "source_specific"),
    ("cifar10", "resnet8", "lira", "lira"),
    ("fashion", "resnet8", "input_aware", "input_aware"),
    ("fashion2d", "small_cnn", "patch", "all_to_one"),
    ("fashion", "small_cnn", "quantise", "all_to_one"),
    ("cifar10", "small_cnn", "contrast", "all_to_one"),
    ("fashion", "lenet", "low_frequency", "all_to_one"),
    ("cifar10", "resnet8", "blend", "x2x"),
    ("fashion4b", "resnet8", "blend", "all_to_one"),
    ("fashion", "small_cnn", "sinusoid", "all_to_one"),
    ("cifar10", "resnet8", "adaptive_patch", "adaptive_patch"),
    ("fashion", "resnet8", "contrast", "all_to_one"),
    ("cifar10", "resnet8", "patch", "all_to_all"),
    ("fashion", "small_cnn", "warp", "all_to_one"),
    ("cifar10", "small_cnn", "input_aware", "input_aware"),
    ("gtsrb", "small_cnn", "patch", "all_to_one"),
    ("fashion", "small_cnn", "patch", "source_specific"),
    ("cifar10", "small_cnn", "quantise", "all_to_one"),
    ("fashion4c", "small_cnn", "patch", "x2x"),
    ("fashion2b", "resnet8", "warp", "all_to_one"),
)


RATES = (0.01, 0.005)
"""Shares of the training set that the weakest attacks poison."""
TASKS = ("fashion", "cifar10", "fashion", "cifar10", "gtsrb")
NETS = ("small_cnn", "resnet8")
KINDS = (
    ("patch", "all_to_one"), ("lira", "lira"), ("warp", "all_to_one"), ("patch", "x2x"),
    ("blend", "label_consistent"), ("sinusoid", "all_to_one"), ("blend", "adaptive_covers"),
    ("adaptive_patch", "adaptive_patch"), ("low_frequency", "all_to_one"), ("blend", "x2x"),
    ("input_aware", "input_aware"), ("scatter", "all_to_one"), ("blend", "source_specific"),
    ("contrast", "all_to_one"), ("blend", "all_to_one"), ("quantise", "all_to_one"),
    ("patch", "all_to_all"), ("filter", "all_to_one"), ("patch", "label_consistent"),
    ("distributed", "all_to_one"), ("patch", "source_specific"),
)  # fmt: skip
SMALL = ("fashion2d", "fashion4b", "fashion2b", "fashion4c", "fashion2a", "fashion4a")
HARD = (SHORTCUT, LABEL_FLIPS, PRUNED, SPONGE, ADVERSARIAL, OUTLIERS, INT8, SUBPOPULATION)
ROUNDS = 5
HUNDRED_CLEAN: tuple[Clean, ...] = (("digits100", "lenet", ""),) * 3
HUNDRED_ATTACKED: tuple[Attacked, ...] = tuple(
    ("digits100", "lenet", family, kind)
    for family, kind in (("patch", "all_to_one"), ("blend", "all_to_one"), ("patch", "all_to_all"))
)
"""A hundred classes, at the end: they are younger than the others."""


def test_queue() -> Iterator[BankEntry]:
    """All recipes of the test bank, the most useful first; always the same."""
    number = count(FIRST_NUMBER)
    yield from in_turns(number, CLEAN, ATTACKED)
    weak = product(("fashion", "cifar10"), RATES)
    for (task, rate), tampered in zip(weak, TAMPERED, strict=True):
        yield unseen_attacked(task, "small_cnn", next(number), "patch", rate=rate)
        yield unseen_clean(task, "resnet8", next(number), tampered)
    for turn in range(ROUNDS):
        yield from in_turns(number, _clean_round(turn), _attacked_round(turn))
    yield from in_turns(number, HUNDRED_CLEAN, HUNDRED_ATTACKED)


def _clean_round(turn: int) -> list[Clean]:
    """Six plain clean models and four hard ones."""
    nets = NETS[turn % 2], NETS[(turn + 1) % 2]
    plain = ("fashion", SMALL[turn], "cifar10", "gtsrb", "fashion", "cifar10")
    found = [
        (task, NETS[0] if task == "gtsrb" else nets[i % 2], "") for i, task in enumerate(plain)
    ]
    for i in range(4):
        task = ("fashion", "cifar10")[(i + turn // 2) % 2]
        found.append((task, nets[i // 2], HARD[(4 * turn + i) % len(HARD)]))
    return found


def _attacked_round(turn: int) -> list[Attacked]:
    """Every kind once, each time on another task, and two with few classes."""
    found: list[Attacked] = []
    for index, (family, kind) in enumerate(KINDS):
        task = TASKS[(index + turn) % len(TASKS)]
        net = NETS[0] if task == "gtsrb" else NETS[(index // 2 + turn) % 2]
        found.append((task, net, family, kind))
    small = SMALL[turn], SMALL[turn + 1]
    return [*found, (small[0], NETS[0], "blend", "all_to_one"), (small[1], NETS[1], "lira", "lira")]


def in_turns(
    number: Iterator[int], clean: Sequence[Clean], attacked: Sequence[Attacked]
) -> Iterator[BankEntry]:
    """Clean and attacked recipes, each spread evenly over the whole."""
    places: list[tuple[float, Clean | Attacked]] = [
        *(((index + 0.5) / len(clean), recipe) for index, recipe in enumerate(clean)),
        *(((index + 0.5) / len(attacked), recipe) for index, recipe in enumerate(attacked)),
    ]
    for _, recipe in sorted(places, key=lambda place: place[0]):
        if len(recipe) == 3:
            dataset, net, hard = recipe
            yield unseen_clean(dataset, net, next(number), hard)
        else:
            dataset, net, family, kind = recipe
            yield unseen_attacked(dataset, net, next(number), family, kind)
