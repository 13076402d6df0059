"""Static scan of a model file before anything loads it: inert, budgeted, by allow-list.

Purpose: says what a file would do without doing it. Each format has its own reader; a file that
passes has only been found to hold nothing outside the allow-list of its format.
Limits: TorchScript is a program; a clean scan of it lowers the risk, and the confinement of the
worker covers the rest. Deny-lists are no use here (Liu et al. 2025, arXiv:2508.19774).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auditor.core.errors import DeliveryError
from auditor.intake.hugging_face.folder import scan_hugging_face
from auditor.intake.report import ScanReport
from auditor.intake.scan_estimator import scan_sklearn, scan_skops
from auditor.intake.scan_export import scan_export
from auditor.intake.scan_onnx import scan_onnx
from auditor.intake.scan_pickle import name_pickle, scan_state_dict
from auditor.intake.scan_safetensors import scan_safetensors
from auditor.intake.scan_torchscript import scan_torchscript

__all__ = ["ScanReport", "scan"]

_SCANNERS: dict[str, Callable[[Path], ScanReport]] = {
    "safetensors": scan_safetensors,
    "state_dict": scan_state_dict,
    "torchscript": scan_torchscript,
    "export": scan_export,
    "onnx": scan_onnx,
    "sklearn": scan_sklearn,
    "skops": scan_skops,
    "hugging_face": scan_hugging_face,
}


def scan(path: Path, format: str) -> ScanReport:
    """Look into a model file of a sniffed format.

    Raises:
        DeliveryError: kind ``dangerous`` names what would run and where; ``unreadable`` a
            damaged container; ``unsupported`` what could not be examined.
    """
    if format not in _SCANNERS:
        name_pickle(path)
        raise DeliveryError(
            f"{path.name} is in no known model format.",
            "Known are safetensors, state_dict, TorchScript, .pt2, ONNX and scikit-learn's files.",
        )
    return _SCANNERS[format](path)
