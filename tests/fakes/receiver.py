"""Somebody who takes webhooks, on loopback: keeps what came, and answers as told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Call:
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]


@dataclass
class Receiver:
    """`answers`: (status, headers) of the next ones; "close" ends the connection after the call was taken."""

    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]] | str] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Receiver:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.calls.append(Call(dict(request.headers), raw, json.loads(raw)))
        answer = self.answers.pop(0) if self.answers else (200, {})
        if isinstance(answer, str):
            assert request.transport
            request.transport.abort()
            return web.Response()
        return web.Response(status=answer[0], headers=answer[1])
