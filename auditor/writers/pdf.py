"""report.pdf: the same HTML on A4 through WeasyPrint, tagged, with nothing fetched.

The bytes depend on the record, the evidence, the fonts and WeasyPrint's version: dates come from
the record, the identifier from its digest. The file is written as PDF/A-3a; whether a validator
agrees is for that validator to say.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

from auditor.core.canonical import digest
from auditor.core.errors import ToolError
from auditor.core.record import Record
from auditor.writers import html
from auditor.writers.atomic import write_atomic
from auditor.writers.view import Mappings

FILE = "report.pdf"
VARIANT = "pdf/a-3a"
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


def write(record: Record, out: Path, mappings: Mappings = html.NO_MAPPINGS) -> Path:
    """Write ``<out>/report.pdf``.

    Raises:
        ToolError: WeasyPrint, or a system library that it needs, is missing.
    """
    return write_atomic(out / FILE, convert(html.render(record, out, mappings)))


def convert(page: str) -> bytes:
    """A report page as PDF; the identifier is the digest of the page.

    Raises:
        ToolError: WeasyPrint, or a system library that it needs, is missing.
    """
    weasyprint = _weasyprint()
    document = weasyprint.HTML(string=page, base_url=None, url_fetcher=_fetcher(weasyprint))
    identifier = bytes.fromhex(digest(page.encode())[:32])
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves its own colour profile open; that is not the user's concern.
        warnings.simplefilter("ignore", ResourceWarning)
        data: bytes = document.write_pdf(
            pdf_variant=VARIANT, pdf_tags=True, pdf_identifier=identifier
        )
    return data


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise ToolError(
            f"The PDF cannot be made: WeasyPrint did not load ({str(error).splitlines()[0]}).",
            f"On Debian: apt install {PACKAGES}. The HTML report is complete without it.",
        ) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return weasyprint


def _fetcher(weasyprint: Any) -> Any:
    """Fetches ``data:`` addresses, and nothing else: no file, no network."""
    return weasyprint.urls.URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
