"""Files that would run code are named for what they are, and never run."""

from __future__ import annotations

import io
import json
import os
import pickle  # noqa: TID251  writes hostile files, reads none
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from model_forms import FORMS, Digits, save_model
from onnx import TensorProto, helper
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.delivery import receive
from auditor.intake.exported import program
from auditor.intake.load import open_delivery
from auditor.intake.scan import scan
from auditor.intake.scan_export import read_graph
from auditor.intake.scan_export_expressions import check_expression
from auditor.intake.zips import opened


class Touch:
    """Unpickling it creates a file."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.canary}",)


def legacy(folder: Path, canary: Path) -> Path:
    path = folder / "evil.pt"
    content = {"w": torch.ones(2), "x": Touch(canary)}
    torch.save(content, path, _use_new_zipfile_serialization=False)
    return path


def zipped(folder: Path, canary: Path) -> Path:
    path = folder / "evil.pt"
    torch.save({"w": torch.ones(2), "x": Touch(canary)}, path)
    return path


def bare(folder: Path, canary: Path) -> Path:
    path = folder / "evil.pkl"
    path.write_bytes(pickle.dumps(Touch(canary), protocol=4))
    return path


def old_protocol(folder: Path, canary: Path) -> Path:
    path = folder / "evil.pkl"
    path.write_bytes(pickle.dumps(Touch(canary), protocol=0))
    return path


def hidden_reduce(folder: Path, canary: Path) -> Path:
    """The allowed names come first, the call later."""
    path = folder / "evil.pt"
    body = pickle.dumps([torch.Size([1]), Touch(canary)], protocol=2)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", body)
        archive.writestr("m/version", "3\n")
    return path


def script_with_files(folder: Path, canary: Path) -> Path:
    class Reads(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + torch.from_file("/etc/passwd", False, 4, dtype=torch.uint8).sum()

    path = folder / "evil.ts"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Reads()), str(path))
    return path


def script_with_setstate(folder: Path, canary: Path) -> Path:
    code = b"\n  def __setstate__(self, x: int) -> NoneType:\n    return None\n"

    def change(name: str, body: bytes) -> bytes:
        return body + code if "modules/linear" in name and name.endswith(".py") else body

    return rewritten(folder, "torchscript", change)


def script_with_custom_operator(folder: Path, canary: Path) -> Path:
    return rewritten(
        folder, "torchscript", lambda name, body: body.replace(b"torch.linear", b"ops.evil.linear")
    )


def rewritten(folder: Path, form: str, change: Callable[[str, bytes], bytes]) -> Path:
    source = save_model(nn.Sequential(nn.Linear(4, 3)).eval(), folder, form, torch.rand(4, 4))
    path = folder / "evil.model"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return path


def program_with_expression(folder: Path, canary: Path) -> Path:
    code = f"__import__('os').system('touch {canary}')"
    return rewritten(
        folder, "export",
        lambda name, body: body.replace(
            b"Symbol(", f"Max({code}, Symbol(".encode(), 1
        ) if name.endswith("model.json") else body,
    )  # fmt: skip


def program_with_target(folder: Path, canary: Path) -> Path:
    return rewritten(
        folder, "export",
        lambda name, body: body.replace(b"torch.ops.aten.linear.default", b"torch.load"),
    )  # fmt: skip


def program_with_pickled_weight(folder: Path, canary: Path) -> Path:
    return rewritten(
        folder, "export",
        lambda name, body: body.replace(b'"use_pickle": false', b'"use_pickle": true'),
    )  # fmt: skip


def program_with_library(folder: Path, canary: Path) -> Path:
    path = rewritten(folder, "export", lambda name, body: body)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x/data/aotinductor/model/model.so", b"\x7fELF")
    return path


def graph(folder: Path, *nodes: onnx.NodeProto, external: str = "") -> Path:
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 4], [0.5] * 12)
    if external:
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=external)
    made = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["h"], transB=1), *nodes], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])], [weight],
    )  # fmt: skip
    path = folder / "evil.onnx"
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("evil", 1)]
    path.write_bytes(helper.make_model(made, opset_imports=opsets).SerializeToString())
    return path


def onnx_custom(folder: Path, canary: Path) -> Path:
    return graph(folder, helper.make_node("Shell", ["h"], ["y"], domain="evil"))


def onnx_outside(folder: Path, canary: Path) -> Path:
    return graph(folder, helper.make_node("Relu", ["h"], ["y"]), external="../../etc/passwd")


HOSTILE = [
    (legacy, "system"), (zipped, "system"), (bare, "system"), (old_protocol, "system"),
    (hidden_reduce, "system"),
    (script_with_files, "from_file"), (script_with_setstate, "__setstate__"),
    (script_with_custom_operator, "ops.evil.linear"), (program_with_expression, "__import__"),
    (program_with_target, "torch.load"), (program_with_pickled_weight, "pickled"),
    (program_with_library, "model.so"), (onnx_custom, "evil::Shell"),
    (onnx_outside, "etc/passwd"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "named"), HOSTILE, ids=lambda v: getattr(v, "__name__", v))
def test_hostile_files_are_named_and_never_run(
    build: Callable[[Path, Path], Path], named: str, digits: Digits, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    model = build(tmp_path, canary)
    clean = digits.save_clean(tmp_path / "clean.npz")
    with pytest.raises(DeliveryError) as caught:
        open_delivery(model, receive(model).format, SpecHints(), clean)
    assert caught.value.kind == "dangerous"
    assert named in caught.value.message
    assert not canary.exists()


@pytest.mark.parametrize("form", FORMS)
def test_ordinary_files_pass(form: str, digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, form, digits.x)
    report = scan(model, receive(model).format)
    assert report.dangerous == 0
    assert report.suspicious == 0
    assert report.safe_format == (form.split("_", maxsplit=1)[0] in ("safetensors", "onnx"))


@pytest.mark.parametrize("operator", ["If", "Loop", "RandomNormalLike", "NonMaxSuppression"])
def test_onnx_beyond_the_table_is_unsupported(operator: str, tmp_path: Path) -> None:
    path = graph(tmp_path, helper.make_node(operator, ["h"], ["y"], name="here"))
    with pytest.raises(DeliveryError, match=operator) as caught:
        scan(path, "onnx")
    assert caught.value.kind == "unsupported"


@pytest.mark.parametrize("form", FORMS)
def test_truncated_files_are_unreadable(form: str, digits: Digits, tmp_path: Path) -> None:
    model = save_model(digits.network, tmp_path, form, digits.x)
    clean = digits.save_clean(tmp_path / "clean.npz")
    whole = model.read_bytes()
    for share in (0.02, 0.3, 0.9):
        model.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DeliveryError) as caught:
            open_delivery(model, receive(model).format, SpecHints(), clean)
        assert caught.value.kind in ("unreadable", "unsupported")


def test_a_zip_bomb_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data.pkl", b"\0" * (64 << 20))
    with pytest.raises(DeliveryError, match="unpacks to 64 MiB"):
        scan(path, receive(path).format)


def test_a_small_storage_cannot_pose_as_a_huge_tensor(digits: Digits, tmp_path: Path) -> None:
    path = tmp_path / "huge.pt"
    huge = torch.zeros(4, dtype=torch.half).as_strided((1 << 20, 1 << 20), (0, 0))
    torch.save({"fc.weight": huge}, path)
    with pytest.raises(DeliveryError, match="more values than the file holds"):
        open_delivery(path, "state_dict", SpecHints(), digits.save_clean(tmp_path / "clean.npz"))


def header(path: Path, entries: str, data: bytes) -> Path:
    path.write_bytes(len(entries).to_bytes(8, "little") + entries.encode() + data)
    return path


@pytest.mark.parametrize(
    ("entries", "data", "said"),
    [
        ('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{}}', b"\0" * 8, "twice"),
        ('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', b"\0" * 12, "describes 8"),
        ('{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}', b"\0" * 12, "gap"),
        ('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', b"\0" * 8, "size"),
        ('{"a":{"dtype":"X9","shape":[2],"data_offsets":[0,8]}}', b"\0" * 8, "malformed"),
        ('{"a":[1]}', b"", "malformed"),
        ("{}", b"\0" * 9, "0 tensors"),
        ("{not json}", b"", "not valid"),
    ],
)
def test_safetensors_headers_are_checked(
    entries: str, data: bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(DeliveryError, match=said):
        scan(header(tmp_path / "m.safetensors", entries, data), "safetensors")


@pytest.mark.parametrize("text", ["s0", "2*s77 + 1", "Symbol('s1', positive=True)", "Max(1, s0)"])
def test_plain_shape_expressions_pass(text: str) -> None:
    check_expression(text)


@pytest.mark.parametrize(
    "text", ["os.system('x')", "().__class__", "lambda: 1", "eval('1')", "'a b'", "[1]", "9**", ""]
)
def test_other_shape_expressions_are_dangerous(text: str) -> None:
    with pytest.raises(DeliveryError, match="more than arithmetic"):
        check_expression(text)


def test_a_decision_on_data_is_suspicious(tmp_path: Path) -> None:
    class Decides(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            if x.sum() > 3:
                return x * 0
            return x

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Decides()), str(tmp_path / "m.ts"))
    report = scan(tmp_path / "m.ts", "torchscript")
    assert report.suspicious >= 1
    assert "a branch is steered by values of the input" in report.notes[0]


def test_guards_and_sample_inputs_never_run(digits: Digits, tmp_path: Path) -> None:
    canary, model = tmp_path / "canary", tmp_path / "evil.model"
    source = save_model(digits.network, tmp_path, "export", digits.x)
    body = io.BytesIO()
    torch.save(Touch(canary), body)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(model, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("models/model.json"):
                document = json.loads(content)
                document["guards_code"] = [f"__import__('os').system('touch {canary}') == 0"]
                content = json.dumps(document).encode()
            new.writestr(name, body.getvalue() if "sample_inputs" in name else content)
    clean = digits.save_clean(tmp_path / "clean.npz")
    with pytest.raises(DeliveryError, match=r"posix\.system") as refusal:
        open_delivery(model, receive(model).format, SpecHints(), clean)
    assert refusal.value.kind == "dangerous"
    with opened(model) as archive:  # the second line of defence
        network = program(archive, read_graph(archive))
    assert torch.allclose(network(digits.x), digits.network(digits.x), atol=1e-4)
    assert not canary.exists()
    assert shutil.which("touch")
