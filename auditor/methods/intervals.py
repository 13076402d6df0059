"""95% intervals for shares and for differences of shares, paired and not.

Purpose: every share a probe reports carries the uncertainty of its sample size.
Sources: Clopper & Pearson 1934 (exact binomial interval); Bonett & Price 2012 (adjusted Wald
interval for a difference of paired shares); Newcombe 1998 (of independent ones).
Limits: observations are taken as independent; the exact interval is conservative for small n.
"""

from __future__ import annotations

from math import sqrt

from scipy.stats import beta, norm

from auditor.core.finding import Measure


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval of a binomial share.

    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)

    Raises:
        ValueError: ``n`` is not positive or ``successes`` is outside 0..n.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} is no share")
    tail = (1.0 - level) / 2.0
    low = beta.ppf(tail, successes, n - successes + 1) if successes else 0.0
    high = beta.ppf(1.0 - tail, successes + 1, n - successes) if successes < n else 1.0
    return float(low), float(high)


def share(successes: int, n: int, level: float = 0.95) -> Measure:
    """A share with its exact interval.

    >>> share(14, 14).low is not None and round(share(14, 14).low, 3)
    0.768
    """
    low, high = clopper_pearson(successes, n, level)
    return Measure(value=successes / n, low=low, high=high, n=n)


def paired_drop(lost: int, gained: int, n: int, level: float = 0.95) -> Measure:
    """Fall of a share between two measurements of the same ``n`` observations.

    Args:
        lost: observations that held before and not after.
        gained: observations that hold only after.
        n: all observations.
        level: coverage of the interval.

    >>> paired_drop(10, 0, 100).value
    0.1
    """
    if n < 1 or min(lost, gained) < 0 or lost + gained > n:
        raise ValueError(f"{lost} lost and {gained} gained of {n} cannot be")
    before, after = (lost + 1) / (n + 2), (gained + 1) / (n + 2)
    centre = before - after
    width = norm.ppf(0.5 + level / 2.0) * sqrt((before + after - centre**2) / (n + 2))
    value = (lost - gained) / n
    low, high = max(-1.0, centre - width), min(1.0, centre + width)
    return Measure(value=value, low=float(min(low, value)), high=float(max(high, value)), n=n)


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial share (Wilson 1927), a part of `difference`."""
    z, p = float(norm.ppf(0.5 + level / 2.0)), successes / n
    middle, width = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - width) / (1 + z * z / n), (middle + width) / (1 + z * z / n)


def difference(first: tuple[int, int], second: tuple[int, int], level: float = 0.95) -> Measure:
    """Share of the second group minus that of the first, of independent observations.

    Args:
        first: successes and size.
        second: the same.
        level: coverage of the interval, Newcombe's method 10 (Statistics in Medicine 1998).

    >>> one = difference((48, 80), (56, 70))
    >>> round(one.value, 3), round(one.low or 0, 4), round(one.high or 0, 4)
    (0.2, 0.0524, 0.3339)

    Raises:
        ValueError: an empty group, or more successes than observations.
    """
    for successes, n in (first, second):
        if n < 1 or not 0 <= successes <= n:
            raise ValueError(f"{successes} successes of {n} is no share")
    (a, m), (b, n) = first, second
    (low_a, high_a), (low_b, high_b) = wilson(a, m, level), wilson(b, n, level)
    value = b / n - a / m
    down = sqrt((b / n - low_b) ** 2 + (high_a - a / m) ** 2)
    up = sqrt((high_b - b / n) ** 2 + (a / m - low_a) ** 2)
    return Measure(value=value, low=value - down, high=value + up, n=m + n)
