"""One small network, trained once for all tests."""

from __future__ import annotations

import pytest
from model_forms import Digits


@pytest.fixture(scope="session")
def digits(tiny: Digits) -> Digits:
    """The network as a vendor would deliver it, and samples it was not trained on."""
    return tiny
