"""Support vector classifiers: kernels with the support vectors, one score a pair of classes.

With more than two classes the scores are scikit-learn's ``decision_function``: votes of the pairs
plus their summed margins squeezed into (-1/3, 1/3). Votes have no gradient, margins do.
libsvm's ``predict`` gives a tie of votes to the first class whatever the margins say, so that
class is lifted just above the others, unless the file says ``break_ties``.
Limits: calibrated probabilities are not rebuilt: they never change the
order of two classes, with more they may. Precomputed and sparse kernels are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields

LIFT = 1e-3
Kernel = Callable[[Tensor, Tensor, "KernelScores"], Tensor]


def _rbf(x: Tensor, vectors: Tensor, kernel: KernelScores) -> Tensor:
    squares = (x * x).sum(1, keepdim=True) + (vectors * vectors).sum(1) - 2 * x @ vectors.T
    return torch.exp(-kernel.gamma * squares.clamp_min(0))


_KERNELS: dict[str, Kernel] = {
    "linear": lambda x, v, k: x @ v.T,
    "rbf": _rbf,
    "poly": lambda x, v, k: (k.gamma * (x @ v.T) + k.offset) ** k.degree,
    "sigmoid": lambda x, v, k: torch.tanh(k.gamma * (x @ v.T) + k.offset),
}


_PROGRAMS = {"SVC": "c_svc", "NuSVC": "nu_svc"}


class KernelScores(nn.Module):
    """Decision function of a support vector classifier.

    Args:
        kind: name of the kernel.
        vectors: support vectors ``(m, d)``, ordered by class.
        dual: coefficients ``(k - 1, m)``.
        bias: one a pair of classes, ``(k (k - 1) / 2,)``.
        counts: support vectors of each class.
        first: a tie of votes goes to the first class.
        constants: gamma, coef0 and degree.
    """

    def __init__(
        self,
        kind: str,
        vectors: Tensor,
        dual: Tensor,
        bias: Tensor,
        counts: list[int],
        constants: tuple[float, float, float],
        first: bool = True,
    ) -> None:
        super().__init__()
        self.kernel = _KERNELS[kind]
        self.vectors, self.dual = nn.Parameter(vectors), nn.Parameter(dual)
        self.bias = nn.Parameter(bias)
        self.counts, self.first = counts, first
        self.gamma: float = constants[0]
        self.offset: float = constants[1]
        self.degree: float = constants[2]

    def pairs(self, x: Tensor) -> Tensor:
        """Margins ``(n, pairs)``; positive means the first class of the pair."""
        values = self.kernel(x, self.vectors, self)
        if len(self.counts) == 2:
            return -(values @ self.dual.T + self.bias)
        parts = torch.split(values, self.counts, 1)
        duals = torch.split(self.dual, self.counts, 1)
        margins = [
            parts[i] @ duals[i][j - 1] + parts[j] @ duals[j][i]
            for i, j in combinations(range(len(self.counts)), 2)
        ]
        return torch.stack(margins, 1) + self.bias

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to scores ``(n, k)`` that are largest for the class that ``predict`` names."""
        scores = self.decision(x)
        if len(self.counts) == 2 or not self.first:
            return scores
        winner = scores.detach().round().argmax(1, keepdim=True)
        lead = scores.detach().amax(1, keepdim=True) - scores.detach().gather(1, winner)
        return scores.scatter_add(1, winner, torch.where(lead > 0, lead + LIFT, lead))

    def decision(self, x: Tensor) -> Tensor:
        """``(n, d)`` to scikit-learn's decision function ``(n, k)``; of two classes ``(0, s)``."""
        margins = self.pairs(x)
        if len(self.counts) == 2:
            return torch.cat([torch.zeros_like(margins), -margins], 1)
        votes: list[Tensor] = [x.new_zeros(len(x)) for _ in self.counts]
        sums: list[Tensor] = [x.new_zeros(len(x)) for _ in self.counts]
        for column, (i, j) in enumerate(combinations(range(len(self.counts)), 2)):
            margin = margins[:, column]
            second = (margin < 0).to(margin)
            votes[i], votes[j] = votes[i] + 1 - second, votes[j] + second
            sums[i], sums[j] = sums[i] + margin, sums[j] - margin
        total = torch.stack(sums, 1)
        return torch.stack(votes, 1) + total / (3 * (total.abs() + 1))


@classifier("SVC", "NuSVC")
def support_vectors(fields: Fields) -> nn.Module:
    """Kernel, support vectors and their weights."""
    kind = fields.text("kernel", "rbf")
    if kind not in _KERNELS or fields.flag("_sparse", False):
        raise fields.refuse(f"has the kernel {kind!r} or sparse support vectors")
    if fields.text("_impl", _PROGRAMS[fields.kind]) != _PROGRAMS[fields.kind]:
        raise fields.wrong("_impl", "names another program of libsvm than its class")
    classes = len(fields.classes())
    vectors = fields.tensor("support_vectors_", 2)
    name = "_n_support" if fields.has("_n_support") else "n_support_"
    counts = [int(count) for count in fields.array(name, 1)]
    fields.same(name, (len(counts), sum(counts)), (classes, len(vectors)))
    dual, bias = fields.tensor("dual_coef_", 2), fields.tensor("intercept_", 1)
    fields.same("dual_coef_", dual.shape, (classes - 1, len(vectors)))
    fields.same("intercept_", bias.shape, (classes * (classes - 1) // 2,))
    sign = -1.0 if classes == 2 else 1.0
    for name, told in (("_dual_coef_", dual), ("_intercept_", bias)):
        if fields.has(name) and not torch.equal(sign * fields.tensor(name), told):
            raise fields.wrong(
                name, f"differs from {name[1:]}; scikit-learn predicts by the former"
            )
    gamma = fields.number("_gamma", 0.0)
    constants = (gamma, fields.number("coef0", 0.0), fields.number("degree", 3))
    first = not fields.flag("break_ties", False)
    return KernelScores(kind, vectors, dual, bias, counts, constants, first)
