"""Twins: digits models that were really poisoned, each beside a clean model of the same making.

Purpose: what an audit says of its own power is about one model. Whether it is true shows only on
models that differ from that one in the poison alone: same data, same first weights, same training.
A setting is one such clean model; every attack is trained once in each setting, with another
trigger if the first was not learned. Settings, seeds and triggers belong to no other bank.
Limits: 8 x 8 pixels and perceptrons, so that hundreds of models train in minutes; what they do not
learn at 8 x 8 pixels (quantisation) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from auditor.bench.bank import Bank
from auditor.bench.build import build_one
from auditor.bench.datasets import Source
from auditor.bench.entries import BankEntry, attacked, clean
from auditor.bench.facts import Facts, read_facts

Say = Callable[[str], None]
DATA, NET = "digits", "mlp"
FIRST_NUMBER, FIRST_SEED = 50_000, 2_000_000
"""Beyond those of the development and the test bank."""
EACH = 4
"""Attacked models of each family in each setting."""
DRAWS = 3
"""Triggers that are tried for each of them."""
ONE_TO_ALL = (
    "patch", "blend", "sinusoid", "scatter", "warp", "low_frequency", "filter", "distributed",
    "contrast",
)  # fmt: skip
ATTACKS: dict[str, tuple[str, str]] = {
    **{family: (family, "all_to_one") for family in ONE_TO_ALL},
    "all_to_all": ("patch", "all_to_all"),
    "source_specific": ("patch", "source_specific"),
}
"""Trigger family and kind of attack by the name of the implant that resembles it."""
LEAST_SUCCESS = 0.9
"""As for implants; the bank itself admits from .85 on."""


@dataclass(frozen=True)
class Twins:
    """A clean model and the attacked ones of its setting, each with the name of its implant."""

    clean: Facts
    attacked: tuple[tuple[str, Facts], ...]


def setting(number: int) -> BankEntry:
    """The clean model of one setting."""
    seed = FIRST_SEED + Random(f"twins/{number}").randrange(10**6)
    return replace(clean(DATA, NET, FIRST_NUMBER + number), seed=seed)


def poisoned(number: int, name: str, draw: int) -> BankEntry:
    """The same training with poison of one family; ``draw`` gives another trigger and target."""
    family, kind = ATTACKS[name]
    own, place = setting(number), FIRST_NUMBER + 1000 * (1 + draw) + number
    return replace(own, attack=attacked(DATA, own.architecture, place, family, kind).attack)


def build_twins(
    bank: Bank, source: Source, settings: int, names: Sequence[str], say: Say
) -> list[Twins]:
    """Train what is missing of the first ``settings`` settings, and give all that work.

    Args:
        bank: where they are kept.
        source: of the digits.
        settings: how many clean models.
        names: of `ATTACKS`.
        say: told a line for each model that is trained.
    """
    return [_twins(bank, source, number, names, say) for number in range(settings)]


def build_pairs(bank: Bank, source: Source, settings: int, attacked: int, say: Say) -> list[Facts]:
    """A clean model of each setting, and after each of the first ``attacked`` one attacked twin.

    Families take turns; a twin whose backdoor does not work is left out.
    """
    found: list[Facts | None] = []
    for number in range(settings):
        name = ONE_TO_ALL[number % len(ONE_TO_ALL)]
        found.append(_built(bank, source, setting(number), say))
        if number < attacked:
            found.append(_working(bank, source, number, name, 0, say))
    return [facts for facts in found if facts is not None]


def _twins(bank: Bank, source: Source, number: int, names: Sequence[str], say: Say) -> Twins:
    tried = [(name, first) for first in range(0, EACH * DRAWS, DRAWS) for name in names]
    found = [(name, _working(bank, source, number, name, first, say)) for name, first in tried]
    clean_one = _built(bank, source, setting(number), say)
    return Twins(clean_one, tuple((name, facts) for name, facts in found if facts))


def _working(
    bank: Bank, source: Source, number: int, name: str, first: int, say: Say
) -> Facts | None:
    """The first draw from ``first`` whose backdoor works; None if none of `DRAWS` does."""
    for draw in range(first, first + DRAWS):
        facts = _built(bank, source, poisoned(number, name, draw), say)
        if facts.admitted and _succeeds(facts):
            return facts
    return None


def _succeeds(facts: Facts) -> bool:
    """All-to-all must tell the classes apart; the bank holds it against the clean accuracy."""
    to_all = facts.entry.attack is not None and facts.entry.attack.kind == "all_to_all"
    return to_all or (facts.attack_success_rate or 0.0) >= LEAST_SUCCESS


def _built(bank: Bank, source: Source, entry: BankEntry, say: Say) -> Facts:
    if bank.has(entry.name):
        return read_facts(bank.models / f"{entry.name}.json")
    facts = build_one(bank, source, entry)
    say(f"{entry.name}  accuracy {facts.clean_accuracy:.3f}  success {facts.attack_success_rate}")
    return facts
