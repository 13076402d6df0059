"""Numbers, spans and times as a reader wants them: few digits, units, true minus signs.

All in the language of the report; the examples are in English.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from auditor.core.finding import Measure
from auditor.writers.language import date_and_time, decimal, plural, translate
from auditor.writers.text import clean


def number(value: float, digits: int = 3) -> str:
    """A number to at most ``digits`` significant digits with a true minus sign.

    >>> number(0.93141), number(-12345.0), number(0.50), number(3e-7)
    ('0.931', '−12\\u202f345', '0.5', '3×10⁻⁷')
    """
    if not math.isfinite(value):
        return translate("not finite")
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return _scientific(value, digits)
    if float(value).is_integer() or size >= 10**digits:
        return _grouped(value)
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    return decimal(f"{value:.{places}f}".rstrip("0").rstrip(".").replace("-", "−"))


def column(values: Sequence[float], digits: int = 4) -> list[str]:
    """Numbers that stand under each other: the same number of decimals for all.

    >>> column([0.5, 12.25, -3]), column([0.768, 1])
    (['0.50', '12.25', '−3.00'], ['0.768', '1.000'])
    >>> column([0.4919, 0.7819]), column([0.0009, 0.35])
    (['0.492', '0.782'], ['0.0009', '0.3500'])
    """
    sizes = [abs(value) for value in values if value]
    if not sizes or max(sizes) >= 1e6 or min(sizes) < 1e-4 or not all(map(math.isfinite, values)):
        return [number(value, digits) for value in values]
    least = -1 if min(sizes) < SMALL else 0
    room = max(0, digits - 1 - max(least, math.floor(math.log10(max(sizes)))))
    places = min(room, max(_decimals(value) for value in values))
    shown = (decimal(f"{value:,.{places}f}".replace(",", " ")) for value in values)
    return [text.replace(" ", THIN).replace("-", "−") for text in shown]


def _decimals(value: float) -> int:
    """Decimals that a value needs, of four at most."""
    return len(f"{value:.4f}".rstrip("0").split(".")[1])


THIN = "\u202f"
SMALL = 0.005
"""Below this a figure needs a fourth decimal."""


def _grouped(value: float) -> str:
    return f"{round(value):,}".replace(",", THIN).replace("-", "−")


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{decimal(mantissa)}×10{str(int(exponent)).translate(SUPERSCRIPTS)}".replace("-", "−")


def measure_value(measure: Measure) -> str:
    """A measure's value with its unit, truth values as words.

    >>> measure_value(Measure(value=1, unit="bool")), measure_value(Measure(value=2.5, unit="s"))
    ('yes', '2.5 s')
    """
    if measure.unit == "bool":
        return yes_or_no(bool(measure.value))
    unit = "" if measure.unit in {"1", "count", "class"} else f" {clean(measure.unit, 20)}"
    return number(measure.value) + unit


def yes_or_no(value: bool) -> str:
    """A truth value as a word."""
    return translate("yes") if value else translate("no")


def interval(low: float | None, high: float | None) -> str:
    """A 95% interval, one-sided where an end is missing, empty where both are.

    >>> interval(0.5, 0.75), interval(0.9, None), interval(None, None)
    ('0.50 to 0.75', 'at least 0.9', '')
    """
    if low is not None and high is not None:
        ends = column([low, high])
        return translate("{low} to {high}", low=ends[0], high=ends[1])
    if low is not None:
        return translate("at least {low}", low=number(low))
    return "" if high is None else translate("at most {high}", high=number(high))


def cell(value: Any) -> str:
    """One table cell: numbers to four digits, truth values as words, nothing as a dash."""
    if value is None or value in ("", [], {}, ()):
        return "–"
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, int | float):
        return number(value, 4)
    if isinstance(value, dict | list | tuple):
        return clean(json.dumps(value, ensure_ascii=False, default=str), 240)
    return clean(value, 240)


def size(count: int) -> str:
    """A file size.

    >>> size(950), size(1_234_567)
    ('950 bytes', '1.23 MB')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{number(count / scale)} {unit}"
    return plural("{n} byte", "{n} bytes", count)


def duration(seconds: float) -> str:
    """A span of time.

    >>> duration(0.5), duration(75), duration(3700)
    ('0.5 s', '1 min 15 s', '1 h 1 min')
    """
    if seconds < 60:
        return f"{number(seconds)} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(stamp: str) -> str:
    """An ISO 8601 time for people; anything else as it is.

    >>> moment("2026-03-01T09:30:05.25+00:00")
    '1 March 2026, 09:30:05 UTC'
    """
    parsed = parse_time(stamp)
    if parsed is None:
        return clean(stamp, 60) or translate("not recorded")
    zone = "UTC" if parsed.utcoffset() is not None and not parsed.utcoffset() else f"{parsed:%Z}"
    return f"{date_and_time(parsed)} {zone}".strip()


def parse_time(stamp: str) -> datetime | None:
    """The time of an ISO 8601 stamp, or None."""
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def w3c(stamp: str) -> str:
    """The time of a stamp to the second, in UTC, as document metadata wants it; else empty.

    >>> w3c("2026-03-01T10:30:05.25+01:00")
    '2026-03-01T09:30:05Z'
    """
    parsed = parse_time(stamp)
    if parsed is None or parsed.tzinfo is None:
        return ""
    return f"{parsed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def fixed(value: float) -> str:
    """A share to two decimals."""
    return decimal(f"{value:.2f}")


def span(ends: tuple[float | None, float | None]) -> str:
    """An interval, or a dash."""
    return interval(*ends) or "–"


def chance(share: float) -> str:
    """A share as cases that people can picture.

    >>> chance(0.65), chance(0.00006), chance(0.0)
    ('65 of 100', '1 of 17\u202f000', '0 of 100')
    """
    if share >= 0.01 or share <= 0:
        return translate("{n} of {total}", n=round(100 * share), total=100)
    cases = round(1 / share)
    return translate("{n} of {total}", n=1, total=number(round(cases, 2 - len(str(cases)))))
