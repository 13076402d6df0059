"""The parts of a delivered folder: weights in one file or in shards, and what else lies there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from auditor.core.errors import DeliveryError
from auditor.intake.hugging_face.config import CONFIG, LIMIT, PREPROCESSOR, read_config
from auditor.intake.report import ScanReport

SHARDS = 1000
_CODE_KEYS = ("auto_map", "custom_pipelines", "trust_remote_code")
_OTHERS = frozenset((".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack", ".onnx", ".gguf"))


def shards(model: Path) -> list[Path]:
    """The files that hold the weights: the model file itself, or those its index names.

    Raises:
        DeliveryError: an index that is damaged or names files outside the folder.
    """
    if not model.name.endswith(".json"):
        return [model]
    if model.stat().st_size > LIMIT * 16:
        raise DeliveryError(f"{model.name} is too large for an index.")
    try:
        table = json.loads(model.read_text("utf-8"))["weight_map"]
        names = sorted({str(name) for name in table.values()})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DeliveryError(f"{model.name} is no index of weights: {error!s:.60}.") from error
    if not 0 < len(names) <= SHARDS:
        raise DeliveryError(f"{model.name} names {len(names)} files.")
    return [_inside(model.parent, name) for name in names]


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    plain = Path(name).name == name and not path.is_symlink()
    if not plain or not path.is_file():
        raise DeliveryError(
            f"The index names {name!r:.80}, which is no file of the folder.",
            "Ask the vendor for the complete folder.",
        )
    return path


def scan_hugging_face(model: Path, scan_shard: Callable[[Path], ScanReport]) -> ScanReport:
    """Every shard, the configuration, and a look at what else lies in the folder.

    Args:
        model: the weights, or the index that names their shards.
        scan_shard: scans one file of safetensors.

    Raises:
        DeliveryError: ``dangerous`` if the configuration would run code of the folder or of a
            hub; otherwise as the scan of safetensors.
    """
    folder = model.parent
    for name in (CONFIG, PREPROCESSOR):
        _no_code(folder, name)
    notes: list[str] = []
    for shard in shards(model):
        notes += scan_shard(shard).notes
    for file in sorted(folder.iterdir()):
        if file.suffix == ".py":
            notes.append(f"The folder holds code, {file.name[:80]}; it was neither read nor run.")
        elif file.suffix in _OTHERS:
            notes.append(f"The file {file.name[:80]} was not audited; only safetensors were.")
    return ScanReport(suspicious=len(notes), notes=tuple(notes[:10]), safe_format=True)


def _no_code(folder: Path, name: str) -> None:
    document = read_config(folder, name).document
    for key in _CODE_KEYS:
        if document.get(key):
            raise DeliveryError(
                f"{name} has {key} ({str(document[key])[:100]}), which makes transformers run the "
                "vendor's code.",
                "It was not run. Ask for an architecture that transformers itself has.",
                "dangerous",
            )
