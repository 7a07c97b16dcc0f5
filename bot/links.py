"""Links: made absolute, cleaned for readers, and reduced to a key that tells two spellings of one address are one.

Knows nothing of feeds or articles, and never touches the network.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

# What only tells a publisher who clicked. Sources: miniflux, FreshRSS, the vendors' own parameter lists.
_TRACKING = re.compile(
    r"(?:utm_|itm_|campaign_|at_|ns_|hsa_|_hs|mc_|pk_|mtm_|piwik_|oly_|vero_)\w*"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ymclid|twclid|igshid|ttclid|li_fat_id|epik"
    r"|mkt_tok|srsltid|cmpid|cmp|icid|ncid|xtor|s_cid|smid|sref|ftag|taid|guccounter|guce_referr\w*|traffic_source"
    r"|mbid|soc_src|soc_trk|ref_src|ref_url|spref|__twitter_impression|openinbrowser",
    re.IGNORECASE,
)
_AMP_QUERY = frozenset({("outputtype", "amp"), ("amp", ""), ("amp", "1"), ("amp", "true"), ("view", "amp")})
_MOBILE_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"(?:/amp|\.amp|/amp\.html|/index\.(?:html?|php)|/)$", re.IGNORECASE)
_HOST = re.compile(r"[^\s/?#@%\\<>\"^`{|}]+")
_DEFAULT_PORTS = frozenset({80, 443})
# A link to a passage of a page (wicg.github.io/scroll-to-text-fragment): the only fragment that tells stories apart.
TEXT_FRAGMENT = ":~:text="
_MAX_LINK = 4_000
_AGGREGATORS = frozenset({"news.google.com"})


def clean_link(url: str, base: str = "") -> str:
    """`url` made absolute against `base`, without tracking parameters; "" if it is no http(s) address."""
    url = _without_blanks(url)
    parts = _split(_unwrapped(_without_blanks(_join(base, url)))) if url else None
    if parts is None:
        return ""
    return urlunsplit(parts._replace(query=_without_tracking(parts.query)))


_WRAPPER = re.compile(r"https?://(?:www\.)?(?:google\.[a-z.]{2,6}/url|bing\.com/news/apiclick\.aspx)\?", re.IGNORECASE)


def _unwrapped(url: str) -> str:
    """The address that a search engine's alert hides behind its own, which answers with no more than a notice."""
    while len(url) <= _MAX_LINK and _WRAPPER.match(url):
        inside = dict(reversed(_pairs(url.partition("?")[2])))
        found = _without_blanks(inside.get("url") or inside.get("q") or "")
        if not found.startswith(("http://", "https://")):
            break
        url = found
    return url


def _without_blanks(url: str) -> str:
    """Blanks are common in feeds, and allowed nowhere in an address."""
    return "%20".join(url.split())


def normalise_link(url: str) -> str:
    """A key for comparing: scheme, www. and m. hosts, AMP variants, tracking, order of parameters and fragment do not
    count. "" if `url` is no http(s) address. normalise_link(normalise_link(x)) == normalise_link(x)."""
    parts = _split(url.strip())
    if parts is None or parts.hostname is None:
        return ""
    host = _host_key(parts.hostname)
    if not host:
        return ""
    port = _port(parts)
    netloc = f"{_bracketed(host)}:{port}" if port and port not in _DEFAULT_PORTS else _bracketed(host)
    fragment = parts.fragment if parts.fragment.startswith(TEXT_FRAGMENT) else ""
    return urlunsplit(("https", netloc, _path_key(parts.path), _query_key(parts.query), fragment))


_SECOND_LEVEL = frozenset("ac co com edu gov govt gob gouv net ne or org".split())


def site_of(url: str) -> str:
    """'https://www.news.example.co.uk/a' -> 'example.co.uk': whose page it is; the host with its port where that is a
    number. "" if `url` is no http(s) address."""
    parts = _split(url.strip())
    if parts is None or parts.hostname is None:
        return ""
    host = parts.hostname.lower().rstrip(".")
    labels = host.split(".")
    if labels[-1].isdecimal() or ":" in host or len(labels) == 1:
        return parts.netloc.rpartition("@")[2].lower()
    is_second = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if is_second else -2 :])


def is_of_aggregator(url: str) -> bool:
    """Whether it leads to a page of somebody who only shows what others publish."""
    parts = _split(url)
    return parts is not None and parts.hostname in _AGGREGATORS


def with_text_fragment(url: str, text: str) -> str:
    """`url` pointing at the passage `text`: a browser scrolls to it, and two stories on one page get two links."""
    return f"{url.partition('#')[0]}#{TEXT_FRAGMENT}{quote(text[:120], safe='')}"


def _join(base: str, url: str) -> str:
    try:
        return urljoin(base, url) if base else url
    except ValueError:
        return url


def _split(url: str) -> SplitResult | None:
    if len(url) > _MAX_LINK:
        return None
    try:
        parts = urlsplit(url)
        has_host = _HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:  # "http://[", a port that is no number
        return None
    return parts if parts.scheme.lower() in ("http", "https") and has_host else None


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def _host_key(host: str) -> str:
    host = host.lower().rstrip(".")
    while (shorter := _MOBILE_HOST.sub("", host)) != host:
        host = shorter
    return host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _path_key(path: str) -> str:
    path = re.sub(r"/{2,}", "/", quote(_unquoted(path), safe="/:@!$&'()*+,;=~-._"))
    while (shorter := _AMP_PATH.sub("", path)) != path:
        path = shorter
    return path


def _query_key(query: str) -> str:
    pairs = [
        (name, value)
        for name, value in _pairs(query)
        if not _TRACKING.fullmatch(name) and (name.lower(), value.lower()) not in _AMP_QUERY
    ]
    return urlencode(sorted(pairs))


def _without_tracking(query: str) -> str:
    """The parameters that stay are kept byte for byte: some servers compare strings."""
    return "&".join(part for part in query.split("&") if not _TRACKING.fullmatch(unquote(part.partition("=")[0])))


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return [(query, "")]


def _unquoted(path: str) -> str:
    return unquote(path, errors="surrogateescape").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
