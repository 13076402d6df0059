"""One checkpoint and 60,000 images: memory and time of a whole verdict.

    python -m auditor.bench.influence.large [--fashion-mnist FOLDER]

Fashion-MNIST's training images, 2% with a trigger; a network after two epochs; a question with 29
null queries, ranked and cut, as the audit asks it. Peak memory is that of the whole process, data
and training included; the time is that of the verdict alone.
"""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path
from typing import Any

import click
import torch

from auditor.attacks.poisoning import all_to_one
from auditor.bench.influence.cases import TARGET, Case, case, fashion, fashion_network, square
from auditor.bench.influence.controls import judged

SAMPLES = 60_000


@click.command()
@click.option("--fashion-mnist", "folder", type=click.Path(path_type=Path),
              default="/usr/share/datasets/fashion-mnist")  # fmt: skip
@click.option("--samples", default=SAMPLES)
def main(folder: Path, samples: int) -> None:
    """Train, judge, print one JSON document."""
    torch.set_num_threads(1)
    click.echo(json.dumps(measured(poisoned(folder, samples)), indent=1))


def poisoned(folder: Path, samples: int = SAMPLES) -> Case:
    """Backdoored Fashion-MNIST and one checkpoint."""
    train, held_out = fashion(0, folder, samples)
    changed = all_to_one(train.x, train.y, square, TARGET, 0.02, 0)
    return case(changed, held_out, square, 0, fashion_network, (2,))


def measured(found: Case) -> dict[str, Any]:
    """The verdict on the true trigger, its seconds, and the most memory of the process."""
    start, spent = time.perf_counter(), time.process_time()
    x = found.held_out.x[found.held_out.y != TARGET][:24]
    verdict, scores = judged(found, x, found.stamp(x), TARGET, 0)
    return {
        "samples": len(found.train), "success": found.success, "accuracy": found.accuracy,
        "wall_s": round(time.perf_counter() - start, 1),
        "processor_s": round(time.process_time() - spent, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "p_value": verdict.p_value, "accused": len(verdict.accused),
        "right": int(torch.isin(verdict.accused, found.poisoned).sum()),
        "trace_ap": found.precision(scores),
    }  # fmt: skip


if __name__ == "__main__":
    main()
