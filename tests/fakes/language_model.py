"""An OpenAI-compatible server on loopback: answers to order, real HTTP, and faults that such servers have.

async with LanguageModelServer() as server:
    server.says({"verdict": "background", "quote": "…", "reason": "…"})
    ...                                             # point the bot at server.url
    assert server.asked[0]["messages"]
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answer = Callable[[web.Request, Json], Awaitable[web.StreamResponse]]
KEY = "sk-t3st-k3y"


def completion(content: str | None, finish: str = "stop") -> Json:
    """What platform.openai.com/docs/api-reference/chat/object promises, as far as anybody reads it."""
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "test-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


@dataclass
class LanguageModelServer:
    """`asked` are the bodies of the questions, `headers` what came with them. `refuses`: kinds of response_format, or
    names of parameters, that it answers with 400, as many servers do."""

    refuses: set[str] = field(default_factory=set)
    key: str = ""
    asked: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    _answer: Answer | None = None
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> LanguageModelServer:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/v1/chat/completions", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner
        await self._runner.cleanup()

    @property
    def questions(self) -> list[str]:
        """The material of each question."""
        return [body["messages"][1]["content"] for body in self.asked]

    # ------------------------------------------------------------ what it answers

    def does(self, answer: Answer) -> None:
        self._answer = answer

    def says(self, answer: Json | str | Callable[[str], Json | str]) -> None:
        """The same for every question, or what a function makes of its material."""

        async def say(_request: web.Request, body: Json) -> web.StreamResponse:
            said = answer(body["messages"][1]["content"]) if callable(answer) else answer
            return web.json_response(completion(said if isinstance(said, str) else json.dumps(said)))

        self.does(say)

    def obeys_the_article(self) -> None:
        """A model without any resistance: whatever sentence speaks to it is what it quotes and does."""

        def obey(material: str) -> Json:
            lines = re.findall(r"^\d+\| (.*)$", material, re.MULTILINE)
            order = next((line for line in lines if "new_sanctions" in line or "newly sanctioned" in line), lines[-1])
            return {"verdict": "new_sanctions", "quote": order, "reason": "the article says so"}

        self.says(obey)

    def fails(self, status: int, body: str = "", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def fail(_request: web.Request, _body: Json) -> web.StreamResponse:
            return web.Response(status=status, text=body, headers=named)

        self.does(fail)

    def hangs(self) -> None:
        async def hang(_request: web.Request, _body: Json) -> web.StreamResponse:
            await asyncio.sleep(60)
            return web.Response()

        self.does(hang)

    def floods(self) -> None:
        """Never ends."""

        async def flood(request: web.Request, _body: Json) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            try:
                while True:
                    await response.write(b" " * 100_000)
            except (ConnectionError, asyncio.CancelledError):
                return response

        self.does(flood)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            sent = request.headers.get("Authorization", "")
            return web.json_response({"error": {"message": f"Incorrect API key provided: {sent}"}}, status=401)
        used = {*body, body.get("response_format", {}).get("type", "")}
        if refused := used & self.refuses:
            return web.json_response({"error": {"message": f"Unsupported: {min(refused)}"}}, status=400)
        assert self._answer, "no answer was ordered"
        return await self._answer(request, body)
