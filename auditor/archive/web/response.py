"""What goes back to the browser, always with the headers that keep it harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = tuple[tuple[str, str], ...]

OWN_PAGES = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ARCHIVED = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-store"),
)
SHOWN = {
    "html": "text/html; charset=utf-8",
    "png": "image/png",
    "json": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Response:
    """One answer."""

    status: HTTPStatus
    kind: str
    body: bytes
    policy: str = OWN_PAGES
    more: Headers = ()

    def send(self, method: str, start: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI request."""
        headers = [
            ("Content-Type", self.kind),
            ("Content-Length", str(len(self.body))),
            ("Content-Security-Policy", self.policy),
            *ALWAYS,
            *self.more,
        ]
        start(f"{self.status.value} {self.status.phrase}", headers)
        return [] if method == "HEAD" else [self.body]


def page(html: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One of the archive's own pages."""
    return Response(status, "text/html; charset=utf-8", html.encode())


def style(css: str) -> Response:
    """The style sheet."""
    return Response(HTTPStatus.OK, "text/css; charset=utf-8", css.encode())


def redirect(to: str, more: Headers = ()) -> Response:
    """Go elsewhere on this server."""
    return Response(HTTPStatus.SEE_OTHER, "text/plain", b"", more=(("Location", to), *more))


def archived(name: str, content: bytes) -> Response:
    """An archived file: shown in a sandbox if that is safe, else offered for saving."""
    kind = SHOWN.get(name.rpartition(".")[2].lower())
    if kind:
        return Response(HTTPStatus.OK, kind, content, ARCHIVED)
    last = name.rpartition("/")[2]
    plain = "".join(
        char if (char.isascii() and char.isalnum()) or char in "._-" else "_" for char in last
    )
    saved = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(last, safe='')}"
    more = (("Content-Disposition", saved),)
    return Response(HTTPStatus.OK, "application/octet-stream", content, ARCHIVED, more)
