"""What a body looks like that is not what was asked for: told to the admin in a plain phrase."""

from __future__ import annotations

import html
import re

_TITLE = re.compile(r"<title[^>]*>([^<]{1,300})", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|script|div|meta)\b", re.IGNORECASE)
_TINY = 64
# Texts of the pages by which Cloudflare, Akamai, DataDome, Imperva, PerimeterX and friends ask for a browser.
_CHALLENGE = re.compile(
    r"cf-browser-verification|cf[-_]chl[-_]|challenge-platform|_cf_chl_opt|cf-turnstile|just a moment\.\.\."
    r"|attention required! \| cloudflare|ddos-guard|datadome|captcha-delivery|px-captcha|_pxcaptcha|perimeterx"
    r"|_incapsula_resource|incapsula incident|sucuri website firewall|bm-verify|/_sec/cp_challenge"
    r"|checking your browser before|verify (?:that )?you are (?:a )?human|enable javascript and cookies to continue"
    r"|are you a robot\?|unusual traffic from your|anubis_challenge|making sure you(?:&#39;|'|’)re not a bot",
    re.IGNORECASE,
)


def is_challenge(text: str) -> bool:
    """Whether a page is a browser check instead of what was asked for. We don't try to pass it."""
    return len(text) < 200_000 and bool(_CHALLENGE.search(text[:50_000]))


def looks_like(body: bytes, text: str) -> str:
    """For a body in which no feed was found."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        return "no feed but an empty body" if not body else f"no feed but {len(body)} blank bytes"
    if _HTML.search(start[:2_000]):
        kind = "a browser check (the site blocks bots)" if is_challenge(text) else "an HTML page"
        return f"no feed but {kind}{_titled(text)}"
    if len(body) <= _TINY:
        return f"no feed but {len(body)} bytes: {_shown(start)}"
    if start[0] in "{[":
        return f"no feed but JSON: {_shown(start)}"
    if body.startswith(b"%PDF"):
        return "no feed but a PDF"
    if start.startswith("<"):
        return f"no feed but other or broken XML: {_shown(start)}"
    return f"no feed but {len(body)} bytes that begin: {_shown(start)}"


def _titled(text: str) -> str:
    found = _TITLE.search(text[:50_000])
    title = html.unescape(found.group(1)).strip() if found else ""
    return f" titled {_shown(title)}" if title else ""


def _shown(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:300]).split())
    return f"“{line[:77]}…”" if len(line) > 80 else f"“{line}”"
