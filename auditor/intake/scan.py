"""Static scan of the model file before anything loads it: the same readers as ``auditor scan``.

Purpose: says what a file would do without doing it; a file that passes holds nothing outside the
allow-list of its format. Runs in the confined worker; `ScanReport` goes into the record.
Limits: TorchScript is a program; a clean scan of it lowers the risk, and the confinement of the
worker covers the rest. Deny-lists are no use here (Liu et al. 2025, arXiv:2508.19774).
"""

from __future__ import annotations

from pathlib import Path

from auditor.core.errors import DeliveryError
from auditor.core.scan import Problem
from auditor.intake.hugging_face.folder import scan_hugging_face
from auditor.intake.inert.files import read_part
from auditor.intake.inert.log import Budget
from auditor.intake.report import ScanReport
from auditor.intake.scan_estimator import scan_sklearn, scan_skops

__all__ = ["ScanReport", "scan"]

SECONDS = 60.0
NOTED = 4
KNOWN = "Known are safetensors, state_dict, TorchScript, .pt2, ONNX and scikit-learn's files."
_KNOWN = ("safetensors", "state_dict", "torchscript", "export", "onnx")
_NO_CODE = ("safetensors", "onnx")
_TWO_FACED = ("zip.", "file.")
_DAMAGED = ("damaged", "budget", "file.", "zip.", "model.unreadable")
_OWN = {"sklearn": scan_sklearn, "skops": scan_skops}
"""Formats whose own reader is their scan: what it rebuilds is all that is ever used."""


def scan(path: Path, format: str) -> ScanReport:
    """Look into a model file of a sniffed format.

    Raises:
        DeliveryError: kind ``dangerous`` names what would run and where; ``unreadable`` a
            damaged container; ``unsupported`` what could not be examined.
    """
    if format in _OWN:
        return _OWN[format](path)
    if format == "hugging_face":
        return scan_hugging_face(path, lambda shard: scan(shard, "safetensors"))
    own = path.resolve()
    part, _ = read_part(own.parent, own.name, Budget.fresh(SECONDS))
    for problem in sorted(part.problems, key=_weight):
        if _weight(problem) < NOTED:
            raise _refusal(problem, format)
    if format not in _KNOWN or (part.format != format and (part.format, format) != _BARE):
        raise DeliveryError(
            f"{path.name} is in no known model format (it looks like {part.format}).",
            KNOWN,
        )
    odd = tuple(problem.message for problem in part.problems)
    return ScanReport(suspicious=len(odd), notes=odd[:10], safe_format=format in _NO_CODE)


_BARE = ("pickle", "state_dict")
"""A dictionary of tensors that was pickled without torch's container."""


def _weight(problem: Problem) -> int:
    """What is refused first: harm, then two faces, then what is unknown; the rest is noted."""
    if problem.level == "danger":
        return 0
    if problem.rule in ("zip.duplicate", "zip.two_headers", "zip.overlap", "file.polyglot"):
        return 1
    if problem.level == "not_audited":
        return 2
    return 3 if problem.rule.startswith(_TWO_FACED) else NOTED


def _refusal(problem: Problem, format: str) -> DeliveryError:
    if problem.level == "danger":
        return DeliveryError(problem.message, problem.hint, "dangerous")
    if problem.rule == "file.unknown" or format == "unknown":
        return DeliveryError(
            f"The file is in no known model format: {problem.message}",
            KNOWN,
        )
    kind = "unreadable" if problem.rule.startswith(_DAMAGED) else "unsupported"
    return DeliveryError(problem.message, problem.hint, kind)
