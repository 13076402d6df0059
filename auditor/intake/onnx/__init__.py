"""ONNX graphs as torch modules: our own small converter, so that gradients and hooks work.

Purpose: classifiers exported from torch and its like. Every node becomes one module that calls one
small torch function from an allow-list; weights become parameters that can be fine-tuned.
Limits: the operators of `OPS`; no control flow, no custom domains, one tensor in.
"""

from __future__ import annotations

from auditor.intake.onnx import layers, mathematics, quantised, shapes
from auditor.intake.onnx.table import OPS

__all__ = ["OPS", "layers", "mathematics", "quantised", "shapes"]
