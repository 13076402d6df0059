"""report.html: one self-contained file without scripts, without network, without surprises.

Every expression of the templates passes through the same filter and the template engine's
escaping; pictures are data addresses; a content security policy forbids everything else.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from auditor.core.criterion import Outcome
from auditor.core.record import Record
from auditor.writers import amounts, wording
from auditor.writers.atomic import write_atomic
from auditor.writers.pictures import chart_uri
from auditor.writers.shapes import shape_rules
from auditor.writers.text import breakable, clean, humanise
from auditor.writers.view import Mappings, build

FILE = "report.html"
TEMPLATES = "auditor.templates"
NO_MAPPINGS: Mappings = {}


def write(record: Record, out: Path, mappings: Mappings = NO_MAPPINGS) -> Path:
    """Write ``<out>/report.html``; pictures are read from ``<out>/evidence``."""
    return write_atomic(out / FILE, render(record, out, mappings).encode())


def render(record: Record, out: Path, mappings: Mappings = NO_MAPPINGS) -> str:
    """The report as HTML; the same record, evidence and mappings give the same text.

    Args:
        mappings: criterion id -> framework -> entries, as ``maps_to`` in the catalogue;
            without it the criteria matrix names no articles.
    """
    view = build(record, out, mappings)
    template = environment().get_template("report.html.jinja")
    return template.render(view=view, record=record, css=style_sheet(), **constants())


def constants() -> dict[str, Any]:
    """Sentences that do not depend on the record."""
    return {
        "IS_NOT": wording.IS_NOT,
        "RETEST": wording.RETEST,
        "RULES": wording.RULES,
        "CHAPTERS": wording.CHAPTERS,
        "OUTCOMES": wording.OUTCOMES,
        "OPEN": wording.OUTCOMES[Outcome.NOT_ASSESSED],
    }


@cache
def style_sheet() -> Markup:
    """The style sheet as it goes into the page."""
    return Markup(_source("report.css")) + shape_rules()


def _source(name: str) -> str:
    return importlib.resources.files(TEMPLATES).joinpath(name).read_text("utf-8")


def _load(name: str) -> str | None:
    try:
        return _source(name)
    except FileNotFoundError:
        return None


@cache
def environment() -> jinja2.Environment:
    """Jinja with escaping on, undefined names refused, and every value cleaned."""
    engine = jinja2.Environment(
        loader=jinja2.FunctionLoader(_load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(filters())
    return engine


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup) else clean(value)


def filters() -> Mapping[str, Any]:
    """Template filters by name."""
    return {
        "brief": clean,
        "breakable": breakable,
        "humanise": humanise,
        "number": amounts.number,
        "cell": amounts.cell,
        "interval": amounts.interval,
        "size": amounts.size,
        "duration": amounts.duration,
        "moment": amounts.moment,
        "w3c": amounts.w3c,
        "span": amounts.span,
        "fixed": amounts.fixed,
        "chart_uri": chart_uri,
    }
