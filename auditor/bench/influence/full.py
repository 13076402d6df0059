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
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from auditor.bench.influence import large
from auditor.bench.influence.cases import (
    Case,
    backdoored,
    edge,
    fashion_case,
    flipped,
    others_of_fashion,
    patch,
)
from auditor.bench.influence.controls import clean_verdicts, removal
from auditor.bench.influence.others import linear, near_duplicates
from auditor.bench.influence.traced import QUERIES, backdoor, ceiling, flips

WORKS = 0.8
"""Attack success below which removal has nothing to remove."""
CLEAN_MODELS = 40
RIGHT_LABELS = 20_000
EPOCHS = (4, 16)
"""Checkpoints where many models are wanted."""
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
    for seed in range(1, 6):
        yield f"digits-flips-{seed}", partial(_flipped, partial(flipped, seed))
    for seed in range(3):
        yield f"fashion-flips-{seed}", partial(_flipped, _wrong(seed, fashion))
    for stamp in (edge, patch):
        for seed in range(1, 6):
            made = partial(backdoored, seed, 0.01, stamp, EPOCHS)
            yield f"removal-{stamp.__name__}-{seed}", partial(_removal, made, seed)
    for seed in range(1, 6):
        yield f"digits-backdoor-{seed}", partial(_backdoored, partial(backdoored, seed), seed)
    for seed in range(3):
        poisoned = partial(fashion_case, seed, fashion)
        yield f"fashion-backdoor-{seed}", partial(_backdoored, partial(poisoned, 0.02), seed)
        yield f"removal-fashion-{seed}", partial(_removal, partial(poisoned, 0.01), seed)
        yield f"ceiling-{seed}", partial(_ceiling, _wrong(seed, fashion), seed, fashion)
    yield "fashion-60000", lambda _: large.measured(large.poisoned(fashion))
    for seed in range(100, 100 + CLEAN_MODELS):
        yield f"clean-{seed}", partial(_clean, seed)


def _wrong(seed: int, fashion: Path) -> Callable[[], Case]:
    return partial(fashion_case, seed, fashion, 0.05, flips=True)


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
