"""How requests reach Telegram. Knows nothing of messages.

The library's own way (httpx) takes three times the processor time of aiohttp, which the feeds are fetched with: for a
message that was a tenth of all it costs (docs/performance.md). What carries a file still goes the library's way, which
bounds the time that a file's pieces take."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

CONNECT_WITHIN = 6.0  # seconds, with the wait for a connection that is free
IDLE = 5.0  # seconds: a connection that is not used as long may be gone on the way, and who sends on it is not told

# httpx's, by name, as the library keeps them only as the cause of its own.
_NO_CONNECTION = ("ConnectTimeout", "ConnectError", "PoolTimeout", "UnsupportedProtocol")


class TelegramRequest(HTTPXRequest):
    """`seconds` is how long an answer may take where the caller does not say."""

    def __init__(self, base_url: str, at_once: int, seconds: float) -> None:
        super().__init__(connection_pool_size=at_once, read_timeout=seconds, write_timeout=seconds)
        self._at_once, self._proxy = at_once, _proxy(base_url)
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        await super().initialize()
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._at_once, keepalive_timeout=IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await super().shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *timeouts: Any,
        **named: Any,
    ) -> tuple[int, bytes]:
        if self._session is None or (request_data and request_data.contains_files):
            return await super().do_request(url, method, request_data, read_timeout, *timeouts, **named)
        within = self.read_timeout if read_timeout is self.DEFAULT_NONE else read_timeout
        asking = self._session.request(
            method,
            url,
            data=request_data.json_parameters if request_data else None,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_WITHIN, sock_read=within),
            allow_redirects=False,  # the address has the token in it
        )
        try:
            async with asking as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


def may_have_left(error: TelegramError) -> bool:
    """False where the connection was not even made, or the server said that it failed."""
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return False
    return cause is not None and type(cause).__name__ not in _NO_CONNECTION


def _proxy(url: str) -> str | None:
    """As the environment says (HTTPS_PROXY, ALL_PROXY, NO_PROXY), asked once: aiohttp would ask at each request."""
    address, proxies = urlsplit(url), getproxies()
    if proxy_bypass(address.netloc):
        return None
    return proxies.get(address.scheme) or proxies.get("all")
