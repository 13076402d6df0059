"""Corpora of honest deliveries: one file, or files beside honest weights."""

from __future__ import annotations

from typing import Any

from corpus import Corpus, Data
from fifth_folders import js
from fourth_folders import good

CLEAN = (0,)


class Honest(Corpus):
    """Honest deliveries by name."""

    def honest(self, name: str, data: Data, codes: tuple[int, ...] = CLEAN) -> None:
        """Register one file under its own name."""
        self.file(name, data, codes, name)

    def beside(self, name: str, files: dict[str, Any], codes: tuple[int, ...] = CLEAN) -> None:
        """Register honest weights and further files; what is neither bytes nor text is JSON."""
        made = {
            path: v if isinstance(v, bytes) else v.encode() if isinstance(v, str) else js(v)
            for path, v in files.items()
        }
        self.folder(name, {"model.safetensors": good, **made}, codes)
