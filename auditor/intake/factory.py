"""``--arch package.module:factory``: an architecture from the auditor's own, trusted code."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from importlib import import_module

from torch import nn

from auditor.core.errors import AuditorError


def from_factory(name: str, shape: tuple[int, ...] | None, classes: int | None) -> nn.Module:
    """Call ``factory()`` or ``factory(input_shape, classes)``, by its number of parameters.

    Raises:
        AuditorError: no such module or function, or it fails or gives no torch module.
    """
    function = _imported(name)
    arguments = (shape, classes) if _required(function) else ()
    try:
        network = function(*arguments)
    except Exception as error:  # the auditor's own code may fail in any way
        raise AuditorError(
            f"The factory {name} failed: {type(error).__name__}: {error}.",
            "It is called as factory() or factory(input_shape, classes).",
        ) from error
    if not isinstance(network, nn.Module):
        raise AuditorError(
            f"The factory {name} gave {type(network).__name__}, not a torch.nn.Module.",
            "Return the network with fresh weights.",
        )
    return network


def _imported(name: str) -> Callable[..., object]:
    module_name, _, attribute = name.partition(":")
    here = os.getcwd()
    sys.path.append(here)
    try:
        function = getattr(import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        raise AuditorError(
            f"There is no architecture {name}: {error}.",
            "Run the audit from the folder of the module, or set PYTHONPATH.",
        ) from error
    finally:
        sys.path.remove(here)
    if not callable(function):
        raise AuditorError(f"{name} is not a function or class.", "Name a factory.")
    return function  # type: ignore[no-any-return]


def _required(function: Callable[..., object]) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.default is p.empty and p.kind in positional for p in parameters)
