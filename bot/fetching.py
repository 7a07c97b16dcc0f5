"""HTTP GET at the border to strangers: the one place where the bot opens an address that a feed named.

Every hop is checked before it is opened, and a connection is made only to an address that was checked (the resolver
is ours), so that neither a redirect nor a name that changes its address leads inside. Time and size are bounded,
compressed and decompressed.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot import __version__
from bot.errors import BlockedAddressError, FetchError
from bot.model import HttpAnswer
from bot.ports import Download

DEFAULT_USER_AGENT = f"sanctions-bot/{__version__} (news monitor)"
MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5"
_CHUNK = 64 * 1024
_MAX_HEADER = 16 * 1024  # some answers carry long content-security policies
_MAX_URL = 4_000
_PRINTABLE = re.compile(r"[!-~]+")
_KEPT_HOSTS = 1_000
# No name ends so, only an IPv4 address (127.1, 0x7f.1, 2130706433): url.spec.whatwg.org/#ends-in-a-number-checker
_ENDS_IN_NUMBER = re.compile(r"(?:\A|\.)(?:\d+|0x[0-9a-f]*)\.?\Z", re.IGNORECASE)

# Beside what `is_global` refuses: IPv4 addresses in IPv6 clothes, ranges for tests and tunnels.
_NOT_THE_INTERNET = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",
        "168.63.129.16/32",  # Azure's own services, for each of its machines
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # Teredo, ORCHID
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_IPV6_INTERNET = ip_network("2000::/3")  # outside: IPv4-mapped, NAT64, link-local, unique local, multicast …


class HttpFetcher:
    """`ports.Fetcher` on aiohttp. Use it as an async context, or close() it.

    `allow_hosts` names hosts ("feeds.intranet", "127.0.0.1:8017") that may have private addresses; they are not paced
    either. `host_gap` is the least time between two requests to one host.
    """

    def __init__(
        self,
        *,
        timeout: timedelta = timedelta(seconds=30),
        max_bytes: int = 15_000_000,
        allow_hosts: frozenset[str] = frozenset(),
        user_agent: str = DEFAULT_USER_AGENT,
        host_gap: timedelta = timedelta(seconds=1),
        host_limit: int = 2,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._timeout, self._max_bytes, self._user_agent = timeout, max_bytes, user_agent
        self._border = _Border(frozenset(host.lower() for host in allow_hosts))
        self._pace = _Pace(host_gap.total_seconds(), host_limit)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> HttpFetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session:
            await session.close()

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
    ) -> HttpAnswer:
        """GET, following redirects by hand; 4xx and 5xx are answers. Raises FetchError, BlockedAddressError."""
        limit = max_bytes if max_bytes is not None else self._max_bytes
        return await self._follow(url, _Wish(headers or {}, limit, self._timeout, _read))

    async def download(
        self, url: str, to: Path, *, headers: Mapping[str, str] | None = None, max_bytes: int, within: timedelta
    ) -> Download:
        """As `fetch`, but the body of a success goes into the file `to`, piece by piece, in full or not at all; it may
        take as long as `within`. Raises FetchError, BlockedAddressError."""
        saved = _Saved(to)
        answer = await self._follow(url, _Wish(headers or {}, max_bytes, within, saved.read))
        return Download(answer.status, answer.url, answer.headers, saved.size, saved.sha256)

    async def _follow(self, url: str, wish: _Wish) -> HttpAnswer:
        here, moved = url, True
        for _ in range(MAX_REDIRECTS + 1):
            target = self._border.check(here)
            answer = await self._get(here, target, wish)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                moved_to = here if moved and here != url else None
                return HttpAnswer(answer.status, here, answer.headers, answer.body, moved_to)
            moved = moved and answer.status in _PERMANENT
            here = _joined(here, location)
        raise FetchError(url, f"redirected more than {MAX_REDIRECTS} times")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """POST, within the same border; a redirect is an answer. Raises FetchError, BlockedAddressError."""
        target = self._border.check(url)
        try:
            async with (
                asyncio.timeout(self._timeout.total_seconds()),
                self._open().post(
                    target, data=body, headers={"User-Agent": self._user_agent, **headers}, allow_redirects=False
                ) as response,
            ):
                lower = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status, url, lower, b"")
        except BlockedAddressError as error:
            raise BlockedAddressError(url, error.problem) from error
        except TimeoutError as error:
            raise FetchError(url, f"did not answer within {self._timeout.total_seconds():g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(url, _plain(error)) from error

    async def _get(self, url: str, target: URL, wish: _Wish) -> HttpAnswer:
        sent = {"User-Agent": self._user_agent, "Accept": _ACCEPT, **wish.headers, "Accept-Encoding": "gzip, deflate"}
        try:
            async with (
                self._pace.turn(target, unpaced=self._border.allows(target.host or "", target.port)),
                asyncio.timeout(wish.within.total_seconds()),
                self._open().get(target, headers=sent, allow_redirects=False) as response,
            ):
                lower = {name.lower(): value for name, value in response.headers.items()}
                body = b"" if response.status in _REDIRECTS else await wish.read(url, response, wish.limit)
                return HttpAnswer(response.status, url, lower, body)
        except BlockedAddressError as error:
            raise BlockedAddressError(url, error.problem) from error
        except TimeoutError as error:
            raise FetchError(url, f"did not answer in full within {wish.within.total_seconds():g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(url, _plain(error)) from error

    def _open(self) -> aiohttp.ClientSession:
        """Made at the first request, as it belongs to the running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_CheckedResolver(self._border, self._resolver or aiohttp.ThreadedResolver()),
                use_dns_cache=False,
                limit=100,
                keepalive_timeout=30,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=15),
                auto_decompress=False,
                trust_env=False,  # a proxy would connect where we cannot check
                max_line_size=_MAX_HEADER,
                max_field_size=_MAX_HEADER,
            )
        return self._session


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: `read` takes an answer's body and returns it, or keeps it elsewhere."""

    headers: Mapping[str, str]
    limit: int
    within: timedelta
    read: Callable[[str, aiohttp.ClientResponse, int], Awaitable[bytes]]


# ---------------------------------------------------------------- where we may go


@dataclass(frozen=True, slots=True)
class _Border:
    """Which addresses may be opened."""

    allow_hosts: frozenset[str]

    def check(self, url: str) -> URL:
        """The address as it will be opened. A name's addresses are checked again when it is resolved."""
        if len(url) > _MAX_URL:
            raise BlockedAddressError(url[:200] + "…", f"the address is longer than {_MAX_URL} characters")
        try:
            scheme = urlsplit(url).scheme.lower()
            # As it stands where that is safe: quoting anew would spoil signed addresses.
            target = URL(url, encoded=_PRINTABLE.fullmatch(url) is not None)
            host, port, has_user = target.host, target.port, target.user is not None or target.password is not None
        except ValueError as error:
            raise BlockedAddressError(url, f"is no address: {error}") from error
        if scheme not in ("http", "https"):
            raise BlockedAddressError(
                url, f"only http and https are fetched, not {scheme or 'an address without scheme'}"
            )
        if not host:
            raise BlockedAddressError(url, "the address has no host")
        if has_user or "@" in target.authority:
            raise BlockedAddressError(url, "addresses with a user name in them are not fetched")
        literal = _literal(host)
        if literal is not None and not self.allows(host, port) and not is_public(literal):
            raise BlockedAddressError(url, _refusal(host, str(literal)))
        if literal is None and _ENDS_IN_NUMBER.search(host) and not self.allows(host, port):
            raise BlockedAddressError(url, f"{host} is an IPv4 address in an odd spelling, which is not fetched")
        return target

    def allows(self, host: str, port: int | None) -> bool:
        return host.lower() in self.allow_hosts or f"{host.lower()}:{port}" in self.allow_hosts


class _CheckedResolver(AbstractResolver):
    """Hands out only checked addresses: what is connected to is what was checked."""

    def __init__(self, border: _Border, inner: AbstractResolver) -> None:
        self._border, self._inner = border, inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if self._border.allows(host, port):
            return found
        public = [result for result in found if (address := _literal(result["host"])) and is_public(address)]
        if found and not public:
            raise BlockedAddressError(host, _refusal(host, found[0]["host"]))
        return public

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet's, and written in the plain way."""
    if isinstance(address, IPv6Address) and address not in _IPV6_INTERNET:
        return False
    if any(address.version == network.version and address in network for network in _NOT_THE_INTERNET):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _refusal(host: str, address: str) -> str:
    is_named = _literal(host) is None
    what = f"{host} has the private or special address {address}" if is_named else f"{host} is no public address"
    return f"{what}: not fetched unless the setting fetch_allow_hosts names {host}"


def _joined(base: str, location: str) -> str:
    # aiohttp hands headers over as UTF-8 with surrogate escapes
    location = location.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise FetchError(base, f"redirects to something that is no address: {location[:100]}") from error


# ---------------------------------------------------------------- how much, how fast


async def _read(url: str, response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, decompressed piece by piece, so that neither form of it outgrows `limit`."""
    body = bytearray()
    async for piece in _pieces(url, response, limit):
        body += piece
    return bytes(body)


async def _pieces(
    url: str, response: aiohttp.ClientResponse, limit: int, *, must_end: bool = False
) -> AsyncIterator[bytes]:
    """`must_end`: a compressed body that breaks off is an error; a feed is read as far as it goes."""
    too_large = FetchError(url, f"is larger than the limit of {_megabytes(limit)}")
    if (response.content_length or 0) > limit:
        raise too_large
    inflate = _inflater(url, response.headers.get("Content-Encoding", ""))
    size = received = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        received += len(chunk)
        piece = inflate(chunk, limit + 1 - size) if inflate else chunk
        size += len(piece)
        if received > limit or size > limit:
            response.close()
            raise too_large
        yield piece
    if inflate and must_end:
        inflate.check_end()


@dataclass(slots=True)
class _Saved:
    """Takes the body of a success into a file."""

    path: Path
    size: int = 0
    sha256: str = ""

    async def read(self, url: str, response: aiohttp.ClientResponse, limit: int) -> bytes:
        if response.status != 200:
            return b""
        try:
            await self._save(url, response, limit)
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise
        return b""

    async def _save(self, url: str, response: aiohttp.ClientResponse, limit: int) -> None:
        digest, size = sha256(), 0
        with self._telling(url), self.path.open("wb") as file:
            async for piece in _pieces(url, response, limit, must_end=True):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        self.size, self.sha256 = size, digest.hexdigest()

    @contextmanager
    def _telling(self, url: str) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, ConnectionError, TimeoutError):  # OSErrors too, but the network's
            raise
        except OSError as error:
            raise FetchError(url, f"cannot be written to {self.path}: {error.strerror}") from error


class _Inflater:
    """gzip (also in several members), zlib or bare deflate, never more than asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stream = zlib.decompressobj(wbits=47)  # gzip or zlib, by its first bytes
        self._begun = False

    def __call__(self, chunk: bytes, most: int) -> bytes:
        out = bytearray()
        while chunk and len(out) < most:
            out += self._inflate(chunk, most - len(out))
            self._begun = True
            if not self._stream.eof:
                break
            chunk = self._stream.unused_data
            if not chunk.startswith(b"\x1f\x8b"):  # what follows the end is padding
                break
            self._stream = zlib.decompressobj(wbits=47)
        return bytes(out)

    def check_end(self) -> None:
        """A body that ends within its stream was cut on the way."""
        if self._begun and not self._stream.eof:
            raise FetchError(self._url, "its compressed body broke off before its end")

    def _inflate(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error as error:
            if self._begun:
                raise FetchError(self._url, f"its compressed body is damaged: {error}") from error
        self._stream = zlib.decompressobj(wbits=-15)  # RFC 9110 8.4.1.2: some send deflate without its zlib header
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error as error:
            raise FetchError(self._url, f"its compressed body is damaged: {error}") from error


def _inflater(url: str, encoding: str) -> _Inflater | None:
    names = [name.strip().lower() for name in encoding.split(",")]
    match [name for name in names if name not in ("", "identity", "utf-8", "none")]:
        case []:
            return None
        case ["gzip" | "x-gzip" | "deflate"]:
            return _Inflater(url)
        case others:
            raise FetchError(url, f"is compressed as {', '.join(others)[:50]}, which was not asked for")


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class _Pace:
    """Few requests at a time to one host, and a gap between them: bursts get bots blocked (miniflux#3289)."""

    def __init__(self, gap: float, limit: int) -> None:
        self._gap, self._limit = gap, limit
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, target: URL, *, unpaced: bool) -> AsyncIterator[None]:
        if unpaced:
            yield
            return
        host = self._host(target.host or "")
        async with host.slots:
            async with host.gate:
                await asyncio.sleep(max(0.0, host.free_at - time.monotonic()))
                host.free_at = time.monotonic() + self._gap
            yield

    def _host(self, name: str) -> _Host:
        if len(self._hosts) > _KEPT_HOSTS:
            now = time.monotonic()
            self._hosts = {
                name: host for name, host in self._hosts.items() if host.free_at > now or host.slots.locked()
            }
        return self._hosts.setdefault(name, _Host(asyncio.Semaphore(self._limit)))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


# ---------------------------------------------------------------- errors in plain words


def _plain(error: Exception) -> str:
    """What went wrong, for a person who looks at a list of feeds."""
    cause = getattr(error, "os_error", None) or error
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"no such host: {error.host}" if _is_unknown_name(cause) else f"DNS failed for {error.host}"
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
            return f"its certificate is not valid: {reason}"
        case aiohttp.ClientSSLError():
            return f"no secure connection: {getattr(cause, 'reason', None) or cause}"
        case aiohttp.ClientConnectorError() | OSError() if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the answer broke off before its end"
        case aiohttp.ClientResponseError():
            return f"what it answers is not HTTP: {error.message[:100]}"
        case _:
            said = getattr(cause, "strerror", None) or str(error) or type(error).__name__
            return f"no connection: {said[:150]}"


def _is_unknown_name(cause: object) -> bool:
    return isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))
