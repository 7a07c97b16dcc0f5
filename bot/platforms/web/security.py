"""Who may talk to the console: host names, origins, sessions, and the headers that keep hostile text harmless.

The console has no passwords: by default it listens on loopback, so what must be kept out are other pages in the same
browser (forged requests, DNS rebinding) and what articles carry (scripts, forms, frames).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.model import User

COOKIE = "sanctions_bot_session"
_COOKIE_AGE = 180 * 24 * 3600  # seconds; an admin of the console is its session, so it lasts
_SESSION = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS: Mapping[str, str] = {
    # No inline script or style, nothing from elsewhere, no frame: an article's markup would be inert even unescaped.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Other sites are told nothing. With no-referrer our own forms would come without a script as of origin "null", and
    # be refused (fetch.spec.whatwg.org/#append-a-request-origin-header).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, gives every browser a session, sets the headers.
    The session is in `scope["session_id"]`. `names` are the console's host names besides loopback."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app, self.names = app, _LOOPBACK | {name.casefold() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal:
            await refusal(scope, receive, _with_headers(send, ""))
            return
        known = read_session(headers.get("cookie", ""))
        scope["session_id"] = known or secrets.token_urlsafe(32)
        # Set again on every page, so that it does not end while somebody reads along.
        await self.app(scope, receive, _with_headers(send, _cookie(scope)))

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if host_name(host) not in self.names:
            # Else any site could have its name resolve to this machine and read the console (DNS rebinding).
            return PlainTextResponse(
                f"This console does not go by the name {host_name(host)[:100]!r}. "
                "To allow it, set SANCTIONS_BOT_WEB_NAMES.\n",
                status_code=421,
            )
        if method not in _SAFE_METHODS and not is_same_origin(headers):
            return PlainTextResponse("This request came from another site, and was refused.\n", status_code=403)
        return None


def host_name(host: str) -> str:
    """The name of a Host header, without port and brackets; "" if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_same_origin(headers: Headers) -> bool:
    """By Sec-Fetch-Site, and Origin where there is one. Neither: no browser sent it, the form's token decides."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.casefold() == headers.get("host", "").casefold()
    except ValueError:
        return False


def read_session(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and _SESSION.fullmatch(morsel.value) else None


def form_token(session: str) -> str:
    """What a form must carry: other sites know neither it nor the cookie that it is made of."""
    return hashlib.sha256(f"form:{session}".encode()).hexdigest()[:40]


def is_form_token(session: str, token: str) -> bool:
    return hmac.compare_digest(form_token(session).encode(), token.encode("utf-8", "replace"))


def session_user(session: str) -> User:
    """The person of a session. The id is no secret: the session cannot be found from it."""
    return User("web", hashlib.sha256(f"user:{session}".encode()).hexdigest()[:16], "web console")


def _cookie(scope: Scope) -> str:
    """Lax, not Strict: a link on another site would come without it, be given a new session, and the admin were none
    any more. Forms of other sites are refused by their origin, and lack the token."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{COOKIE}={scope['session_id']}; Path=/; Max-Age={_COOKIE_AGE}; HttpOnly; SameSite=Lax{secure}"


def _with_headers(send: Send, cookie: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
                if cookie:
                    headers.append("Set-Cookie", cookie)
            elif "etag" in headers and "cache-control" not in headers:
                # Of a file that is long unchanged a browser asks for weeks no more: a new version's pages would run
                # with the script of the one before.
                headers["Cache-Control"] = "no-cache"
        await send(message)

    return wrapped
