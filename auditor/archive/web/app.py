"""Addresses and what stands behind them; a WSGI application.

``/`` browse and search, ``/entry/N`` one entry, ``/entry/N/file/PATH`` an archived file,
``/compare?entry=A&entry=B`` two audits, ``/check`` how to verify, ``/enter`` hand over the token.
Nothing here writes into the archive.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from auditor.archive.check_files import content_digest
from auditor.archive.entry import Entry
from auditor.archive.store import Archive
from auditor.archive.web.guard import Guard
from auditor.archive.web.pages import Pages
from auditor.archive.web.response import (
    Environ,
    Response,
    StartResponse,
    archived,
    page,
    redirect,
    style,
)
from auditor.core.errors import AuditorError

FORM_LIMIT = 4096
FIELDS = 40
ENTRY = re.compile(r"/entry/(\d{1,9})(?:/file/(.+))?")

Fields = dict[str, list[str]]


@dataclass(frozen=True)
class App:
    """The pages of one archive."""

    archive: Archive
    guard: Guard

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        method = str(environ["REQUEST_METHOD"])
        try:
            response = self._answer(method, environ)
        except AuditorError as error:
            response = self._message(HTTPStatus.INTERNAL_SERVER_ERROR, error.message, error.hint)
        except Exception:
            traceback.print_exc(file=environ["wsgi.errors"])
            response = self._message(
                HTTPStatus.INTERNAL_SERVER_ERROR, "This page failed.", "The server's log says why."
            )
        return response.send(method, start)

    @property
    def pages(self) -> Pages:
        """What the pages show."""
        return Pages(self.archive, secret=bool(self.guard.token))

    def _answer(self, method: str, environ: Environ) -> Response:
        path = str(environ.get("PATH_INFO", "/")).encode("latin-1").decode("utf-8", "replace")
        if not self.guard.host_allowed(environ):
            hint = "This page answers to localhost only, or with a token."
            return self._message(HTTPStatus.MISDIRECTED_REQUEST, "Wrong host name.", hint)
        if path == "/style.css":
            return style(self.pages.style())
        if path == "/enter":
            return self._enter(method, environ)
        if method not in ("GET", "HEAD"):
            return self._message(HTTPStatus.METHOD_NOT_ALLOWED, "This archive is read-only here.")
        if not self.guard.knows_token(environ):
            return page(self.pages.enter(), HTTPStatus.UNAUTHORIZED)
        return self._show(path, _fields(str(environ.get("QUERY_STRING", ""))))

    def _show(self, path: str, fields: Fields) -> Response:
        if path == "/":
            return page(self.pages.browse(fields))
        if path == "/check":
            return page(self.pages.check())
        if path == "/compare":
            return self._compare(fields.get("entry", []))
        match = ENTRY.fullmatch(path)
        if not match:
            return self._message(HTTPStatus.NOT_FOUND, "There is no such page.")
        try:
            entry = self.archive.ledger.entry(int(match[1]))
        except AuditorError as error:
            return self._message(HTTPStatus.NOT_FOUND, error.message)
        return self._file(entry, match[2]) if match[2] else page(self.pages.entry(entry))

    def _compare(self, chosen: list[str]) -> Response:
        numbers = [int(text) for text in chosen if text.isdigit() and len(text) < 10]
        if len(numbers) != 2:
            return self._message(
                HTTPStatus.BAD_REQUEST, "Two audits can be compared.",
                f"Tick two in the list; {len(numbers)} were ticked.",
            )  # fmt: skip
        first, second = sorted(numbers)
        return page(self.pages.compare(first, second))

    def _file(self, entry: Entry, name: str) -> Response:
        """An archived file, only if it still is what was archived."""
        listed = {file["path"]: file["sha256"] for file in entry.files}
        if name not in listed:
            return self._message(HTTPStatus.NOT_FOUND, f"Entry {entry.seq} has no such file.")
        found = content_digest(self.archive.blobs, listed[name])
        if found is None:
            return self._message(HTTPStatus.GONE, "The file is no longer kept.")
        if found != listed[name]:
            return self._message(
                HTTPStatus.CONFLICT, "This file is not what was archived, so it is not shown.",
                "Run: auditor archive verify",
            )  # fmt: skip
        with self.archive.blobs.open(listed[name]) as stream:
            return archived(name, stream.read())

    def _enter(self, method: str, environ: Environ) -> Response:
        if method != "POST":
            return page(self.pages.enter())
        length = str(environ.get("CONTENT_LENGTH") or "0")
        sent = environ["wsgi.input"].read(min(int(length), FORM_LIMIT)) if length.isdigit() else b""
        token = _fields(sent.decode("latin-1")).get("token", [""])[0]
        if not self.guard.accepts(token):
            return page(self.pages.enter(wrong=True), HTTPStatus.UNAUTHORIZED)
        return redirect("/", self.guard.cookie())

    def _message(self, status: HTTPStatus, what: str, hint: str = "") -> Response:
        return page(self.pages.message(what, hint), status)


def _fields(query: str) -> Fields:
    try:
        return parse_qs(query[:FORM_LIMIT], max_num_fields=FIELDS)
    except ValueError:
        return {}
