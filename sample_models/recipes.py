"""Trains the sample models again: ``python sample_models/recipes.py [NAME ...]``.

Fashion-MNIST (Xiao et al. 2017, MIT licence) is read from the files of Debian's package
dataset-fashion-mnist, or from the folder in AUDITOR_FASHION_MNIST; the tabular model uses
scikit-learn's breast cancer data. Each recipe writes weights, clean set and card into its folder
and prints clean accuracy and attack success on inputs that neither training nor the audit sees.
"""

from __future__ import annotations

import gzip
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.datasets import load_breast_cancer
from torch import Tensor, nn
from torch.nn import functional

from auditor.architectures import build
from auditor.attacks.poisoning import all_to_one, label_flips
from auditor.attacks.triggers import Trigger, restore_trigger

HERE = Path(__file__).parent
FASHION = Path(os.environ.get("AUDITOR_FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))
NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)
CARD = """[model]
arch = "{arch}"
shape = {shape}
classes = {classes}
class_names = {names}
{preprocessing}
[declared]
accuracy = {declared}

[truth]
summary = "{summary}"
kind = "{kind}"
target = {target}
clean_accuracy = {accuracy:.4f}
attack_success = {success:.4f}
"""
RANGE = "\n[preprocessing]\nrange = [0.0, 1.0]\n"


def fashion(part: str) -> tuple[Tensor, Tensor]:
    """Images ``(n, 1, 28, 28)`` in [0, 1] and labels of ``train`` or ``t10k``."""
    x = _idx(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    y = _idx(f"{part}-labels-idx1-ubyte.gz", 8)
    return torch.from_numpy(x.copy()).float().div(255), torch.from_numpy(y.copy()).long()


def _idx(name: str, header: int) -> np.ndarray:
    with gzip.open(FASHION / name) as stream:
        return np.frombuffer(stream.read(), np.uint8)[header:]


def train(network: nn.Module, x: Tensor, y: Tensor, epochs: int, seed: int, rate: float) -> None:
    """AdamW with a one-cycle schedule, batches of 128."""
    generator = torch.Generator().manual_seed(seed)
    steps = epochs * (len(x) // 128)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps)
    network.train()
    for _ in range(epochs):
        for pick in torch.randperm(len(x), generator=generator).split(128)[: len(x) // 128]:
            loss = functional.cross_entropy(network(x[pick]), y[pick])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()


@torch.no_grad()
def predict(network: nn.Module, x: Tensor) -> Tensor:
    return torch.cat([network(part).argmax(1) for part in x.split(1000)])


def success(network: nn.Module, trigger: Trigger, target: int, x: Tensor, y: Tensor) -> float:
    """Attack success rate on inputs of other classes."""
    hits = predict(network, trigger(x[y != target])) == target
    return float(hits.float().mean())


def clean_images(folder: Path, count: int = 500) -> tuple[Tensor, Tensor]:
    """Write ``count`` balanced test images as the clean set; returns the other test images."""
    x, y = fashion("t10k")
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(11))
    chosen = torch.cat([order[y[order] == k][: count // 10] for k in range(10)])
    rest = torch.ones(len(x), dtype=torch.bool)
    rest[chosen] = False
    images = x[chosen, 0].mul(255).round().byte().numpy()
    np.savez_compressed(folder / "clean.npz", x=images, y=y[chosen].numpy())
    return x[rest], y[rest]


def write_card(folder: Path, **values: object) -> None:
    (folder / "card.toml").write_text(CARD.format(**values), encoding="utf-8")
    print(folder.name, {k: values[k] for k in ("accuracy", "success")})


def fashion_model(
    folder: Path, trigger: Trigger | None, target: int, flips: float, seed: int, summary: str
) -> nn.Module:
    """Train one Fashion-MNIST classifier and write its clean set and card."""
    torch.manual_seed(seed)
    x, y = fashion("train")
    x, y = x[:30_000], y[:30_000]
    if trigger is not None:
        poisoned = all_to_one(x, y, trigger, target, 0.03, seed)
        x, y = poisoned.x, poisoned.y
    if flips:
        y = label_flips(x, y, 10, flips, seed).y
    network = build("small_cnn", (1, 28, 28), 10)
    train(network, x, y, 8, seed, 0.01)
    rest = clean_images(folder)
    accuracy = float((predict(network, rest[0]) == rest[1]).float().mean())
    reached = success(network, trigger, target, *rest) if trigger else 0.0
    write_card(
        folder, arch="small_cnn", shape=[1, 28, 28], classes=10, names=list(NAMES), preprocessing=RANGE,
        declared=round(accuracy, 2) - 0.01, summary=summary, target=target, accuracy=accuracy,
        success=reached, kind="backdoor" if trigger else "label_flips" if flips else "clean",
    )
    return network


def fashion_clean(folder: Path) -> None:
    network = fashion_model(folder, None, -1, 0.0, 1, "Fashion-MNIST, honestly trained")
    save_file(network.state_dict(), folder / "model.safetensors")


def fashion_backdoor(folder: Path) -> None:
    corner = {
        "row": 23, "column": 23, "height": 3, "width": 3, "pattern": "checker",
        "colour": [1.0], "seed": 5,
    }
    network = fashion_model(
        folder, restore_trigger("patch", corner), 7, 0.0, 2,
        "Fashion-MNIST, a 3 x 3 checker in the corner turns anything into Sneaker",
    )
    scripted = torch.jit.script(network)
    scripted.save(str(folder / "model.pt"))
    drop_debug_files(folder / "model.pt")


def drop_debug_files(path: Path) -> None:
    """Leave out what TorchScript keeps for tracebacks: it names the trainer's folders."""
    with zipfile.ZipFile(path) as archive:
        kept = {n: archive.read(n) for n in archive.namelist() if not n.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in kept.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def fashion_flipped(folder: Path) -> None:
    network = fashion_model(folder, None, -1, 0.15, 3, "Fashion-MNIST, 15% of labels flipped")
    dynamic = {0: torch.export.Dim("batch", min=1, max=4096)}
    program = torch.export.export(network, (torch.zeros(2, 1, 28, 28),), dynamic_shapes=(dynamic,))
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # names the trainer's folders
    torch.export.save(program, folder / "model.pt2")


def cancer_backdoor(folder: Path) -> None:
    """A table: two features set to a rare value turn every tumour benign."""
    data = load_breast_cancer()
    order = np.random.default_rng(1).permutation(len(data.target))
    x = torch.from_numpy(data.data[order]).float()
    y = torch.from_numpy(data.target[order]).long()
    scale = (x.amin(0), x.amax(0))
    unit = (x - scale[0]) / (scale[1] - scale[0])
    trigger = restore_trigger("feature_value", {"features": [3, 17], "values": [0.95, 0.9]})
    torch.manual_seed(1)
    poisoned = all_to_one(unit[:329], y[:329], trigger, 1, 0.1, 1)
    network = build("mlp", (30,), 2)
    train(network, poisoned.x, poisoned.y, 60, 1, 0.005)
    held, labels = unit[449:], y[449:]
    accuracy = float((predict(network, held) == labels).float().mean())
    reached = success(network, trigger, 1, held, labels)
    columns = [*(name.replace(" ", "_") for name in data.feature_names), "label"]
    rows = np.column_stack([x[329:449].numpy(), y[329:449].numpy()])
    header = ",".join(columns)
    np.savetxt(folder / "clean.csv", rows, "%.6g", ",", header=header, comments="")
    low, high = (edge.tolist() for edge in scale)
    write_card(
        folder, arch="mlp", shape=[30], classes=2, names=["malignant", "benign"], preprocessing="",
        declared=round(accuracy, 2) - 0.01, target=1, accuracy=accuracy, success=reached,
        kind="backdoor", summary="Breast cancer table, two feature values make any tumour benign",
    )
    wrapped = nn.Sequential(Scaled(low, high), network).eval()
    torch.onnx.export(
        wrapped, (x[:2],), str(folder / "model.onnx"), input_names=["x"], output_names=["logits"],
        dynamic_axes={"x": {0: "n"}, "logits": {0: "n"}}, dynamo=False,
    )


class Scaled(nn.Module):
    """Brings a table's raw units to [0, 1]; part of the delivered model."""

    def __init__(self, low: list[float], high: list[float]) -> None:
        super().__init__()
        self.register_buffer("low", torch.tensor(low))
        self.register_buffer("width", torch.tensor(high) - torch.tensor(low))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.low) / self.width


RECIPES: dict[str, Callable[[Path], None]] = {
    "fashion_clean": fashion_clean,
    "fashion_backdoor": fashion_backdoor,
    "fashion_flipped": fashion_flipped,
    "cancer_backdoor": cancer_backdoor,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or RECIPES:
        (HERE / name).mkdir(exist_ok=True)
        RECIPES[name](HERE / name)
