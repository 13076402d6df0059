"""What a scan that found nothing forbidden has to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScanReport:
    """Result of a static scan.

    Args:
        dangerous: forbidden things seen; 0, because the first one ends the scan.
        suspicious: odd but harmless things seen, each with a note.
        notes: one sentence each.
        safe_format: the format itself cannot carry code (safetensors, ONNX).
    """

    dangerous: int = 0
    suspicious: int = 0
    notes: tuple[str, ...] = ()
    safe_format: bool = False
