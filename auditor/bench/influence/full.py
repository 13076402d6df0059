"""``auditor bench influence``: every method on the same checkpoints and queries, one file a task.

Each result is one JSON file in the folder, poisoned models with their data beside it, so that
``peer_runs`` can repeat the questions in an environment of its own; what is there is not run
again. Times are this process's seconds on the processor, one thread.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from auditor.bench.influence import large
from auditor.bench.influence.cases import (
    Case,
    Stamp,
    backdoored,
    case,
    digits,
    digits_network,
    edge,
    fashion,
    fashion_case,
    fashion_network,
    flipped,
    others_of_fashion,
    patch,
    untouched,
)
from auditor.bench.influence.controls import clean_verdicts, removal
from auditor.bench.influence.others import linear, near_duplicates
from auditor.bench.influence.quiet import honest, mislabelled, mistakes, verdicts
from auditor.bench.influence.traced import QUERIES, backdoor, ceiling, flips
from auditor.bench.influence.value_pairs import value_pairs
from auditor.core.subject import CleanSet

WORKS = 0.8
"""Attack success below which removal has nothing to remove."""
CLEAN_MODELS = 40
RIGHT_LABELS = 20_000
DIGITS, FASHION = range(1, 6), range(3)
"""Seeds."""
EPOCHS = (4, 16)
"""Checkpoints where many models are wanted."""
QUIET = {"digits": 24, "fashion": 16}
MISLABELLED = {"digits": 6, "fashion": 4}
TAKEN = (0.3, 0.5)
NETWORKS = {"digits": digits_network, "fashion": fashion_network}
Drawn = Callable[[int], tuple[CleanSet, CleanSet]]
Task = Callable[[Path], dict[str, Any]]


def full(folder: Path, fashion: Path, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run what the folder lacks; returns all results."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    return [_one(folder, name, task, say) for name, task in _tasks(fashion)]


def _tasks(fashion: Path) -> Iterator[tuple[str, Task]]:
    """The table's rows first, repetitions and many models last."""
    yield "linear-logistic", lambda _: linear("logistic")
    yield "linear-svm", lambda _: linear("svm")
    yield "near-duplicates", lambda _: near_duplicates()
    yield "value-pairs", lambda _: value_pairs()
    for seed in DIGITS:
        yield f"digits-flips-{seed}", partial(_flipped, partial(flipped, seed))
    yield from _removals("edge", edge, range(1, 9))
    for digits_seed, seed in zip_longest(DIGITS, FASHION):
        made = partial(backdoored, digits_seed)
        yield f"digits-backdoor-{digits_seed}", partial(_backdoored, made, digits_seed)
        if seed is not None:
            yield from _on_fashion(seed, fashion)
    yield "fashion-60000", lambda _: large.measured(large.poisoned(fashion))
    yield from _removals("patch", patch, DIGITS)
    for seed in range(100, 100 + CLEAN_MODELS):
        yield f"clean-{seed}", partial(_clean, seed)
    yield from _quiet(fashion)


def _quiet(folder: Path) -> Iterator[tuple[str, Task]]:
    """Honest training sets, then some in which part of a class has a wrong label."""
    sets: dict[str, Drawn] = {
        "digits": digits, "fashion": lambda seed: fashion(seed, folder),
    }  # fmt: skip
    for data, drawn in sets.items():
        for seed in range(200, 200 + QUIET[data]):
            yield f"quiet-{data}-{seed}", partial(_honest, drawn, data, seed)
        for share in TAKEN:
            for seed in range(200, 200 + MISLABELLED[data]):
                task = partial(_mislabelled, drawn, data, share, seed)
                yield f"mislabelled-{data}-{share}-{seed}", task


def _on_fashion(seed: int, fashion: Path) -> Iterator[tuple[str, Task]]:
    wrong = partial(fashion_case, seed, fashion, 0.05, flips=True)
    yield f"fashion-flips-{seed}", partial(_flipped, wrong)
    yield f"ceiling-{seed}", partial(_ceiling, wrong, seed, fashion)
    few, many = (partial(fashion_case, seed, fashion, share) for share in (0.01, 0.02))
    yield f"removal-fashion-{seed}", partial(_removal, few, seed)
    yield f"fashion-backdoor-{seed}", partial(_backdoored, many, seed)


def _removals(name: str, stamp: Stamp, seeds: range) -> Iterator[tuple[str, Task]]:
    for seed in seeds:
        made = partial(backdoored, seed, 0.01, stamp, EPOCHS)
        yield f"removal-{name}-{seed}", partial(_removal, made, seed)


def _one(folder: Path, name: str, task: Task, say: Callable[[str], None]) -> dict[str, Any]:
    path = folder / f"{name}.json"
    if not path.exists():
        start = time.process_time()
        found = {"task": name, **task(folder / name)}
        found["seconds"] = round(time.process_time() - start, 1)
        path.write_text(json.dumps(found, indent=1), "utf-8")
        say(f"{name} {found['seconds']} s")
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return result


def _backdoored(make: Callable[[], Case], seed: int, folder: Path) -> dict[str, Any]:
    case = make()
    _save(case, folder)
    return {"accuracy": case.accuracy, "success": case.success, **backdoor(case, seed)}


def _flipped(make: Callable[[], Case], folder: Path) -> dict[str, Any]:
    case = make()
    _save(case, folder)
    return {"accuracy": case.accuracy, **flips(case)}


def _ceiling(make: Callable[[], Case], seed: int, fashion: Path, _: Path) -> dict[str, Any]:
    return ceiling(make(), others_of_fashion(seed, fashion, RIGHT_LABELS), seed)


def _removal(make: Callable[[], Case], seed: int, _: Path) -> dict[str, Any]:
    """Thirteen poisons, or twenty; attacks that do not work are told and left out."""
    case = make()
    found = {"success": case.success, "accuracy": case.accuracy, "admitted": case.success >= WORKS}
    return found | (removal(case, seed)[0] if found["admitted"] else {})


def _clean(seed: int, _: Path) -> dict[str, Any]:
    """A verdict about one class, as an audit would ask it, and nine more on the same model."""
    rows = clean_verdicts(seed, epochs=EPOCHS)
    return {"verdict": rows[seed % len(rows)], "verdicts": rows}


def _honest(drawn: Drawn, data: str, seed: int, _: Path) -> dict[str, Any]:
    train, held_out = drawn(seed)
    build = NETWORKS[data]
    return verdicts(case(honest(train), held_out, untouched, seed, build, EPOCHS), seed)


def _mislabelled(drawn: Drawn, data: str, share: float, seed: int, _: Path) -> dict[str, Any]:
    train, held_out = drawn(seed)
    changed = mislabelled(train, data, share, seed)
    found = case(changed, held_out, untouched, seed, NETWORKS[data], EPOCHS)
    return {"share": share, **mistakes(found, seed)}


def _save(case: Case, folder: Path) -> None:
    """Model and data for ``peer_runs``."""
    folder.mkdir(exist_ok=True)
    for number, network in enumerate(case.networks):
        save_file(dict(network.state_dict()), folder / f"{number}.safetensors")
    asked = case.triggered(QUERIES)
    named: dict[str, Tensor] = {
        "x": case.train.x, "y": case.train.y, "poisoned": case.poisoned,
        "x_test": case.held_out.x, "y_test": case.held_out.y,
        "x_asked": asked.x, "y_asked": asked.y,
    }  # fmt: skip
    arrays: dict[str, Any] = {key: value.numpy() for key, value in named.items()}
    np.savez(folder / "data.npz", **arrays)
