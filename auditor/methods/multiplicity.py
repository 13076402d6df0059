"""Many p-values at once: the false discovery rate.

Source: Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57,
1995. Limits: holds for independent or positively dependent p-values (Benjamini and Yekutieli,
2001); models of one vendor may well depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given: the smallest rate at which each is a discovery.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5])
    [0.04, 0.05333333333333334, 0.05333333333333334, 0.5]

    Raises:
        ValueError: a p-value outside (0, 1].
    """
    if not all(0 < p <= 1 for p in p_values):
        raise ValueError("p-values lie in (0, 1]")
    total, smallest = len(p_values), 1.0
    adjusted = [1.0] * total
    order = sorted(range(total), key=lambda i: p_values[i], reverse=True)
    for position, i in enumerate(order):
        smallest = min(smallest, p_values[i] * total / (total - position))
        adjusted[i] = smallest
    return adjusted
