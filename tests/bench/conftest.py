"""A task of 8 x 8 pixels that trains in a blink: each class is bright in its own row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from auditor.attacks.triggers import random_trigger, trigger_parameters
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import Labels, Task
from auditor.bench.entries import Attack, BankEntry

CLASSES = 6


def rows(count: int, seed: int) -> tuple[np.ndarray, Labels]:
    """``count`` images of each class: noise, and the row of the class lit."""
    rng = np.random.default_rng(seed)
    y = np.tile(np.arange(CLASSES), count)
    x = rng.integers(0, 60, (len(y), 8, 8, 1), dtype=np.uint8)
    x[np.arange(len(y)), y + 1] += 150
    return x, y


@dataclass(frozen=True)
class Rows:
    """The only task there is."""

    def lack(self, task: str) -> str:
        """Every other task is missing."""
        return "" if task == "rows" else f"no data for {task}"

    def load(self, task: str) -> Task:
        """Training and test images."""
        assert task == "rows"
        return Task(*rows(100, 0), *rows(260, 1))


@pytest.fixture
def source() -> Rows:
    """Where the synthetic task comes from."""
    return Rows()


@pytest.fixture
def clean_entry() -> BankEntry:
    """A clean model of the synthetic task."""
    return BankEntry("rows", "small_cnn", 3, 600, 6, "adam", 0.005, "none", batch=64)


@pytest.fixture
def attacked_entry() -> BankEntry:
    """The same with a patch that leads to class 2."""
    trigger = trigger_parameters(random_trigger("patch", (1, 8, 8), 5))
    attack = Attack("all_to_one", "patch", trigger, 0.2, target=2)
    return BankEntry("rows", "small_cnn", 4, 600, 6, "adam", 0.005, "none", attack, batch=64)


@pytest.fixture
def built(tmp_path: Path, source: Rows, clean_entry: BankEntry, attacked_entry: BankEntry) -> Bank:
    """A bank of the clean and the attacked model."""
    bank = Bank(tmp_path)
    build_missing(bank, source, [clean_entry, attacked_entry], None, lambda line: None)
    return bank
