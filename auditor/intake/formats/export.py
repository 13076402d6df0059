"""``torch.export`` programs (.pt2), loaded from a cleaned copy after the scan."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.batching import FixedBatch
from auditor.intake.card import sourced
from auditor.intake.formats import Loaded, model_format
from auditor.intake.graphs import of_export
from auditor.intake.scan_export import cleaned, read_graph


class Exported(nn.Module):
    """An exported graph, which keeps the mode it was exported in.

    Args:
        network: the graph module; it refuses ``train`` and ``eval``, so they are not passed on.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def __deepcopy__(self, memo: dict[int, Any]) -> Exported:
        """A copy without torch's warning about its own pytree classes."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return Exported(copy.deepcopy(self.network, memo))

    def train(self, mode: bool = True) -> Exported:
        """Note the mode only."""
        self.training = mode
        return self

    def forward(self, x: Tensor) -> Any:
        """Inputs ``(n, *shape)`` to the graph's outputs."""
        return self.network(x)


@model_format("export")
class Export:
    """Reads the graph's own shapes; loads with torch's reader."""

    def describe(self, path: Path) -> SpecHints:
        """Shape of one input, as the graph records it."""
        sizes = _input_sizes(read_graph(path))
        whole = [size for size in sizes[1:] if size is not None]
        known = len(whole) == len(sizes) - 1 and len(whole) in (1, 3)
        return sourced("file", shape=tuple(whole) if known else None)

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The graph as a module.

        Raises:
            DeliveryError: torch cannot read it, or it takes several inputs.
        """
        batch = _input_sizes(read_graph(path))[0]
        try:
            network = torch.export.load(cleaned(path)).module()
        except Exception as error:  # the reader raises many kinds on damaged input
            reason = (str(error).strip().splitlines() or ["no reason"])[0][:120]
            raise DeliveryError(f"{path.name} cannot be read as .pt2: {reason}.") from error
        for name, value in network.state_dict().items():
            if value.numel() * value.element_size() > value.untyped_storage().nbytes():
                raise DeliveryError(f"The weight {name} claims more values than the file holds.")
        note = () if batch is None else (
            f"The .pt2 takes batches of {batch} only, which makes the audit slow: export it again "
            "with a dynamic batch dimension.",
        )  # fmt: skip
        graph = Exported(network)
        free = graph if batch is None else FixedBatch(graph, batch)
        return Loaded(free, "torch.export graph", note, of_export(read_graph(path)))


def _input_sizes(document: dict[str, Any]) -> list[int | None]:
    """Sizes of the only user input; None where they are free.

    Raises:
        DeliveryError: no input, or more than one.
    """
    try:
        module = document["graph_module"]
        specs = [spec["user_input"] for spec in module["signature"]["input_specs"]
                 if "user_input" in spec]  # fmt: skip
        if len(specs) != 1:
            said = f"The model takes {len(specs)} inputs, not one."
            raise DeliveryError(said, kind="unsupported")
        name = specs[0]["arg"]["as_tensor"]["name"]
        return [size.get("as_int") for size in module["graph"]["tensor_values"][name]["sizes"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise DeliveryError("The .pt2 graph has no readable input.", kind="unsupported") from error
