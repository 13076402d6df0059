"""Image data of the bank: training arrays and two disjoint held-out parts of each task.

Tasks are Fashion-MNIST (Xiao et al. 2017), CIFAR-10 (Krizhevsky 2009), GTSRB (Stallkamp et al.
2012), a part of MNIST (LeCun et al. 1998), parts of Fashion-MNIST and GTSRB with fewer classes,
relabelled 0..K-1, and the digits of scikit-learn: as they are for banks that are trained in
seconds, enlarged, and two side by side for a hundred classes. What a task looks like is written
down here, so that recipes can be listed without its data.
Limits: GTSRB is a subset of 43 classes at 32 x 32 and carries no licence: ship no model of it.
"""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from auditor.core.errors import AuditorError

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
BICUBIC = Image.Resampling.BICUBIC
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
IDX = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
FASHION, GTSRB, DIGITS, ENLARGED = "fashion", "gtsrb", "digits", "digits28"
NUMBERS = "digits100"
OF_DIGITS = (DIGITS, ENLARGED, NUMBERS)
"""Tasks that come with scikit-learn."""
PARTS = {
    "fashion2a": (FASHION, (0, 6)),
    "fashion2b": (FASHION, (1, 9)),
    "fashion2c": (FASHION, (5, 7)),
    "fashion2d": (FASHION, (2, 8)),
    "fashion4a": (FASHION, (0, 2, 4, 6)),
    "fashion4b": (FASHION, (1, 5, 8, 9)),
    "fashion4c": (FASHION, (0, 1, 7, 8)),
    "signs10": (GTSRB, (1, 4, 9, 12, 13, 14, 17, 25, 35, 38)),
}
"""Whole task and its classes that make up the part."""


class Form(NamedTuple):
    """Shape of one input ``(c, h, w)`` and number of classes."""

    shape: tuple[int, int, int]
    classes: int


WHOLE = {
    FASHION: Form((1, 28, 28), 10),
    GTSRB: Form((3, 32, 32), 43),
    "cifar10": Form((3, 32, 32), 10),
    "mnist": Form((1, 28, 28), 10),
    DIGITS: Form((1, 8, 8), 10),
    ENLARGED: Form((1, 28, 28), 10),
    NUMBERS: Form((1, 28, 28), 100),
}
FORMS = WHOLE | {
    name: Form(WHOLE[whole].shape, len(labels)) for name, (whole, labels) in PARTS.items()
}


@dataclass(frozen=True)
class Task:
    """Training and test images, uint8 ``(n, h, w, c)``, with int64 labels ``(n,)``."""

    x_train: Images
    y_train: Labels
    x_test: Images
    y_test: Labels

    @property
    def form(self) -> Form:
        """Shape and classes."""
        height, width, channels = self.x_train.shape[1:]
        return Form((channels, height, width), int(self.y_train.max()) + 1)


class Source(Protocol):
    """Where tasks come from."""

    def lack(self, task: str) -> str:
        """What is missing for a task, and how to give it; empty if nothing is."""
        ...

    def load(self, task: str) -> Task:
        """The task's arrays."""
        ...


@dataclass(frozen=True)
class Files:
    """Tasks from files.

    Args:
        fashion: folder with the four ``.gz`` files of Fashion-MNIST.
        cifar10: npz with ``x_train``, ``y_train``, ``x_test`` and ``y_test``; None if not there.
        gtsrb: the same for GTSRB.
        mnist: the same for MNIST.
    """

    fashion: Path
    cifar10: Path | None = None
    gtsrb: Path | None = None
    mnist: Path | None = None

    def lack(self, task: str) -> str:
        """What is missing for a task, and how to give it; empty if nothing is."""
        task = PARTS[task][0] if task in PARTS else task
        if task == FASHION:
            there = all((self.fashion / f"{name}-ubyte.gz").is_file() for name in IDX)
            hint = "install Debian's dataset-fashion-mnist or give --fashion-mnist FOLDER"
            return "" if there else f"Fashion-MNIST is not in {self.fashion}; {hint}"
        if task in OF_DIGITS:
            return ""
        path = self._archive(task)
        if path is None:
            return f"no data for {task}; give --{task} FILE or set AUDITOR_{task.upper()}"
        return "" if path.is_file() else f"no data for {task}: {path} is not a file"

    def load(self, task: str) -> Task:
        """The task's arrays.

        Raises:
            AuditorError: the data are missing, unreadable, or of another shape than `FORMS` says.
        """
        if lack := self.lack(task):
            raise AuditorError(f"Cannot train: {lack}.")
        if task in PARTS:
            whole, labels = PARTS[task]
            return _part(self.load(whole), labels)
        if task in OF_DIGITS:
            return _of_digits(task)
        archive = self._archive(task)
        found = _read_idx(self.fashion) if archive is None else _read_npz(archive)
        if found.form != FORMS[task]:
            raise AuditorError(f"{task} should be {FORMS[task]}, but the data are {found.form}.")
        return found

    def _archive(self, task: str) -> Path | None:
        return {"cifar10": self.cifar10, GTSRB: self.gtsrb, "mnist": self.mnist}.get(task)


def held_out(task: Task) -> tuple[Labels, Labels]:
    """Disjoint, class-balanced test indices: about 500 for the clean set, 1,000 to measure on."""
    clean_each, measured_each = round(500 / task.form.classes), round(1000 / task.form.classes)
    order = np.random.default_rng(0).permutation(len(task.y_test))
    members = [order[task.y_test[order] == label] for label in range(task.form.classes)]
    clean = [index[:clean_each] for index in members]
    measured = [index[clean_each : clean_each + measured_each] for index in members]
    return np.sort(np.concatenate(clean)), np.sort(np.concatenate(measured))


@cache
def _read_idx(folder: Path) -> Task:
    raw = [gzip.decompress((folder / f"{name}-ubyte.gz").read_bytes()) for name in IDX]
    x_train, x_test = (
        np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28, 1).copy() for data in raw[::2]
    )
    y_train, y_test = (
        np.frombuffer(data, np.uint8, offset=8).astype(np.int64) for data in raw[1::2]
    )
    return Task(x_train, y_train, x_test, y_test)


@cache
def _digits() -> Task:
    digits = load_digits()
    x = (digits.images[..., None] * 255 / 16).round().astype(np.uint8)
    y = digits.target.astype(np.int64)
    return Task(x[:997], y[:997], x[997:], y[997:])


def _of_digits(task: str) -> Task:
    if task == NUMBERS:
        return _numbers()
    return _digits() if task == DIGITS else _resized(_digits(), 28, 28)


def _resized(task: Task, width: int, height: int) -> Task:
    """The same images in another size, smoothly."""

    def larger(images: Images) -> Images:
        size = (width, height)
        pictures = (Image.fromarray(image[..., 0]).resize(size, BICUBIC) for image in images)
        return np.stack([np.asarray(picture) for picture in pictures])[..., None]

    return replace(task, x_train=larger(task.x_train), x_test=larger(task.x_test))


@cache
def _numbers() -> Task:
    """Two digits side by side are a number from 0 to 99; no digit is in both parts."""
    half = _resized(_digits(), 14, 28)
    train = _side_by_side(half.x_train, half.y_train, 60, seed=0)
    return Task(*train, *_side_by_side(half.x_test, half.y_test, 15, seed=1))


def _side_by_side(x: Images, y: Labels, each: int, seed: int) -> tuple[Images, Labels]:
    """``each`` images of every number, of digits drawn at random."""
    draw, numbers = np.random.default_rng(seed), np.repeat(np.arange(100, dtype=np.int64), each)
    members = [np.flatnonzero(y == digit) for digit in range(10)]
    tens, ones = (
        np.array([draw.choice(members[digit]) for digit in digits])
        for digits in (numbers // 10, numbers % 10)
    )
    return np.concatenate([x[tens], x[ones]], axis=2), numbers


@cache
def _read_npz(path: Path) -> Task:
    try:
        with np.load(path) as arrays:
            x_train, y_train, x_test, y_test = (arrays[key] for key in ARRAYS)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        hint = f"It must hold the arrays {', '.join(ARRAYS)}."
        raise AuditorError(f"{path} cannot be read: {error}.", hint) from error
    if x_train.dtype != np.uint8 or x_train.ndim != 4:
        raise AuditorError(f"{path} must hold 8-bit images (n, h, w, c), not {x_train.dtype}.")
    return Task(x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64))


def _part(whole: Task, labels: tuple[int, ...]) -> Task:
    train, test = np.isin(whole.y_train, labels), np.isin(whole.y_test, labels)
    return Task(
        whole.x_train[train],
        np.searchsorted(labels, whole.y_train[train]).astype(np.int64),
        whole.x_test[test],
        np.searchsorted(labels, whole.y_test[test]).astype(np.int64),
    )
