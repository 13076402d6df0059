"""report.html, board.html and annex.html: self-contained, no script, no network, no surprises.

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

from auditor.core.criterion import Guide, Outcome
from auditor.core.record import Record
from auditor.writers import amounts, language, phrases, wording
from auditor.writers.atomic import write_atomic
from auditor.writers.editions import REPORT, Edition
from auditor.writers.pictures import chart_uri
from auditor.writers.power_view import family_words
from auditor.writers.shapes import shape_rules
from auditor.writers.text import breakable, clean, humanise
from auditor.writers.view import build

TEMPLATES = "auditor.templates"
NO_GUIDE = Guide()


def write(
    record: Record,
    out: Path,
    guide: Guide = NO_GUIDE,
    spoken: str = language.SOURCE,
    edition: Edition = REPORT,
) -> Path:
    """Write ``<out>/<edition>.html``; pictures are read from ``<out>/evidence``."""
    page = render(record, out, guide, spoken, edition)
    return write_page(page, record, out, spoken, edition)


def write_page(page: str, _record: Record, out: Path, _spoken: str, edition: Edition) -> Path:
    """Write ``<out>/<edition>.html`` from a page that was rendered before."""
    return write_atomic(out / f"{edition.name}.html", page.encode())


def render(
    record: Record,
    out: Path,
    guide: Guide = NO_GUIDE,
    spoken: str = language.SOURCE,
    edition: Edition = REPORT,
) -> str:
    """An edition as HTML; the same record, evidence, guide and language give the same text.

    Args:
        guide: mappings, next steps and limits from the catalogue; without it the criteria
            matrix names no articles.
        spoken: code of a language that has message files.
    """
    with language.speaking(spoken):
        view = build(record, out, guide, edition.cut)
        template = environment().get_template(edition.template)
        return template.render(
            view=view, record=record, edition=edition, lang=spoken, css=style_sheet(), **constants()
        )


def constants() -> dict[str, Any]:
    """Sentences that do not depend on the record."""
    return {
        "IS_NOT": wording.IS_NOT,
        "RETEST": wording.RETEST,
        "RULES": wording.RULES,
        "TIERS": wording.TIERS,
        "CONFIDENCE": wording.CONFIDENCE,
        "RELATIONS": wording.RELATIONS,
        "TERMS": wording.TERMS,
        "WEIGHTS": wording.WEIGHTS,
        "CHAPTERS": wording.CHAPTERS,
        "OUTCOMES": wording.OUTCOMES,
        "OPEN": wording.OUTCOMES[Outcome.NOT_ASSESSED],
        "plural": counted,
        "many": many,
    }


def message(text: str, **values: Any) -> Markup:
    """A message of ours, which may hold markup, with cleaned and escaped values in it."""
    return Markup(language.translate(text)).format(**{k: _finalize(v) for k, v in values.items()})


def counted(one: str, several: str, n: int, **values: Any) -> Markup:
    """The same for a message with a number in it."""
    cleaned = {name: _escaped(value) for name, value in values.items()}
    return Markup(language.plural(one, several, n, **cleaned))


def many(n: int) -> str:
    """A whole number, grouped."""
    return amounts.number(n, 15)


def _escaped(value: Any) -> str:
    return str(Markup.escape(_finalize(value)))


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
    engine.globals["_"] = message
    return engine


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup) else clean(value)


def filters() -> Mapping[str, Any]:
    """Template filters by name."""
    return {
        "brief": clean,
        "breakable": breakable,
        "humanise": humanise,
        "said": phrases.said,
        "lang_of": phrases.lang_of,
        "said_plain": phrases.said_plain,
        "words": phrases.words,
        "plain_words": phrases.plain_words,
        "family_words": family_words,
        "number": amounts.number,
        "cell": amounts.cell,
        "interval": amounts.interval,
        "size": amounts.size,
        "duration": amounts.duration,
        "moment": amounts.moment,
        "w3c": amounts.w3c,
        "span": amounts.span,
        "chance": amounts.chance,
        "fixed": amounts.fixed,
        "chart_uri": chart_uri,
    }
