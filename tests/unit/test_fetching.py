"""The border to strangers, against a real server on loopback."""

import asyncio
import gzip
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from bot.errors import BlockedAddressError, FetchError
from bot.fetching import HttpFetcher, is_public
from bot.ports import Download

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "self_signed.pem"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A server on loopback whose paths are added as the test needs them."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.pages: dict[str, Handler] = {}
        self.server: TestServer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        page = self.pages.get(request.path)
        return await page(request) if page else web.Response(status=404, text="nothing here")

    def says(self, path: str, response: Callable[[], web.StreamResponse]) -> str:
        async def page(_request: web.Request) -> web.StreamResponse:
            return response()

        return self.does(path, page)

    def does(self, path: str, page: Handler) -> str:
        self.pages[path] = page
        return self.url(path)

    def redirects(self, path: str, to: str, status: int = 302) -> str:
        return self.says(path, lambda: web.Response(status=status, headers={"Location": to}))

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    site.server = TestServer(app)
    await site.server.start_server()
    yield site
    await site.server.close()


@pytest.fixture
async def fetcher(site: Site) -> AsyncIterator[HttpFetcher]:
    async with HttpFetcher(
        allow_hosts=frozenset({site.host}),
        timeout=timedelta(seconds=1),
        max_bytes=100_000,
        user_agent="test (me@x.org)",
    ) as fetcher:
        yield fetcher


# ---------------------------------------------------------------- what comes back


async def test_answer_has_lower_case_headers_and_the_body(site: Site, fetcher: HttpFetcher) -> None:
    url = site.says("/feed", lambda: web.Response(body=b"<rss/>", headers={"ETag": '"a-1"'}))
    answer = await fetcher.fetch(url)
    assert (answer.status, answer.url, answer.body, answer.headers["etag"]) == (200, url, b"<rss/>", '"a-1"')
    assert answer.moved_permanently_to is None


async def test_asks_honestly_and_with_the_headers_given(site: Site, fetcher: HttpFetcher) -> None:
    await fetcher.fetch(site.url("/x"), headers={"Accept": "application/rss+xml", "If-None-Match": 'W/"odd, one"'})
    sent = site.requests[0].headers
    assert sent["User-Agent"] == "test (me@x.org)"
    assert sent["Accept"] == "application/rss+xml"
    assert sent["If-None-Match"] == 'W/"odd, one"'
    assert sent["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("status", [304, 404, 410, 429, 500, 503])
async def test_refusals_are_answers(site: Site, fetcher: HttpFetcher, status: int) -> None:
    url = site.says("/x", lambda: web.Response(status=status, headers={"Retry-After": "120"}))
    answer = await fetcher.fetch(url)
    assert (answer.status, answer.headers["retry-after"]) == (status, "120")


BODY = b"<rss>" + b"news " * 1000 + b"</rss>"
BARE = zlib.compressobj(wbits=-15)
BARE_DEFLATE = BARE.compress(BODY) + BARE.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", BARE_DEFLATE),
        ("gzip", gzip.compress(BODY[:100], mtime=0) + gzip.compress(BODY[100:])),
        ("gzip", gzip.compress(BODY, mtime=0) + b"\0" * 20),
        ("identity", BODY),
        ("utf-8", BODY),
    ],
    ids=["gzip", "x-gzip", "zlib", "bare deflate", "gzip in two members", "gzip and padding", "identity", "a charset"],
)
async def test_compressed_bodies_are_read(site: Site, fetcher: HttpFetcher, encoding: str, sent: bytes) -> None:
    url = site.says("/x", lambda: web.Response(body=sent, headers={"Content-Encoding": encoding}))
    assert (await fetcher.fetch(url)).body == BODY


@pytest.mark.parametrize(
    ("encoding", "sent", "told"),
    [
        ("gzip", b"not gzip at all, never was", "damaged"),
        ("gzip", gzip.compress(BODY, mtime=0)[:30] + b"\xff" * 400, "damaged"),
        ("br", b"\x8b\x02\x80", "compressed as br"),
    ],
)
async def test_bodies_that_cannot_be_decompressed(
    site: Site, fetcher: HttpFetcher, encoding: str, sent: bytes, told: str
) -> None:
    url = site.says("/x", lambda: web.Response(body=sent, headers={"Content-Encoding": encoding}))
    with pytest.raises(FetchError, match=told):
        await fetcher.fetch(url)


# ---------------------------------------------------------------- where it goes


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 168.63.129.16 100.64.0.1 0.0.0.0 224.0.0.1 "
    "240.0.0.1 255.255.255.255 192.0.0.8 "
    "192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 :: ::1 ::ffff:8.8.8.8 "
    "::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1 "
    "fe80::1 fec0::1 fc00::1 fd12::1 ff02::1 100::1 3fff::1 5f00::1".split(),
)
def test_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", "8.8.8.8 1.1.1.1 151.101.0.81 2606:4700::1111 2a00:1450:4001::1".split())
def test_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("ftp://example.org/x", "only http and https"),
        ("gopher://example.org/x", "only http and https"),
        ("//example.org/x", "without scheme"),
        ("http:///x", "no host"),
        ("http://[", "no address"),
        ("http://example.org:99999/", "no address"),
        ("http://me:secret@example.org/", "user name"),
        ("http://example.org@127.0.0.1/", "user name"),
        ("http://127.0.0.1/", "no public address"),
        ("http://[::1]/", "no public address"),
        ("http://[::ffff:7f00:1]/", "no public address"),
        ("http://[fe80::1%25lo]/", "fe80::1"),
        ("http://169.254.169.254/latest/meta-data/", "no public address"),
        ("http://localhost/", "private or special address"),
        ("http://0x7f000001/", "odd spelling"),
        ("http://example.org/" + "x" * 5000, "longer than"),
    ],
)
async def test_addresses_that_are_not_opened(fetcher: HttpFetcher, url: str, told: str) -> None:
    with pytest.raises(BlockedAddressError, match=told) as caught:
        await fetcher.fetch(url)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "host",
    "127.1 127.0.1 2130706433 0 0x7f000001 0x7f.1 0X7F.1 127.0.0.0x1 0177.0.0.1 017700000001 127.0.0.1. 127.1. "
    "①②⑦.1 127。1 ٢130706433".split(),
)
async def test_odd_spellings_of_addresses_are_refused_before_a_resolver_reads_them(host: str) -> None:
    resolver = Rebinding(["8.8.8.8"])
    async with HttpFetcher(resolver=resolver) as fetcher:
        with pytest.raises(BlockedAddressError, match="odd spelling"):
            await fetcher.fetch(f"http://{host}/")
    assert resolver.asked == 0


@pytest.mark.parametrize("host", ["3com.example", "example.b1", "x.0xyz", "1.2.example"])
async def test_a_name_with_numbers_in_it_is_resolved(host: str) -> None:
    resolver = Rebinding(["127.0.0.1"])
    async with HttpFetcher(resolver=resolver) as fetcher:
        with pytest.raises(BlockedAddressError, match="private or special address"):
            await fetcher.fetch(f"http://{host}/")
    assert resolver.asked == 1


async def test_private_hosts_are_opened_only_where_settings_name_them(site: Site) -> None:
    async with HttpFetcher(allow_hosts=frozenset({f"127.0.0.1:{site.server.port + 1}"})) as other_port:
        with pytest.raises(BlockedAddressError, match=r"fetch_allow_hosts names 127\.0\.0\.1"):
            await other_port.fetch(site.url("/x"))
    async with HttpFetcher(allow_hosts=frozenset({"LOCALHOST"})) as by_name:
        assert (await by_name.fetch(f"http://localhost:{site.server.port}/x")).status == 404
    assert [request.path for request in site.requests] == ["/x"]


class Rebinding(AbstractResolver):
    """A name server of an attacker: answers with whatever comes next in its list."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        addresses = self.answers.pop(0) if self.answers else ["127.0.0.1"]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        return None


async def test_a_name_with_a_private_address_is_not_opened(site: Site) -> None:
    async with HttpFetcher(resolver=Rebinding(["127.0.0.1"])) as fetcher:
        with pytest.raises(
            BlockedAddressError, match=r"innocent\.example has the private or special address 127\.0\.0\.1"
        ):
            await fetcher.fetch(f"http://innocent.example:{site.server.port}/x")
    assert site.requests == []


async def test_a_name_is_resolved_once_so_that_it_cannot_change_in_between(site: Site) -> None:
    """192.0.2.0/24 would be refused; a public address that nobody listens on stands in for the attacker's."""
    resolver = Rebinding(["8.8.8.8", "127.0.0.1"], ["127.0.0.1"])
    async with HttpFetcher(resolver=resolver, timeout=timedelta(seconds=0.3)) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(f"http://rebind.example:{site.server.port}/x")
    assert resolver.asked == 1
    assert site.requests == []  # the private one of the two addresses was never tried


# ---------------------------------------------------------------- redirects


async def test_follows_redirects_relative_ones_too(site: Site, fetcher: HttpFetcher) -> None:
    site.redirects("/a/old", "../b/new?x=1#part")
    site.says("/b/new", lambda: web.Response(text="here"))
    answer = await fetcher.fetch(site.url("/a/old"))
    assert (answer.status, answer.body) == (200, b"here")
    assert answer.url == site.url("/b/new") + "?x=1#part"
    assert answer.moved_permanently_to is None  # a 302 is no move


@pytest.mark.parametrize(
    ("statuses", "has_moved"), [((301,), True), ((308, 301), True), ((301, 302), False), ((307, 301), False)]
)
async def test_has_moved_only_if_every_hop_says_so(
    site: Site, fetcher: HttpFetcher, statuses: tuple[int, ...], has_moved: bool
) -> None:
    for number, status in enumerate(statuses):
        site.redirects(f"/{number}", f"/{number + 1}", status)
    site.says(f"/{len(statuses)}", lambda: web.Response(text="here"))
    answer = await fetcher.fetch(site.url("/0"))
    assert answer.moved_permanently_to == (site.url(f"/{len(statuses)}") if has_moved else None)


async def test_a_redirect_to_a_private_address_is_refused(site: Site, fetcher: HttpFetcher) -> None:
    """The first host is allowed, where it sends us is not."""
    for target in (
        f"http://localhost:{site.server.port}/secret",
        "http://169.254.169.254/",
        "http://[::1]/",
        "file:///etc/passwd",
    ):
        with pytest.raises(BlockedAddressError):
            await fetcher.fetch(site.redirects("/r", target))
    assert {request.path for request in site.requests} == {"/r"}


async def test_redirects_end(site: Site, fetcher: HttpFetcher) -> None:
    site.redirects("/loop", "/loop")
    with pytest.raises(FetchError, match="more than 5 times"):
        await fetcher.fetch(site.url("/loop"))
    assert len(site.requests) == 6


async def test_signed_addresses_are_kept_as_they_are(site: Site, fetcher: HttpFetcher) -> None:
    site.says("/file", lambda: web.Response(text="data"))
    signed = "/file?X-Signature=a%2Fb%2Bc%3D&name=d%7Ee"
    await fetcher.fetch(site.redirects("/r", signed))
    assert site.requests[-1].raw_path == signed


async def test_a_redirect_without_target_is_an_answer(site: Site, fetcher: HttpFetcher) -> None:
    url = site.says("/x", lambda: web.Response(status=302, text="where to?"))
    assert (await fetcher.fetch(url)).status == 302


# ---------------------------------------------------------------- bounds


async def test_a_body_that_says_it_is_too_large_is_not_read(site: Site, fetcher: HttpFetcher) -> None:
    url = site.says("/big", lambda: web.Response(body=b"x" * 100_001))
    with pytest.raises(FetchError, match=r"larger than the limit of 0\.1 MB"):
        await fetcher.fetch(url)


async def test_fifty_megabytes_without_a_length(site: Site) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 50_000_000:
            await response.write(b"x" * 100_000)
            sent += 100_000
        return response

    async with HttpFetcher(allow_hosts=frozenset({site.host}), max_bytes=15_000_000) as fetcher:
        with pytest.raises(FetchError, match="larger than the limit of 15 MB"):
            await fetcher.fetch(site.does("/pour", pour))
    assert sent < 30_000_000  # it was left off, not read to its end


async def test_a_gzip_bomb(site: Site, fetcher: HttpFetcher) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    assert len(bomb) < 100_000
    url = site.says("/bomb", lambda: web.Response(body=bomb, headers={"Content-Encoding": "gzip"}))
    started = time.monotonic()
    with pytest.raises(FetchError, match="larger than the limit"):
        await fetcher.fetch(url)
    assert time.monotonic() - started < 0.5


async def test_a_limit_for_one_request(site: Site, fetcher: HttpFetcher) -> None:
    url = site.says("/x", lambda: web.Response(body=b"x" * 11))
    assert len((await fetcher.fetch(url, max_bytes=11)).body) == 11
    with pytest.raises(FetchError):
        await fetcher.fetch(url, max_bytes=10)


@pytest.mark.parametrize("first", [b"", b"<rss>"], ids=["no header yet", "a byte now and then"])
async def test_an_answer_that_never_ends(site: Site, fetcher: HttpFetcher, first: bytes) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if first:
            await response.prepare(request)
        for _ in range(1_000):
            await asyncio.sleep(0.05)
            if first:
                await response.write(b".")
        return response

    started = time.monotonic()
    with pytest.raises(FetchError, match="did not answer in full within 1 s"):
        await fetcher.fetch(site.does("/drip", drip))
    assert time.monotonic() - started < 2


# ---------------------------------------------------------------- failures in plain words


async def test_no_such_host(fetcher: HttpFetcher) -> None:
    with pytest.raises(FetchError, match=r"no such host: nothing\.invalid|DNS failed for nothing\.invalid"):
        await fetcher.fetch("http://nothing.invalid/feed")


async def test_connection_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"})) as fetcher:
        with pytest.raises(FetchError, match="connection refused"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/")


async def test_a_certificate_that_nobody_signed(site: Site) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=context)
    async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"})) as fetcher:
        with pytest.raises(FetchError, match=r"certificate is not valid: self.signed"):
            await fetcher.fetch(f"https://127.0.0.1:{server.port}/")
    await server.close()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", "not HTTP"),
    ],
    ids=["nothing", "another protocol", "half an answer", "an endless header"],
)
async def test_servers_that_do_not_keep_to_http(raw: bytes, told: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"}), timeout=timedelta(seconds=2)) as fetcher:
        with pytest.raises(FetchError, match=told):
            await fetcher.fetch(f"http://127.0.0.1:{port}/")
    server.close()


async def test_https_to_a_server_that_speaks_http(site: Site, fetcher: HttpFetcher) -> None:
    with pytest.raises(FetchError, match="no secure connection"):
        await fetcher.fetch(site.url("/").replace("http:", "https:"))


# ---------------------------------------------------------------- pace


class Everywhere(AbstractResolver):
    """Every name is at the test server, said to be elsewhere: only for hosts that are allowed by name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


async def test_a_host_is_asked_again_only_after_the_gap(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setattr("bot.fetching.is_public", lambda _address: True)  # loopback plays the internet
    fetcher = HttpFetcher(resolver=Everywhere(), host_gap=timedelta(seconds=0.2))
    port = site.server.port
    async with fetcher:
        started = time.monotonic()
        await asyncio.gather(*(fetcher.fetch(f"http://one.example:{port}/{n}") for n in range(3)))
        assert time.monotonic() - started >= 0.4
        started = time.monotonic()
        await asyncio.gather(*(fetcher.fetch(f"http://{name}.example:{port}/") for name in "abcde"))
        assert time.monotonic() - started < 0.2


async def test_allowed_hosts_are_not_paced(site: Site) -> None:
    async with HttpFetcher(allow_hosts=frozenset({site.host}), host_gap=timedelta(seconds=5)) as fetcher:
        started = time.monotonic()
        await asyncio.gather(*(fetcher.fetch(site.url(f"/{n}")) for n in range(5)))
        assert time.monotonic() - started < 2


async def test_few_requests_at_a_time_to_one_host(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setattr("bot.fetching.is_public", lambda _address: True)
    running = most = 0

    async def slow(_request: web.Request) -> web.StreamResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return web.Response(text="done")

    site.does("/slow", slow)
    async with HttpFetcher(resolver=Everywhere(), host_gap=timedelta(0), host_limit=2) as fetcher:
        await asyncio.gather(*(fetcher.fetch(f"http://one.example:{site.server.port}/slow") for _ in range(6)))
    assert most == 2


async def test_can_be_closed_twice_and_unused() -> None:
    fetcher = HttpFetcher()
    await fetcher.close()
    await fetcher.close()


# ---------------------------------------------------------------- into a file


async def download(fetcher: HttpFetcher, url: str, to: Path, most: int = 1_000_000) -> Download:
    return await fetcher.download(url, to, max_bytes=most, within=timedelta(seconds=2))


async def test_a_download_goes_into_its_file_decompressed(site: Site, fetcher: HttpFetcher, tmp_path: Path) -> None:
    packed = {"body": gzip.compress(BODY, mtime=0), "headers": {"Content-Encoding": "gzip", "ETag": '"1"'}}
    url = site.redirects("/old", site.says("/list", lambda: web.Response(**packed)))  # type: ignore[arg-type]
    got = await download(fetcher, url, tmp_path / "list")
    assert (tmp_path / "list").read_bytes() == BODY
    assert (got.status, got.size, got.sha256) == (200, len(BODY), sha256(BODY).hexdigest())
    assert (got.headers["etag"], got.url) == ('"1"', site.url("/list"))


@pytest.mark.parametrize("status", [304, 403, 404, 500])
async def test_a_download_that_is_refused_leaves_no_file(
    site: Site, fetcher: HttpFetcher, tmp_path: Path, status: int
) -> None:
    url = site.says("/list", lambda: web.Response(status=status, headers={"Retry-After": "9"}))
    got = await download(fetcher, url, tmp_path / "list")
    assert (got.status, got.size, got.headers["retry-after"]) == (status, 0, "9")
    assert not (tmp_path / "list").exists()


@pytest.mark.parametrize(
    ("case", "body", "encoding", "told"),
    [
        ("larger than the limit", b"x" * 3_000, "", "larger"),
        ("larger when unpacked", gzip.compress(b"x" * 3_000, mtime=0), "gzip", "larger"),
        ("cut within its packing", gzip.compress(BODY[:900], mtime=0)[:-12], "gzip", "broke off"),
        ("damaged", b"not gzip at all, never was", "gzip", "damaged"),
    ],
)
async def test_a_download_that_fails_leaves_no_file(
    site: Site, fetcher: HttpFetcher, tmp_path: Path, case: str, body: bytes, encoding: str, told: str
) -> None:
    url = site.says("/list", lambda: web.Response(body=body, headers={"Content-Encoding": encoding or "identity"}))
    with pytest.raises(FetchError, match=told):
        await download(fetcher, url, tmp_path / "list", 2_000)
    assert not (tmp_path / "list").exists(), case


async def test_a_download_keeps_within_the_border_and_the_disk(
    site: Site, fetcher: HttpFetcher, tmp_path: Path
) -> None:
    inside = site.redirects("/x", "http://127.0.0.1:1/secret")
    with pytest.raises(BlockedAddressError):
        await download(fetcher, inside, tmp_path / "list")
    url = site.says("/list", lambda: web.Response(body=b"list"))
    with pytest.raises(FetchError, match="cannot be written"):
        await download(fetcher, url, tmp_path / "no folder" / "list")
