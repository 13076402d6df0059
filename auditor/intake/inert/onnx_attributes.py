"""An ONNX node's attributes: numbers that are numbers, none taken from a function nobody calls.

Source: onnx.proto of ONNX 1.21; ``ref_attr_name`` has a meaning in the body of a function only.
"""

from __future__ import annotations

import numpy as np

from auditor.intake.inert.log import shown
from auditor.intake.inert.onnx_messages import Message
from auditor.intake.inert.onnx_tensors import Walk


def look(attribute: Message, walk: Walk) -> None:
    """Report a reference outside of every function, and numbers that are none."""
    if attribute.text(21) and not walk.functions:
        what = f"the attribute {shown(attribute.text(1), 40)} is that of a function, in no function"
        walk.log.add("suspicious", "onnx.attribute", what, attribute.at, attribute.text(1))
    if any(map(_has_none, (*attribute.values.get(2, []), *attribute.values.get(7, [])))):
        what = f"the attribute {shown(attribute.text(1), 40)} is not a number"
        walk.log.add("suspicious", "onnx.attribute", what, attribute.at, attribute.text(1))


def _has_none(value: int | memoryview) -> bool:
    """Whether 32-bit floats, one or many packed, have one that is not a number."""
    packed = bytes(value) if isinstance(value, memoryview) else value.to_bytes(8, "little")
    return bool(np.isnan(np.frombuffer(packed[: len(packed) // 4 * 4], "<f4")).any())
