"""How far a picture's label fits the others, without a network: random patches, ridge regression.

Purpose: a network that learned wrong labels by heart has an opinion of its own about them; this one
never sees the label it judges. Filters are patches of the training pictures themselves, whitened;
their answers are pooled, and ridge regression on the labels leaves each picture out in closed form.
Sources: features from whitened random patches (Coates, Lee & Ng 2011; Coates & Ng 2011);
leave-one-out residuals of ridge regression (Allen 1974, PRESS).
Limits: pictures only. Filters and means are those of all pictures, the one left out among them.
Sizes and the ridge were chosen on digits and Fashion-MNIST, seeds that no figure is from.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

FILTERS = 64
PATCHES = 10_000
FROM = 500
LARGEST = 6
CELLS = 3
FEWER_CELLS = 2
SMALL = 16
"""Pixels in height or width below which there are ``FEWER_CELLS``."""
THRESHOLD = 0.25
FLAT = 0.01
"""Variance within a patch below which it is not raised to the contrast of others."""
WHITENING = 0.1
RIDGE = 1.0
"""Times the mean diagonal of the features' products."""
TOGETHER = 500


def left_out_margins(x: Tensor, y: Tensor, seed: int = 0) -> Tensor:
    """Highest score of another class less the label's own, the sample itself left out, ``(n,)``.

    Args:
        x: pictures ``(n, c, h, w)``, four pixels high and wide at least.
        y: labels ``(n,)``.
        seed: of the patches.
    """
    found = _left_out(patch_features(x.float(), seed), y)
    own = found.gather(1, y[:, None])[:, 0]
    return found.scatter(1, y[:, None], float("-inf")).amax(1) - own


def patch_features(x: Tensor, seed: int) -> Tensor:
    """Standardised answers of ``FILTERS`` filters, both signs, in two or three cells a side."""
    generator = torch.Generator().manual_seed(seed)
    size = min(LARGEST, min(x.shape[-2:]) // 2)
    filters, stride = _filters(x, size, generator), 1 if size < LARGEST else 2
    cells = CELLS if min(x.shape[-2:]) >= SMALL else FEWER_CELLS
    even = torch.full_like(filters[:1], 1 / filters[0].numel())
    found = []
    for part in torch.split(x, TOGETHER):
        mean = F.conv2d(part, even, stride=stride)
        variance = (F.conv2d(part.square(), even, stride=stride) - mean.square()).clamp_min(0)
        answers = F.conv2d(part, filters, stride=stride) / (variance + FLAT).sqrt()
        both = torch.cat([F.relu(answers - THRESHOLD), F.relu(-answers - THRESHOLD)], 1)
        found.append(F.adaptive_avg_pool2d(both, cells).flatten(1))
    features = torch.cat(found)
    return (features - features.mean(0)) / (features.std(0) + 1e-3)


def _filters(x: Tensor, size: int, generator: Generator) -> Tensor:
    """Whitened patches, ``(FILTERS, c, size, size)``; they do not see a patch's mean."""
    some = x[torch.randperm(len(x), generator=generator)[:FROM]]
    patches = F.unfold(some, size).transpose(1, 2).flatten(0, 1)
    patches = patches[torch.randperm(len(patches), generator=generator)[:PATCHES]]
    patches = patches - patches.mean(1, keepdim=True)
    patches = patches / (patches.square().mean(1, keepdim=True) + FLAT).sqrt()
    values, vectors = torch.linalg.eigh((patches.T @ patches / len(patches)).double())
    whitening = (vectors * (values.clamp_min(0) + WHITENING).rsqrt()) @ vectors.T
    drawn = patches[torch.randperm(len(patches), generator=generator)[:FILTERS]].double()
    filters = F.normalize(drawn @ whitening, dim=1) @ whitening
    filters = filters - filters.mean(1, keepdim=True)
    shaped: Tensor = filters.to(x.dtype).reshape(-1, x.shape[1], size, size)
    return shaped


def _left_out(features: Tensor, y: Tensor) -> Tensor:
    """What ridge regression on all other samples says of each, ``(n, classes)``."""
    labels = F.one_hot(y).to(features)
    labels = labels - labels.mean(0)
    products = features.T @ features
    ridge = RIDGE * products.diag().mean() * torch.eye(len(products))
    halves = torch.linalg.solve_triangular(
        torch.linalg.cholesky(products + ridge), features.T, upper=False
    )
    leverage = halves.square().sum(0) + 1 / len(y)
    residual = labels - halves.T @ (halves @ labels)
    found: Tensor = labels - residual / (1 - leverage).clamp_min(1e-3)[:, None]
    return found
