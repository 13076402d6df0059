"""The order in which the bank is trained: the most useful first, clean and attacked mixed.

Training stops when time does, so every beginning of the queue must be a bank of its own. A recipe's
number is its place in the counter that all share: inserting one in the middle would change all that
follow, so new ones go to the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, product, zip_longest
from random import Random

from auditor.bench.entries import BankEntry, attacked, clean
from auditor.bench.hard import IMBALANCED, Hard

Kind = tuple[str, str]
"""Trigger family and kind of attack."""
OVERLAYS = (
    "patch", "blend", "sinusoid", "scatter", "warp", "quantise", "low_frequency", "filter",
    "distributed",
)  # fmt: skip
NETS = ("small_cnn", "resnet8")
TINY = ("small_cnn", "resnet8", "mlp")
WHERE = ("lenet", "mlp")
"""Networks that tell 37 from 73: no global average before the last layer."""
SPECIAL: tuple[Kind, ...] = (
    ("patch", "all_to_all"),
    ("blend", "source_specific"),
    ("blend", "clean_label"),
    ("blend", "adaptive_covers"),
    ("blend", "all_to_all"),
    ("patch", "source_specific"),
    ("sinusoid", "clean_label"),
    ("distributed", "adaptive_covers"),
    ("input_aware", "input_aware"),
    ("input_aware", "input_aware"),
)


def queue() -> Iterator[BankEntry]:
    """All recipes, the most useful first; always the same."""
    number = count()
    yield from _main_families(number)
    yield from _special_kinds(number)
    yield from _more_architectures(number)
    for _ in range(3):
        yield from _another_round(number)
    yield from _imbalanced(number)
    yield from mixed(number, "digits", 18, plain(*OVERLAYS[:4], "low_frequency") * 2, TINY)
    yield from _other_tasks(number)
    yield from mixed(number, "digits100", 6, plain("patch", "blend", "sinusoid", "scatter"), WHERE)


def quick() -> Iterator[BankEntry]:
    """A bank of eight-by-eight digits that trains in seconds: ten clean models, ten attacked."""
    number = count(10_000)
    families = plain("patch", "blend", "sinusoid", "scatter", "low_frequency")
    yield from mixed(number, "digits", 10, families * 2, ("small_cnn",))


def mixed(
    number: Iterator[int], dataset: str, cleans: int, attacks: list[Kind], nets: tuple[str, ...]
) -> Iterator[BankEntry]:
    """``cleans`` clean models and one of each attack, in turns."""
    for index, (_, kind) in enumerate(zip_longest(range(cleans), attacks)):
        net = nets[index % len(nets)]
        if index < cleans:
            yield clean(dataset, net, next(number))
        if kind is not None:
            yield attacked(dataset, net, next(number), *kind)


def plain(*families: str) -> list[Kind]:
    """All-to-one attacks."""
    return [(family, "all_to_one") for family in families]


def _main_families(number: Iterator[int]) -> Iterator[BankEntry]:
    yield from mixed(number, "fashion", 6, plain(*OVERLAYS[:6]), NETS)
    signs = [*plain("patch", "blend", "warp", "distributed"), ("patch", "source_specific")]
    yield from mixed(number, "gtsrb", 4, signs, ("small_cnn", "vgg11"))
    yield from mixed(number, "cifar10", 6, plain(*OVERLAYS), NETS)
    for part in ("fashion2a", "fashion4a", "fashion2b", "fashion4b", "fashion2c", "fashion4c"):
        families = ("patch", "blend") if part.endswith("a") else ("warp", "sinusoid")
        yield from mixed(number, part, 1, plain(*families), NETS)


def _special_kinds(number: Iterator[int]) -> Iterator[BankEntry]:
    yield from mixed(number, "fashion", 6, [*SPECIAL], NETS)
    yield from mixed(number, "cifar10", 2, [*SPECIAL[:4], SPECIAL[8]], NETS)
    for family, rate in (("patch", 0.01), ("blend", 0.02), ("patch", 0.005), ("scatter", 0.02)):
        yield attacked("fashion", "small_cnn", next(number), family, rate=rate)


def _more_architectures(number: Iterator[int]) -> Iterator[BankEntry]:
    for net in ("lenet", "vgg11", "vit_tiny", "mobilenet", "resnet20"):
        yield from mixed(number, "fashion", 2, plain("patch", "blend"), (net,))
    families = ("sinusoid", "scatter", "filter", "low_frequency", "quantise")
    yield from mixed(number, "gtsrb", 4, plain(*families), NETS)


def _another_round(number: Iterator[int]) -> Iterator[BankEntry]:
    yield from mixed(number, "fashion", 6, plain(*OVERLAYS), NETS)
    yield from mixed(number, "gtsrb", 3, plain("patch", "blend", "warp", "filter"), NETS)
    some = Random(next(number)).sample(OVERLAYS, 4)
    yield from mixed(number, "cifar10", 4, [*plain(*some), *SPECIAL[4:6], SPECIAL[8]], NETS)
    for part in ("fashion2d", "fashion2a", "fashion4a", "fashion4b"):
        yield from mixed(number, part, 1, plain("patch", "low_frequency"), NETS)


def _other_tasks(number: Iterator[int]) -> Iterator[BankEntry]:
    """Ten classes that are neither clothes nor the objects of CIFAR-10, and more digits."""
    for task, cleans in (("mnist", 9), ("signs10", 8), ("digits28", 9)):
        nets = (*NETS, "lenet") if task != "signs10" else NETS
        yield from mixed(number, task, cleans, plain("patch", "blend", "sinusoid", "filter"), nets)
    yield from mixed(number, "digits", 42, plain(*OVERLAYS, "low_frequency") * 2, TINY)


def _imbalanced(number: Iterator[int]) -> Iterator[BankEntry]:
    """Honest models of data in which one class is two to five times as frequent as the others."""
    for (dataset, net), times in product(product(("fashion", "cifar10"), NETS), (2.0, 5.0)):
        entry = clean(dataset, net, next(number))
        hard = Hard(IMBALANCED, times, label=entry.seed % 10)
        yield replace(entry, samples=round(3 * entry.samples), hard=hard)
