"""Languages of the reports: message files, plural forms, the decimal sign, dates.

``templates/locale/<code>/`` holds gettext message files: ``report.po`` (the sentences of templates
and writers, extracted with Babel), ``record.po`` and ``criteria.po`` (sentences that a record
carries, see ``phrases``). English is the language of the source and needs no file. The language
is a context variable, so that two reports may be rendered in two threads.
"""

from __future__ import annotations

import importlib.resources
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any

from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol
from babel.support import NullTranslations, Translations

from auditor.core.errors import AuditorError

SOURCE = "en"
PACKAGE = "auditor.templates"
_current: ContextVar[str] = ContextVar("report_language", default=SOURCE)


def languages() -> list[str]:
    """Codes of the languages that have message files, English first."""
    folder = importlib.resources.files(PACKAGE).joinpath("locale")
    return [SOURCE, *sorted(each.name for each in folder.iterdir() if each.is_dir())]


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within this block, messages, numbers and dates are in the language ``code``.

    Raises:
        AuditorError: there are no message files for it.
    """
    if code not in languages():
        raise AuditorError(
            f"There is no report in language {code[:20]!r}.",
            f"Choose one of: {', '.join(languages())}.",
        )
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """Code of the language in use."""
    return _current.get()


def catalogue(code: str, domain: str) -> Catalog:
    """The messages of one file, as Babel reads them."""
    file = importlib.resources.files(PACKAGE).joinpath("locale", code, f"{domain}.po")
    return read_po(io.BytesIO(file.read_bytes()), locale=code)


@cache
def _translations(code: str) -> NullTranslations:
    if code == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(code, "report"))
    compiled.seek(0)
    return Translations(compiled)


def mark(message: str) -> str:
    """The message itself; marks it for extraction where it is translated later."""
    return message


def translate(message: str, **values: Any) -> str:
    """``message`` in the current language, its ``{names}`` filled in."""
    text: str = _translations(current()).gettext(message) if message else ""
    return text.format(**values) if values else text


def plural(one: str, many: str, n: int, **values: Any) -> str:
    """The form of the message that the language uses for ``n``; ``{n}`` is the number."""
    text: str = _translations(current()).ngettext(one, many, n)
    return text.format(n=n, **values)


def decimal(text: str) -> str:
    """A number written with a full stop, with the decimal sign of the current language."""
    return text.replace(".", get_decimal_symbol(current())) if current() != SOURCE else text


def date_and_time(moment: datetime) -> str:
    """Day, month in words, year and time of day."""
    return str(format_datetime(moment, translate("d MMMM y, HH:mm:ss"), locale=current()))
