"""scikit-learn classifiers and pipelines, rebuilt as torch modules from what an inert reader saw.

Purpose: nothing is unpickled, so the installed scikit-learn does not matter: the arithmetic is
ours, and it is checked against what the file says of itself (features, classes, shapes).
Limits: the families of ``intake.estimators``. Trees, forests and neighbours have no gradients.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from torch import nn

from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.intake.card import sourced
from auditor.intake.estimators.estimator import Estimator
from auditor.intake.estimators.installed import compared
from auditor.intake.formats import Loaded, model_format
from auditor.intake.scan_estimator import read_estimator


@model_format("sklearn")
class Sklearn:
    """Pickles and joblib files of one classifier or pipeline, packed or not."""

    def describe(self, path: Path) -> SpecHints:
        """Number of features, and names of classes that are not just 0 to k - 1."""
        return _hints(read_estimator(path, "sklearn"))

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The estimator's arithmetic.

        Raises:
            AuditorError: an architecture is asked for.
            DeliveryError: a part cannot be rebuilt, or the file contradicts itself.
        """
        return _loaded(read_estimator(path, "sklearn"), hints)


@model_format("skops")
class Skops:
    """skops files of one classifier or pipeline."""

    def describe(self, path: Path) -> SpecHints:
        """As for a pickle."""
        return _hints(read_estimator(path, "skops"))

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """As for a pickle."""
        return _loaded(read_estimator(path, "skops"), hints)


def _hints(estimator: Estimator) -> SpecHints:
    numbered = estimator.classes == tuple(str(k) for k in range(len(estimator.classes)))
    return sourced(
        "file",
        arch=estimator.name,
        shape=(estimator.features,),
        classes=len(estimator.classes),
        class_names=None if numbered else estimator.classes,
    )


def _loaded(estimator: Estimator, hints: SpecHints) -> Loaded:
    if hints.arch is not None and ":" in hints.arch:
        raise AuditorError(
            "A scikit-learn estimator needs no architecture.", "Leave --arch out for this file."
        )
    network = estimator.network()
    notes = _notes(estimator, network)
    return Loaded(network, f"scikit-learn {estimator.name}", notes)


def _notes(estimator: Estimator, network: nn.Module) -> tuple[str, ...]:
    installed = version("scikit-learn")
    if not estimator.version:
        said = "The file does not say which scikit-learn wrote it"
    elif estimator.version == installed:
        return ()
    else:
        said = f"The file was written by scikit-learn {estimator.version}, {installed} is installed"
    answers = compared(estimator, network)
    return (f"{said}; its arithmetic was rebuilt here from its own values, and {answers}.",)
