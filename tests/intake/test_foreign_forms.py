"""Models as strangers hand them over: other arrangements, precisions, wrappers and outputs."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from model_forms import Digits
from sklearn.ensemble import VotingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.delivery import model_file, receive
from auditor.intake.load import Opened, open_delivery
from auditor.intake.onnx.table import OPS
from auditor.intake.scan_torchscript import _Visitor


class Around(nn.Module):
    """The network behind somebody's own way of passing inputs and outputs."""

    def __init__(self, network: nn.Module, how: Callable[[nn.Module, Tensor], object]) -> None:
        super().__init__()
        self.network = network
        self.how = how

    def forward(self, x: Tensor) -> object:
        """Whatever the author wanted."""
        return self.how(self.network, x)


def traced(digits: Digits, folder: Path, how: Callable[[nn.Module, Tensor], object],
           example: Tensor) -> Path:  # fmt: skip
    path = folder / "model.pt"
    module = Around(digits.network, how).eval()
    torch.jit.trace(module, example, strict=False).save(str(path))  # type: ignore[no-untyped-call]
    return path


def opened(model: Path, digits: Digits, hints: SpecHints | None = None) -> Opened:
    clean = digits.save_clean(model.parent / "clean.npz")
    return open_delivery(model, receive(model).format, hints or SpecHints(), clean)


def agrees(result: Opened, digits: Digits) -> bool:
    with torch.no_grad():
        wanted = digits.network(digits.x)
    return torch.allclose(result.subject.logits(digits.x), wanted, atol=1e-4)


def test_height_width_channels_are_found_out(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x.permute(0, 3, 1, 2)),
                   digits.x[:2].permute(0, 2, 3, 1))  # fmt: skip
    result = opened(model, digits)
    assert agrees(result, digits)
    assert "height, width, channels" in " ".join(result.facts.notes)


@pytest.mark.parametrize("shape", [None, (8, 8)])
def test_pictures_without_a_channel_are_found_out(
    shape: tuple[int, ...] | None, digits: Digits, tmp_path: Path
) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x.unsqueeze(1)), digits.x[:2, 0])
    result = opened(model, digits, SpecHints(shape=shape))
    assert agrees(result, digits)
    assert result.facts.spec.shape == (1, 8, 8)
    assert "without a channel" in " ".join(result.facts.notes)


def test_one_batch_size_of_torchscript_is_found_out(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x).view(1, 10), digits.x[:1])
    result = opened(model, digits)
    assert agrees(result, digits)
    assert "batches of 1 only" in " ".join(result.facts.notes)


def test_labels_beside_scores_are_passed_over(digits: Digits, tmp_path: Path) -> None:
    def labels_first(net: nn.Module, x: Tensor) -> object:
        return net(x).argmax(1), net(x)

    result = opened(traced(digits, tmp_path, labels_first, digits.x[:2]), digits)
    assert agrees(result, digits)
    assert "several outputs" in " ".join(result.facts.notes)


def test_labels_alone_are_refused(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x).argmax(1), digits.x[:2])
    with pytest.raises(DeliveryError, match="not one row of scores"):
        opened(model, digits)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_precisions_are_converted(dtype: torch.dtype, digits: Digits, tmp_path: Path) -> None:
    network = torch.jit.script(copy.deepcopy(digits.network)).to(dtype)
    network.save(str(tmp_path / "model.pt"))
    result = opened(tmp_path / "model.pt", digits)
    assert result.subject.logits(digits.x[:4]).dtype == torch.float32
    assert "converted to single precision" in " ".join(result.facts.notes)


def test_a_batch_in_the_shape_is_refused_in_words(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x), digits.x[:2])
    with pytest.raises(AuditorError, match="not the shape of one input"):
        opened(model, digits, SpecHints(shape=(1, 1, 8, 8)))


def test_a_channel_too_many_is_still_refused(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x), digits.x[:2])
    clean = tmp_path / "clean.npz"
    np.savez(clean, x=digits.pixels.repeat(3, 1), y=digits.y.numpy())
    with pytest.raises(AuditorError, match="cannot take inputs of shape"):
        open_delivery(model, "torchscript", SpecHints(), clean)


def test_a_clean_set_saved_by_torch_is_named(digits: Digits, tmp_path: Path) -> None:
    model = traced(digits, tmp_path, lambda net, x: net(x), digits.x[:2])
    torch.save((digits.x, digits.y), tmp_path / "clean.pt")
    with pytest.raises(AuditorError, match="file of torch"):
        open_delivery(model, "torchscript", SpecHints(), tmp_path / "clean.pt")


class Branches(nn.Module):
    """Parts in a list, each called by its number."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.parts = nn.ModuleList([network, nn.Identity()])

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        for part in self.parts:
            x = part(x)
        return x


def test_a_traced_list_of_modules_is_read(digits: Digits, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.jit.trace(Branches(digits.network).eval(), digits.x[:2]).save(str(path))  # type: ignore[no-untyped-call]
    assert agrees(opened(path, digits), digits)


@pytest.mark.parametrize(
    "call", ['getattr(parts, "forward")', 'getattr(torch, "0")', "getattr(parts, name)"]
)
def test_other_lookups_by_name_stay_refused(call: str) -> None:
    source = f"def forward(self, parts, name):\n  kept = self.parts\n  return {call}\n"
    with pytest.raises(DeliveryError):
        _Visitor("code.py").visit(ast.parse(source))


def own_net() -> nn.Module:
    """An architecture whose own names begin as a wrapper's do."""
    return Own()


class Own(nn.Module):
    """Keeps its layers under ``net``."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``(n, 10)``."""
        out: Tensor = self.net(x)
        return out


def saved_own(digits: Digits, path: Path, wrap: Callable[[dict[str, Tensor]], object]) -> Path:
    """A linear classifier of the digits, ridge regression, in somebody's checkpoint."""
    flat, one_hot = digits.x.flatten(1), nn.functional.one_hot(digits.y, 10).float()
    mean = flat.mean(0)
    gram = (flat - mean).T @ (flat - mean) + torch.eye(64)
    weight = torch.linalg.solve(gram, (flat - mean).T @ one_hot).T
    state = {"net.1.weight": weight, "net.1.bias": -weight @ mean}
    torch.save(wrap(state), path)
    return path


@pytest.mark.parametrize("wrap", [
    lambda state: state,
    lambda state: {"state_dict": {f"module.{key}": value for key, value in state.items()}},
    lambda state: {"epoch": 3, "model_state": state},
])  # fmt: skip
def test_own_names_that_look_like_wrappers(
    wrap: Callable[[dict[str, Tensor]], object], digits: Digits, tmp_path: Path
) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    saved_own(digits, folder / "checkpoint.pth.tar", wrap)
    clean = digits.save_clean(tmp_path / "clean.npz")
    hints = SpecHints(arch=f"{__name__}:own_net")
    result = open_delivery(model_file(folder), "state_dict", hints, clean)
    right = result.subject.predict(digits.x) == digits.y
    assert right.float().mean() > 0.8


def test_weights_under_two_names_are_not_guessed(digits: Digits, tmp_path: Path) -> None:
    path = saved_own(digits, tmp_path / "m.pth", lambda state: {"raw": state, "averaged": state})
    clean = digits.save_clean(tmp_path / "clean.npz")
    with pytest.raises(DeliveryError, match="under 2 names"):
        open_delivery(path, "state_dict", SpecHints(arch=f"{__name__}:own_net"), clean)


def test_onnx_with_labels_before_scores(digits: Digits, tmp_path: Path) -> None:
    def labels_first(net: nn.Module, x: Tensor) -> object:
        return net(x).argmax(1), net(x)

    path = tmp_path / "model.onnx"
    module = Around(digits.network, labels_first).eval()
    names = ["label", "probabilities"]
    torch.onnx.export(
        module, (digits.x[:2],), str(path), dynamo=False, input_names=["x"], output_names=names,
        dynamic_axes={name: {0: "n"} for name in ("x", *names)},
    )  # fmt: skip
    result = opened(path, digits)
    assert agrees(result, digits)
    assert "probabilities was audited" in " ".join(result.facts.notes)


def test_grey_pictures_for_a_colour_model_get_a_hint(digits: Digits, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    module = Around(digits.network, lambda net, x: net(x.mean(1, keepdim=True))).eval()
    torch.onnx.export(module, (digits.x[:1].repeat(1, 3, 1, 1),), str(path), dynamo=False)
    with pytest.raises(AuditorError) as caught:
        opened(path, digits)
    assert "x.repeat(3, axis=1)" in caught.value.hint


def test_an_estimator_fitted_on_a_data_frame(digits: Digits, tmp_path: Path) -> None:
    """joblib puts the column names, an array of objects, as a pickle between the opcodes."""
    flat = digits.x.flatten(1).numpy().astype(np.float64)
    table = pd.DataFrame(flat, columns=[f"pixel {i}" for i in range(64)])
    fitted = make_pipeline(StandardScaler(), GaussianNB(var_smoothing=0.01))
    fitted.fit(table, digits.y.numpy())
    joblib.dump(fitted, tmp_path / "model.joblib")
    table.assign(label=digits.y.numpy()).to_csv(tmp_path / "clean.csv", index=False)
    model = tmp_path / "model.joblib"
    result = open_delivery(model, receive(model).format, SpecHints(), tmp_path / "clean.csv")
    wanted = torch.from_numpy(fitted.predict(table))
    assert float((result.subject.predict(result.clean.x) == wanted).float().mean()) > 0.99


def test_an_estimator_without_a_builder_is_named(digits: Digits, tmp_path: Path) -> None:
    flat, y = digits.x.flatten(1).numpy(), digits.y.numpy()
    vote = VotingClassifier([("bayes", GaussianNB(var_smoothing=0.01))]).fit(flat, y)
    joblib.dump(vote, tmp_path / "model.joblib")
    with pytest.raises(DeliveryError, match="VotingClassifier, which cannot be audited"):
        opened(tmp_path / "model.joblib", digits)


def test_the_remainder_of_onnx_has_the_right_sign() -> None:
    both = [torch.tensor([-3, 3, 7]), torch.tensor([2, -2, 4])]
    assert torch.equal(torch.as_tensor(OPS["Mod"](both, {})), torch.tensor([1, -1, 3]))
    assert torch.equal(torch.as_tensor(OPS["Mod"](both, {"fmod": 1})), torch.tensor([-1, 1, 3]))
