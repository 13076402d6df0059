"""Which of torch's own operators a delivered program may call.

An operator is judged by its schema: one that takes a text could name a file (``aten::from_file``,
``aten::save``), so it is refused unless its text is known to be a mode or a format.
``aten.json`` lists the operators of one torch version, so that a scan need not load torch.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from auditor.intake.words import words

RANDOM = re.compile(r"(rand|bernoulli|multinomial|normal_|uniform|poisson|exponential|manual_seed)")
_FILES = frozenset(("save", "load", "from_file", "_save", "_load"))
_MODES = words(
    """einsum gelu gelu_ gelu_backward div div_ divide divide_ pad meshgrid norm linalg_norm
    linalg_vector_norm linalg_matrix_norm linalg_svd scatter scatter_ scatter_reduce index_reduce
    searchsorted bucketize format len eq ne lt gt le ge add list str find lower upper strip split
    join Int Float ord warn hash conv1d conv2d conv3d _convolution_mode startswith endswith replace
    device dict update slice any index sort sorted copy count quantile nanquantile scatter_reduce_
    index_reduce_ __interpolate __upsample pad_sequence stft linalg_cond linalg_eigh linalg_eigvalsh
    linalg_lstsq linalg_qr linalg_svdvals fft_fft fft_fft2 fft_fftn fft_ifft fft_ifft2 fft_ifftn
    fft_rfft fft_rfft2 fft_rfftn fft_irfft fft_irfft2 fft_irfftn
    percentFormat __contains__ __getitem__ _set_item keys values items get pop"""
)


def takes_text(name: str) -> bool:
    """True for an aten operator with a text argument that is not just a mode.

    >>> takes_text("from_file"), takes_text("conv2d"), takes_text("relu")
    (True, False, False)
    """
    return name in _FILES or (name in _listed("text") and name not in _MODES)


@cache
def aten_names() -> frozenset[str]:
    """Short names of all aten operators of the listed torch."""
    return _listed("plain") | _listed("text")


@cache
def _listed(kind: str) -> frozenset[str]:
    table = json.loads(files("auditor.intake").joinpath("aten.json").read_text("utf-8"))
    return words(table[kind])
