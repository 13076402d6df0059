"""Numbers of an ONNX node's attributes: finite, and none taken from a function nobody calls.

Source: onnx.proto of ONNX 1.21; ``ref_attr_name`` has a meaning in the body of a function only.
"""

from __future__ import annotations

from auditor.intake.inert.log import shown
from auditor.intake.inert.onnx_messages import Message
from auditor.intake.inert.onnx_tensors import Walk


def look(attribute: Message, walk: Walk) -> None:
    """Report a reference outside of every function."""
    if attribute.text(21) and not walk.functions:
        what = f"the attribute {shown(attribute.text(1), 40)} is that of a function, in no function"
        walk.log.add("suspicious", "onnx.attribute", what, attribute.at, attribute.text(1))
