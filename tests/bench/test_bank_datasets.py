"""Tasks from files: what is there is checked, what is not is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from auditor.bench.cifar import main
from auditor.bench.datasets import FORMS, Files, held_out
from auditor.bench.mnist import main as mnist
from auditor.core.errors import AuditorError

NOWHERE = Path("nowhere")


@pytest.fixture
def fashion(tmp_path: Path) -> Path:
    """A folder like Fashion-MNIST's with 60 training and 20 test images."""
    for part, count in (("train", 60), ("t10k", 20)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.repeat(labels, 28 * 28)
        for kind, header, data in (("images-idx3", 16, images), ("labels-idx1", 8, labels)):
            path = tmp_path / f"{part}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(bytes(header) + data.tobytes()))
    return tmp_path


def test_fashion_and_its_parts(fashion: Path) -> None:
    files = Files(fashion)
    assert files.lack("fashion") == ""
    assert files.load("fashion").form == FORMS["fashion"]
    part = files.load("fashion4b")
    assert part.form == FORMS["fashion4b"]
    pixels = part.x_test[:, 0, 0, 0]
    assert [(1, 5, 8, 9)[label] for label in part.y_test] == pixels.tolist()


def test_missing_data_are_named() -> None:
    assert "dataset-fashion-mnist" in Files(NOWHERE).lack("fashion2a")
    assert "AUDITOR_GTSRB" in Files(NOWHERE).lack("gtsrb")
    assert "nowhere is not a file" in Files(NOWHERE, cifar10=NOWHERE).lack("cifar10")
    with pytest.raises(AuditorError, match="no data for gtsrb"):
        Files(NOWHERE).load("gtsrb")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"x_train": np.zeros((2, 8, 8, 3), np.uint8)}, "cannot be read"),
        ({"x_train": np.zeros((2, 8, 8, 3))}, "8-bit"),
        ({"x_train": np.zeros((2, 8, 8, 3), np.uint8), "y_train": np.array([0, 9])}, "should be"),
    ],
)
def test_a_wrong_archive_is_refused(
    tmp_path: Path, content: dict[str, np.ndarray], message: str
) -> None:
    if message != "cannot be read":
        y = np.array([0, 1])
        content = {"y_train": y, "x_test": content["x_train"], "y_test": y} | content
    path = tmp_path / "data.npz"
    np.savez(path, **content)
    with pytest.raises(AuditorError, match=message):
        Files(NOWHERE, cifar10=path).load("cifar10")


def test_held_out_sets_are_apart_and_balanced(fashion: Path) -> None:
    task = Files(fashion).load("fashion")
    clean, measured = held_out(task)
    assert not set(clean) & set(measured)
    assert np.bincount(task.y_test[clean]).tolist() == [2] * 10


def test_cifar_from_the_package(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = {
        name: rng.integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
        for name in ("data_batch_1", "data_batch_2", "test_batch")
    }
    for name, pixels in images.items():
        Image.fromarray(pixels.reshape(10, 1024, 3)).save(tmp_path / f"{name}.png")
    (tmp_path / "train_lables.json").write_text(json.dumps([*range(10)] * 2))
    (tmp_path / "test_lables.json").write_text(json.dumps([*range(10)]))
    out = tmp_path / "cifar10.npz"
    result = CliRunner().invoke(main, [str(tmp_path), str(out)])
    assert result.output == f"30 images in {out}\n"
    task = Files(NOWHERE, cifar10=out).load("cifar10")
    assert task.form == FORMS["cifar10"]
    both = np.concatenate([images["data_batch_1"], images["data_batch_2"]])
    assert np.array_equal(task.x_train, both)


def test_cifar_from_an_empty_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path), str(tmp_path / "cifar10.npz")])
    assert result.exit_code == 1
    assert "has no data_batch" in result.output


def test_mnist_from_the_package(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "digits"
    folder.mkdir(parents=True)
    for label in range(10):
        pixels = [label / 10] * (28 * 28 * 301)
        (folder / f"{label}.json").write_text(json.dumps({"data": pixels}))
    out = tmp_path / "mnist.npz"
    result = CliRunner().invoke(mnist, [str(tmp_path), str(out)])
    assert result.output == f"3010 images in {out}\n"
    task = Files(NOWHERE, mnist=out).load("mnist")
    assert task.form == FORMS["mnist"]
    assert len(task.y_train) == 10
    assert task.x_train[7, 0, 0, 0] == round(0.7 * 255)


def test_mnist_from_an_empty_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(mnist, [str(tmp_path), str(tmp_path / "mnist.npz")])
    assert result.exit_code == 1
    assert "holds no digits" in result.output


def test_enlarged_digits_are_the_same_digits() -> None:
    small, large = Files(NOWHERE).load("digits"), Files(NOWHERE).load("digits28")
    assert large.form == FORMS["digits28"]
    assert np.array_equal(small.y_test, large.y_test)
    means = [task.x_test.mean((1, 2, 3)) for task in (small, large)]
    assert np.corrcoef(*means)[0, 1] > 0.98


def test_two_digits_make_a_hundred_classes() -> None:
    task = Files(NOWHERE).load("digits100")
    assert task.form == FORMS["digits100"] == ((1, 28, 28), 100)
    assert np.bincount(task.y_train).tolist() == [60] * 100
    left, right = task.x_train[:, :, :14], task.x_train[:, :, 14:]
    means = [
        np.stack([half[task.y_train // 10 == d].mean(0) for d in range(10)])
        for half in (left, right)
    ]
    assert means[0].std(0).mean() > 5 * means[1].std(0).mean(), "the tens are on the left"
    assert not {x.tobytes() for x in left} & {x.tobytes() for x in task.x_test[:, :, :14]}
    clean, measured = held_out(task)
    assert np.bincount(task.y_test[clean]).tolist() == [5] * 100
    assert len(measured) == 1000
