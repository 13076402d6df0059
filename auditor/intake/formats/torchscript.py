"""TorchScript: a program with its weights; run only in the confined worker, after the scan."""

from __future__ import annotations

from pathlib import Path

import torch

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.formats import Loaded, model_format
from auditor.intake.graphs import of_script
from auditor.intake.layouts import in_single


@model_format("torchscript")
class TorchScript:
    """Loads with torch's own reader."""

    def describe(self, path: Path) -> SpecHints:
        """TorchScript does not record the shape of its input."""
        return SpecHints()

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The module in eval mode.

        Raises:
            DeliveryError: torch cannot read it.
        """
        try:
            network = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
            network.eval()
            graph = of_script(network)
        except (RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().splitlines()[0][:120]
            raise DeliveryError(f"{path.name} cannot be read as TorchScript: {reason}.") from error
        name = str(getattr(network, "original_name", "module"))
        frozen = (
            ""
            if any(True for _ in network.parameters())
            else "The TorchScript is frozen: its weights are constants and cannot be fine-tuned."
        )
        notes = tuple(filter(None, (frozen, in_single(network))))
        return Loaded(network, f"TorchScript {name}", notes, graph)
