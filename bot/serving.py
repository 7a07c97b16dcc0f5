"""HTTP servers on sockets of their own, which stop with the program."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

from bot.errors import ConfigError


@contextlib.asynccontextmanager
async def serving(config: uvicorn.Config, host: str, port: int) -> AsyncIterator[str]:
    """A server on its own socket, so that a port in use is a clear error. Yields its address.
    Raises ConfigError that names the setting."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        problem = f"cannot listen on {host}:{port}: {error.strerror}"
        if error.errno == errno.EADDRINUSE:
            step = "another program has it; set SANCTIONS_BOT_WEB_PORT to a free one, or 0"
            raise ConfigError("web_port", problem, step) from error
        if error.errno == errno.EACCES:
            step = "ports below 1024 are for the system: set SANCTIONS_BOT_WEB_PORT to a higher one"
            raise ConfigError("web_port", problem, step) from error
        step = "set SANCTIONS_BOT_WEB_HOST to an address of this machine, 127.0.0.1 or 0.0.0.0 for example"
        raise ConfigError("web_host", problem, step) from error
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 (shown, not bound)
    try:
        yield f"http://{shown}:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await task


def quiet_config(app: Any, **options: Any) -> uvicorn.Config:
    """A server's settings without its own logging: a line for each page somebody looks at is no news."""
    return uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, lifespan="off", **options)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the program stops as a whole."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
