"""Who may look: people at this machine, or holders of a token.

Without a token only requests to a loopback name are answered, so that a page elsewhere cannot
reach the archive by pointing its own name at this machine (DNS rebinding). With one, a browser
hands it over once by a form and keeps a cookie that scripts cannot read; programs send
``Authorization: Bearer``.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from auditor.archive.web.response import Environ, Headers
from auditor.core.errors import AuditorError

COOKIE = "auditor_archive"
LENGTH = 16
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True)
class Guard:
    """The rule of one server.

    Args:
        token: what everybody must know; empty for loopback without one.
    """

    token: str = ""

    def __post_init__(self) -> None:
        if self.token and len(self.token) < LENGTH:
            raise AuditorError(
                f"The token has fewer than {LENGTH} characters.", "openssl rand -hex 32 makes one."
            )

    def host_allowed(self, environ: Environ) -> bool:
        """Whether the request was made to a name that this server goes by."""
        if self.token:
            return True
        host = str(environ.get("HTTP_HOST", ""))
        name, colon, port = host.rpartition(":")
        return (name if colon and port.isdigit() else host) in LOOPBACK

    def knows_token(self, environ: Environ) -> bool:
        """Whether the request carries the token or the cookie made of it."""
        if not self.token:
            return True
        sent = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
        return self.accepts(sent) or _same(_cookie(environ), self._pass())

    def accepts(self, token: str) -> bool:
        """Whether this is the token."""
        return bool(self.token) and _same(token.strip(), self.token)

    def cookie(self) -> Headers:
        """The header that lets a browser in from now on."""
        value = f"{COOKIE}={self._pass()}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200"
        return (("Set-Cookie", value),)

    def _pass(self) -> str:
        key = self.token.encode()
        return hmac.new(key, b"auditor archive page", hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _cookie(environ: Environ) -> str:
    try:
        jar = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    except CookieError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""
