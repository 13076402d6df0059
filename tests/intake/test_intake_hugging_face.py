"""Folders of transformers: our own networks, hostile configurations, and the library itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from model_forms import save_folder
from safetensors.torch import load_file, save_file

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.delivery import model_file, receive, sniff
from auditor.intake.formats import FORMATS
from auditor.intake.load import open_delivery
from auditor.intake.scan import scan

VIT: dict[str, Any] = {
    "architectures": ["ViTForImageClassification"], "hidden_size": 24, "num_hidden_layers": 2,
    "num_attention_heads": 3, "intermediate_size": 40, "image_size": 16, "patch_size": 4,
    "num_channels": 3, "id2label": {str(k): f"kind {k}" for k in range(5)},
}  # fmt: skip
RESNET: dict[str, Any] = {
    "architectures": ["ResNetForImageClassification"], "embedding_size": 8, "num_channels": 3,
    "hidden_sizes": [16, 24], "depths": [1, 2], "layer_type": "basic", "image_size": 32,
    "id2label": {str(k): f"kind {k}" for k in range(5)},
}  # fmt: skip
BOTTLENECK = {**RESNET, "layer_type": "bottleneck", "downsample_in_first_stage": True}
PROCESSOR = {
    "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
    "size": {"height": 16, "width": 16},
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.5, 0.5],
}  # fmt: skip


def load(folder: Path) -> Any:
    path = model_file(folder)
    name = sniff(path)
    assert name == "hugging_face"
    scan(path, name)
    return FORMATS[name].load(path, FORMATS[name].describe(path))


@pytest.mark.parametrize("config", [VIT, RESNET, BOTTLENECK], ids=["vit", "basic", "bottleneck"])
def test_a_folder_becomes_a_network(config: dict[str, Any], tmp_path: Path) -> None:
    network = save_folder(tmp_path, config)
    x = torch.rand(3, 3, config["image_size"], config["image_size"])
    with torch.no_grad():
        assert torch.equal(load(tmp_path).network(x), network(x))


def test_hints_come_from_the_configuration(tmp_path: Path) -> None:
    save_folder(tmp_path, VIT, PROCESSOR)
    hints = FORMATS["hugging_face"].describe(model_file(tmp_path))
    assert hints.shape == (3, 16, 16)
    assert hints.classes == 5
    assert hints.class_names == tuple(f"kind {k}" for k in range(5))
    assert hints.mean == (0.5, 0.5, 0.5)
    assert hints.std == (0.25, 0.5, 0.5)
    assert (hints.low, hints.high) == ((0.0,), (1.0,))


def test_shards_give_the_same_network(tmp_path: Path) -> None:
    network = save_folder(tmp_path, VIT)
    whole = tmp_path / "model.safetensors"
    state = load_file(whole)
    whole.unlink()
    names = sorted(state)
    half = len(names) // 2
    for part, keys in (("a", names[:half]), ("b", names[half:])):
        save_file({key: state[key] for key in keys}, tmp_path / f"model-{part}.safetensors")
    table = {key: f"model-{'a' if i < half else 'b'}.safetensors" for i, key in enumerate(names)}
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": table}))
    x = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(load(tmp_path).network(x), network(x))
    listed = {file.path for file in receive(index).files}
    assert {"model-a.safetensors", "model-b.safetensors", "config.json"} <= listed
    index.write_text(json.dumps({"weight_map": {"w": "../outside.safetensors"}}))
    with pytest.raises(DeliveryError, match=r"outside\.safetensors"):
        scan(index, "hugging_face")


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_remote_code_is_refused(file: str, tmp_path: Path) -> None:
    save_folder(tmp_path, VIT, PROCESSOR)
    document = json.loads((tmp_path / file).read_text())
    document["auto_map"] = {"AutoModel": "modeling_evil.Evil"}
    (tmp_path / file).write_text(json.dumps(document))
    with pytest.raises(DeliveryError, match=r"auto_map.*modeling_evil") as caught:
        scan(model_file(tmp_path), "hugging_face")
    assert caught.value.kind == "dangerous"


def test_what_lies_beside_is_named(tmp_path: Path) -> None:
    save_folder(tmp_path, VIT)
    (tmp_path / "modeling_own.py").write_text("import os")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02N.")
    report = scan(model_file(tmp_path), "hugging_face")
    assert report.suspicious == 2
    assert "modeling_own.py" in report.notes[0]
    assert "pytorch_model.bin was not audited" in report.notes[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"architectures": ["BertForSequenceClassification"]}, "BertForSequenceClassification"),
        ({"hidden_size": 1 << 40}, "hidden_size"),
        ({"num_hidden_layers": -1}, "num_hidden_layers"),
        ({"num_hidden_layers": 3}, "do not fit"),
        ({"num_attention_heads": 7}, "heads"),
        ({"hidden_act": "os.system"}, "activation"),
        ({"id2label": {"0": "a", "7": "b"}}, "id2label"),
        ({"image_size": "16"}, "image_size"),
        ({"num_channels": None}, "num_channels"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    save_folder(tmp_path, VIT)
    (tmp_path / "config.json").write_text(json.dumps(VIT | change))
    with pytest.raises(DeliveryError, match=said):
        load(tmp_path)


def test_names_of_classes_are_short_and_printable(tmp_path: Path) -> None:
    hostile = {"0": "\x1b[31m<script>" + "x" * 500, "1": "b", "2": "c", "3": "d", "4": ["e"]}
    save_folder(tmp_path, VIT)
    (tmp_path / "config.json").write_text(json.dumps(VIT | {"id2label": hostile}))
    names = FORMATS["hugging_face"].describe(model_file(tmp_path)).class_names
    assert names is not None
    assert all(len(name) <= 80 and name.isprintable() for name in names)


def test_a_folder_is_opened_whole(tmp_path: Path) -> None:
    network = save_folder(tmp_path, VIT, PROCESSOR)
    pixels = np.random.default_rng(0).integers(0, 256, (60, 3, 16, 16), dtype=np.uint8)
    units = (torch.from_numpy(pixels) / 255 - 0.5) / torch.tensor([0.25, 0.5, 0.5]).reshape(
        1, 3, 1, 1
    )
    with torch.no_grad():
        logits = network(units)
    labels = logits.argmax(1).numpy()
    labels[:10] = np.arange(10) % 5
    np.savez(tmp_path / "clean.npz", x=pixels, y=labels)
    opened = open_delivery(
        model_file(tmp_path), "hugging_face", SpecHints(), tmp_path / "clean.npz"
    )
    assert opened.facts.architecture == "transformers ViTForImageClassification"
    assert opened.subject.origin.declared == "ViTForImageClassification"
    assert torch.allclose(opened.subject.logits(opened.clean.x), logits, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("config", [VIT, RESNET, BOTTLENECK], ids=["vit", "basic", "bottleneck"])
def test_the_same_numbers_as_transformers(config: dict[str, Any], tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    kind = config["architectures"][0]
    settings = getattr(transformers, kind.replace("ForImageClassification", "Config"))(
        **{
            key: value
            for key, value in config.items()
            if key not in ("architectures", "image_size")
        },
        **({"image_size": config["image_size"]} if kind.startswith("ViT") else {}),
    )
    torch.manual_seed(0)
    theirs = getattr(transformers, kind)(settings).eval()
    theirs.save_pretrained(tmp_path, safe_serialization=True)
    x = torch.rand(2, 3, config["image_size"], config["image_size"])
    with torch.no_grad():
        assert torch.allclose(load(tmp_path).network(x), theirs(x).logits, atol=1e-5)
