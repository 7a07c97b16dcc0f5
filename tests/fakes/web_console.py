"""The console, served on a free port of loopback with the real commands, for tests and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from starlette.routing import BaseRoute

from bot import commands
from bot.commands import Services
from bot.model import Reply, Request, Source
from bot.platforms.web import WebPlatform
from bot.ports import Health, Records, Store
from bot.sources import load_sources


@asynccontextmanager
async def serve_console(
    store: Store,
    sources: Sequence[Source] = (),
    *,
    names: frozenset[str] = frozenset(),
    extra_routes: Sequence[BaseRoute] = (),
    started: bool = True,
) -> AsyncIterator[tuple[str, WebPlatform]]:
    """Yields the console's address and its platform; `started`: commands are answered."""
    health = Health(datetime.now(UTC), {"telegram": "off: no token"})
    services = Services(store, lambda: datetime.now(UTC), sources, lambda: health)

    async def answer(request: Request) -> Reply:
        return await asyncio.to_thread(commands.answer, request, services)

    def all_sources(records: Records) -> Iterable[Source]:
        return load_sources(records, {source.key: source for source in sources}).values()

    web = WebPlatform(store, names=names, extra_routes=extra_routes, sources=all_sources)
    if started:
        await web.start(answer)
    config = uvicorn.Config(web.app, port=0, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", web
    finally:
        await web.stop()
        server.should_exit = True
        await task
