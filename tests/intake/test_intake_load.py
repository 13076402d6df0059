"""Every form of the same model and of the same data gives the same subject and clean set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from model_forms import CLASSES, FORMS, SHAPE, Digits, plain_name, save_model
from PIL import Image
from safetensors.numpy import save_file
from torch import nn

from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.delivery import receive
from auditor.intake.load import Opened, open_delivery
from auditor.intake.units import BEYOND


def opened(model: Path, clean: Path, hints: SpecHints | None = None) -> Opened:
    return open_delivery(model, receive(model).format, hints or SpecHints(), clean)


@pytest.mark.parametrize("form", FORMS)
def test_each_format_gives_the_original_logits(form: str, digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, form, digits.x)
    result = opened(model, digits.save_clean(tmp_path / "clean.npz"))
    with torch.no_grad():
        wanted = digits.network(digits.x)
    assert torch.allclose(result.subject.logits(digits.x), wanted, atol=1e-4)
    assert torch.equal(result.clean.y, digits.y)
    assert torch.allclose(result.clean.x, digits.x, atol=1e-6)
    assert result.facts.format == plain_name(form)
    assert result.facts.spec.shape == SHAPE
    assert result.facts.spec.classes == CLASSES
    assert result.facts.pass_us > 0
    assert result.data.n == 400
    assert sum(result.data.per_class) == 400


@pytest.mark.parametrize("form", FORMS)
def test_each_format_gives_the_original_gradients(
    form: str, digits: Digits, tmp_path: Path
) -> None:
    model = save_model(digits.network, tmp_path, form, digits.x)
    subject = opened(model, digits.save_clean(tmp_path / "clean.npz")).subject
    gradients = []
    for function in (digits.network, subject, subject.copy()):
        x = digits.x[:16].clone().requires_grad_(True)
        nn.functional.cross_entropy(function(x), digits.y[:16]).backward()
        gradients.append(x.grad)
    assert torch.allclose(gradients[0], gradients[1], atol=1e-4)
    assert torch.allclose(gradients[0], gradients[2], atol=1e-4)


def save_folder(digits: Digits, folder: Path) -> Path:
    for index, (pixels, label) in enumerate(zip(digits.pixels, digits.y.tolist(), strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[0]).save(folder / str(label) / f"{index:04}.png")
    return folder


def save_source(digits: Digits, folder: Path, source: str) -> Path:
    pixels, y = digits.pixels, digits.y.numpy()
    path = folder / f"clean.{source}"
    table = pd.DataFrame(digits.x.flatten(1).numpy(), columns=[f"p{i}" for i in range(64)])
    if source == "npz":
        np.savez(path, x=pixels[:, 0], y=y)
    elif source == "float_npz":
        path = folder / "clean.npz"
        np.savez(path, x=digits.x.numpy(), y=y.astype(np.float64))
    elif source == "safetensors":
        save_file({"x": pixels, "y": y}, path)
    elif source == "csv":
        table.assign(label=y).to_csv(path, index=False)
    elif source == "parquet":
        table.assign(target=y).to_parquet(path)
    else:
        return save_folder(digits, path)
    return path


@pytest.mark.parametrize("source", ["npz", "float_npz", "safetensors", "csv", "parquet", "folder"])
def test_each_source_gives_the_same_clean_set(source: str, digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    hints = SpecHints(shape=SHAPE, low=(0.0,), high=(1.0,))
    clean = opened(model, save_source(digits, tmp_path, source), hints).clean
    order = torch.argsort(digits.y, stable=True) if source == "folder" else torch.arange(400)
    assert torch.equal(clean.y, digits.y[order])
    assert torch.allclose(clean.x, digits.x[order], atol=1e-6)


class Head(nn.Module):
    """The trained network with another ending."""

    def __init__(self, network: nn.Module, ending: str) -> None:
        super().__init__()
        self.network = network
        self.ending = ending

    def forward(self, x: torch.Tensor) -> object:
        logits = self.network(x)
        return {
            "softmax": lambda: logits.softmax(1),
            "log_softmax": lambda: logits.log_softmax(1),
            "tuple": lambda: (logits, x),
        }[self.ending]()


@pytest.mark.parametrize(
    ("ending", "note"),
    [("softmax", "softmax"), ("log_softmax", "log-softmax"), ("tuple", "several outputs")],
)
def test_endings_are_undone(ending: str, note: str, digits: Digits, tmp_path: Path) -> None:
    network = Head(digits.network, ending).eval()
    model = save_model(network, tmp_path, "torchscript_traced", digits.x)
    result = opened(model, digits.save_clean(tmp_path / "clean.npz"))
    shares = result.subject.logits(digits.x).softmax(1)
    assert torch.allclose(shares, digits.network(digits.x).softmax(1), atol=1e-4)
    assert any(note in line for line in result.facts.notes)


@pytest.mark.parametrize("ending", [nn.Identity(), nn.Sigmoid()])
def test_one_output_becomes_two_logits(ending: nn.Module, tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = torch.randn(200, 3)
    y = (x[:, 0] > 0).long()
    linear = nn.Linear(3, 1)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[4.0, 0.0, 0.0]]))
        linear.bias.zero_()
    model = save_model(nn.Sequential(linear, ending).eval(), tmp_path, "torchscript", x)
    np.savez(tmp_path / "clean.npz", x=x.numpy(), y=y.numpy())
    result = opened(model, tmp_path / "clean.npz")
    assert result.subject.classes == 2
    assert result.facts.spec.kind == "tabular"
    margin = BEYOND / (1 + 2 * BEYOND)
    assert float(result.clean.x.min()) == pytest.approx(margin)
    assert float(result.clean.x.max()) == pytest.approx(1 - margin)
    with torch.no_grad():
        wanted = torch.sigmoid(linear(x))[:, 0]
    got = result.subject.logits(result.clean.x).softmax(1)[:, 1]
    assert torch.allclose(got, wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("low", "high", "mean", "std"),
    [(0.0, 255.0, None, None), (-1.0, 1.0, None, None), (0.0, 1.0, 0.3, 0.35)],
)
def test_units_reach_the_model(
    low: float, high: float, mean: float | None, std: float | None, digits: Digits, tmp_path: Path
) -> None:
    class Undo(nn.Module):
        """Wants inputs in other units than the network behind it."""

        def __init__(self) -> None:
            super().__init__()
            self.network = digits.network

        def forward(self, x: torch.Tensor) -> object:
            return self.network((x * (std or 1) + (mean or 0) - low) / (high - low))

    model = save_model(Undo().eval(), tmp_path, "torchscript_traced", digits.x)
    hints = SpecHints(
        low=(low,), high=(high,), mean=mean and (mean,), std=std and (std,),
    )  # fmt: skip
    clean = digits.save_clean(tmp_path / "clean.npz")
    result = opened(model, clean, hints)
    assert torch.allclose(result.subject.logits(digits.x), digits.network(digits.x), atol=1e-3)
    own = (digits.x * (high - low) + low - (mean or 0)) / (std or 1)
    np.savez(clean, x=own.numpy(), y=digits.y.numpy())
    assert torch.allclose(opened(model, clean, hints).clean.x, digits.x, atol=1e-5)
    if (mean or 0) == 0:
        np.savez(clean, x=own.numpy(), y=digits.y.numpy())
        deduced = opened(model, clean)
        assert torch.allclose(deduced.clean.x, digits.x, atol=1e-5)
        assert any("range" in note for note in deduced.facts.notes)


def test_a_normalised_clean_set_is_fed_unchanged(digits: Digits, tmp_path: Path) -> None:
    class Normalised(nn.Module):
        """Wants standardised inputs."""

        def __init__(self) -> None:
            super().__init__()
            self.network = digits.network

        def forward(self, x: torch.Tensor) -> object:
            return self.network(x * 0.35 + 0.3)

    model = save_model(Normalised().eval(), tmp_path, "torchscript_traced", digits.x)
    own = (digits.x - 0.3) / 0.35
    np.savez(tmp_path / "clean.npz", x=own.numpy(), y=digits.y.numpy())
    result = opened(model, tmp_path / "clean.npz")
    logits = result.subject.logits(result.clean.x)
    assert torch.allclose(logits, digits.network(digits.x), atol=1e-3)
    assert any("normalised already" in note for note in result.facts.notes)


def test_a_wrong_range_is_noticed_and_named(digits: Digits, tmp_path: Path) -> None:
    class Bytes(nn.Module):
        """Wants 0..255, and sees nothing in 0..1."""

        def __init__(self) -> None:
            super().__init__()
            self.network = digits.network

        def forward(self, x: torch.Tensor) -> object:
            return self.network(x / 255)

    model = save_model(Bytes().eval(), tmp_path, "torchscript_traced", digits.x)
    with pytest.raises(AuditorError, match=r"no better than chance.*--range 0,255 it would be 9"):
        opened(model, digits.save_clean(tmp_path / "clean.npz"))


def test_shuffled_labels_are_not_a_finding(digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    y = digits.y[torch.randperm(400, generator=torch.Generator().manual_seed(1))]
    np.savez(tmp_path / "clean.npz", x=digits.pixels, y=y.numpy())
    with pytest.raises(AuditorError, match="No usual preprocessing helps") as caught:
        opened(model, tmp_path / "clean.npz")
    assert not isinstance(caught.value, DeliveryError)


def test_an_unbalanced_set_is_not_chance(tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = torch.rand(300, 4)
    y = (x[:, 0] > 0.97).long()
    linear = nn.Linear(4, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[0.0] * 4, [40.0, 0, 0, 0]]))
        linear.bias.copy_(torch.tensor([0.0, -40 * 0.96]))
    model = save_model(linear.eval(), tmp_path, "torchscript", x)
    np.savez(tmp_path / "clean.npz", x=x.numpy(), y=y.numpy())
    assert opened(model, tmp_path / "clean.npz").data.per_class[1] < 20


def test_names_of_folders_follow_the_models_names(digits: Digits, tmp_path: Path) -> None:
    names = [f"digit {'jihgfedcba'[i]}" for i in range(10)]
    folder = save_folder(digits, tmp_path / "clean")
    for label, name in enumerate(names):
        (folder / str(label)).rename(folder / name)
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    result = opened(model, folder, SpecHints(class_names=tuple(names)))
    agreed = result.subject.predict(result.clean.x) == result.clean.y
    assert float(agreed.float().mean()) > 0.8
    assert result.facts.spec.label(0) == "0 (digit j)"


def test_a_factory_of_the_auditors_own(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "our_nets.py").write_text(
        "from auditor.architectures import build\n"
        "def cnn(shape, classes):\n    return build('small_cnn', shape, classes)\n"
    )
    monkeypatch.chdir(tmp_path)
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    clean = digits.save_clean(tmp_path / "clean.npz")
    result = opened(model, clean, SpecHints(arch="our_nets:cnn"))
    assert result.facts.architecture == "our_nets:cnn"


def test_pictures_of_other_sizes_are_resized_to_a_known_shape(tmp_path: Path) -> None:
    torch.manual_seed(0)
    for label in range(2):
        (tmp_path / "clean" / str(label)).mkdir(parents=True)
        for i in range(12):
            pixels = np.full((8 + i, 9, 3), 250 * label, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "clean" / str(label) / f"{i}.bmp")
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    with torch.no_grad():
        network[1].weight.copy_(torch.stack([-torch.ones(48), torch.ones(48)]))
        network[1].bias.copy_(torch.tensor([24.0, -24.0]))
    model = save_model(network.eval(), tmp_path, "onnx", torch.rand(2, 3, 4, 4))
    result = opened(model, tmp_path / "clean")
    assert tuple(result.clean.x.shape) == (24, 3, 4, 4)
    assert any("resized to 4 x 4" in note for note in result.facts.notes)


def test_without_arch_the_only_fitting_one_is_noted(digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, "state_dict", digits.x)
    facts = opened(model, digits.save_clean(tmp_path / "clean.npz")).facts
    assert facts.architecture == "small_cnn"
    assert "small_cnn was found by the names and shapes" in facts.notes[0]


@pytest.mark.parametrize("end", ["npz", "csv"])
def test_labels_that_are_texts_follow_the_models_names(
    end: str, digits: Digits, tmp_path: Path
) -> None:
    names = [f"class {9 - k}" for k in range(CLASSES)]  # sorted order is the other way round
    texts = np.array(names)[digits.y.numpy()]
    clean = tmp_path / f"clean.{end}"
    flat = digits.x.flatten(1).numpy()
    if end == "npz":
        np.savez(clean, x=flat, y=texts)
    else:
        pd.DataFrame(flat).assign(label=texts).to_csv(clean, index=False)
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    shape = SpecHints(shape=SHAPE)
    known = opened(model, clean, shape.model_copy(update={"class_names": tuple(names)}))
    assert torch.equal(known.clean.y, digits.y)
    with pytest.raises(AuditorError, match=r"sorted order \(0 class 0, 1 class 1"):
        opened(model, clean, shape)
    with pytest.raises(
        AuditorError, match="'class 0', which is not a class of the model"
    ) as caught:
        opened(model, clean, shape.model_copy(update={"class_names": tuple(map(str, range(10)))}))
    assert "class_names in the card" in caught.value.hint


def test_labels_that_are_texts_are_numbered_in_sorted_order(digits: Digits, tmp_path: Path) -> None:
    texts = np.array([f"class {k}" for k in range(CLASSES)])[digits.y.numpy()]
    np.savez(tmp_path / "clean.npz", x=digits.x.flatten(1).numpy(), y=texts)
    model = save_model(digits.network, tmp_path, "safetensors", digits.x)
    found = opened(model, tmp_path / "clean.npz", SpecHints(shape=SHAPE))
    assert torch.equal(found.clean.y, digits.y)
    assert any("sorted order (0 class 0, 1 class 1" in note for note in found.facts.notes)
